package web

import (
	"errors"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"rollcall/internal/request"
	"rollcall/internal/store"
)

// newPages are pages with some more templates.
func newPages(t *testing.T, more string) *Pages {
	t.Helper()
	templates, err := parseTemplates()
	if err == nil {
		templates, err = templates.Parse(more)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &Pages{Config: Config{Log: slog.New(slog.NewTextHandler(io.Discard, nil))}, templates: templates}
}

// shown is what a visitor gets.
func shown(t *testing.T, p *Pages, name string, data any) (*httptest.ResponseRecorder, *request.Info) {
	ctx, info := request.New(t.Context())
	w := httptest.NewRecorder()
	p.show(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/sn/start", nil), http.StatusOK, name, data)
	return w, info
}

type failing struct{}

func (failing) Title() (string, error) { return "", errors.New("a failure for this test") }

func TestNoHalfPages(t *testing.T) {
	p := newPages(t, `{{define "half"}}a half page {{.Title}}{{end}}`)
	w, info := shown(t, p, "half", failing{})
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "half") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(w.Body.String(), info.ID) || info.Err == nil {
		t.Errorf("the page does not tell the request's id %s, or its log has no cause: %v", info.ID, info.Err)
	}
}

func TestFailurePageFails(t *testing.T) {
	w, _ := shown(t, newPages(t, ""), failurePage, failing{})
	if have := w.Body.String(); w.Code != http.StatusInternalServerError || have != "Something went wrong.\n" {
		t.Errorf("%d %q", w.Code, have)
	}
}

func TestPagesTellTheirLength(t *testing.T) {
	w, _ := shown(t, newPages(t, ""), "message.html", message{Title: "Hello"})
	if have, want := w.Header().Get("Content-Length"), strconv.Itoa(w.Body.Len()); w.Code != http.StatusOK || have != want {
		t.Errorf("%d, length %q, want %s", w.Code, have, want)
	}
}

// A hash that is not that of the text leaves a page bare.
func TestPolicyAllowsWhatIsInThePage(t *testing.T) {
	s := store.SignedIn{}
	s.User.Name, s.Account.Name = "ana", "acme"
	p := newPages(t, `{{define "x"}}{{template "console-head" .}}{{template "console-foot"}}{{end}}`)
	console, _ := shown(t, p, "x", newConsole(s, "Users", "Users"))
	card, _ := shown(t, p, "message.html", message{Title: "Hello"})
	for _, tt := range []struct{ page, element, directive string }{
		{console.Body.String(), "style", "style-src"},
		{console.Body.String(), "script", "script-src"},
		{card.Body.String(), "style", "style-src"},
	} {
		_, rest, _ := strings.Cut(tt.page, "<"+tt.element+">")
		text, _, _ := strings.Cut(rest, "</"+tt.element+">")
		_, rest, _ = strings.Cut(policy(), tt.directive+" ")
		if allowed, _, _ := strings.Cut(rest, ";"); len(text) < 1000 || !strings.Contains(allowed, digest(text)) {
			t.Errorf("the %s of %d bytes is not allowed by %s", tt.element, len(text), policy())
		}
	}
	if !strings.Contains(console.Body.String(), `<a href="/sn/console/users" aria-current="page">`) {
		t.Error("the section is not marked")
	}
}

// What is in every page is small.
func TestStylesAreSmall(t *testing.T) {
	if card, console := len(cardStyle), len(consoleStyle); card > 6_000 || console > 16_000 {
		t.Errorf("the style sheets have %d and %d bytes, want at most 6000 and 16000", card, console)
	}
}

func TestCompact(t *testing.T) {
	have := compact("/* a\n comment; */\na:hover,\nb > :last-child {\n  color: red;\n  content: \"– \";\n}\n")
	if want := `a:hover,b > :last-child{color:red;content:"– "}`; have != want {
		t.Errorf("%s, want %s", have, want)
	}
}

func TestScriptIsSmall(t *testing.T) {
	if len(script) > 2000 {
		t.Errorf("the script has %d bytes, want at most 2000", len(script))
	}
}

func TestFunctions(t *testing.T) {
	t1 := time.Date(2026, 3, 4, 23, 30, 0, 0, time.FixedZone("", -3600))
	for _, tt := range []struct {
		have, want template.HTML
	}{
		{when(t1), `<time datetime="2026-03-05T00:30:00Z">5 Mar 2026, 00:30 UTC</time>`},
		{day(t1), `<time datetime="2026-03-05">5 Mar 2026</time>`},
		{when(time.Time{}), "never"},
		{template.HTML(plural(1, "user", "users")), "1 user"},
		{template.HTML(plural(0, "user", "users")), "0 users"},
	} {
		if tt.have != tt.want {
			t.Errorf("%s, want %s", tt.have, tt.want)
		}
	}
}
