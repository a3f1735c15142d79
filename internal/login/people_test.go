package login_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"rollcall/internal/access"
	"rollcall/internal/audit"
	"rollcall/internal/login"
	"rollcall/internal/seal"
	"rollcall/internal/store"
	"rollcall/internal/store/sqlstore"
)

const (
	account  = "111122223333"
	password = "Correct-horse-7"
)

// kit is People over a real store with one user.
type kit struct {
	testing.TB
	*login.People
	store  store.Store
	log    *audit.Log
	guard  *access.Guard
	keys   *access.Keys
	hasher *login.Hasher
	user   store.User
}

func newKit(t testing.TB) *kit {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "rollcall.db"), sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	k := &kit{TB: t, store: s, hasher: login.NewHasher()}
	k.log = audit.NewLog(audit.Config{Store: s, Keep: time.Hour, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	t.Cleanup(k.log.Close)
	k.keys = access.NewKeys(s, seal.NewKey())
	k.guard = access.NewGuard(s, k.keys, k.log)
	k.People = login.NewPeople(s, k.guard, k.hasher, k.log, time.Now)
	k.update(func(tx store.Tx) error {
		if err := tx.CreateAccount(store.Account{ID: account, Name: "acme", Region: "us-east-1"}); err != nil {
			return err
		}
		ns, err := tx.CreateNamespace(store.Namespace{AccountID: account, Name: "default", DirectoryID: "d-0123456789"})
		if err != nil {
			return err
		}
		k.user = store.User{NamespaceID: ns.ID, ID: uuid.Must(uuid.NewV7()), Name: "ana", Email: "ana@example.com",
			Role: "READER", Identity: "QUICKSIGHT", Principal: "p"}
		return tx.CreateUser(account, store.NewUser{User: k.user})
	})
	k.setHash(k.hash(password))
	return k
}

func (k *kit) update(fn func(store.Tx) error) {
	k.Helper()
	if err := k.store.Update(k.Context(), fn); err != nil {
		k.Fatal(err)
	}
}

func (k *kit) hash(password string) string {
	k.Helper()
	hash, err := k.hasher.Hash(k.Context(), password)
	if err != nil {
		k.Fatal(err)
	}
	return hash
}

func (k *kit) setHash(hash string) {
	k.Helper()
	k.update(func(tx store.Tx) error { return tx.SetPassword(k.user.NamespaceID, k.user.ID, hash) })
}

func (k *kit) storedHash() (hash string) {
	k.Helper()
	if err := k.store.View(k.Context(), func(r store.Reader) (err error) {
		hash, err = r.Password(k.user.NamespaceID, k.user.ID)
		return err
	}); err != nil {
		k.Fatal(err)
	}
	return hash
}

func (k *kit) attempt(password string) login.Attempt {
	return login.Attempt{Account: "acme", Namespace: "default", UserName: "ana", Password: password, Address: "192.0.2.1"}
}

func TestSigningInIsOnRecord(t *testing.T) {
	k := newKit(t)
	opened, err := k.SignIn(t.Context(), k.attempt(password))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.SignIn(t.Context(), k.attempt("Wrong-horse-7")); !errors.Is(err, login.ErrRefused) {
		t.Errorf("a wrong password: %v", err)
	}
	nobody := k.attempt(password)
	nobody.UserName = "eva"
	if _, err := k.SignIn(t.Context(), nobody); !errors.Is(err, login.ErrRefused) {
		t.Errorf("nobody: %v", err)
	}
	who, err := k.Session(t.Context(), opened.Token)
	if err != nil || who.User.Name != "ana" || who.Account.Name != "acme" || !who.User.Active || who.User.LastActiveAt.IsZero() {
		t.Errorf("signed in is %+v, %v", who, err)
	}
	if _, err := k.ChangePassword(t.Context(), who, "Wrong-horse-7", "Other-horse-8", "192.0.2.1"); !errors.Is(err, login.ErrOldPassword) {
		t.Errorf("a wrong old password: %v", err)
	}
	next, err := k.ChangePassword(t.Context(), who, password, "Other-horse-8", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Session(t.Context(), opened.Token); !errors.Is(err, login.ErrSignedOut) {
		t.Errorf("a copy of the old cookie: %v", err)
	}
	again, err := k.Session(t.Context(), next)
	if err != nil || again.User.ID != who.User.ID || !again.Session.ExpiresAt.Equal(who.Session.ExpiresAt) {
		t.Errorf("the session goes on as %+v, %v", again, err)
	}
	if err := k.SignOutEverywhere(t.Context(), again); err != nil {
		t.Error(err)
	}
	if err := k.log.Flush(t.Context()); err != nil {
		t.Error(err)
	}
	var got [][3]string
	_ = k.store.View(context.Background(), func(r store.Reader) error {
		all, _, err := r.AuditPage(store.AuditQuery{AccountID: account, Limit: 100})
		for _, a := range all {
			got = append(got, [3]string{a.Action, a.Subject, a.Response + a.ErrorMessage})
			if text := string(a.Pack()); strings.Contains(text, "horse") || strings.Contains(text, opened.Token) || strings.Contains(text, next) {
				t.Errorf("a record has a secret: %q", text)
			}
			if a.Caller.PrincipalID != "user/d-0123456789/p" {
				t.Errorf("the caller is %+v", a.Caller)
			}
		}
		return err
	})
	want := [][3]string{
		{"signin:ConsoleLogin", "ana", `{"ConsoleLogin":"Failure"}Failed authentication`},
		{"signin:ConsoleLogin", "ana", `{"ConsoleLogin":"Success"}`},
		{"signin:PasswordUpdated", "ana", ""},
		{"signin:PasswordUpdated", "ana", "Failed authentication"},
		{"signin:SignOutEverywhere", "ana", ""},
	}
	slices.SortFunc(got, func(a, b [3]string) int { return strings.Compare(a[0]+a[2], b[0]+b[2]) }) // failures come when there is time
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOldHashesAreMadeAnew(t *testing.T) {
	k := newKit(t)
	weak := login.WeakHash(password)
	k.setHash(weak)
	if _, err := k.SignIn(t.Context(), k.attempt("Wrong-horse-7")); !errors.Is(err, login.ErrRefused) || k.storedHash() != weak {
		t.Errorf("a wrong password: %v, the hash is %s", err, k.storedHash())
	}
	if _, err := k.SignIn(t.Context(), k.attempt(password)); err != nil {
		t.Fatal(err)
	}
	renewed := k.storedHash()
	if ok, outdated, err := k.hasher.Verify(t.Context(), password, renewed); !ok || outdated || err != nil {
		t.Errorf("the hash is %s: %t %t %v", renewed, ok, outdated, err)
	}
	if _, err := k.SignIn(t.Context(), k.attempt(password)); err != nil || k.storedHash() != renewed {
		t.Errorf("signing in again: %v, the hash is %s", err, k.storedHash())
	}
}

// changing is a store in which something happens after the first look.
type changing struct {
	store.Store
	then func()
}

func (c *changing) View(ctx context.Context, fn func(store.Reader) error) error {
	defer c.then()
	return c.Store.View(ctx, fn)
}

// A password that is changed while it is being checked is the wrong one.
func TestPasswordThatIsChangedMeanwhile(t *testing.T) {
	k := newKit(t)
	other := k.hash("Other-horse-8")
	k.People = login.NewPeople(&changing{k.store, func() { k.setHash(other) }}, k.guard, k.hasher, k.log, time.Now)
	if _, err := k.SignIn(t.Context(), k.attempt(password)); !errors.Is(err, login.ErrRefused) {
		t.Errorf("%v", err)
	}
}

// Two who sign in at once, when the first makes the hash anew, are both in.
func TestHashThatIsMadeAnewMeanwhile(t *testing.T) {
	k := newKit(t)
	k.setHash(login.WeakHash(password))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := k.SignIn(t.Context(), k.attempt(password)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// Whose session ends, or whose password changes, while he waits for his own
// change, has not changed it.
func TestNobodyChangesAPasswordAfterwards(t *testing.T) {
	for name, meanwhile := range map[string]func(k *kit, s store.SignedIn){
		"SignedOut": func(k *kit, s store.SignedIn) {
			k.update(func(tx store.Tx) error { return tx.DeleteWebSession(s.Session.TokenHash) })
		},
		"OtherPassword": func(k *kit, _ store.SignedIn) { k.setHash(k.hash("Victims-horse-9")) },
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			opened, err := k.SignIn(t.Context(), k.attempt(password))
			if err != nil {
				t.Fatal(err)
			}
			s, err := k.Session(t.Context(), opened.Token)
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			then := func() {
				meanwhile(k, s)
				want = k.storedHash()
			}
			late := login.NewPeople(&changing{k.store, then}, k.guard, k.hasher, k.log, time.Now)
			if _, err := late.ChangePassword(t.Context(), s, password, "Other-horse-8", "192.0.2.1"); err == nil || k.storedHash() != want {
				t.Errorf("%v, the hash is another: %t", err, k.storedHash() != want)
			}
		})
	}
}

// An account has one name for the limiter, whatever people type.
func TestGuessesCountForTheUserAndNotForTheSpelling(t *testing.T) {
	k := newKit(t)
	refused := 0
	for i := range 12 {
		a := k.attempt("Wrong-horse-7")
		if i%2 == 0 {
			a.Account = account
		}
		if _, err := k.SignIn(t.Context(), a); errors.Is(err, login.ErrRefused) {
			refused++
		}
	}
	if refused != 5 {
		t.Errorf("%d guesses were looked at, want 5", refused)
	}
}

func TestTriesThatEndEarlyDoNotCount(t *testing.T) {
	k := newKit(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 10 {
		_, _ = k.SignIn(gone, k.attempt(password))
	}
	if _, err := k.SignIn(t.Context(), k.attempt(password)); err != nil {
		t.Error(err)
	}
}

func (k *kit) disable(disabled bool) {
	k.Helper()
	k.update(func(tx store.Tx) error {
		p, err := tx.UserByID(k.user.NamespaceID, k.user.ID)
		if err != nil {
			return err
		}
		p.User.Disabled = disabled
		return tx.UpdateUser(p.User)
	})
}

// sessions is in how many browsers the user is signed in.
func (k *kit) sessions() (n int) {
	k.Helper()
	k.update(func(tx store.Tx) (err error) {
		n, err = tx.DeleteWebSessions(k.user.NamespaceID, k.user.ID, nil)
		return err
	})
	return n
}

// logins are the answers to sign-ins that are on record, for whoever they were.
func (k *kit) logins() (all []string) {
	k.Helper()
	if err := k.log.Flush(k.Context()); err != nil {
		k.Fatal(err)
	}
	if err := k.store.View(k.Context(), func(r store.Reader) error {
		page, _, err := r.AuditPage(store.AuditQuery{AccountID: account, Limit: 100})
		for _, a := range page {
			all = append(all, a.Subject+" as "+a.Caller.PrincipalID+" "+a.Response)
		}
		return err
	}); err != nil {
		k.Fatal(err)
	}
	return all
}

// A disabled user hears what somebody with a wrong password hears, after the
// same work, and counts as much.
func TestADisabledUserIsRefused(t *testing.T) {
	k := newKit(t)
	k.disable(true)
	took := func(a login.Attempt) time.Duration {
		t.Helper()
		start := time.Now()
		if opened, err := k.SignIn(t.Context(), a); !errors.Is(err, login.ErrRefused) || opened != (login.Opened{}) {
			t.Errorf("%+v, %v", opened, err)
		}
		return time.Since(start)
	}
	nobody := k.attempt(password)
	nobody.UserName = "eve"
	wrong, disabled := took(nobody), took(k.attempt(password))
	for range 2 { // the quickest tell the work
		wrong, disabled = min(wrong, took(nobody)), min(disabled, took(k.attempt(password)))
	}
	if disabled < wrong/3 {
		t.Errorf("a disabled user is refused after %s, nobody after %s", disabled, wrong)
	}
	const failure = `ana as user/d-0123456789/p {"ConsoleLogin":"Failure"}`
	if got := k.logins(); !slices.Equal(got, []string{failure, failure, failure}) {
		t.Errorf("the records are %q", got)
	}
	if n := k.sessions(); n != 0 {
		t.Errorf("%d sessions", n)
	}
	for range 2 {
		took(k.attempt("Wrong-horse-7"))
	}
	if _, err := k.SignIn(t.Context(), k.attempt(password)); !errors.Is(err, login.ErrTooMany) {
		t.Errorf("the sixth try: %v", err)
	}
	k.disable(false)
	elsewhere := k.attempt(password)
	elsewhere.Address = "198.51.100.1"
	if _, err := k.SignIn(t.Context(), elsewhere); err != nil {
		t.Errorf("enabled again: %v", err)
	}
}

// Who is disabled, or deleted, while his password is being checked is not in.
func TestUserWhoIsShutOutMeanwhile(t *testing.T) {
	for name, meanwhile := range map[string]func(k *kit){
		"Disabled": func(k *kit) { k.disable(true) },
		"Deleted": func(k *kit) {
			k.update(func(tx store.Tx) error { return tx.DeleteUser(k.user.NamespaceID, k.user.ID) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			token := k.begin(page)
			looks := 0
			k.People = login.NewPeople(&changing{k.store, func() {
				if looks++; looks == 2 { // the first is for the account
					meanwhile(k)
				}
			}}, k.guard, k.hasher, k.log, time.Now)
			a := k.attempt(password)
			a.Request = token
			if opened, err := k.SignIn(t.Context(), a); !errors.Is(err, login.ErrRefused) || opened != (login.Opened{}) {
				t.Errorf("%+v, %v", opened, err)
			}
			if n := k.sessions(); n != 0 {
				t.Errorf("%d sessions", n)
			}
			want := []string{`ana as user/d-0123456789/p {"ConsoleLogin":"Failure"}`}
			if name == "Deleted" {
				want = nil
			}
			if got := k.logins(); !slices.Equal(got, want) {
				t.Errorf("the records are %q", got)
			}
		})
	}
}

// A user of IAM has no password here, and is on record as who he is.
func TestAUserOfIAMIsRefused(t *testing.T) {
	k := newKit(t)
	k.update(func(tx store.Tx) error {
		id, err := tx.EnsureIAMIdentity(store.IAMIdentity{AccountID: account, Kind: store.IAMUser, Name: "ida", UniqueID: "AIDAIDA"})
		if err != nil {
			return err
		}
		return tx.CreateUser(account, store.NewUser{User: store.User{NamespaceID: k.user.NamespaceID, ID: uuid.Must(uuid.NewV7()),
			Name: "ida", Email: "ida@example.com", Role: "ADMIN", Identity: "IAM", Principal: "AIDAIDA", IAMIdentityID: id.ID}})
	})
	for _, p := range []string{password, ""} {
		a := k.attempt(p)
		a.UserName = "ida"
		if _, err := k.SignIn(t.Context(), a); !errors.Is(err, login.ErrRefused) {
			t.Errorf("with %q: %v", p, err)
		}
	}
	const failure = `ida as federated/iam/AIDAIDA {"ConsoleLogin":"Failure"}`
	if got := k.logins(); !slices.Equal(got, []string{failure, failure}) {
		t.Errorf("the records are %q", got)
	}
}
