package directory_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/directory"
	"rollcall/internal/login"
	"rollcall/internal/mail"
	"rollcall/internal/store"
)

const password = "Correct-horse-7"

// hash is that of a password as people have one.
func hash(t testing.TB, password string) string {
	t.Helper()
	made, err := login.NewHasher().Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (k *kit) disable(t testing.TB, name string) {
	t.Helper()
	if err := k.DisableUser(t.Context(), root(account), account, "default", name); err != nil {
		t.Fatal(err)
	}
}

func (k *kit) enable(t testing.TB, name string) {
	t.Helper()
	if err := k.EnableUser(t.Context(), root(account), account, "default", name); err != nil {
		t.Fatal(err)
	}
}

// issue makes a link by the administration and gives its token.
func (k *kit) issue(t testing.TB, name string, send bool) (token string, l directory.Link) {
	t.Helper()
	l, err := k.IssueLink(t.Context(), root(account), account, "default", name, send)
	if err != nil {
		t.Fatal(err)
	}
	path := directory.RegisterPath
	if l.Reset {
		path = directory.ResetPath
	}
	return secret(t, l.URL, path), l
}

// resets checks what a look at a link for another password says.
func (k *kit) resets(t testing.TB, token string, want error) {
	t.Helper()
	if _, err := k.PasswordReset(t.Context(), token); !errors.Is(err, want) {
		t.Errorf("looking at the link: %v, want %v", err, want)
	}
}

// worthless checks that a link for another password changes none.
func (k *kit) worthless(t testing.TB, name, token string) {
	t.Helper()
	k.resets(t, token, directory.ErrResetUnknown)
	if _, err := k.ResetPassword(t.Context(), token, "another"); !errors.Is(err, directory.ErrResetUnknown) {
		t.Errorf("using the link: %v", err)
	}
	if name != "" && k.password(t, name) == "another" {
		t.Errorf("%s has another password", name)
	}
}

func TestADisabledUserIsShutOut(t *testing.T) {
	k := newKit(t)
	k.mailing(t)
	k.join(t, "ana", directory.Author, hash(t, password))
	people := k.people()
	opened, err := people.SignIn(t.Context(), attempt("ana", password))
	if err != nil {
		t.Fatal(err)
	}
	s, err := people.Session(t.Context(), opened.Token)
	if err != nil {
		t.Fatal(err)
	}
	reset, _ := k.issue(t, "ana", true)
	shown := func() (all [2]any) {
		u, err := k.DescribeUser(t.Context(), root(account), account, "default", "ana")
		list, err2 := k.ListUsers(t.Context(), root(account), account, "default", directory.Page{})
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		return [2]any{u, list}
	}
	before := shown()

	k.disable(t, "ana")
	k.disable(t, "ana") // once more does no harm
	if diff := cmp.Diff(before, shown()); diff != "" {
		t.Errorf("the API shows it:\n%s", diff)
	}
	if _, err := people.Session(t.Context(), opened.Token); !errors.Is(err, login.ErrSignedOut) {
		t.Errorf("the session goes on: %v", err)
	}
	if _, err := people.ChangePassword(t.Context(), s, password, "Other-horse-8", "192.0.2.1"); err == nil {
		t.Error("the password can be changed")
	}
	if _, err := people.SignIn(t.Context(), attempt("ana", password)); !errors.Is(err, login.ErrRefused) {
		t.Errorf("signing in: %v", err)
	}
	k.worthless(t, "ana", reset)
	if all := k.letters(t); len(all) != 0 {
		t.Errorf("mails wait: %+v", all)
	}
	if state := ptr(k.stored(t, "ana").User).State(); state != store.UserDisabled {
		t.Errorf("it is %s", state)
	}

	k.enable(t, "ana")
	if diff := cmp.Diff(before, shown()); diff != "" {
		t.Errorf("the API shows it:\n%s", diff)
	}
	k.worthless(t, "ana", reset)
	if _, err := people.Session(t.Context(), opened.Token); !errors.Is(err, login.ErrSignedOut) {
		t.Errorf("the session is back: %v", err)
	}
	if _, err := people.SignIn(t.Context(), attempt("ana", password)); err != nil {
		t.Errorf("signing in: %v", err)
	}
	if state := ptr(k.stored(t, "ana").User).State(); state != store.UserActive {
		t.Errorf("it is %s", state)
	}
}

func TestInvitationOfADisabledUser(t *testing.T) {
	k := newKit(t)
	k.mailing(t)
	n := native(account, "default", "ana")
	n.Mail = true
	r, err := k.RegisterUser(t.Context(), root(account), n)
	if err != nil {
		t.Fatal(err)
	}
	token := secret(t, r.InvitationURL, directory.RegisterPath)
	k.disable(t, "ana")
	k.opens(t, token, directory.ErrInvitationUnknown)
	k.accepts(t, token, directory.ErrInvitationUnknown)
	k.untouched(t, "ana")
	if all := k.letters(t); len(all) != 0 {
		t.Errorf("mails wait: %+v", all)
	}
	k.enable(t, "ana")
	k.opens(t, token, directory.ErrInvitationUnknown) // it may be why she was disabled
	k.issue(t, "ana", true)
	k.accepts(t, secret(t, k.letter(t).Data.Link, directory.RegisterPath), nil)
}

func TestWhoMayDisable(t *testing.T) {
	k := newKit(t)
	k.register(t, "ben")
	k.join(t, "eve", directory.Author, passwordHash)
	eve, mallory, admin := k.browse(t, "eve"), k.iamUser(t, "mallory"), k.admin(t, "ana")
	for who, c := range map[string]*access.Caller{"an author": eve, "nobody of IAM": mallory, "another account": root(otherAccount)} {
		denies(t, who, k.DisableUser(t.Context(), c, account, "default", "ben"))
		denies(t, who, k.EnableUser(t.Context(), c, account, "default", "ben"))
		denies(t, who, k.EnableUser(t.Context(), c, account, "default", "nobody"))
	}
	if k.stored(t, "ben").User.Disabled {
		t.Error("ben is disabled")
	}
	refuses(t, "nobody", k.DisableUser(t.Context(), admin, account, "default", "nobody"), directory.NotFound)
	refuses(t, "nowhere", k.DisableUser(t.Context(), admin, account, "nowhere", "ben"), directory.NotFound)
	if err := k.DisableUser(t.Context(), admin, account, "default", "ben"); err != nil {
		t.Error(err)
	}
	if !k.stored(t, "ben").User.Disabled {
		t.Error("ben is not disabled")
	}
	all := k.records(t, account)
	r := all[len(all)-1]
	if r.Action != "rollcall:DisableUser" || r.Subject != "ben" || r.Caller.Name != "ana" || r.Caller.Kind != "" ||
		r.Caller.PrincipalID != access.PrincipalID(ptr(k.stored(t, "ana"))) {
		t.Errorf("the record is %+v", r)
	}
}

func ptr[T any](v T) *T { return &v }

// Who works in the console does not shut himself out; others may do that to
// him, and the API, as on AWS, to anybody.
func TestNobodyShutsHimselfOut(t *testing.T) {
	type verb func(t *testing.T, k *kit, c *access.Caller, name string) error
	change := func(role, email string) verb {
		return func(t *testing.T, k *kit, c *access.Caller, name string) error {
			_, err := k.UpdateUser(t.Context(), c, directory.UserChange{
				AccountID: account, Namespace: "default", Name: name, Role: role, Email: email})
			return err
		}
	}
	for name, tt := range map[string]struct {
		do  verb
		own bool // may be done to one's own user
	}{
		"Disable": {func(t *testing.T, k *kit, c *access.Caller, name string) error {
			return k.DisableUser(t.Context(), c, account, "default", name)
		}, false},
		"Delete": {func(t *testing.T, k *kit, c *access.Caller, name string) error {
			return k.DeleteUser(t.Context(), c, account, "default", name)
		}, false},
		"DeleteByPrincipal": {func(t *testing.T, k *kit, c *access.Caller, name string) error {
			p := k.stored(t, name)
			return k.DeleteUserByPrincipalID(t.Context(), c, account, "default", access.PrincipalID(&p))
		}, false},
		"Author":      {change(directory.Author, "ana@example.com"), false},
		"AuthorPro":   {change(directory.AuthorPro, "ana@example.com"), false},
		"Email":       {change(directory.Admin, "other@example.com"), false},
		"EmailsCase":  {change(directory.Admin, "Ana@example.com"), false},
		"EmailAndPro": {change(directory.AdminPro, "other@example.com"), false},
		"AdminPro":    {change(directory.AdminPro, "ana@example.com"), true},
		"Nothing":     {change(directory.Admin, "ana@example.com"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t)
			ana := k.admin(t, "ana")
			before := k.stored(t, "ana")
			err := tt.do(t, k, ana, "ana")
			if tt.own && err != nil {
				t.Errorf("to one's own user: %v", err)
			}
			if !tt.own {
				refuses(t, "to one's own user", err, directory.Conflict)
				if diff := cmp.Diff(before, k.stored(t, "ana")); diff != "" {
					t.Errorf("something has changed:\n%s", diff)
				}
			}
			if err := k.guard.Read(t.Context(), ana, access.Call{Action: "a:B", AccountID: account, Resource: "*"}, nil); err != nil {
				t.Errorf("still an administrator: %v", err)
			}
			if err := tt.do(t, k, k.admin(t, "ben"), "ana"); err != nil {
				t.Errorf("by another administrator: %v", err)
			}
			k = newKit(t)
			k.admin(t, "ana")
			if err := tt.do(t, k, root(account), "ana"); err != nil {
				t.Errorf("by the API: %v", err)
			}
		})
	}
}

