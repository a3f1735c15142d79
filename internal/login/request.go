package login

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"rollcall/internal/seal"
	"rollcall/internal/store"
)

const (
	requestLife = time.Hour
	maxRequests = 10_000 // kept at a time: anybody can begin one
	maxReturnTo = 2048   // bytes
	beginRate   = 20     // that are stored in a second
	beginBurst  = 200    // that are stored at once
)

// Begin begins a sign-in that is to lead to a page, path and query, and gives
// its token. Where it leads is kept in the store, and no link can say it. When
// very many begin at once, or the page's address is very long, the token is "",
// and the sign-in leads nowhere in particular.
func (p *People) Begin(ctx context.Context, returnTo string) (token string, err error) {
	if len(returnTo) > maxReturnTo || !p.begin.AllowN(p.now(), 1) {
		return "", nil
	}
	secret := seal.NewToken()
	err = p.store.Update(ctx, func(tx store.Tx) error {
		return tx.CreateSignIn(store.SignIn{
			TokenHash: seal.HashToken(secret), ReturnTo: returnTo, ExpiresAt: tx.Now().Add(requestLife)}, maxRequests)
	})
	return base64.RawURLEncoding.EncodeToString(secret), err
}

// endSignIn ends a sign-in that was begun and says where it leads: "" for one
// that is too old, or never was.
func endSignIn(tx store.Tx, token string) (returnTo string, err error) {
	hash, err := parseToken(token)
	if err != nil {
		return "", nil
	}
	begun, err := tx.SignIn(hash)
	if store.Missing(err, store.RecordSignIn) {
		return "", nil
	}
	if err == nil && tx.Now().Before(begun.ExpiresAt) {
		returnTo = begun.ReturnTo
	}
	return returnTo, errors.Join(err, tx.DeleteSignIn(hash))
}
