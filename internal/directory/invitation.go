package directory

import (
	"context"
	"errors"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/mail"
	"rollcall/internal/seal"
	"rollcall/internal/store"
)

// invitationLife is how long a link may be opened.
// https://docs.aws.amazon.com/quicksight/latest/user/managing-users.html
const invitationLife = 24 * time.Hour

// RegisterPath is where the links of invitations lead.
const RegisterPath = "/sn/register"

// Reasons why an invitation does not open.
var (
	ErrInvitationUnknown = errors.New("there is no such invitation")
	ErrInvitationUsed    = errors.New("the invitation has been used")
	ErrInvitationExpired = errors.New("the invitation has expired")
)

func newInvitation(now time.Time, secret []byte) *store.Invitation {
	return &store.Invitation{SecretHash: seal.HashToken(secret), ExpiresAt: now.Add(invitationLife)}
}

// Invitation says whom a link invites, without using it up. It fails with one
// of the reasons above.
func (d *Directory) Invitation(ctx context.Context, token string) (inv store.Invited, err error) {
	l, err := parseLink(token)
	if err != nil {
		return inv, ErrInvitationUnknown
	}
	err = d.store.View(ctx, func(r store.Reader) error {
		inv, err = openInvitation(r, l)
		return err
	})
	return inv, err
}

// openInvitation tells what became of an invitation only to those who have
// its secret.
func openInvitation(r store.Reader, l link) (inv store.Invited, err error) {
	inv, err = r.Invitation(l.namespaceID, l.userID)
	switch {
	case store.Missing(err, store.RecordInvitation):
		return store.Invited{}, ErrInvitationUnknown
	case err != nil:
		return store.Invited{}, err
	case !seal.TokenMatches(l.secret, inv.SecretHash):
		return store.Invited{}, ErrInvitationUnknown
	case !inv.UsedAt.IsZero():
		return inv, ErrInvitationUsed
	case !r.Now().Before(inv.ExpiresAt):
		return inv, ErrInvitationExpired
	}
	p, err := r.UserByID(l.namespaceID, l.userID)
	if err == nil && p.User.Disabled {
		err = ErrInvitationUnknown
	}
	return inv, err
}

// AcceptInvitation uses a link up: it stores the hash of the user's first
// password and makes the user active. Of two at once, one finds it used.
func (d *Directory) AcceptInvitation(ctx context.Context, token, passwordHash string) (inv store.Invited, err error) {
	l, err := parseLink(token)
	if err != nil {
		return inv, ErrInvitationUnknown
	}
	err = d.store.Update(ctx, func(tx store.Tx) error {
		if inv, err = openInvitation(tx, l); err != nil {
			return err
		}
		who := access.Person(ctx, inv.Account, inv.UserName, access.NativePrefix(inv.Namespace)+inv.Principal)
		call := call(inv.Account.ID, "AcceptInvitation", scope{inv.Account.ID, inv.Namespace.Name}.userARN(who, inv.UserName))
		return errors.Join(
			tx.UseInvitation(l.namespaceID, l.userID),
			tx.SetPassword(l.namespaceID, l.userID, passwordHash),
			tx.ActivateUser(l.namespaceID, l.userID),
			takeBack(tx, &store.User{NamespaceID: l.namespaceID, ID: l.userID}, mail.Invitation),
			access.Record(tx, who, &call, ""),
		)
	})
	return inv, err
}
