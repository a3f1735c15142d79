package storetest

import (
	"fmt"
	"sync/atomic"
	"time"

	"rollcall/internal/store"
)

func (f *fixture) newSignIn(token string) store.SignIn {
	return store.SignIn{
		TokenHash: []byte("\x00\xff" + token),
		ReturnTo:  "/a b?c=%2F&d=é#'\"",
		ExpiresAt: f.now().Add(time.Hour),
	}
}

// begin adds a sign-in, of which so many are kept.
func (f *fixture) begin(in store.SignIn, keep int) {
	f.Helper()
	f.update(func(tx store.Tx) error { return tx.CreateSignIn(in, keep) })
}

// begun fails unless the sign-ins are as they were.
func (f *fixture) begun(all ...store.SignIn) {
	f.Helper()
	f.view(func(r store.Reader) error {
		for _, want := range all {
			got, err := r.SignIn(want.TokenHash)
			if err != nil {
				return fmt.Errorf("%q: %w", want.TokenHash, err)
			}
			f.same(want, got)
		}
		return nil
	})
}

// unknown fails unless the sign-ins are gone.
func (f *fixture) unknown(all ...store.SignIn) {
	f.Helper()
	for _, in := range all {
		f.missing(store.RecordSignIn, func(r store.Reader) error {
			_, err := r.SignIn(in.TokenHash)
			return err
		})
	}
}

func signInsReadBackAsWritten(f *fixture) {
	full, plain := f.newSignIn("full"), f.newSignIn("plain")
	plain.ReturnTo, plain.ExpiresAt = "", f.now().Add(-time.Hour) // which only a rule may say
	full.ProviderAccount, full.ProviderURL, full.Sealed = accountID, "id.example.com/Full/", []byte{0, 1, 255}
	f.begin(full, 10)
	f.begin(plain, 10)
	f.begun(full, plain)
	for _, hash := range [][]byte{nil, {}, []byte("\x00\xff"), []byte("\x00\xffFull"), []byte("\x00\xfffull ")} {
		f.unknown(store.SignIn{TokenHash: hash})
	}
	f.refusedFor(store.ErrExists, store.RecordSignIn, func(tx store.Tx) error { return tx.CreateSignIn(full, 10) })
	f.begun(full, plain)
}

func signInEndsOnce(f *fixture) {
	in, other := f.newSignIn("a"), f.newSignIn("b")
	f.begin(in, 10)
	f.begin(other, 10)
	end := func(tx store.Tx) error { return tx.DeleteSignIn(in.TokenHash) }
	var ended atomic.Int32
	f.together(16, func(int) error {
		if f.Update(f.Context(), end) == nil {
			ended.Add(1)
		}
		return nil
	})
	f.same(int32(1), ended.Load())
	f.unknown(in)
	f.begun(other)
	f.refusedFor(store.ErrNotFound, store.RecordSignIn, end)
}

func oldestSignInsMakeRoom(f *fixture) {
	var all []store.SignIn
	add := func(keep int) {
		f.Helper()
		// The order of neither hashes nor times is that of beginning.
		i := len(all)
		in := f.newSignIn(fmt.Sprint(i * 7 % 10))
		in.ExpiresAt = f.now().Add(time.Duration(i*3%10) * time.Minute)
		all = append(all, in)
		f.begin(in, keep)
	}
	for range 4 {
		add(4)
	}
	f.begun(all...)
	add(4)
	f.unknown(all[0])
	f.begun(all[1:]...)
	f.update(func(tx store.Tx) error { return tx.DeleteSignIn(all[3].TokenHash) }) // is room for another
	add(4)
	f.begun(all[1], all[2], all[4], all[5])
	add(2)
	f.unknown(all[:5]...)
	f.begun(all[5:]...)
	add(3)
	f.begun(all[5:]...)
}

func (f *fixture) newReset(u store.User) store.PasswordReset {
	return store.PasswordReset{
		NamespaceID: u.NamespaceID,
		UserID:      u.ID,
		SecretHash:  []byte{0, 1, 255},
		CreatedAt:   f.now().Add(-time.Minute),
		ExpiresAt:   f.now().Add(time.Hour),
	}
}

// putReset adds a reset.
func (f *fixture) putReset(p store.PasswordReset) store.PasswordReset {
	f.Helper()
	f.update(func(tx store.Tx) error { return tx.PutPasswordReset(p) })
	return p
}

// resets fails unless the resets are as they were.
func (f *fixture) resets(all ...store.PasswordReset) {
	f.Helper()
	f.view(func(r store.Reader) error {
		for _, want := range all {
			got, err := r.PasswordReset(want.NamespaceID, want.UserID)
			if err != nil {
				return err
			}
			f.same(want, got)
		}
		return nil
	})
}

func (f *fixture) noReset(u store.User) {
	f.Helper()
	f.missing(store.RecordPasswordReset, func(r store.Reader) error {
		_, err := r.PasswordReset(u.NamespaceID, u.ID)
		return err
	})
}

func resetsReadBackAsWritten(f *fixture) {
	u, other := f.create(f.newUser("ana")), f.create(f.newUser("ben"))
	twin, _, _ := f.twin(u)
	first := f.putReset(f.newReset(u))
	f.resets(first)
	f.noReset(other)
	f.noReset(twin)
	twins := f.putReset(f.newReset(twin))
	second := store.PasswordReset{NamespaceID: u.NamespaceID, UserID: u.ID, SecretHash: []byte("2"),
		CreatedAt: f.now(), ExpiresAt: f.now().Add(-time.Hour)} // whatever its time is
	f.putReset(second)
	f.resets(second, twins)
	stranger := f.newUser("stranger")
	f.refusedFor(store.ErrConflict, store.RecordPasswordReset, func(tx store.Tx) error {
		return tx.PutPasswordReset(f.newReset(stranger))
	})
	f.noReset(stranger)
}

func resetIsUsedOnce(f *fixture) {
	u, other := f.create(f.newUser("ana")), f.create(f.newUser("ben"))
	twin, _, _ := f.twin(u)
	f.putReset(f.newReset(u))
	others, twins := f.putReset(f.newReset(other)), f.putReset(f.newReset(twin))
	var used atomic.Int32
	f.together(16, func(int) error {
		return f.Update(f.Context(), func(tx store.Tx) error {
			had, err := tx.DeletePasswordReset(u.NamespaceID, u.ID)
			if had {
				used.Add(1)
			}
			return err
		})
	})
	f.same(int32(1), used.Load())
	f.noReset(u)
	f.resets(others, twins)
}

func resetGoesWithItsUser(f *fixture) {
	u, other := f.create(f.newUser("ana")), f.create(f.newUser("ben"))
	twin, _, _ := f.twin(u)
	f.putReset(f.newReset(u))
	others, twins := f.putReset(f.newReset(other)), f.putReset(f.newReset(twin))
	f.update(func(tx store.Tx) error { return tx.DeleteUser(u.NamespaceID, u.ID) })
	f.noReset(u)
	f.create(u) // who gets nothing back
	f.noReset(u)
	f.resets(others, twins)
}
