package browser

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
)

// fill is the step that types into both fields, from empty.
func fill(password, confirm string) step {
	return chromedp.Steps(
		chromedp.SendKeys(chromedp.CSS("#password"), password),
		chromedp.SendKeys(chromedp.CSS("#confirm"), confirm),
	)
}

var save = chromedp.Click(chromedp.CSS("button"))

func TestInvitation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	link := s.register("ana")
	b := newTab(t)

	// A mail scanner looks first, and not once only.
	for range 3 {
		if status := b.open(link); status != http.StatusOK {
			t.Fatalf("opening the link: %d", status)
		}
	}
	if have := b.heading(); have != "Choose your password" {
		t.Errorf("the page is called %q", have)
	}
	if have := eval[string](b, "document.querySelector('#username').value"); have != "ana" {
		t.Errorf("the page is for the user %q, want ana", have)
	}
	if have := b.texts("main p b"); !cmp.Equal(have, []string{"rollcall"}) {
		t.Errorf("the page is for the account %q, want rollcall", have)
	}

	// A weak password is refused, and the page says what it lacks.
	if status := b.follow(fill("password", "password"), save); status != http.StatusUnprocessableEntity {
		t.Errorf("a weak password: %d", status)
	}
	b.checkProblem("This password does not follow all the rules. See the points marked below.", "password")
	want := []string{"an upper-case letter – not yet", "a digit – not yet", "a symbol, such as ! # - or ? – not yet"}
	if diff := cmp.Diff(want, b.broken()); diff != "" {
		t.Errorf("points marked (-want +have):\n%s", diff)
	}

	// So are two that differ.
	if status := b.follow(fill(goodPassword, goodPassword+"x"), save); status != http.StatusUnprocessableEntity {
		t.Errorf("two passwords that differ: %d", status)
	}
	b.checkProblem("The two passwords differ. Type the same one in both fields.", "confirm")
	if have := b.broken(); len(have) > 0 {
		t.Errorf("points marked: %q, want none", have)
	}
	if s.active("ana") {
		t.Error("the user is active before there is a password")
	}

	// A good one makes the user active.
	if status := b.follow(fill(goodPassword, goodPassword), save); status != http.StatusOK {
		t.Errorf("a good password: %d", status)
	}
	if have := b.heading(); have != "You’re all set" {
		t.Errorf("after a good password the page is called %q", have)
	}
	if have := b.texts("dd"); !cmp.Equal(have, []string{"rollcall", "ana"}) {
		t.Errorf("the page tells to sign in with %q, want account and user name", have)
	}
	if !s.active("ana") {
		t.Error("the user is not active")
	}

	// That was that.
	if status := b.open(link); status != http.StatusGone {
		t.Errorf("the link for the second time: %d", status)
	}
	if have := b.heading(); have != "This invitation has been used" {
		t.Errorf("for the second time the page is called %q", have)
	}
}

// broken are the rules that are marked.
func (b *tab) broken() []string {
	return eval[[]string](b, `[...document.querySelectorAll(".broken")].map(e => e.firstChild.data + getComputedStyle(e.querySelector(".missing"), "::before").content.slice(1, -1) + e.querySelector(".missing").innerText)`)
}

// checkProblem wants a refusal that eyes and screen readers find, and fields
// that were emptied.
func (b *tab) checkProblem(want, field string) {
	b.t.Helper()
	if have := b.texts("[role=alert]"); !cmp.Equal(have, []string{want}) {
		b.t.Errorf("the page says %q, want %q", have, want)
	}
	if have := eval[[]string](b, `[...document.querySelectorAll("[aria-invalid=true]")].map(e => e.id)`); !cmp.Equal(have, []string{field}) {
		b.t.Errorf("fields marked: %q, want %q", have, field)
	}
	if have := eval[string](b, `document.querySelector("[aria-invalid]").getAttribute("aria-describedby")`); !strings.HasPrefix(have, "problem") {
		b.t.Errorf("the field is described by %q, want the problem", have)
	}
	if have := eval[string](b, `["password", "confirm"].map(id => document.getElementById(id).value).join("")`); have != "" {
		b.t.Errorf("the page has the password %q in it", have)
	}
}

