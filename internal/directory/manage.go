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

// What an administrator does in the console and AWS has no operation for.

// rollcallCall is a call of our own about a user.
func (s scope) rollcallCall(c *access.Caller, action, name string) access.Call {
	call := s.userCall(c, action, name)
	call.Action = "rollcall:" + action
	return call
}

// DisableUser shuts a user out, whose sessions and links end, and EnableUser
// lets him in again. The API shows neither.
func (d *Directory) DisableUser(ctx context.Context, c *access.Caller, accountID, namespace, name string) error {
	return d.setDisabled(ctx, c, scope{accountID, namespace}, "DisableUser", name, true)
}

// EnableUser takes DisableUser back.
func (d *Directory) EnableUser(ctx context.Context, c *access.Caller, accountID, namespace, name string) error {
	return d.setDisabled(ctx, c, scope{accountID, namespace}, "EnableUser", name, false)
}

func (d *Directory) setDisabled(ctx context.Context, c *access.Caller, s scope, action, name string, disabled bool) error {
	return d.guard.Change(ctx, c, s.rollcallCall(c, action, name), func(tx store.Tx) (string, error) {
		_, u, err := tx.User(s.accountID, s.namespace, name)
		if err != nil {
			return "", s.user(err, name)
		}
		if c.IsUser(&u) {
			return "", errOwnUser
		}
		if disabled {
			if err := shutOut(tx, &u); err != nil {
				return "", err
			}
		}
		u.Disabled = disabled
		return "", tx.UpdateUser(u)
	})
}

// Link is a link that lets a user choose a password.
type Link struct {
	URL     string
	Expires time.Time
	Reset   bool // of somebody who had a password before
	Mailed  bool // it is on its way to the user
}

// IssueLink makes a new link for a native user, and every link before
// worthless: an invitation for one who has no password yet, or else a link for
// another password.
func (d *Directory) IssueLink(ctx context.Context, c *access.Caller, accountID, namespace, name string, send bool) (l Link, err error) {
	s := scope{accountID, namespace}
	err = d.guard.Change(ctx, c, s.rollcallCall(c, "IssueLink", name), func(tx store.Tx) (string, error) {
		_, u, err := tx.User(accountID, namespace, name)
		if err != nil {
			return "", s.user(err, name)
		}
		if err := errors.Join(s.mayHaveLink(&u), d.mayGiveLink(tx, c, &u)); err != nil {
			return "", first(err)
		}
		l, err = d.issueLink(tx, c, &u, send)
		return "", err
	})
	d.outbox.Wake()
	return l, err
}

func (s scope) mayHaveLink(u *store.User) error {
	switch {
	case u.Identity != QuickSightIdentity:
		return s.invalid("Users of identity type %s have no password here.", u.Identity)
	case u.Disabled:
		return s.invalid("The user %s is disabled.", u.Name)
	}
	return nil
}

// mayGiveLink refuses a link that its maker could use to have more power than
// his own, or to do without his password.
func (d *Directory) mayGiveLink(r store.Reader, c *access.Caller, u *store.User) error {
	if c.IsUser(u) {
		return errOwnUser
	}
	if !u.ManagesIAM {
		return nil
	}
	may, err := d.guard.ManagesIAM(r, c)
	if err == nil && !may {
		err = &Error{Kind: Conflict, Message: "This user manages IAM, which you do not. Ask an administrator who does."}
	}
	return err
}

func (d *Directory) issueLink(tx store.Tx, c *access.Caller, u *store.User, send bool) (l Link, err error) {
	hash, err := tx.Password(u.NamespaceID, u.ID)
	if err != nil {
		return l, err
	}
	l.Expires = tx.Now().Add(invitationLife)
	if hash != "" {
		l.Reset = true
		l.URL, l.Mailed, err = d.putReset(tx, c, u, invitationLife, send)
		return l, err
	}
	secret := seal.NewToken()
	l.URL = newLink(u, secret).url(d.publicURL, RegisterPath)
	if err := tx.PutInvitation(u.NamespaceID, u.ID, *newInvitation(tx.Now(), secret)); err != nil {
		return l, err
	}
	l.Mailed, err = d.mailInstead(tx, c, u, mail.Invitation, l.URL, l.Expires, send)
	return l, err
}

// Member is a user as the console shows one.
type Member struct {
	User
	State        store.UserState
	CreatedAt    time.Time
	LastActiveAt time.Time // zero: never
	Orphan       bool      // the principal of IAM behind it is gone
	ManagesIAM   bool      // in the console
}

func (s show) member(u *store.User) Member {
	return Member{User: s.user(u), State: u.State(), CreatedAt: u.CreatedAt, LastActiveAt: u.LastActiveAt,
		Orphan: u.Orphan, ManagesIAM: u.ManagesIAM}
}

// MemberDetails are all that is known of a user.
type MemberDetails struct {
	Member
	Self           bool // it is the caller's own
	HasPassword    bool
	Invitation     *store.Invitation // nil: there never was one
	InvitationMail *store.Mail       // the last; nil: none
	ResetMail      *store.Mail       // the last; nil: none
}

// DescribeMember gives a user by the whole PrincipalId, which also those have
// whose name is gone.
func (d *Directory) DescribeMember(ctx context.Context, c *access.Caller, accountID, namespace, principalID string) (m MemberDetails, err error) {
	s := scope{accountID, namespace}
	err = d.guard.Read(ctx, c, call(accountID, "DescribeUser", s.userARN(c, "*")), func(r store.Reader) error {
		ns, err := r.Namespace(accountID, namespace)
		if err != nil {
			return s.user(err, "")
		}
		u, err := userByPrincipalID(r, s, principalID)
		if err != nil {
			return s.user(err, principalID)
		}
		m = MemberDetails{Member: newShow(c, ns).member(&u), Self: c.IsUser(&u)}
		return m.read(r, &u)
	})
	return m, err
}

// read adds what is kept beside the user.
func (m *MemberDetails) read(r store.Reader, u *store.User) error {
	hash, err := r.Password(u.NamespaceID, u.ID)
	m.HasPassword = hash != ""
	return errors.Join(err,
		optional(&m.Invitation, store.RecordInvitation, func() (store.Invitation, error) {
			invited, err := r.Invitation(u.NamespaceID, u.ID)
			return invited.Invitation, err
		}),
		optional(&m.InvitationMail, store.RecordMail, func() (store.Mail, error) {
			return r.Mail(u.NamespaceID, u.ID, string(mail.Invitation))
		}),
		optional(&m.ResetMail, store.RecordMail, func() (store.Mail, error) {
			return r.Mail(u.NamespaceID, u.ID, string(mail.Reset))
		}),
	)
}

// optional reads a record that need not be there.
func optional[T any](to **T, record store.Record, read func() (T, error)) error {
	v, err := read()
	if store.Missing(err, record) {
		return nil
	}
	*to = &v
	return err
}
