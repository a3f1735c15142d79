package sqlstore

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"rollcall/internal/store"
)

const benchAccount = "111122223333"

// openCrowd opens a store whose one namespace has so many users.
func openCrowd(b *testing.B, users int) (*Store, store.Namespace) {
	b.Helper()
	s := open(b, filepath.Join(b.TempDir(), "bench.db"))
	b.Cleanup(func() { s.Close() })
	var n store.Namespace
	err := s.Update(b.Context(), func(x store.Tx) (err error) {
		if err := x.CreateAccount(store.Account{ID: benchAccount, Name: "acme"}); err != nil {
			return err
		}
		n, err = x.CreateNamespace(store.Namespace{AccountID: benchAccount, Name: "default", DirectoryID: "d-1"})
		return err
	})
	if err == nil {
		err = addUsers(b, s, n, 0, users)
	}
	if err != nil {
		b.Fatal(err)
	}
	return s, n
}

// addUsers adds users with a number, in one transaction.
func addUsers(b *testing.B, s *Store, n store.Namespace, from, to int) error {
	return s.Update(b.Context(), func(x store.Tx) error {
		for i := from; i < to; i++ {
			// Names and addresses come in no order, as people do.
			name := fmt.Sprintf("user-%08x", uint32(i)*2654435761)
			err := x.CreateUser(benchAccount, store.NewUser{User: store.User{
				NamespaceID: n.ID, ID: uuid.Must(uuid.NewV7()), Name: name, Email: name + "@example.com",
				Role: "READER", Identity: "QUICKSIGHT", Principal: uuid.NewString(), CreatedAt: x.Now(),
			}})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// BenchmarkFindNobody is the longest walk that a search can be.
func BenchmarkFindNobody(b *testing.B) {
	s, n := openCrowd(b, 10_000)
	for name, q := range map[string]store.UserQuery{
		"Prefix": {Prefix: "nobody"},
		"Role":   {Role: "ADMIN"},
	} {
		q.NamespaceID, q.Limit = n.ID, 100
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				look(b, s, 0, func(r store.Reader) ([]store.User, error) { return r.FindUsers(q) })
			}
		})
	}
}

// BenchmarkFindPage is what a search comes to as a rule.
func BenchmarkFindPage(b *testing.B) {
	s, n := openCrowd(b, 10_000)
	for b.Loop() {
		look(b, s, 100, func(r store.Reader) ([]store.User, error) {
			return r.FindUsers(store.UserQuery{NamespaceID: n.ID, Prefix: "USER-", Limit: 100})
		})
	}
}

func BenchmarkFindByEmail(b *testing.B) {
	s, n := openCrowd(b, 10_000)
	for b.Loop() {
		look(b, s, 1, func(r store.Reader) ([]store.User, error) {
			return r.UsersByEmail(n.ID, "USER-00000000@example.com", 10)
		})
	}
}

func look(b *testing.B, s *Store, want int, find func(store.Reader) ([]store.User, error)) {
	b.Helper()
	err := s.View(b.Context(), func(r store.Reader) error {
		found, err := find(r)
		if len(found) != want {
			b.Fatalf("found %d, want %d", len(found), want)
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}
