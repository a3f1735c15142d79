package browser

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/mailtest"
)

// mailConsole makes a site that sends mails, with an administrator who is signed
// in.
func mailConsole(t *testing.T) (*mailbox, *site, *tab) {
	t.Helper()
	box := newMailbox(t)
	s := newMailSite(t, box)
	return box, s, s.administer()
}

func TestConsoleInviteByMail(t *testing.T) {
	t.Parallel()
	box, s, b := mailConsole(t)
	b.open(s.url + "/sn/console/invite")
	b.do(typed("email", "cleo@example.com"), typed("username", "cleo"))
	b.press("Send the invitation")
	if have := b.texts(".success"); !cmp.Equal(have, []string{"The invitation is on its way to cleo@example.com."}) {
		t.Errorf("the page says %q", have)
	}
	if strings.Contains(eval[string](b, "document.documentElement.outerHTML"), "token=") {
		t.Error("the page has the link too")
	}
	mail := box.Wait(1)[0]
	if mail.To != "cleo@example.com" || !strings.Contains(mail.Text, "cleo") {
		t.Errorf("the mail is %+v", mail)
	}
	other := newTab(t)
	if status := other.open(mail.Link); status != http.StatusOK {
		t.Fatalf("the link %q: %d", mail.Link, status)
	}
	if other.follow(fill(goodPassword, goodPassword), save); !s.active("cleo") {
		t.Errorf("the user is not active: %q", other.heading())
	}
	if c := s.session("cleo"); !s.greets("cleo", c) {
		t.Error("not signed in")
	}
	for _, name := range []string{"gus", "hal", "ida"} { // by the API
		s.registerUser("UserName", name)
	}
	time.Sleep(500 * time.Millisecond)
	box.Wait(1)
}

// waitFor opens a user's page until it says something.
func (b *tab) waitFor(s *site, name, text string) {
	b.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		b.openUser(s, name)
		have := strings.Join(b.texts("main"), "")
		if strings.Contains(have, text) {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("the page never says %q, but %s", text, have)
		}
	}
}

// The page of a user tells what became of the mail.
func TestConsoleMailStates(t *testing.T) {
	t.Parallel()
	box, s, b := mailConsole(t)
	box.Stop()
	s.send("/sn/console/invite", url.Values{"Email": {"cleo@example.com"}, "UserName": {"cleo"}, "UserRole": {"AUTHOR"}}, s.session("boss"))
	b.waitFor(s, "cleo", "waiting since")
	b.waitFor(s, "cleo", "the last try failed: ")
	box.Start()
	first := box.Wait(1)[0].Link
	b.waitFor(s, "cleo", "sent on")
	b.press("Send the invitation again")
	if have := b.texts(".success"); len(have) != 1 || !strings.HasPrefix(have[0], "The mail with the link is on its way.") {
		t.Errorf("the page says %q", have)
	}
	second := box.Wait(2)[1].Link
	if a := s.get(first); a.Status != http.StatusNotFound {
		t.Errorf("the first link: %d", a.Status)
	}
	if a := s.get(second); a.Status != http.StatusOK {
		t.Errorf("the second link: %d", a.Status)
	}
	b.openUser(s, "cleo")
	b.press("Show a new link")
	shown := b.texts(".copy code")[0]
	if a := s.get(second); a.Status != http.StatusNotFound {
		t.Errorf("the second link: %d", a.Status)
	}
	if a := s.post(form(shown, goodPassword, goodPassword)); a.Status != http.StatusOK {
		t.Errorf("the link that was shown: %d", a.Status)
	}
	b.openUser(s, "cleo")
	b.press("Send a link to choose a new password")
	if reset := box.Wait(3)[2].Link; !strings.HasPrefix(reset, s.url+"/sn/reset?") || s.get(reset).Status != http.StatusOK {
		t.Errorf("the link for another password is %q", reset)
	}
	b.waitFor(s, "cleo", "Mail for a new password")

	box.OnRcpt(func(string) error { return mailtest.Refusal(550, "no such mailbox here") })
	b.openUser(s, "cleo")
	b.press("Send a link to choose a new password")
	b.waitFor(s, "cleo", "given up on")
	if have := strings.Join(b.texts("main"), ""); !strings.Contains(have, "no such mailbox here") {
		t.Errorf("the page says %s", have)
	}
}

// Names that a mail's header is made of are text in it.
func TestConsoleMailIsText(t *testing.T) {
	t.Parallel()
	box, s, b := mailConsole(t)
	c := s.session("boss")
	names := []string{`<b>Bold</b> & "co"`, "=?utf-8?b?QmNj?=", "a: b; Bcc: eva@example.com", strings.Repeat("\u00e9", 256)}
	for i, name := range names {
		a := s.send("/sn/console/invite", url.Values{"Email": {"cleo@example.com"}, "UserName": {name}, "UserRole": {"READER"}}, c)
		if a.Status != http.StatusOK {
			t.Fatalf("%q: %d %s", name, a.Status, alert(a.Text))
		}
		mail := box.Wait(i + 1)[i]
		if mail.To != "cleo@example.com" || !strings.Contains(mail.Text, name) || !strings.Contains(mail.HTML, html.EscapeString(name)) {
			t.Errorf("the mail is %+v", mail)
		}
		if strings.Contains(mail.HTML, "<b>Bold") {
			t.Errorf("the name became a part of the mail: %s", mail.HTML)
		}
	}
	for _, name := range []string{"a\r\nBcc: eva@example.com", "a\nb", "a\rb"} {
		a := s.send("/sn/console/invite", url.Values{"Email": {"cleo@example.com"}, "UserName": {name}, "UserRole": {"READER"}}, c)
		if a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", name, a.Status)
		}
	}
	// Nobody judges an address but who sends the mail.
	s.send("/sn/console/invite", url.Values{"Email": {"cleo@example.com\r\nBcc: eva@example.com"}, "UserName": {"gus"}, "UserRole": {"READER"}}, c)
	b.waitFor(s, "gus", "given up on")
	time.Sleep(300 * time.Millisecond)
	box.Wait(len(names))
}
