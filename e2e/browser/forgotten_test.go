package browser

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rollcall/internal/apitest"
)

// forgotten asks for a link for another password.
func (s *site) forgotten(email string) apitest.Answer {
	s.t.Helper()
	return s.send("/sn/forgot", url.Values{"account": {"rollcall"}, "namespace": {"default"}, "email": {email}})
}

func resetForm(link, password string) url.Values {
	_, token, _ := strings.Cut(link, "token=")
	return url.Values{"token": {token}, "password": {password}, "confirm": {password}}
}

func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	box, b := newMailbox(t), newTab(t)
	s := newMailSite(t, box)
	s.member("cleo")
	c := s.session("cleo")
	b.open(s.url + "/sn/signin")
	b.press("Forgot your password?")
	b.follow(typed("email", "ANA@example.com"), save)
	if have := b.heading(); have != "Check your mail" {
		t.Errorf("the page is called %q", have)
	}
	mail := box.Wait(1)[0]
	if mail.To != "ana@example.com" {
		t.Errorf("the mail goes to %s", mail.To)
	}
	for range 3 { // a mail scanner
		if status := b.open(mail.Link); status != http.StatusOK {
			t.Fatalf("the link: %d", status)
		}
	}
	if status := b.follow(fill("weak", "weak"), save); status != http.StatusUnprocessableEntity {
		t.Errorf("a weak password: %d", status)
	}
	b.follow(fill("Other-horse-8", "Other-horse-8"), save)
	if have := b.heading(); have != "Your password is changed" {
		t.Errorf("the page is called %q", have)
	}
	if s.greets("cleo", c) {
		t.Error("the session lives on")
	}
	if a := s.send("/sn/signin", credentials("cleo", "Other-horse-8")); a.Status != http.StatusSeeOther {
		t.Errorf("the new password: %d", a.Status)
	}
	if a := s.send("/sn/signin", credentials("cleo", goodPassword)); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("the old password: %d", a.Status)
	}
	if status := b.open(mail.Link); status != http.StatusGone {
		t.Errorf("the link for the second time: %d", status)
	}
	if a := s.send("/sn/reset", resetForm(mail.Link, "Third-horse-9")); a.Status != http.StatusGone {
		t.Errorf("the form for the second time: %d", a.Status)
	}
	if a := s.send("/sn/signin", credentials("cleo", "Third-horse-9")); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a password by a used link: %d", a.Status)
	}
}

// Nobody learns by this form who is there.
func TestForgottenPasswordTellsNothing(t *testing.T) {
	t.Parallel()
	box := newMailbox(t)
	s := newMailSite(t, box)
	s.admin("boss")
	accept := func(link string) { s.post(form(link, goodPassword, goodPassword)) }
	accept(s.registerUser("UserName", "cleo", "Email", "cleo@example.com"))
	accept(s.registerUser("UserName", "off", "Email", "off@example.com"))
	s.registerUser("UserName", "new", "Email", "new@example.com")
	s.send("/sn/console/user/disable", url.Values{"PrincipalId": {s.principal("off")}}, s.session("boss"))
	known := s.forgotten("cleo@example.com")
	for _, email := range []string{"off@example.com", "new@example.com", "nobody@example.com", "", "%", "cleo@example.com'", "\x00"} {
		a := s.forgotten(email)
		if a.Status != known.Status || a.Text != known.Text || known.Status != http.StatusOK {
			t.Errorf("%q: %d %s", email, a.Status, a.Text)
		}
	}
	mail := box.Wait(1)[0]
	if mail.To != "cleo@example.com" {
		t.Errorf("the mail goes to %s", mail.To)
	}
	time.Sleep(500 * time.Millisecond)
	box.Wait(1)
}

func TestForgottenPasswordOfAnotherAddress(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ end func(s *site) }{
		"Email":   {func(s *site) { s.update("cleo", "new@example.com", "AUTHOR") }},
		"Deleted": {func(s *site) { s.remove("cleo") }},
		"Disabled": {func(s *site) {
			s.admin("boss")
			s.send("/sn/console/user/disable", url.Values{"PrincipalId": {s.principal("cleo")}}, s.session("boss"))
		}},
		"Late": {func(s *site) { s.setAhead(time.Hour) }},
		"Newer": {func(s *site) {
			s.setAhead(6 * time.Minute)
			s.forgotten("ana@example.com")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box := newMailbox(t)
			s := newMailSite(t, box)
			s.member("cleo")
			s.forgotten("ana@example.com")
			link := box.Wait(1)[0].Link
			if a := s.get(link); a.Status != http.StatusOK {
				t.Fatalf("the link: %d", a.Status)
			}
			tt.end(s)
			if a := s.get(link); a.Status != http.StatusGone {
				t.Errorf("the link then: %d", a.Status)
			}
			if a := s.send("/sn/reset", resetForm(link, "Other-horse-8")); a.Status != http.StatusGone {
				t.Errorf("the form then: %d", a.Status)
			}
			if a := s.send("/sn/signin", credentials("cleo", "Other-horse-8")); a.Status != http.StatusUnprocessableEntity {
				t.Errorf("the password by it: %d", a.Status)
			}
		})
	}
}

// Who asks again and again gets one mail, and is stopped.
func TestForgottenPasswordTooOften(t *testing.T) {
	t.Parallel()
	box := newMailbox(t)
	s := newMailSite(t, box)
	s.member("cleo")
	statuses := map[int]int{}
	for range 8 {
		statuses[s.forgotten("ana@example.com").Status]++
	}
	if statuses[http.StatusOK] == 0 || statuses[http.StatusTooManyRequests] == 0 || len(statuses) != 2 {
		t.Errorf("the answers are %v", statuses)
	}
	time.Sleep(500 * time.Millisecond)
	box.Wait(1)
}
