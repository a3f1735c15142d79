package browser

import (
	"bytes"
	"html/template"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"rollcall/internal/web"
)

// sample is the data of the pages in testdata, which show every part that the
// console's pages are made of.
type sample struct {
	web.Console
	Now, Never time.Time
	Users      []sampleUser
}

type sampleUser struct {
	Name, Email, Role, State, Look string
	Groups                         int
	SignedIn                       time.Time
}

var samples = map[string]sample{
	"sample-users.html": {Console: console("Users", "Users", &web.Flash{Text: "ana.garcia is invited."}), Users: []sampleUser{
		{"ana.garcia", "ana.garcia@example.com", "Author", "Active", "good", 3, noon},
		{"ben", "ben@example.com", "Reader", "Invited", "wait", 0, time.Time{}},
		{"cleo.o’neil", "cleo@example.com", "Administrator", "Disabled", "off", 12, noon},
		{"dora", "dora@example.com", "Author", "Failed", "bad", 1, noon},
		{strings.Repeat("wide", 32), strings.Repeat("wide", 20) + "@example.com", "Author", "Active", "good", 1, noon},
	}},
	"sample-user.html":        {Console: console("ana.garcia", "Users", nil), Now: noon},
	"sample-permissions.html": {Console: console("Analysts", "Permissions", &web.Flash{Text: "Somebody else has changed these permissions. Nothing was saved.", Problem: true})},
	"sample-confirm.html":     {Console: console("Delete ana.garcia?", "Settings", nil)},
	"sample-empty.html":       {Console: console("Record", "Record", nil)},
}

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func console(title, section string, flash *web.Flash) web.Console {
	return web.Console{Title: title, Section: section, UserName: "ana", AccountName: "acme-analytics", Flash: flash}
}

// serveSamples serves the samples with the headers of the product's pages.
func serveSamples(t *testing.T) (address string) {
	t.Helper()
	templates, err := web.Templates()
	if err == nil {
		templates, err = templates.ParseGlob("testdata/sample-*.html")
	}
	if err != nil {
		t.Fatal(err)
	}
	headers := newSite(t).get("/sn/start").Header
	headers.Del("Content-Length")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name := range headers {
			w.Header().Set(name, headers.Get(name))
		}
		if _, err := w.Write(render(t, templates, r.URL.Path[1:])); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/"
}

func render(t *testing.T, templates *template.Template, name string) []byte {
	var page bytes.Buffer
	if err := templates.ExecuteTemplate(&page, name, samples[name]); err != nil {
		t.Error(err)
	}
	return page.Bytes()
}

// TestDesign looks at the samples as TestLooks does at the pages there are.
func TestDesign(t *testing.T) {
	script, pictures := readAxe(t), t.ArtifactDir()
	address, b := serveSamples(t), newTab(t)
	for name := range samples {
		t.Run(name, func(t *testing.T) {
			b := &tab{t, b.ctx}
			b.open(address + name)
			b.checkWeight()
			b.checkLooks(script, filepath.Join(pictures, strings.TrimSuffix(name, ".html")))
		})
	}
}

func TestConsoleScript(t *testing.T) {
	address, b := serveSamples(t), newTab(t)
	visible := func(selector string) []string {
		return eval[[]string](b, `[...document.querySelectorAll("`+selector+`")].filter(e => e.checkVisibility()).map(e => e.id)`)
	}
	b.open(address + "sample-permissions.html")
	if have := visible("select"); !cmp.Equal(have, []string{"p1", "p2", "p3"}) {
		t.Errorf("at first the page shows %q", have)
	}
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"outSIDE", []string{"p1", "p2"}},
		{"with users", []string{"p1", "p2"}},
		{"sources", []string{"p4"}},
		{"dashboards", []string{"p1", "p2", "p3"}},
		{"nothing like it", []string{}},
		{"", []string{"p1", "p2", "p3", "p4"}},
	} {
		eval[chromedp.Void](b, `document.querySelector("#filter").value = ""`)
		b.do(typed("filter", tt.text+" "))
		if have := visible("select"); !cmp.Equal(have, tt.want) {
			t.Errorf("%q shows %q, want %q", tt.text, have, tt.want)
		}
	}

	b.open(address + "sample-user.html")
	b.do(chromedp.Click(chromedp.CSS(".copy button")))
	if have := b.texts(".copy button"); !cmp.Equal(have, []string{"Copied\ninvitation link"}) {
		t.Errorf("the button says %q", have)
	}

	b.open(address + "sample-users.html")
	b.do(chromedp.Click(chromedp.CSS(".menu summary")))
	if have := eval[bool](b, `document.querySelector(".menu").open`); !have {
		t.Error("the menu does not open")
	}
	b.picture(filepath.Join(t.ArtifactDir(), "menu.png"))
	b.do(chromedp.Click(chromedp.CSS("h1")))
	if have := eval[bool](b, `document.querySelector(".menu").open`); have {
		t.Error("the menu stays open")
	}
	b.follow(chromedp.Evaluate[chromedp.Void](`(e => { e.selectedIndex = 1; e.dispatchEvent(new Event("change")); })(document.querySelector("[name=state]"))`))
	if have := eval[string](b, "location.search"); !strings.Contains(have, "state=Active") {
		t.Errorf("a choice leads to %q", have)
	}
}
