package storetest

import (
	"time"

	"rollcall/internal/store"
)

// createKey adds a key of a principal, 0 for the root.
func (f *fixture) createKey(id string, identityID int64) store.AccessKey {
	f.Helper()
	key := store.AccessKey{
		ID:           id,
		AccountID:    accountID,
		IdentityID:   identityID,
		SealedSecret: []byte{0, 1, 255},
		CreatedAt:    f.now(),
	}
	f.update(func(tx store.Tx) error { return tx.CreateAccessKey(key) })
	return key
}

// keys gives the IDs of a principal's keys.
func (f *fixture) keys(accountID string, identityID int64) (ids []string) {
	f.Helper()
	f.view(func(r store.Reader) error {
		keys, err := r.AccessKeys(accountID, identityID)
		for _, k := range keys {
			ids = append(ids, k.ID)
		}
		return err
	})
	return ids
}

func keysReadBackAsWritten(f *fixture) {
	p := f.createPrincipal(store.IAMUser, "ana")
	root, user := f.createKey("AKIA1", 0), f.createKey("AKIA2", p.ID)
	off := store.AccessKey{ID: "AKIA3", AccountID: accountID, Inactive: true, SealedSecret: []byte("x"), CreatedAt: f.now()}
	f.update(func(tx store.Tx) error { return tx.CreateAccessKey(off) })
	f.view(func(r store.Reader) error {
		for _, want := range []store.AccessKey{root, user, off} {
			got, err := r.AccessKey(want.ID)
			if err != nil {
				return err
			}
			f.same(want, got)
		}
		roots, err := r.AccessKeys(accountID, 0)
		f.same([]store.AccessKey{root, off}, roots)
		return err
	})
	f.missing(store.RecordAccessKey, func(r store.Reader) error {
		_, err := r.AccessKey("AKIA4")
		return err
	})
	f.refusedFor(store.ErrExists, store.RecordAccessKey, func(tx store.Tx) error { return tx.CreateAccessKey(root) })
}

func keysComeInOrderOfMaking(f *fixture) {
	ana, ben := f.createPrincipal(store.IAMUser, "ana"), f.createPrincipal(store.IAMUser, "ben")
	for _, id := range []string{"c", "a", "b"} {
		f.createKey("AKIAROOT"+id, 0)
		f.createKey("AKIAANA"+id, ana.ID)
		f.clock = f.clock.Add(time.Millisecond)
	}
	f.same([]string{"AKIAROOTc", "AKIAROOTa", "AKIAROOTb"}, f.keys(accountID, 0))
	f.same([]string{"AKIAANAc", "AKIAANAa", "AKIAANAb"}, f.keys(accountID, ana.ID))
	f.same([]string{}, f.keys(accountID, ben.ID))
	f.same([]string{}, f.keys("444455556666", 0))
}

func keysAreTurnedOffAndDeleted(f *fixture) {
	want := f.createKey("AKIA1", 0)
	for _, inactive := range []bool{true, false} {
		want.Inactive = inactive
		changed := want
		changed.SealedSecret = []byte("other") // which may not
		f.update(func(tx store.Tx) error { return tx.UpdateAccessKey(changed) })
		f.view(func(r store.Reader) error {
			got, err := r.AccessKey("AKIA1")
			f.same(want, got)
			return err
		})
	}
	f.update(func(tx store.Tx) error { return tx.DeleteAccessKey("AKIA1") })
	f.same([]string{}, f.keys(accountID, 0))
	f.refusedFor(store.ErrNotFound, store.RecordAccessKey, func(tx store.Tx) error { return tx.UpdateAccessKey(want) })
	f.refusedFor(store.ErrNotFound, store.RecordAccessKey, func(tx store.Tx) error { return tx.DeleteAccessKey("AKIA1") })
}

func keysKeepTheirPrincipal(f *fixture) {
	p := f.createPrincipal(store.IAMUser, "ana")
	f.createKey("AKIA1", p.ID)
	remove := func(tx store.Tx) error { return tx.DeletePrincipal(p.ID) }
	f.refusedFor(store.ErrConflict, store.RecordPrincipal, remove)
	f.same(p, f.principal(store.IAMUser, "ana"))
	f.update(func(tx store.Tx) error { return tx.DeleteAccessKey("AKIA1") })
	f.update(remove)
	orphaned := store.AccessKey{ID: "AKIA2", AccountID: accountID, IdentityID: p.ID, SealedSecret: []byte("x")}
	f.refusedFor(store.ErrConflict, store.RecordAccessKey, func(tx store.Tx) error { return tx.CreateAccessKey(orphaned) })
	stray := store.AccessKey{ID: "AKIA3", AccountID: "999999999999", SealedSecret: []byte("x")}
	f.refusedFor(store.ErrConflict, store.RecordAccessKey, func(tx store.Tx) error { return tx.CreateAccessKey(stray) })
}
