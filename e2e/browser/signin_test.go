package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"rollcall/internal/apitest"
	"rollcall/internal/directory"
)

// member makes a user who has a password.
func (s *site) member(name string) {
	s.t.Helper()
	if a := s.post(form(s.register(name), goodPassword, goodPassword)); a.Status != http.StatusOK {
		s.t.Fatalf("%s's password: %d %s", name, a.Status, a.Text)
	}
}

// update calls UpdateUser.
func (s *site) update(name, email, role string) {
	s.t.Helper()
	body, err := json.Marshal(map[string]string{"Email": email, "Role": role})
	if err != nil {
		s.t.Fatal(err)
	}
	if a := s.client.Call(s.t, http.MethodPut, s.users+"/"+url.PathEscape(name), string(body)); a.Status != http.StatusOK {
		s.t.Fatalf("updating %s: %d %s", name, a.Status, a.Text)
	}
}

// admin makes a user who has a password and may use the console.
func (s *site) admin(name string) {
	s.t.Helper()
	s.member(name)
	s.update(name, "ana@example.com", "ADMIN")
}

func typed(field, text string) step { return chromedp.SendKeys(chromedp.CSS("#"+field), text) }

// signIn goes to the form and sends it.
func (b *tab) signIn(s *site, name, password string) (status int) {
	b.t.Helper()
	b.open(s.url + "/sn/signin")
	return b.follow(typed("username", name), typed("password", password), save)
}

// send posts a form as a page of the site would, with the cookies given.
func (s *site) send(path string, values url.Values, cookies ...*http.Cookie) apitest.Answer {
	s.t.Helper()
	r := s.request(http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", s.url)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return apitest.Send(s.t, r)
}

// credentials are what the form of the sign-in page sends.
func credentials(name, password string) url.Values {
	return url.Values{"account": {"rollcall"}, "namespace": {"default"}, "username": {name}, "password": {password}}
}

// cookie is the one that an answer sets.
func cookie(t *testing.T, a apitest.Answer) *http.Cookie {
	t.Helper()
	c, err := http.ParseSetCookie(a.Header.Get("Set-Cookie"))
	if err != nil {
		t.Fatalf("%v in %d %s", err, a.Status, a.Text)
	}
	return c
}

// session signs a user in and gives the cookie.
func (s *site) session(name string) *http.Cookie {
	s.t.Helper()
	a := s.send("/sn/signin", credentials(name, goodPassword))
	if a.Status != http.StatusSeeOther {
		s.t.Fatalf("signing in: %d %s", a.Status, a.Text)
	}
	return cookie(s.t, a)
}

// greets says whether the start page greets a user who has that cookie.
func (s *site) greets(name string, c *http.Cookie) bool {
	s.t.Helper()
	r := s.request(http.MethodGet, "/sn/start", nil)
	r.AddCookie(c)
	return strings.Contains(apitest.Send(s.t, r).Text, "Hello, "+name)
}

func TestFromInvitationToSignOut(t *testing.T) {
	t.Parallel()
	s, b := newSite(t), newTab(t)
	b.open(s.register("ana"))
	b.follow(fill(goodPassword, goodPassword), save)
	if b.follow(chromedp.Click(chromedp.CSS("main a"))); b.heading() != "Sign in" {
		t.Fatalf("the welcome page leads to %q", b.heading())
	}
	if status := b.follow(typed("password", goodPassword), save); status != http.StatusOK || b.heading() != "Hello, ana" {
		t.Fatalf("signing in: %d %q", status, b.heading())
	}
	if b.open(s.url + "/sn/signin"); b.heading() != "Hello, ana" {
		t.Errorf("who is signed in gets the page %q", b.heading())
	}
	if script := eval[string](b, "document.cookie"); script != "" {
		t.Errorf("scripts can read the cookie %q", script)
	}
	if b.follow(save); b.heading() != "Sign in" {
		t.Errorf("signing out leads to %q", b.heading())
	}
	if b.open(s.url + "/sn/start"); b.heading() != "rollcall is running" {
		t.Errorf("who is signed out gets the page %q", b.heading())
	}
	if b.open(s.url + "/sn/password"); b.heading() != "Sign in" {
		t.Errorf("the page for another password leads to %q", b.heading())
	}
}

// What is wrong makes no difference, so that nobody learns who is there.
func TestWrongSignInsAreAllTheSame(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.member("ana")
	s.register("ben") // has no password yet
	bodies := map[string]bool{}
	for name, change := range map[string]func(url.Values){
		"Password":   func(v url.Values) { v.Set("password", "Wrong-horse-7") },
		"User":       func(v url.Values) { v.Set("username", "eva") },
		"Case":       func(v url.Values) { v.Set("username", "Ana") },
		"Invited":    func(v url.Values) { v.Set("username", "ben") },
		"Account":    func(v url.Values) { v.Set("account", "other") },
		"Namespace":  func(v url.Values) { v.Set("namespace", "other") },
		"NoPassword": func(v url.Values) { v.Del("password") },
	} {
		values := credentials("ana", goodPassword)
		change(values)
		a := s.send("/sn/signin", values)
		if a.Status != http.StatusUnprocessableEntity || a.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d, cookie %q", name, a.Status, a.Header.Get("Set-Cookie"))
		}
		for _, field := range []string{"account", "namespace", "username"} { // which the form repeats
			a.Text = strings.ReplaceAll(a.Text, `value="`+values.Get(field)+`"`, "")
		}
		bodies[strings.ReplaceAll(a.Text, " open", "")] = true
	}
	if len(bodies) != 1 {
		t.Errorf("there are %d different answers", len(bodies))
	}
	byID := credentials("ana", goodPassword)
	byID.Set("account", "111122223333")
	if a := s.send("/sn/signin", byID); a.Status != http.StatusSeeOther {
		t.Errorf("by the account's id: %d", a.Status)
	}
}

