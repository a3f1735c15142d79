package login

import (
	"context"
	"encoding/base64"
	"errors"

	"rollcall/internal/access"
	"rollcall/internal/seal"
	"rollcall/internal/store"
)

// ChangePassword sets another password, which keeps the rules, and ends all
// sessions of the user, also copies of this one: the token is that of the
// session that goes on in its place.
func (p *People) ChangePassword(ctx context.Context, s store.SignedIn, old, password, address string) (token string, err error) {
	err = p.try(s.Account.ID, s.Namespace.Name, s.User.Name, address, func() error {
		token, err = p.changePassword(ctx, &s, old, password)
		return err
	})
	return token, err
}

func (p *People) changePassword(ctx context.Context, s *store.SignedIn, old, password string) (string, error) {
	var stored string
	err := p.store.View(ctx, func(r store.Reader) (err error) {
		stored, err = r.Password(s.Namespace.ID, s.User.ID)
		return err
	})
	if err != nil {
		return "", err
	}
	ok, _, err := p.hasher.Verify(ctx, old, stored)
	if err != nil {
		return "", err
	}
	if !ok {
		p.refused(ctx, &s.Person, "PasswordUpdated", "")
		return "", ErrOldPassword
	}
	hash, err := p.hasher.Hash(ctx, password)
	if err != nil {
		return "", err
	}
	token := seal.NewToken()
	err = p.store.Update(ctx, func(tx store.Tx) error { return replacePassword(ctx, tx, s, stored, hash, token) })
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(token), nil
}

// resetMail is the kind of the mail with a reset's link.
const resetMail = "reset"

// replacePassword makes sure that nothing has changed since the old password
// was looked at: neither the password, nor that somebody is signed in.
func replacePassword(ctx context.Context, tx store.Tx, s *store.SignedIn, stored, hash string, token []byte) error {
	now, err := tx.Password(s.Namespace.ID, s.User.ID)
	if err != nil {
		return err
	}
	if now != stored {
		return ErrOldPassword
	}
	session, err := tx.WebSession(s.Session.TokenHash)
	if store.Missing(err, store.RecordWebSession) || err == nil && access.SessionEnded(&session.Session, tx.Now()) {
		return ErrSignedOut
	}
	if err != nil {
		return err
	}
	next := session.Session
	next.TokenHash, next.SeenAt = seal.HashToken(token), tx.Now()
	if _, err := tx.DeleteWebSessions(s.Namespace.ID, s.User.ID, nil); err != nil {
		return err
	}
	if _, err := tx.DeletePasswordReset(s.Namespace.ID, s.User.ID); err != nil {
		return err
	}
	return errors.Join(
		tx.DeleteMail(s.Namespace.ID, s.User.ID, resetMail),
		tx.CreateWebSession(next),
		tx.SetPassword(s.Namespace.ID, s.User.ID, hash),
		record(ctx, tx, &s.Person, "PasswordUpdated", ""))
}