func TestDeadLinks(t *testing.T) {
	t.Parallel()
	const unknown = "This invitation is not valid"
	accept := func(s *site, link string) { s.post(form(link, goodPassword, goodPassword)) }
	tests := []struct {
		name   string
		link   func(s *site, name string) string
		status int
		title  string
	}{
		{"Unknown", func(s *site, _ string) string {
			return s.url + "/sn/register?token=" + strings.Repeat("A", 75)
		}, http.StatusNotFound, unknown},
		{"SecretAltered", func(s *site, name string) string {
			link := s.register(name)
			return link[:len(link)-2] + map[bool]string{true: "AE", false: "AA"}[strings.HasSuffix(link, "AA")]
		}, http.StatusNotFound, unknown},
		{"Truncated", func(s *site, name string) string {
			link := s.register(name)
			return link[:len(link)-1]
		}, http.StatusNotFound, unknown},
		{"Longer", func(s *site, name string) string { return s.register(name) + "A" }, http.StatusNotFound, unknown},
		{"WithoutToken", func(s *site, _ string) string { return s.url + "/sn/register" }, http.StatusNotFound, unknown},
		{"EmptyToken", func(s *site, _ string) string { return s.url + "/sn/register?token=" }, http.StatusNotFound, unknown},
		{"Expired", func(s *site, name string) string {
			link := s.register(name)
			s.setAhead(24 * time.Hour)
			return link
		}, http.StatusGone, "This invitation has expired"},
		{"Used", func(s *site, name string) string {
			link := s.register(name)
			accept(s, link)
			return link
		}, http.StatusGone, "This invitation has been used"},
		{"UserDeleted", func(s *site, name string) string {
			link := s.register(name)
			s.remove(name)
			return link
		}, http.StatusNotFound, unknown},
		{"UserRegisteredAgain", func(s *site, name string) string {
			link := s.register(name)
			s.remove(name)
			s.register(name)
			return link
		}, http.StatusNotFound, unknown},
		{"UsedAndUserDeleted", func(s *site, name string) string {
			link := s.register(name)
			accept(s, link)
			s.remove(name)
			return link
		}, http.StatusNotFound, unknown},
	}
	s, b := newSite(t), newTab(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			defer s.setAhead(0)
			link := tt.link(s, tt.name)
			if status := b.open(link); status != tt.status || b.heading() != tt.title {
				t.Errorf("%d %q, want %d %q", status, b.heading(), tt.status, tt.title)
			}
			if forms := eval[int](b, "document.forms.length"); forms > 0 {
				t.Error("the page has a form all the same")
			}
			if a := s.post(form(link, goodPassword, goodPassword)); a.Status != tt.status || !strings.Contains(a.Text, tt.title) {
				t.Errorf("a form that was open already: %d %s, want %d %q", a.Status, a.Text, tt.status, tt.title)
			}
		})
	}
}

func TestLinkLives24Hours(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	link := s.register("ana")
	s.setAhead(24*time.Hour - time.Minute)
	if a := s.get(link); a.Status != http.StatusOK {
		t.Errorf("a minute before: %d", a.Status)
	}
	if a := s.post(form(link, goodPassword, goodPassword)); a.Status != http.StatusOK || !s.active("ana") {
		t.Errorf("accepting a minute before: %d", a.Status)
	}
}

func TestNewLinkOfARegisteredAgainUser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	old := s.register("ana")
	s.remove("ana")
	link := s.register("ana")
	s.post(form(old, goodPassword, goodPassword))
	if s.active("ana") {
		t.Error("the old link made the new user active")
	}
	if a := s.post(form(link, goodPassword, goodPassword)); a.Status != http.StatusOK || !s.active("ana") {
		t.Errorf("the new link: %d", a.Status)
	}
}

func TestWithoutJavaScript(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	link := s.register("ana")
	b := newTab(t)
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
	b.do(chromedp.Navigate("data:text/html,<p>off<script>document.querySelector('p').textContent = 'on'</script>"))
	if have := b.texts("p"); !cmp.Equal(have, []string{"off"}) {
		t.Fatalf("JavaScript is %q", have)
	}
	b.open(link)
	b.follow(fill("password", "password"), save)
	if have := b.texts("[role=alert]"); len(have) != 1 {
		t.Errorf("a weak password: the page says %q", have)
	}
	b.follow(fill(goodPassword, goodPassword), save)
	if !s.active("ana") {
		t.Errorf("the user is not active: %q", b.heading())
	}
}

