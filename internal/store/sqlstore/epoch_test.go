package sqlstore

import (
	"errors"
	"path/filepath"
	"testing"

	"rollcall/internal/store"
)

// An update of a group may read what one before it has changed, which may yet
// be rolled back.
func TestEpochWithinAGroup(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "test.db"))
	defer s.Close()
	mine := errors.New("mine")
	epochs := map[string]int64{}
	step := func(name string, change bool, result error) *update {
		return &update{ctx: t.Context(), fn: func(tx store.Tx) error {
			epochs[name] = tx.Epoch()
			if change {
				if err := tx.CreateAccount(store.Account{ID: name}); err != nil {
					return err
				}
				if err := tx.CreateManagedPolicy(store.ManagedPolicy{AccountID: name, Name: "p"}); err != nil {
					return err
				}
				epochs[name+" then"] = tx.Epoch()
			}
			return result
		}}
	}
	same := func(name string, want int64) {
		t.Helper()
		if epochs[name] != want {
			t.Errorf("epoch of %s is %d, want %d", name, epochs[name], want)
		}
	}

	// An update that fails makes the group run again, in which it is undone.
	s.writer.commit([]*update{step("failed", true, mine), step("behind failed", false, nil)})
	same("failed", 1)
	same("failed then", 0)
	same("behind failed", 1)
	if now := s.writer.epochs.now(); now != 1 {
		t.Errorf("epoch is %d after a group that changed nothing, want 1", now)
	}

	s.writer.commit([]*update{step("reads", false, nil), step("changes", true, nil), step("behind", false, nil), step("fails", true, mine)})
	same("reads", 1)
	same("changes then", 0)
	same("behind", 0)
	same("fails", 0)
	s.writer.commit([]*update{step("next", false, nil)})
	same("next", s.writer.epochs.now())
	if epochs["next"] == 1 || epochs["next"] == 0 {
		t.Errorf("epoch is %d after a change, want another", epochs["next"])
	}
}

// While a change is being committed, a snapshot may be of either side of it.
func TestViewInTheMiddleOfAChangeHasNoEpoch(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "test.db"))
	defer s.Close()
	epoch := func() (epoch int64) {
		t.Helper()
		err := s.View(t.Context(), func(r store.Reader) error {
			epoch = r.Epoch()
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		return epoch
	}
	before := epoch()
	_ = s.writer.epochs.change(func() error {
		if during := epoch(); during != 0 {
			t.Errorf("epoch is %d during a change, want 0", during)
		}
		return nil
	})
	if after := epoch(); after == before || after == 0 {
		t.Errorf("epoch is %d after a change, %d before", after, before)
	}
}
