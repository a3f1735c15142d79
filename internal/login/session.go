package login

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/seal"
	"rollcall/internal/store"
)

// seenEvery is how exactly the last request of a session is noted.
const seenEvery = time.Minute

// parseToken gives the hash of a token.
func parseToken(token string) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != seal.TokenSize {
		return nil, ErrSignedOut
	}
	return seal.HashToken(b), nil
}

// Session gives who is signed in with a token, or ErrSignedOut.
func (p *People) Session(ctx context.Context, token string) (s store.SignedIn, err error) {
	hash, err := parseToken(token)
	if err != nil {
		return s, err
	}
	var now time.Time
	err = p.store.View(ctx, func(r store.Reader) error {
		now = r.Now()
		s, err = r.WebSession(hash)
		return err
	})
	if store.Missing(err, store.RecordWebSession) || err == nil && access.SessionEnded(&s.Session, now) {
		return store.SignedIn{}, ErrSignedOut
	}
	if err == nil && now.Sub(s.Session.SeenAt) >= seenEvery {
		err = p.store.Update(ctx, func(tx store.Tx) error { return tx.TouchWebSession(hash, now) })
		if store.Missing(err, store.RecordWebSession) { // it has ended since
			return store.SignedIn{}, ErrSignedOut
		}
	}
	return s, err
}

// SignOut ends a session; one that has ended is fine.
func (p *People) SignOut(ctx context.Context, token string) error {
	hash, err := parseToken(token)
	if err != nil {
		return nil
	}
	err = p.store.Update(ctx, func(tx store.Tx) error { return tx.DeleteWebSession(hash) })
	if store.Missing(err, store.RecordWebSession) {
		return nil
	}
	return err
}

// SignOutEverywhere ends all sessions of whoever is signed in.
func (p *People) SignOutEverywhere(ctx context.Context, s store.SignedIn) error {
	return p.store.Update(ctx, func(tx store.Tx) error {
		_, err := tx.DeleteWebSessions(s.Namespace.ID, s.User.ID, nil)
		return errors.Join(err, record(ctx, tx, &s.Person, "SignOutEverywhere", ""))
	})
}