// One administrator is always left in the console, whoever is quicker.
func TestAdministratorsWhoShutEachOtherOut(t *testing.T) {
	for range 5 {
		k := newKit(t)
		names := [2]string{"ana", "ben"}
		callers := [2]*access.Caller{k.admin(t, "ana"), k.admin(t, "ben")}
		var results [2]error
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() { results[i] = k.DisableUser(t.Context(), callers[i], account, "default", names[1-i]) })
		}
		all.Wait()
		ana, ben := k.stored(t, "ana"), k.stored(t, "ben")
		if ana.User.Disabled == ben.User.Disabled {
			t.Errorf("both are disabled, or none: %v", results)
		}
		for i, err := range results {
			if err != nil && !errors.Is(err, access.ErrSignedOut) {
				t.Errorf("%s: %v", names[i], err)
			}
		}
	}
}

// A new e-mail address ends what went to the old one.
func TestAnotherEmailAddressSignsOut(t *testing.T) {
	k := newKit(t)
	k.mailing(t)
	ana := k.admin(t, "ana")
	reset, _ := k.issue(t, "ana", true)
	update := func(role, email string) {
		t.Helper()
		if _, err := k.UpdateUser(t.Context(), root(account), directory.UserChange{
			AccountID: account, Namespace: "default", Name: "ana", Role: role, Email: email}); err != nil {
			t.Fatal(err)
		}
	}
	read := func() error {
		return k.guard.Read(t.Context(), ana, access.Call{Action: "a:B", AccountID: account, Resource: "*"}, nil)
	}
	update(directory.AdminPro, "ana@example.com")
	k.resets(t, reset, nil)
	if err := read(); err != nil || len(k.letters(t)) != 1 {
		t.Errorf("another role: %v, %d mails", err, len(k.letters(t)))
	}
	update(directory.AdminPro, "new@example.com")
	k.worthless(t, "ana", reset)
	if err := read(); !errors.Is(err, access.ErrSignedOut) || len(k.letters(t)) != 0 {
		t.Errorf("another address: %v, %d mails", err, len(k.letters(t)))
	}
}

