package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"rollcall/internal/store"
)

func nowIsFixedAndInMilliseconds(f *fixture) {
	want := time.Date(2026, 1, 2, 2, 4, 5, 678_000_000, time.UTC)
	f.update(func(tx store.Tx) error {
		f.same(want, tx.Now())
		f.clock = f.clock.Add(time.Hour)
		f.same(want, tx.Now())
		return nil
	})
	f.view(func(r store.Reader) error {
		f.same(want.Add(time.Hour), r.Now())
		return nil
	})
}

func failedUpdateLeavesNothing(f *fixture) {
	mine := errors.New("mine")
	f.refused(mine, func(tx store.Tx) error {
		if err := tx.CreateUser(accountID, store.NewUser{User: f.newUser("ana")}); err != nil {
			return err
		}
		return mine
	})
	f.absent("ana")
}

func panicLeavesNothingAndHurtsNobody(f *fixture) {
	f.together(16, func(i int) error {
		name := fmt.Sprintf("user-%d", i)
		err := f.Update(f.Context(), func(tx store.Tx) error {
			err := tx.CreateUser(accountID, store.NewUser{User: f.newUser(name)})
			if i%2 == 0 {
				panic("a mistake")
			}
			return err
		})
		if failed := err != nil; failed != (i%2 == 0) {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
	f.absent("user-0")
	f.same("user-1", f.find("user-1").Name)
}

func failedWriteSpoilsTheRest(f *fixture) {
	f.create(f.newUser("ana"))
	f.refused(store.ErrExists, func(tx store.Tx) error {
		if err := tx.CreateUser(accountID, store.NewUser{User: f.newUser("ana")}); err == nil {
			f.Error("a second user of one name was made")
		}
		if err := tx.CreateUser(accountID, store.NewUser{User: f.newUser("ben")}); !errors.Is(err, store.ErrExists) {
			f.Errorf("a write after a failed one: %v, want the first failure", err)
		}
		if _, err := tx.Namespace(accountID, "default"); !errors.Is(err, store.ErrExists) {
			f.Errorf("a read after a failed write: %v, want that failure", err)
		}
		return nil // which must not be taken for success
	})
	f.absent("ben")
}

func updateReadsItsOwnWrites(f *fixture) {
	f.update(func(tx store.Tx) error {
		u := f.newUser("ana")
		if err := tx.CreateUser(accountID, store.NewUser{User: u}); err != nil {
			return err
		}
		_, got, err := tx.User(accountID, "default", "ana")
		f.same(u, got)
		return err
	})
}

func viewIsASnapshot(f *fixture) {
	f.view(func(r store.Reader) error {
		before, err := r.UserPage(f.namespace.ID, uuid.UUID{}, 10)
		if err != nil {
			return err
		}
		f.create(f.newUser("ana"))
		after, err := r.UserPage(f.namespace.ID, uuid.UUID{}, 10)
		f.same(before, after)
		return err
	})
	f.same("ana", f.find("ana").Name)
}

func endedContextChangesNothing(f *fixture) {
	ctx, cancel := context.WithCancel(f.Context())
	cancel()
	err := f.Update(ctx, func(tx store.Tx) error {
		return tx.CreateUser(accountID, store.NewUser{User: f.newUser("ana")})
	})
	if !errors.Is(err, context.Canceled) {
		f.Errorf("Update: %v, want it cancelled", err)
	}
	err = f.View(ctx, func(r store.Reader) error {
		_, err := r.Namespace(accountID, "default")
		return err
	})
	if !errors.Is(err, context.Canceled) {
		f.Errorf("View: %v, want it cancelled", err)
	}
	f.absent("ana")
}

func closedStoreIsUnavailable(f *fixture) {
	if err := f.Store.Close(); err != nil {
		f.Fatal(err)
	}
	f.refused(store.ErrUnavailable, func(store.Tx) error { return nil })
	err := f.View(f.Context(), func(store.Reader) error { return nil })
	if !errors.Is(err, store.ErrUnavailable) {
		f.Errorf("View: %v, want %v", err, store.ErrUnavailable)
	}
}
