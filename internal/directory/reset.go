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

const (
	resetLife  = time.Hour       // how long a link that was asked for may be opened
	resetEvery = 5 * time.Minute // how often one is sent to the same user
	maxResets  = 5               // users with one address to whom links are sent at once
)

// ResetPath is where the links for another password lead.
const ResetPath = "/sn/reset"

// ErrResetUnknown means that a link for another password does not open: it is
// too old, it was used, or it never was one.
var ErrResetUnknown = errors.New("there is no such link for another password")

// ForgotPassword sends links for another password to the users who have an
// e-mail address. It says to nobody whether there are any.
func (d *Directory) ForgotPassword(ctx context.Context, accountName, namespace, email string) error {
	defer d.outbox.Wake()
	return d.store.Update(ctx, func(tx store.Tx) error {
		account, err := store.FindAccount(tx, accountName)
		if store.Missing(err, store.RecordAccount) {
			return nil
		}
		if err != nil {
			return err
		}
		people, err := peopleByEmail(tx, account, namespace, email)
		if err != nil {
			return err
		}
		return d.sendResets(ctx, tx, account, people)
	})
}

func peopleByEmail(r store.Reader, account store.Account, namespace, email string) (people []store.Person, err error) {
	ns, err := r.Namespace(account.ID, namespace)
	if store.Missing(err, store.RecordNamespace) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	users, err := r.UsersByEmail(ns.ID, email, maxResets)
	for _, u := range users {
		people = append(people, store.Person{User: u, Namespace: ns, Account: account})
	}
	return people, err
}

// sendResets leaves a record in any case, so that it takes as long to send
// nothing.
func (d *Directory) sendResets(ctx context.Context, tx store.Tx, account store.Account, people []store.Person) error {
	sent := false
	for i := range people {
		may, err := d.mayReset(tx, &people[i].User)
		if err == nil && may {
			sent, err = true, d.sendReset(ctx, tx, &people[i])
		}
		if err != nil {
			return err
		}
	}
	if sent {
		return nil
	}
	nobody := access.Person(ctx, account, "", "")
	return recordRecovery(tx, nobody, "PasswordRecoveryRequested", `{"PasswordRecoveryRequested":"Failure"}`)
}

func (d *Directory) sendReset(ctx context.Context, tx store.Tx, p *store.Person) error {
	c := native(ctx, p)
	if _, _, err := d.putReset(tx, c, &p.User, resetLife, true); err != nil {
		return err
	}
	return recordRecovery(tx, c, "PasswordRecoveryRequested", `{"PasswordRecoveryRequested":"Success"}`)
}

// native is a native user who acts by himself.
func native(ctx context.Context, p *store.Person) *access.Caller {
	return access.Person(ctx, p.Account, p.User.Name, access.NativePrefix(p.Namespace)+p.User.Principal)
}

// recordRecovery records events that CloudTrail has for the passwords of root
// users.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
func recordRecovery(tx store.Tx, c *access.Caller, event, response string) error {
	return access.Record(tx, c, &access.Call{Action: "signin:" + event, AccountID: c.Account.ID, Resource: "*"}, response)
}

// mayReset says whether a user is sent a link: he has a password, may sign in,
// and has not been sent one just now. Where no mail is sent, nobody is: the
// link would reach nobody, and end the one that an administrator has made.
func (d *Directory) mayReset(tx store.Reader, u *store.User) (bool, error) {
	if !d.outbox.On() || u.Identity != QuickSightIdentity || u.Disabled {
		return false, nil
	}
	hash, err := tx.Password(u.NamespaceID, u.ID)
	if err != nil || hash == "" {
		return false, err
	}
	last, err := tx.PasswordReset(u.NamespaceID, u.ID)
	if store.Missing(err, store.RecordPasswordReset) {
		return true, nil
	}
	if err != nil || tx.Now().Sub(last.CreatedAt) < resetEvery {
		return false, err
	}
	byHand, err := inHand(tx, u, &last)
	return !byHand, err
}

// inHand says whether a link is one that an administrator was shown, to pass it
// on, and that still opens: strangers must not make it worthless.
func inHand(tx store.Reader, u *store.User, last *store.PasswordReset) (bool, error) {
	if last.ExpiresAt.Sub(last.CreatedAt) == resetLife || !tx.Now().Before(last.ExpiresAt) {
		return false, nil
	}
	_, err := tx.Mail(u.NamespaceID, u.ID, string(mail.Reset))
	if store.Missing(err, store.RecordMail) {
		return true, nil
	}
	return false, err
}

// putReset makes a user's only link for another password, and mails it if that
// is wanted and can be done.
func (d *Directory) putReset(tx store.Tx, c *access.Caller, u *store.User, life time.Duration, send bool) (url string, mailed bool, err error) {
	secret, expires := seal.NewToken(), tx.Now().Add(life)
	err = tx.PutPasswordReset(store.PasswordReset{
		NamespaceID: u.NamespaceID, UserID: u.ID, SecretHash: seal.HashToken(secret),
		CreatedAt: tx.Now(), ExpiresAt: expires})
	if err != nil {
		return "", false, err
	}
	url = newLink(u, secret).url(d.publicURL, ResetPath)
	mailed, err = d.mailInstead(tx, c, u, mail.Reset, url, expires, send)
	return url, mailed, err
}

// PasswordReset says whose password a link is for, without using it up.
func (d *Directory) PasswordReset(ctx context.Context, token string) (p store.Person, err error) {
	l, err := parseLink(token)
	if err != nil {
		return p, ErrResetUnknown
	}
	err = d.store.View(ctx, func(r store.Reader) error {
		p, err = openReset(r, l)
		return err
	})
	return p, err
}

func openReset(r store.Reader, l link) (p store.Person, err error) {
	reset, err := r.PasswordReset(l.namespaceID, l.userID)
	switch {
	case store.Missing(err, store.RecordPasswordReset):
		return p, ErrResetUnknown
	case err != nil:
		return p, err
	case !seal.TokenMatches(l.secret, reset.SecretHash), !r.Now().Before(reset.ExpiresAt):
		return p, ErrResetUnknown
	}
	p, err = r.UserByID(l.namespaceID, l.userID)
	if err == nil && p.User.Disabled {
		err = ErrResetUnknown
	}
	return p, err
}

// ResetPassword uses a link up: it stores the hash of another password, and
// ends all sessions of the user. Of two at once, one finds it used.
func (d *Directory) ResetPassword(ctx context.Context, token, passwordHash string) (p store.Person, err error) {
	l, err := parseLink(token)
	if err != nil {
		return p, ErrResetUnknown
	}
	err = d.store.Update(ctx, func(tx store.Tx) error {
		if p, err = openReset(tx, l); err != nil {
			return err
		}
		return errors.Join(
			signOut(tx, &p.User),
			tx.SetPassword(l.namespaceID, l.userID, passwordHash),
			tx.ActivateUser(l.namespaceID, l.userID),
			recordRecovery(tx, native(ctx, &p), "PasswordRecoveryCompleted", `{"PasswordRecoveryCompleted":"Success"}`),
		)
	})
	return p, err
}