func TestAnotherLinkTakesThePlaceOfTheInvitation(t *testing.T) {
	for name, passed := range map[string]time.Duration{"InTime": time.Hour, "Expired": 25 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			old := k.register(t, "ana")
			k.advance(passed)
			token, l := k.issue(t, "ana", true)
			if l.Reset || l.Mailed || !l.Expires.Equal(k.clock().Add(24*time.Hour)) {
				t.Errorf("the link is %+v", l)
			}
			k.opens(t, old, directory.ErrInvitationUnknown)
			k.accepts(t, old, directory.ErrInvitationUnknown)
			k.untouched(t, "ana")
			k.advance(24*time.Hour - 1*time.Millisecond)
			k.opens(t, token, nil)
			k.accepts(t, token, nil)
			k.opens(t, token, directory.ErrInvitationUsed)
			if k.password(t, "ana") != passwordHash {
				t.Error("the password is not set")
			}
		})
	}
}

func TestALinkForAnotherPassword(t *testing.T) {
	k := newKit(t)
	invitation := k.register(t, "ana")
	k.accepts(t, invitation, nil)
	first, _ := k.issue(t, "ana", false)
	second, l := k.issue(t, "ana", false)
	if !l.Reset || l.Mailed || !l.Expires.Equal(k.clock().Add(24*time.Hour)) {
		t.Errorf("the link is %+v", l)
	}
	k.worthless(t, "ana", first)
	k.opens(t, second, directory.ErrInvitationUnknown) // it is no invitation
	k.accepts(t, second, directory.ErrInvitationUnknown)
	k.worthless(t, "ana", invitation)
	k.advance(24*time.Hour - time.Millisecond)
	k.resets(t, second, nil)
	k.advance(time.Millisecond)
	k.worthless(t, "ana", second)
}

