package storetest

import (
	"sync/atomic"
	"time"

	"rollcall/internal/store"
)

func (f *fixture) newSigninToken(token string) store.SigninToken {
	return store.SigninToken{
		TokenHash: []byte("\x00\xff" + token),
		Sealed:    []byte("\xff\x00 sealed " + token),
		ExpiresAt: f.now().Add(15 * time.Minute),
	}
}

// issue adds a token.
func (f *fixture) issue(k store.SigninToken) store.SigninToken {
	f.Helper()
	f.update(func(tx store.Tx) error { return tx.CreateSigninToken(k) })
	return k
}

// useToken fails unless the token is there, as it was, and uses it up.
func (f *fixture) useToken(want store.SigninToken) {
	f.Helper()
	f.update(func(tx store.Tx) error {
		got, err := tx.UseSigninToken(want.TokenHash)
		f.same(want, got)
		return err
	})
}

// noToken fails if there is a token of that hash.
func (f *fixture) noToken(hash []byte) {
	f.Helper()
	f.refusedFor(store.ErrNotFound, store.RecordSigninToken, func(tx store.Tx) error {
		_, err := tx.UseSigninToken(hash)
		return err
	})
}

func signinTokensAreGivenAsWritten(f *fixture) {
	a, b := f.issue(f.newSigninToken("a")), f.issue(f.newSigninToken("b"))
	f.refusedFor(store.ErrExists, store.RecordSigninToken, func(tx store.Tx) error { return tx.CreateSigninToken(a) })
	for _, hash := range [][]byte{nil, {}, []byte("\x00\xff"), []byte("\x00\xffA"), []byte("\x00\xffa ")} {
		f.noToken(hash)
	}
	f.useToken(a)
	f.noToken(a.TokenHash)
	f.useToken(b)
	f.useToken(f.issue(a)) // the hash is free again
}

func signinTokenIsUsedOnce(f *fixture) {
	k, other := f.issue(f.newSigninToken("a")), f.issue(f.newSigninToken("b"))
	var used atomic.Int32
	f.together(16, func(int) error {
		err := f.Update(f.Context(), func(tx store.Tx) error {
			_, err := tx.UseSigninToken(k.TokenHash)
			return err
		})
		if err == nil {
			used.Add(1)
		} else if !store.Missing(err, store.RecordSigninToken) {
			return err
		}
		return nil
	})
	f.same(int32(1), used.Load())
	f.useToken(other)
}

func expiredSigninTokensArePruned(f *fixture) {
	expired, last := f.newSigninToken("expired"), f.newSigninToken("last")
	expired.ExpiresAt = f.now().Add(time.Minute)
	last.ExpiresAt = f.now().Add(time.Minute + time.Millisecond)
	f.issue(expired)
	f.issue(last)
	f.clock = f.clock.Add(time.Minute)
	f.issue(f.newSigninToken("new"))
	f.noToken(expired.TokenHash)
	f.clock = f.clock.Add(time.Hour)
	f.useToken(last) // whatever its time is: nothing has been made since
}
