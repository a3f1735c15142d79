package directory_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/audit"
	"rollcall/internal/directory"
	"rollcall/internal/seal"
	"rollcall/internal/store"
	"rollcall/internal/store/sqlstore"
)

const (
	account      = "111122223333"
	otherAccount = "444455556666"
	publicURL    = "https://people.example.com"
)

// kit is a directory over a real store, with two accounts that have the
// namespaces default and sales, and a clock that stands still.
type kit struct {
	*directory.Directory
	store store.Store
	guard *access.Guard
	path  string // of the database
	now   atomic.Int64
	key   *seal.Key
}

func newKit(t testing.TB) *kit {
	t.Helper()
	k := &kit{path: filepath.Join(t.TempDir(), "rollcall.db"), key: seal.NewKey()}
	k.now.Store(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixMilli())
	s, err := sqlstore.Open(t.Context(), k.path, sqlstore.Options{Now: k.clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	k.store = s
	log := audit.NewLog(audit.Config{Store: s, Keep: time.Hour, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	t.Cleanup(log.Close)
	k.guard = access.NewGuard(s, access.NewKeys(s, k.key), log)
	k.Directory = k.sharing(k.key)
	for _, id := range []string{account, otherAccount} {
		k.makeAccount(t, id)
	}
	return k
}

func (k *kit) makeAccount(t testing.TB, id string) {
	t.Helper()
	err := k.store.Update(t.Context(), func(tx store.Tx) error {
		err := tx.CreateAccount(store.Account{ID: id, Name: "name-" + id, Region: "us-east-1", CreatedAt: tx.Now()})
		for _, name := range []string{"default", "sales"} {
			_, made := tx.CreateNamespace(store.Namespace{AccountID: id, Name: name, DirectoryID: "d-" + name + id, CreatedAt: tx.Now()})
			err = errors.Join(err, made)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sharing makes a second directory over the same store, under a key of its
// own or the same.
func (k *kit) sharing(key *seal.Key) *directory.Directory {
	return directory.New(directory.Config{
		Store: k.store, Guard: k.guard, Key: key, PublicURL: publicURL, Now: k.clock, AnyIAMPrincipal: true})
}

func (k *kit) clock() time.Time        { return time.UnixMilli(k.now.Load()).UTC() }
func (k *kit) advance(d time.Duration) { k.now.Add(d.Milliseconds()) }

// root is the caller that owns an account.
func root(accountID string) *access.Caller {
	c := access.Root(store.Account{ID: accountID, Region: "us-east-1"})
	c.Request.Region = "us-east-1"
	return c
}

// register makes a native user of the first account and gives the token of
// its invitation.
func (k *kit) register(t testing.TB, name string) (token string) {
	t.Helper()
	r, err := k.RegisterUser(t.Context(), root(account), native(account, "default", name))
	if err != nil {
		t.Fatal(err)
	}
	token, ok := strings.CutPrefix(r.InvitationURL, publicURL+directory.RegisterPath+"?token=")
	if !ok || token != url.QueryEscape(token) {
		t.Fatalf("the invitation is at %s", r.InvitationURL)
	}
	return token
}

func native(accountID, namespace, name string) directory.NewUser {
	return directory.NewUser{
		AccountID: accountID, Namespace: namespace, IdentityType: directory.QuickSightIdentity,
		Name: name, Email: name + "@example.com", Role: directory.Reader}
}

// fill registers users u0, u1, … in a namespace.
func (k *kit) fill(t testing.TB, accountID, namespace string, n int) (names []string) {
	t.Helper()
	for i := range n {
		names = append(names, fmt.Sprint("u", i))
		if _, err := k.RegisterUser(t.Context(), root(accountID), native(accountID, namespace, names[i])); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

func (k *kit) active(t testing.TB, name string) bool {
	t.Helper()
	u, err := k.DescribeUser(t.Context(), root(account), account, "default", name)
	if err != nil {
		t.Fatal(err)
	}
	return u.Active
}

// password gives the hash that is stored for a user.
func (k *kit) password(t testing.TB, name string) (hash string) {
	t.Helper()
	err := k.store.View(context.Background(), func(r store.Reader) error {
		ns, u, err := r.User(account, "default", name)
		if err == nil {
			hash, err = r.Password(ns.ID, u.ID)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hash
}