func TestWhoGetsALink(t *testing.T) {
	k := newKit(t)
	k.mailing(t)
	k.register(t, "ben")
	k.join(t, "carl", directory.Author, passwordHash)
	k.register(t, "gone")
	k.disable(t, "gone")
	k.registerIAM(t, "ida", "ida@example.com")
	carl, mallory := k.browse(t, "carl"), k.iamUser(t, "mallory")
	for who, c := range map[string]*access.Caller{"an author": carl, "nobody of IAM": mallory, "another account": root(otherAccount)} {
		for _, name := range []string{"ben", "carl", "gone", "nobody"} {
			l, err := k.IssueLink(t.Context(), c, account, "default", name, true)
			denies(t, who, err)
			if l != (directory.Link{}) {
				t.Errorf("%s has the link %+v", who, l)
			}
		}
	}
	for name, kind := range map[string]directory.Kind{"ida": directory.Invalid, "gone": directory.Invalid, "nobody": directory.NotFound} {
		l, err := k.IssueLink(t.Context(), root(account), account, "default", name, true)
		refuses(t, name, err, kind)
		if l != (directory.Link{}) {
			t.Errorf("%s has the link %+v", name, l)
		}
	}
	if all := k.letters(t); len(all) != 0 {
		t.Errorf("mails wait: %+v", all)
	}
	ana := k.admin(t, "ana")
	if _, err := k.IssueLink(t.Context(), ana, account, "default", "ben", true); err != nil {
		t.Error(err)
	}
	all := k.records(t, account)
	r := all[len(all)-1]
	if r.Action != "rollcall:IssueLink" || r.Subject != "ben" || r.Caller.Name != "ana" || r.Response != "" {
		t.Errorf("the record is %+v", r)
	}
}

// The mail with a link goes out only as long as the link opens something.
func TestMailsOfLinks(t *testing.T) {
	k := newKit(t)
	k.mailing(t)
	k.register(t, "ana")
	mailed := func(kind mail.Kind, l directory.Link) {
		t.Helper()
		m := k.letter(t)
		if !l.Mailed || m.Kind != kind || m.To != "ana@example.com" || m.Data.Link != l.URL || !m.Data.Expires.Equal(l.Expires) || m.Data.UserName != "ana" {
			t.Errorf("the mail for %+v is %+v", l, m)
		}
	}
	none := func(what string) {
		t.Helper()
		if all := k.letters(t); len(all) != 0 {
			t.Errorf("%s: mails wait: %+v", what, all)
		}
	}
	_, l := k.issue(t, "ana", true)
	mailed(mail.Invitation, l)
	_, l = k.issue(t, "ana", true)
	mailed(mail.Invitation, l)
	token, _ := k.issue(t, "ana", false)
	none("another link by hand")
	k.accepts(t, token, nil)

	_, l = k.issue(t, "ana", true)
	mailed(mail.Reset, l)
	_, l = k.issue(t, "ana", true)
	mailed(mail.Reset, l)
	_, _ = k.issue(t, "ana", false)
	none("another link for another password by hand")
	token, l = k.issue(t, "ana", true)
	mailed(mail.Reset, l)
	if _, err := k.ResetPassword(t.Context(), token, "another"); err != nil {
		t.Fatal(err)
	}
	none("the link is used")
}

func TestNoMailWithALinkThatIsUsed(t *testing.T) {
	k := newKit(t)
	k.mailing(t)
	k.register(t, "ana")
	token, _ := k.issue(t, "ana", true)
	k.accepts(t, token, nil)
	if all := k.letters(t); len(all) != 0 {
		t.Errorf("mails wait: %+v", all)
	}
}

// Whatever the order is: of links made at once, one opens.
func TestLinksMadeAtOnce(t *testing.T) {
	for name, joined := range map[string]bool{"Invitation": false, "Reset": true} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			token := k.register(t, "ana")
			if joined {
				k.accepts(t, token, nil)
			}
			const crowd = 8
			var links [crowd]directory.Link
			var all sync.WaitGroup
			for i := range crowd {
				all.Go(func() {
					var err error
					if links[i], err = k.IssueLink(t.Context(), root(account), account, "default", "ana", false); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			open := 0
			for _, l := range links {
				var err error
				if joined {
					_, err = k.PasswordReset(t.Context(), secret(t, l.URL, directory.ResetPath))
				} else {
					_, err = k.Invitation(t.Context(), secret(t, l.URL, directory.RegisterPath))
				}
				if err == nil {
					open++
				}
			}
			if open != 1 {
				t.Errorf("%d links open, want 1", open)
			}
		})
	}
}
