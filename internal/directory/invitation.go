package directory

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"rollcall/internal/access"
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

// invitationSecret is the part of a link that nobody can guess.
type invitationSecret []byte

func newInvitationSecret() invitationSecret { return seal.NewToken() }

// invitation is what the store keeps: the hash alone.
func (s invitationSecret) invitation(u *store.User) *store.Invitation {
	return &store.Invitation{SecretHash: seal.HashToken(s), ExpiresAt: u.CreatedAt.Add(invitationLife)}
}

// invitationURL leads to a user's first password. Its token is the user's key
// in the store with the secret behind it, so that finding the invitation
// needs no index over random hashes.
func (d *Directory) invitationURL(u *store.User, secret invitationSecret) string {
	token := binary.BigEndian.AppendUint64(nil, uint64(u.NamespaceID))
	token = append(token, u.ID[:]...)
	token = append(token, secret...)
	return d.publicURL + RegisterPath + "?token=" + base64.RawURLEncoding.EncodeToString(token)
}

// invitationToken is a token taken apart.
type invitationToken struct {
	namespaceID int64
	userID      [16]byte
	secret      []byte
}

func parseInvitationToken(text string) (t invitationToken, err error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != 8+16+seal.TokenSize {
		return t, ErrInvitationUnknown
	}
	t.namespaceID = int64(binary.BigEndian.Uint64(b))
	t.userID = [16]byte(b[8:24])
	t.secret = b[24:]
	return t, nil
}

// Invitation says whom a link invites, without using it up. It fails with one
// of the reasons above.
func (d *Directory) Invitation(ctx context.Context, token string) (inv store.Invited, err error) {
	t, err := parseInvitationToken(token)
	if err != nil {
		return inv, err
	}
	err = d.store.View(ctx, func(r store.Reader) error {
		inv, err = openInvitation(r, t)
		return err
	})
	return inv, err
}

// openInvitation tells what became of an invitation only to those who have
// its secret.
func openInvitation(r store.Reader, t invitationToken) (inv store.Invited, err error) {
	inv, err = r.Invitation(t.namespaceID, t.userID)
	switch {
	case store.Missing(err, store.RecordInvitation):
		return store.Invited{}, ErrInvitationUnknown
	case err != nil:
		return store.Invited{}, err
	case !seal.TokenMatches(t.secret, inv.SecretHash):
		return store.Invited{}, ErrInvitationUnknown
	case !inv.UsedAt.IsZero():
		return inv, ErrInvitationUsed
	case !r.Now().Before(inv.ExpiresAt):
		return inv, ErrInvitationExpired
	}
	return inv, nil
}

// AcceptInvitation uses a link up: it stores the hash of the user's first
// password and makes the user active. Of two at once, one finds it used.
func (d *Directory) AcceptInvitation(ctx context.Context, token, passwordHash string) (inv store.Invited, err error) {
	t, err := parseInvitationToken(token)
	if err != nil {
		return inv, err
	}
	err = d.store.Update(ctx, func(tx store.Tx) error {
		if inv, err = openInvitation(tx, t); err != nil {
			return err
		}
		who := access.Person(ctx, inv.Account, inv.UserName, nativePrefix(inv.Namespace)+inv.Principal)
		call := call(inv.Account.ID, "AcceptInvitation", scope{inv.Account.ID, inv.Namespace.Name}.userARN(who, inv.UserName))
		return errors.Join(
			tx.UseInvitation(t.namespaceID, t.userID),
			tx.SetPassword(t.namespaceID, t.userID, passwordHash),
			tx.ActivateUser(t.namespaceID, t.userID),
			access.Record(tx, who, &call, ""),
		)
	})
	return inv, err
}
