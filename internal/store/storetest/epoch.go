package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"rollcall/internal/store"
)

// epoch gives that of a view while nothing is changed.
func (f *fixture) epoch() (epoch int64) {
	f.Helper()
	f.view(func(r store.Reader) error {
		epoch = r.Epoch()
		return nil
	})
	if epoch == 0 {
		f.Error("epoch is 0 while nothing is changed")
	}
	return epoch
}

func epochChangesWithWhatCallersMayDo(f *fixture) {
	p, key, policy := f.newPrincipal(store.IAMUser, "ana"), store.AccessKey{ID: "AKIA1", AccountID: accountID, SealedSecret: []byte("x")}, f.newPolicy("p")
	seen := map[int64]string{f.epoch(): "the beginning"}
	for _, change := range []struct {
		name string
		fn   func(store.Tx) error
	}{
		{"CreatePrincipal", func(tx store.Tx) (err error) { p, err = tx.CreatePrincipal(p); return err }},
		{"UpdatePrincipal", func(tx store.Tx) error { return tx.UpdatePrincipal(p) }},
		{"CreateAccessKey", func(tx store.Tx) error { return tx.CreateAccessKey(key) }},
		{"UpdateAccessKey", func(tx store.Tx) error { return tx.UpdateAccessKey(key) }},
		{"DeleteAccessKey", func(tx store.Tx) error { return tx.DeleteAccessKey(key.ID) }},
		{"CreateManagedPolicy", func(tx store.Tx) error { return tx.CreateManagedPolicy(policy) }},
		{"UpdateManagedPolicy", func(tx store.Tx) error { return tx.UpdateManagedPolicy(policy) }},
		{"DeleteManagedPolicy", func(tx store.Tx) error { return tx.DeleteManagedPolicy(accountID, policy.Name) }},
		{"DeletePrincipal", func(tx store.Tx) error { return tx.DeletePrincipal(p.ID) }},
	} {
		f.update(change.fn)
		epoch := f.epoch()
		if before, ok := seen[epoch]; ok {
			f.Errorf("epoch %d is that after %s and after %s", epoch, before, change.name)
		}
		seen[epoch] = change.name
	}
}

// What does not change the epoch, and comes often, must not cost callers what
// they keep by it.
func epochStaysOverAllElse(f *fixture) {
	want := f.epoch()
	f.ensure(store.IAMUser, "ana", "AIDA1")
	u := f.create(f.newUser("ana"))
	f.update(func(tx store.Tx) error {
		f.same(want, tx.Epoch())
		err := tx.ActivateUser(u.NamespaceID, u.ID)
		f.same(want, tx.Epoch())
		return err
	})
	f.update(func(tx store.Tx) error { return tx.CreateAuditRecord(f.newRecord(accountID, f.now(), 1)) })
	w := f.signIn(u, "token")
	f.update(func(tx store.Tx) error { return tx.TouchWebSession(w.TokenHash, f.now()) })
	f.update(func(tx store.Tx) error { return tx.DeleteWebSession(w.TokenHash) })
	a, in, reset, m := f.account(), f.newSignIn("token"), f.newReset(u), f.newMail(u, "invitation")
	p := f.newProvider("id.example.com") // whom nobody remembers
	f.accept(
		func(tx store.Tx) error { return tx.UpdateAccount(a) },
		func(tx store.Tx) error { return tx.UpdateUser(u) },
		func(tx store.Tx) error {
			return tx.PutInvitation(u.NamespaceID, u.ID, store.Invitation{SecretHash: []byte("x")})
		},
		func(tx store.Tx) error { return tx.CreateSignIn(in, 1) },
		func(tx store.Tx) error { return tx.DeleteSignIn(in.TokenHash) },
		func(tx store.Tx) error { return tx.PutPasswordReset(reset) },
		func(tx store.Tx) error {
			_, err := tx.DeletePasswordReset(u.NamespaceID, u.ID)
			return err
		},
		func(tx store.Tx) error { return tx.PutMail(m) },
		func(tx store.Tx) error { return tx.UpdateMail(m) },
		func(tx store.Tx) error { return tx.DeleteMail(u.NamespaceID, u.ID, m.Kind) },
		func(tx store.Tx) error { return tx.CreateSigninToken(f.newSigninToken("token")) },
		func(tx store.Tx) error {
			_, err := tx.UseSigninToken(f.newSigninToken("token").TokenHash)
			return err
		},
		func(tx store.Tx) error { return tx.CreateOIDCProvider(p) },
		func(tx store.Tx) error { return tx.UpdateOIDCProvider(p) },
		func(tx store.Tx) error { return tx.DeleteOIDCProvider(accountID, p.URL) },
	)
	f.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.DeletePrincipal(1) })
	f.same(want, f.epoch())
}

