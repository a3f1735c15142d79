package directory_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"rollcall/internal/access"
	"rollcall/internal/audit"
	"rollcall/internal/directory"
	"rollcall/internal/login"
	"rollcall/internal/mail"
	"rollcall/internal/outbox"
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
	log   *audit.Log

	outbox *outbox.Outbox // nil: no mail is sent
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
	k.log = audit.NewLog(audit.Config{Store: s, Keep: time.Hour, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	t.Cleanup(k.log.Close)
	k.guard = access.NewGuard(s, access.NewKeys(s, k.key), k.log)
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
		Store: k.store, Guard: k.guard, Outbox: k.outbox, Key: key, PublicURL: publicURL, Now: k.clock, AnyIAMPrincipal: true})
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
	return secret(t, r.InvitationURL, directory.RegisterPath)
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

func (k *kit) update(t testing.TB, fn func(store.Tx) error) {
	t.Helper()
	if err := k.store.Update(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// refuses checks that err is a refusal of a kind.
func refuses(t testing.TB, what string, err error, kind directory.Kind) {
	t.Helper()
	var e *directory.Error
	if !errors.As(err, &e) || e.Kind != kind {
		t.Errorf("%s: %v, want a refusal of kind %d", what, err, kind)
	}
}

// denies checks that err is a denial by IAM.
func denies(t testing.TB, what string, err error) {
	t.Helper()
	var d *access.Denied
	if !errors.As(err, &d) {
		t.Errorf("%s: %v, want a denial", what, err)
	}
}

// stored gives a user of the first account's default namespace as it is kept.
func (k *kit) stored(t testing.TB, name string) (p store.Person) {
	t.Helper()
	err := k.store.View(context.Background(), func(r store.Reader) (err error) {
		if _, p.User, err = r.User(account, "default", name); err == nil {
			p, err = r.UserByID(p.User.NamespaceID, p.User.ID)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// join makes a native user who has a password.
func (k *kit) join(t testing.TB, name, role, hash string) {
	t.Helper()
	token := k.register(t, name)
	p := k.stored(t, name)
	p.User.Role = role
	k.update(t, func(tx store.Tx) error { return tx.UpdateUser(p.User) })
	if _, err := k.AcceptInvitation(t.Context(), token, hash); err != nil {
		t.Fatal(err)
	}
}

// browse is a user who has just signed in.
func (k *kit) browse(t testing.TB, name string) *access.Caller {
	t.Helper()
	p := k.stored(t, name)
	hash := uuid.New()
	var in store.SignedIn
	k.update(t, func(tx store.Tx) (err error) {
		err = tx.CreateWebSession(store.WebSession{TokenHash: hash[:], NamespaceID: p.User.NamespaceID, UserID: p.User.ID,
			CreatedAt: tx.Now(), SeenAt: tx.Now(), ExpiresAt: tx.Now().Add(access.SessionLife)})
		if err == nil {
			in, err = tx.WebSession(hash[:])
		}
		return err
	})
	return access.Browser(t.Context(), in)
}

// admin makes an administrator who has just signed in.
func (k *kit) admin(t testing.TB, name string) *access.Caller {
	t.Helper()
	k.join(t, name, directory.Admin, passwordHash)
	return k.browse(t, name)
}

// iamUser makes a user of IAM who may do nothing.
func (k *kit) iamUser(t testing.TB, name string) *access.Caller {
	t.Helper()
	key := access.MakeKey()
	c := &access.Caller{Account: store.Account{ID: account, Region: "us-east-1"}, AccessKeyID: key.ID}
	k.update(t, func(tx store.Tx) error {
		p, err := tx.CreatePrincipal(store.Principal{Path: "/", CreatedAt: tx.Now(), IAMIdentity: store.IAMIdentity{
			AccountID: account, Kind: store.IAMUser, Name: name, UniqueID: "AIDA" + name}})
		if err != nil {
			return err
		}
		return access.NewKeys(k.store, k.key).Create(tx, account, p.ID, key)
	})
	return c
}

// registerIAM registers that user of IAM in the first account.
func (k *kit) registerIAM(t testing.TB, name, email string) directory.User {
	t.Helper()
	arn := "arn:aws:iam::" + account + ":user/" + name
	r, err := k.RegisterUser(t.Context(), root(account), directory.NewUser{AccountID: account, Namespace: "default",
		IdentityType: directory.IAMIdentity, IAMARN: &arn, Email: email, Role: directory.Reader, Mail: true})
	if err != nil || r.Mailed {
		t.Fatalf("mailed %t, %v", r.Mailed, err)
	}
	return r.User
}

// mailing turns mail on. None is ever sent: the right to send is another
// server's.
func (k *kit) mailing(t testing.TB) {
	t.Helper()
	k.update(t, func(tx store.Tx) error {
		if mine, err := tx.Lease("send mails", "another server", tx.Now().Add(10_000*time.Hour)); err != nil || !mine {
			return errors.Join(err, errors.New("no lease"))
		}
		return nil
	})
	sender, err := mail.New(mail.Config{Address: "127.0.0.1:1", Security: "none", From: "rollcall@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	k.outbox = outbox.New(outbox.Config{Store: k.store, Key: k.key, Sender: sender, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	t.Cleanup(k.outbox.Close)
	k.Directory = k.sharing(k.key)
}

// letters gives all mails that wait, with what is in them.
func (k *kit) letters(t testing.TB) (all []mail.Message) {
	t.Helper()
	var due []store.Mail
	if err := k.store.View(context.Background(), func(r store.Reader) (err error) {
		due, err = r.DueMails(r.Now(), 1000)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, m := range due {
		b, err := k.key.Box("mail").Open(m.Sealed, m.ID.String())
		var letter mail.Message
		if err := errors.Join(err, json.Unmarshal(b, &letter)); err != nil || string(letter.Kind) != m.Kind {
			t.Fatalf("%+v: %v", m, err)
		}
		all = append(all, letter)
	}
	return all
}

// letter gives the only mail that waits.
func (k *kit) letter(t testing.TB) mail.Message {
	t.Helper()
	all := k.letters(t)
	if len(all) != 1 {
		t.Fatalf("%d mails wait, want one: %+v", len(all), all)
	}
	return all[0]
}

// noted is what became of a mail that waited.
func (k *kit) noted(t testing.TB, name string, kind mail.Kind, state store.MailState) {
	t.Helper()
	u := k.stored(t, name).User
	k.update(t, func(tx store.Tx) error {
		m, err := tx.Mail(u.NamespaceID, u.ID, string(kind))
		if err != nil {
			return err
		}
		m.Sealed, m.State, m.EndedAt = nil, state, tx.Now()
		return tx.UpdateMail(m)
	})
}

// secret is the token of a link to a page.
func secret(t testing.TB, link, path string) string {
	t.Helper()
	token, ok := strings.CutPrefix(link, publicURL+path+"?token=")
	if !ok || token != url.QueryEscape(token) {
		t.Fatalf("the link is %s", link)
	}
	return token
}

// records gives what has been recorded of an account.
func (k *kit) records(t testing.TB, accountID string) []store.AuditRecord {
	t.Helper()
	all, _, err := k.guard.History(t.Context(), root(accountID), store.AuditQuery{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// people signs in by password.
func (k *kit) people() *login.People {
	return login.NewPeople(k.store, k.guard, login.NewHasher(), k.log, k.clock)
}

func attempt(name, password string) login.Attempt {
	return login.Attempt{Account: account, Namespace: "default", UserName: name, Password: password, Address: "192.0.2.1"}
}
