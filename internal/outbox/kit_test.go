package outbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"rollcall/internal/mail"
	"rollcall/internal/mailtest"
	"rollcall/internal/outbox"
	"rollcall/internal/seal"
	"rollcall/internal/store"
	"rollcall/internal/store/sqlstore"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVariable); dir != "" {
		child(dir, os.Getenv(serverVariable))
		return
	}
	os.Exit(m.Run())
}

// life is how long the links in the mails are good.
const life = 24 * time.Hour

// kit is a store with a clock that tests set forward, a mail server, and any
// number of users.
type kit struct {
	t     *testing.T
	store store.Store
	path  string
	key   *seal.Key
	box   *mailtest.Box
	start time.Time
	ahead atomic.Int64 // time.Duration
}

// newKit makes a kit whose clock stands still.
func newKit(t *testing.T, box *mailtest.Box) *kit {
	t.Helper()
	k := &kit{t: t, box: box, path: filepath.Join(t.TempDir(), "rollcall.db"), key: seal.NewKey(),
		start: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	k.store = openStore(t, k.path, k.now)
	return k
}

func openStore(t *testing.T, path string, now func() time.Time) store.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), path, sqlstore.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (k *kit) now() time.Time { return k.start.Add(time.Duration(k.ahead.Load())) }

// advance sets the clock forward and has an Outbox look.
func (k *kit) advance(o *outbox.Outbox, d time.Duration) {
	k.ahead.Add(int64(d))
	o.Wake()
}

// open starts an Outbox that ends before the store.
func (k *kit) open(change ...func(*outbox.Config)) *outbox.Outbox {
	k.t.Helper()
	sender, err := newSender(k.box.Address())
	if err != nil {
		k.t.Fatal(err)
	}
	c := outbox.Config{Store: k.store, Key: k.key, Sender: sender, Log: slog.New(slog.NewTextHandler(k.t.Output(), nil))}
	for _, f := range change {
		f(&c)
	}
	o := outbox.New(c)
	k.t.Cleanup(o.Close)
	return o
}

func newSender(address string) (*mail.Sender, error) {
	return mail.New(mail.Config{Address: address, Security: "none", From: "rollcall@example.com"})
}

// user makes a user, and the account before the first.
func (k *kit) user(name string) *store.User {
	k.t.Helper()
	u, err := newUser(k.store, name)
	if err != nil {
		k.t.Fatal(err)
	}
	return u
}

func newUser(s store.Store, name string) (u *store.User, err error) {
	const account = "111122223333"
	err = s.Update(context.Background(), func(tx store.Tx) error {
		ns, err := tx.Namespace(account, "default")
		if store.Missing(err, store.RecordNamespace) {
			if err := tx.CreateAccount(store.Account{ID: account, Name: "rollcall", Region: "us-east-1", CreatedAt: tx.Now()}); err != nil {
				return err
			}
			ns, err = tx.CreateNamespace(store.Namespace{
				AccountID: account, Name: "default", DirectoryID: "d-0123456789", CreatedAt: tx.Now()})
		}
		if err != nil {
			return err
		}
		id := uuid.Must(uuid.NewV7())
		u = &store.User{NamespaceID: ns.ID, ID: id, Name: name, Email: name + "@example.com", Role: "READER",
			Identity: "QUICKSIGHT", Principal: id.String(), CreatedAt: tx.Now()}
		return tx.CreateUser(account, store.NewUser{User: *u})
	})
	return u, err
}

// token is the secret part of every link.
const token = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo"

func link(n int) string {
	return fmt.Sprintf("https://people.example.com/sn/register?token=%s%d", token, n)
}

// put puts a mail and commits it, without a word to the worker.
func (k *kit) put(o *outbox.Outbox, u *store.User, n int) {
	k.t.Helper()
	if err := put(k.store, o, u, n, life); err != nil {
		k.t.Fatal(err)
	}
}

func put(s store.Store, o *outbox.Outbox, u *store.User, n int, life time.Duration) error {
	return s.Update(context.Background(), func(tx store.Tx) error {
		return o.Put(tx, u, mail.Invitation, mail.Data{
			UserName: u.Name, AccountName: "rollcall", Link: link(n), Expires: tx.Now().Add(life)})
	})
}

// mail reads what is kept of the mail to a user.
func (k *kit) mail(u *store.User) (m store.Mail) {
	k.t.Helper()
	err := k.store.View(k.t.Context(), func(r store.Reader) (err error) {
		m, err = r.Mail(u.NamespaceID, u.ID, string(mail.Invitation))
		return err
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return m
}

const patience = 20 * time.Second

// until waits for the mail to a user to be as wanted.
func (k *kit) until(u *store.User, what string, is func(store.Mail) bool) store.Mail {
	k.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		m := k.mail(u)
		if is(m) {
			return m
		}
		if time.Now().After(deadline) {
			k.t.Fatalf("the mail to %s never was %s: %+v", u.Name, what, m)
		}
	}
}

func (k *kit) untilState(u *store.User, s store.MailState) store.Mail {
	k.t.Helper()
	m := k.until(u, string(s), func(m store.Mail) bool { return m.State == s })
	if ended := s != store.MailWaiting; ended != (m.Sealed == nil) || ended == m.EndedAt.IsZero() {
		k.t.Errorf("the mail to %s is %s with %d bytes, ended at %s", u.Name, s, len(m.Sealed), m.EndedAt)
	}
	return m
}

func (k *kit) untilTries(u *store.User, n int) store.Mail {
	k.t.Helper()
	return k.until(u, fmt.Sprint("tried ", n), func(m store.Mail) bool { return m.Tries == n })
}
