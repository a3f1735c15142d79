package access

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/internal/audit"
	"rollcall/internal/iamid"
	"rollcall/internal/seal"
	"rollcall/internal/store"
	"rollcall/internal/store/sqlstore"
)

const (
	account      = "111122223333"
	otherAccount = "444455556666"

	allowAll  = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	allowRead = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"test:Read","Resource":"*"}}`
	denyRead  = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"test:Read","Resource":"*"}}`
)

// kit is a guard over a real store, and a clock that stands still.
type kit struct {
	*testing.T
	*Guard
	now atomic.Int64
	key *seal.Key
}

func newKit(t *testing.T) *kit {
	t.Helper()
	k := &kit{T: t, key: seal.NewKey()}
	k.now.Store(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixMilli())
	s, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "rollcall.db"), sqlstore.Options{Now: k.clock})
	if err != nil {
		t.Fatal(err)
	}
	log := audit.NewLog(audit.Config{Store: s, Keep: time.Hour, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	t.Cleanup(func() {
		log.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	k.Guard = NewGuard(s, NewKeys(s, k.key), log)
	for _, id := range []string{account, otherAccount} {
		k.update(func(tx store.Tx) error {
			return tx.CreateAccount(store.Account{ID: id, Name: "n" + id, Region: "us-east-1", CreatedAt: tx.Now()})
		})
	}
	return k
}

func (k *kit) clock() time.Time { return time.UnixMilli(k.now.Load()).UTC() }

func (k *kit) update(fn func(store.Tx) error) {
	k.Helper()
	if err := k.store.Update(k.Context(), fn); err != nil {
		k.Fatal(err)
	}
}

// principal makes a user or role with an inline policy, "" for none.
func (k *kit) principal(kind store.IAMKind, name, document string, change ...func(*store.Principal)) store.Principal {
	k.Helper()
	prefix := map[store.IAMKind]string{store.IAMUser: iamid.User, store.IAMRole: iamid.Role}[kind]
	p := store.Principal{
		IAMIdentity: store.IAMIdentity{AccountID: account, Kind: kind, Name: name, UniqueID: iamid.New(prefix)}, Path: "/"}
	if document != "" {
		p.Inline = []store.InlinePolicy{{Name: "inline", Document: document}}
	}
	for _, c := range change {
		c(&p)
	}
	k.update(func(tx store.Tx) (err error) {
		p.CreatedAt = tx.Now()
		p, err = tx.CreatePrincipal(p)
		return err
	})
	return p
}

// caller finds a credential as a request with it would.
func (k *kit) caller(id, token string) *Caller {
	k.Helper()
	c, err := k.keys.find(k.Context(), id, token, k.clock())
	if err != nil {
		k.Fatal(err)
	}
	caller := c.caller
	caller.Request = Request{ID: "5a9aa4f1-0d7c-4f0e-8d39-5d9d2d7b2c11", Service: "test", Operation: "Read", Region: "us-east-1", SourceIP: "203.0.113.7", UserAgent: "kit", Time: k.clock()}
	return &caller
}

// user makes a user with a key.
func (k *kit) user(name, document string, change ...func(*store.Principal)) (*Caller, store.Principal) {
	k.Helper()
	p := k.principal(store.IAMUser, name, document, change...)
	key := MakeKey()
	k.update(func(tx store.Tx) error { return k.keys.Create(tx, account, p.ID, key) })
	return k.caller(key.ID, ""), p
}

// session makes a session of a principal, a role's if it has a name.
func (k *kit) session(p store.Principal, name string, change ...func(*Session)) *Caller {
	k.Helper()
	s := &Session{AccountID: account, Owner: p.UniqueID, Name: name, IssuedAt: k.clock().Unix(), ExpiresAt: k.clock().Add(time.Hour).Unix()}
	for _, c := range change {
		c(s)
	}
	credentials, _, err := k.keys.NewSession(s)
	if err != nil {
		k.Fatal(err)
	}
	return k.caller(credentials.AccessKeyID, credentials.SessionToken)
}

// read makes a call that reads.
func (k *kit) read(c *Caller) error {
	return k.Read(context.Background(), c, Call{Action: "test:Read", AccountID: account, Resource: "*"}, nil)
}