func TestByKeyboard(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	link := s.register("ana")
	b := newTab(t)
	b.open(link)
	// at says which element has the focus, and that it can be seen. A page gives
	// the focus away with its first picture, which may come after its load.
	at := func(want string) {
		t.Helper()
		have := eval[string](b, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>
			done(document.activeElement.id || document.activeElement.tagName))))`)
		outline := eval[string](b, `getComputedStyle(document.activeElement).outlineStyle`)
		if have != want || outline == "none" {
			t.Fatalf("the focus is at %s with an outline of %s, want %s", have, outline, want)
		}
	}
	at("password")
	b.do(chromedp.KeyEvent("password"), chromedp.KeyEvent(kb.Tab))
	at("confirm")
	b.do(chromedp.KeyEvent("password"))
	b.follow(chromedp.KeyEvent(kb.Enter))
	if have := b.texts("[role=alert]"); len(have) != 1 {
		t.Errorf("a weak password: the page says %q", have)
	}
	at("password")
	b.do(chromedp.KeyEvent(goodPassword), chromedp.KeyEvent(kb.Tab))
	at("confirm")
	b.do(chromedp.KeyEvent(goodPassword), chromedp.KeyEvent(kb.Tab))
	at("BUTTON")
	b.follow(chromedp.KeyEvent(kb.Enter))
	if !s.active("ana") {
		t.Errorf("the user is not active: %q", b.heading())
	}
}

func TestUserNameIsText(t *testing.T) {
	t.Parallel()
	s, b := newSite(t), newTab(t)
	for _, name := range []string{
		`<b id="injected">x</b>`,
		`"><script id="injected">document.title = "x"</script>`,
		`' autofocus onfocus='document.title="x"' id='injected`,
		`&lt;b&gt; &amp; {{.Token}}`,
		`José "Pepe" O'Neil`,
	} {
		t.Run(name, func(t *testing.T) {
			b := &tab{t, b.ctx}
			b.open(s.register(name))
			if have := eval[string](b, "document.querySelector('#username').value"); have != name {
				t.Errorf("the form shows %q, want %q", have, name)
			}
			b.follow(fill(goodPassword, goodPassword), save)
			if have := b.texts("dd"); !cmp.Equal(have, []string{"rollcall", name}) {
				t.Errorf("the welcome shows %q, want %q", have, name)
			}
			if n := eval[int](b, "document.querySelectorAll('#injected, script').length"); n > 0 {
				t.Error("the name became a part of the page")
			}
		})
	}
}

func TestOnlyOneOfTwoPostsWins(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range 10 {
		name := fmt.Sprintf("ana%d", i)
		link := s.register(name)
		statuses := make(chan int, 2)
		start := make(chan struct{})
		var wg sync.WaitGroup
		for range cap(statuses) {
			wg.Go(func() {
				<-start
				statuses <- s.post(form(link, goodPassword, goodPassword)).Status
			})
		}
		close(start)
		wg.Wait()
		have := []int{<-statuses, <-statuses}
		slices.Sort(have)
		if want := []int{http.StatusOK, http.StatusGone}; !cmp.Equal(have, want) {
			t.Errorf("two posts together: %v, want %v", have, want)
		}
		if !s.active(name) {
			t.Error("the user is not active")
		}
	}
}

// TestFromAnotherSite has a page elsewhere that knows the link: in a mail read
// on the web, say.
func TestFromAnotherSite(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	link := s.register("ana")
	values := form(link, goodPassword, goodPassword)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<a href="%s">Accept</a><form method="post" action="%s/sn/register">`, link, s.url)
		for name := range values {
			fmt.Fprintf(w, `<input type="hidden" name="%s" value="%s">`, name, values.Get(name))
		}
		fmt.Fprint(w, `<button>Win a prize</button></form>`)
	}))
	defer elsewhere.Close()
	b := newTab(t)

	b.open(elsewhere.URL)
	if status := b.follow(save); status != http.StatusForbidden || b.heading() != "This form was sent from another site" {
		t.Errorf("a form of another site: %d %q", status, b.heading())
	}
	if s.active("ana") {
		t.Fatal("a form of another site made the user active")
	}

	b.open(elsewhere.URL)
	if status := b.follow(chromedp.Click(chromedp.CSS("a"))); status != http.StatusOK {
		t.Errorf("a link on another site: %d", status)
	}
	if status := b.follow(fill(goodPassword, goodPassword), save); status != http.StatusOK || !s.active("ana") {
		t.Errorf("the form behind that link: %d %q", status, b.heading())
	}
}

func TestCrossOriginPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	link := s.register("ana")
	for _, tt := range []struct {
		name    string
		headers []string
	}{
		{"CrossSite", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}},
		{"CrossSiteWithoutOrigin", []string{"Sec-Fetch-Site", "cross-site", "Origin", ""}},
		{"SameSite", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://other.localhost"}},
		{"OldBrowser", []string{"Sec-Fetch-Site", "", "Origin", "https://evil.example"}},
		{"OldBrowserOtherPort", []string{"Sec-Fetch-Site", "", "Origin", "http://localhost:1"}},
		{"OldBrowserOpaque", []string{"Sec-Fetch-Site", "", "Origin", "null"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if a := s.post(form(link, goodPassword, goodPassword), tt.headers...); a.Status != http.StatusForbidden {
				t.Errorf("%d %s, want 403", a.Status, a.Text)
			}
			if s.active("ana") {
				t.Error("the user is active")
			}
		})
	}
	for _, tt := range []struct {
		name    string
		headers []string
	}{
		{"SameOrigin", nil},
		{"OldBrowser", []string{"Sec-Fetch-Site", ""}},
		{"NoBrowser", []string{"Sec-Fetch-Site", "", "Origin", ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			link := s.register(tt.name)
			if a := s.post(form(link, goodPassword, goodPassword), tt.headers...); a.Status != http.StatusOK {
				t.Errorf("%d %s, want 200", a.Status, a.Text)
			}
		})
	}
}