func epochOfAViewIsThatOfItsSnapshot(f *fixture) {
	p := f.createPrincipal(store.IAMUser, "ana")
	before := f.epoch()
	describe := func(text string) {
		p.Description = text
		f.update(func(tx store.Tx) error { return tx.UpdatePrincipal(p) })
	}
	runs := 0
	f.view(func(r store.Reader) error {
		epoch := r.Epoch()
		if runs++; runs == 1 {
			describe("asked before the change")
		}
		got, err := r.Principal(accountID, store.IAMUser, "ana")
		if err != nil {
			return err // it may have to run again
		}
		if (epoch == before) != (got.Description == "") || epoch != r.Epoch() {
			f.Errorf("epoch is %d, then %d, it was %d before the change; seen is %q", epoch, r.Epoch(), before, got.Description)
		}
		return nil
	})
	f.view(func(r store.Reader) error {
		got, err := r.Principal(accountID, store.IAMUser, "ana")
		f.same("asked before the change", got.Description)
		describe("asked after the change")
		epoch := r.Epoch()
		f.same(epoch, r.Epoch())
		if epoch == f.epoch() {
			f.Errorf("epoch of an old snapshot is %d, that of a new one", epoch)
		}
		return err
	})
}

func epochOfAChangeIsNoneUntilItIsKept(f *fixture) {
	p := f.createPrincipal(store.IAMUser, "ana")
	before := f.epoch()
	mine := errors.New("mine")
	change := func(tx store.Tx) error {
		f.same(before, tx.Epoch())
		err := tx.UpdatePrincipal(p)
		f.same(int64(0), tx.Epoch())
		return err
	}
	f.refused(mine, func(tx store.Tx) error { return errors.Join(change(tx), mine) })
	before = f.epoch() // it may have changed or not
	f.update(change)
}

// states remembers what was seen in each epoch.
type states struct {
	sync.Mutex
	seen map[int64]string
}

// look notes a principal's description with the epoch, which is asked for
// before or after it.
func (s *states) look(r store.Reader, early bool) error {
	var epoch int64
	if early {
		epoch = r.Epoch()
	}
	p, err := r.Principal(accountID, store.IAMUser, "ana")
	if !early {
		epoch = r.Epoch()
	}
	if err != nil || epoch == 0 {
		return err
	}
	s.Lock()
	defer s.Unlock()
	if before, ok := s.seen[epoch]; ok && before != p.Description {
		return fmt.Errorf("epoch %d has had %q and has %q", epoch, before, p.Description)
	}
	s.seen[epoch] = p.Description
	return nil
}

// Updates that share a transaction, some of which fail after they have
// written, and views at the same time.
func epochTellsStatesApart(f *fixture) {
	p := f.createPrincipal(store.IAMUser, "ana")
	s := &states{seen: map[int64]string{}}
	mine := errors.New("mine")
	change := func(i int) error {
		return f.Update(f.Context(), func(tx store.Tx) error {
			if err := s.look(tx, i%2 == 0); err != nil {
				return err
			}
			p := p
			p.Description = fmt.Sprint(i)
			if err := tx.UpdatePrincipal(p); err != nil {
				return err
			}
			if i%5 == 0 {
				return errors.Join(s.look(tx, true), mine)
			}
			return s.look(tx, true)
		})
	}
	var running atomic.Int32
	const writers = 8
	running.Store(writers)
	f.together(2*writers, func(n int) error {
		if n < writers {
			defer running.Add(-1)
			for i := range 40 {
				if err := change(n*40 + i); err != nil && !errors.Is(err, mine) {
					return err
				}
			}
			return nil
		}
		for i := 0; running.Load() > 0; i++ {
			err := f.View(f.Context(), func(r store.Reader) error {
				if i%3 == 0 {
					time.Sleep(time.Duration(i%7) * 100 * time.Microsecond)
				}
				return s.look(r, i%2 == 0)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if len(s.seen) < 2 {
		f.Errorf("%d epochs were seen", len(s.seen))
	}
}