func TestGuessingIsStopped(t *testing.T) {
	t.Parallel()
	s, b := newSite(t), newTab(t)
	s.member("ana")
	for range 5 {
		if status := b.signIn(s, "ana", "Wrong-horse-7"); status != http.StatusUnprocessableEntity {
			t.Fatalf("a wrong password: %d", status)
		}
	}
	if status := b.signIn(s, "ana", goodPassword); status != http.StatusTooManyRequests {
		t.Errorf("the right password after five wrong ones: %d", status)
	}
	if have := b.texts(".problem"); len(have) != 1 || !strings.HasPrefix(have[0], "There were too many attempts.") {
		t.Errorf("the page says %q", have)
	}
	s.setAhead(16 * time.Minute)
	if status := b.signIn(s, "ana", goodPassword); status != http.StatusOK {
		t.Errorf("a quarter of an hour later: %d", status)
	}
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(s *site, c *http.Cookie){
		"SignedOut":  func(s *site, c *http.Cookie) { s.send("/sn/signout", nil, c) },
		"Everywhere": func(s *site, _ *http.Cookie) { s.send("/sn/signout/everywhere", nil, s.session("ana")) },
		"Deleted":    func(s *site, _ *http.Cookie) { s.remove("ana") },
		"MorePower":  func(s *site, _ *http.Cookie) { s.update("ana", "ana@example.com", "ADMIN") },
		"OtherEmail": func(s *site, _ *http.Cookie) { s.update("ana", "other@example.com", "AUTHOR") },
		"Idle":       func(s *site, _ *http.Cookie) { s.setAhead(time.Hour) },
		"Password": func(s *site, _ *http.Cookie) {
			change := url.Values{"old": {goodPassword}, "password": {"Other-horse-8"}, "confirm": {"Other-horse-8"}}
			if a := s.send("/sn/password", change, s.session("ana")); a.Status != http.StatusOK {
				s.t.Errorf("changing the password: %d %s", a.Status, a.Text)
			}
		},
		"Late": func(s *site, c *http.Cookie) {
			for ahead := 50 * time.Minute; ahead < 12*time.Hour; ahead += 50 * time.Minute {
				s.setAhead(ahead)
				if !s.greets("ana", c) {
					s.t.Errorf("signed out after %v though never idle", ahead)
				}
			}
			s.setAhead(12 * time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.member("ana")
			c := s.session("ana")
			if !s.greets("ana", c) {
				t.Fatal("nobody is signed in")
			}
			if end(s, c); s.greets("ana", c) {
				t.Error("the session lives on")
			}
		})
	}
}

func TestSessionsStayOverOtherChanges(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.member("ana")
	c := s.session("ana")
	s.update("ana", "ana@example.com", "AUTHOR_PRO")
	if !s.greets("ana", c) {
		t.Error("another role has ended the session")
	}
}

