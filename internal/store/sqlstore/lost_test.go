package sqlstore

import (
	"errors"
	"path/filepath"
	"testing"

	"rollcall/internal/store"
)

// SQLite leaves a transaction by itself after some errors. What its group does
// then must not be kept behind the back of those who are told that it is not.
func TestNothingIsKeptOfALostTransaction(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "test.db"))
	defer s.Close()
	create := func(id string, end func(*tx)) *update {
		return &update{ctx: t.Context(), fn: func(x store.Tx) error {
			err := x.CreateAccount(store.Account{ID: id})
			end(x.(*tx))
			return err
		}}
	}
	for name, end := range map[string]func(*tx){
		"Quietly": func(x *tx) { _ = x.exec("ROLLBACK") },
		"InAPanic": func(x *tx) {
			_ = x.exec("ROLLBACK")
			panic("sqlite3: out of memory")
		},
	} {
		t.Run(name, func(t *testing.T) {
			errs := s.writer.commit([]*update{create("1", func(*tx) {}), create("2", end), create("3", func(*tx) {})})
			for i, err := range errs {
				if !errors.Is(err, store.ErrUnavailable) {
					t.Errorf("update %d: %v", i+1, err)
				}
			}
			if err := s.View(t.Context(), func(r store.Reader) error {
				all, err := r.Accounts()
				if len(all) > 0 {
					t.Errorf("kept: %+v", all)
				}
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
	if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.CreateAccount(store.Account{ID: "4"}) }); err != nil {
		t.Errorf("the next update: %v", err)
	}
}

// A panic may be SQLite's own, whose connection is good for nothing then.
func TestConnectionIsAnotherAfterAPanic(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "test.db"))
	defer s.Close()
	before := s.writer.conn
	if err := s.Update(t.Context(), func(store.Tx) error { panic("sqlite3: out of memory") }); err == nil {
		t.Error("it went well")
	}
	if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.CreateAccount(store.Account{ID: "1"}) }); err != nil {
		t.Errorf("the next update: %v", err)
	}
	if s.writer.conn == before || s.writer.conn.namespaces != before.namespaces {
		t.Error("the connection is the old one, or has forgotten what it shares")
	}
}