// A token that is in the browser before is not the one after.
func TestNobodyChoosesASession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.member("ana")
	chosen := &http.Cookie{Name: "rollcall-session", Value: strings.Repeat("A", 43)}
	first := cookie(t, s.send("/sn/signin", credentials("ana", goodPassword), chosen))
	second := cookie(t, s.send("/sn/signin", credentials("ana", goodPassword), first))
	if first.Value == chosen.Value || second.Value == first.Value {
		t.Error("a session was used again")
	}
	if s.greets("ana", chosen) || s.greets("ana", first) || !s.greets("ana", second) {
		t.Error("who signs in again is not in the new session alone")
	}
	if !second.HttpOnly || second.SameSite != http.SameSiteLaxMode || second.Path != "/" {
		t.Errorf("the cookie is %s", second)
	}
	for _, value := range []string{"", "x", second.Value + "A", second.Value[:42], strings.Repeat("/", 43)} {
		if s.greets("ana", &http.Cookie{Name: second.Name, Value: value}) {
			t.Errorf("the token %q is somebody's", value)
		}
	}
}

// Roles have no names on pages for users, nor in mails.
func TestNothingForUsersNamesARole(t *testing.T) {
	t.Parallel()
	box := newMailbox(t)
	s := newMailSite(t, box)
	names := regexp.MustCompile(`(?i)(RESTRICTED_)?(READER|AUTHOR)(_PRO)?\b|ADMIN(_PRO)?\b|_PRO\b`)
	clean := func(what, text string) {
		t.Helper()
		if name := names.FindString(text); name != "" {
			t.Errorf("%s says %s", what, name)
		}
	}
	seen := map[string]bool{}
	for i, role := range directory.Roles {
		if strings.HasPrefix(role, "RESTRICTED_") { // which nobody can have
			continue
		}
		user := fmt.Sprintf("user%d", i)
		link := s.registerAs(user, role)
		clean("the invitation of one "+role, s.get(link).Text)
		clean("the welcome of one "+role, s.post(form(link, goodPassword, goodPassword)).Text)
		r := s.request(http.MethodGet, "/sn/start", nil)
		r.AddCookie(s.session(user))
		text := apitest.Send(t, r).Text
		clean("the start page of one "+role, text)
		seen[strings.ReplaceAll(text, user, "")] = true
	}
	if len(seen) != 6 {
		t.Errorf("six roles have %d different pages", len(seen))
	}
	for _, page := range []string{"/sn/signin", "/sn/forgot", "/sn/nowhere"} {
		clean(page, s.get(page).Text)
	}
	s.send("/sn/forgot", url.Values{"account": {"rollcall"}, "namespace": {"default"}, "email": {"user5@example.com"}})
	for _, m := range box.Wait(1) {
		clean("the mail", m.Subject+m.Text+m.HTML)
		clean("the page behind the mail", s.get(m.Link).Text)
	}
}

func TestFormsOfOtherSitesSignNobodyInOrOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.member("ana")
	c := s.session("ana")
	for _, path := range []string{"/sn/signin", "/sn/signout", "/sn/signout/everywhere", "/sn/password"} {
		r := s.request(http.MethodPost, path, strings.NewReader(credentials("ana", goodPassword).Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.AddCookie(c)
		if a := apitest.Send(t, r); a.Status != http.StatusForbidden || a.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if !s.greets("ana", c) {
		t.Error("the session has ended")
	}
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	s, b := newSite(t), newTab(t)
	s.member("ana")
	elsewhere := s.session("ana")
	b.signIn(s, "ana", goodPassword)
	b.follow(chromedp.Click(chromedp.CSS("a[href='/sn/password']")))
	for _, tt := range []struct{ old, password, confirm, problem, field string }{
		{goodPassword, "password", "password", "This password does not follow all the rules. See the points marked below.", "password"},
		{goodPassword, "Other-horse-8", "Other-horse-9", "The two passwords differ. Type the same one in both fields.", "confirm"},
		{"Wrong-horse-7", "Other-horse-8", "Other-horse-8", "This is not your current password.", "old"},
	} {
		if status := b.follow(typed("old", tt.old), fill(tt.password, tt.confirm), save); status != http.StatusUnprocessableEntity {
			t.Errorf("%+v: %d", tt, status)
		}
		b.checkProblem(tt.problem, tt.field)
	}
	if status := b.follow(typed("old", goodPassword), fill("Other-horse-8", "Other-horse-8"), save); status != http.StatusOK {
		t.Errorf("changing: %d %q", status, b.heading())
	}
	if b.open(s.url + "/sn/start"); b.heading() != "Hello, ana" {
		t.Error("signed out here")
	}
	if s.greets("ana", elsewhere) {
		t.Error("still signed in elsewhere")
	}
	if a := s.send("/sn/signin", credentials("ana", goodPassword)); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("the old password: %d", a.Status)
	}
	if a := s.send("/sn/signin", credentials("ana", "Other-horse-8")); a.Status != http.StatusSeeOther {
		t.Errorf("the new password: %d", a.Status)
	}
}
