package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"rollcall/internal/store"
)

//go:embed templates/*.html
var templates embed.FS

// What is the same on all pages is in each of them, so that a page is one
// request.
var (
	//go:embed static/base.css
	baseStyle string
	//go:embed static/card.css
	cardStyle string
	//go:embed static/console.css
	consoleStyle string
	//go:embed static/console.js
	script string
	//go:embed static/icon.svg
	icon string
)

// What browsers do not need: a comment in a style sheet, white space around its
// punctuation, and a comment or an indentation in the script.
var (
	styleRemark = regexp.MustCompile(`(?s:/\*.*?\*/)`)
	styleSpace  = regexp.MustCompile(`\s*([{};,])\s*|(:)\s+`)
	remark      = regexp.MustCompile(`(?m:^\s*//.*\n|^[ \t]+)`)
)

func init() {
	cardStyle, consoleStyle = compact(baseStyle+cardStyle), compact(baseStyle+consoleStyle)
	script = remark.ReplaceAllString(script, "")
}

// compact writes a style sheet in fewer bytes.
func compact(style string) string {
	style = styleSpace.ReplaceAllString(styleRemark.ReplaceAllString(style, ""), "$1$2")
	return strings.TrimSpace(strings.ReplaceAll(style, ";}", "}"))
}

// policy is the Content-Security-Policy: a page runs and looks like what is in
// the program, fetches nothing, and sends its forms home only.
func policy() string {
	return strings.Join([]string{
		"default-src 'none'",
		"style-src " + digest(cardStyle) + " " + digest(consoleStyle),
		"script-src " + digest(script),
		"img-src data:",
		"form-action 'self'",
		"frame-ancestors 'none'",
		"base-uri 'none'",
	}, "; ")
}

// digest names an inline style or script in the policy.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// parseTemplates gives the templates of all pages, with the functions that they use:
//
//	when    a time, to the minute, in UTC; the zero time is "never"
//	day     a time, to the day
//	plural  {{plural 3 "user" "users"}} is "3 users"
//	short   {{short .Name 80}} takes up at most 80 bytes, and "…"
func parseTemplates() (*template.Template, error) {
	favicon := base64.StdEncoding.EncodeToString([]byte(icon))
	html := func(text string) func() template.HTML {
		return func() template.HTML { return template.HTML(text) }
	}
	return template.New("").Funcs(template.FuncMap{
		"cardStyle":    html("<style>" + cardStyle + "</style>"),
		"consoleStyle": html("<style>" + consoleStyle + "</style>"),
		"script":       html("<script>" + script + "</script>"),
		"icon":         html(icon),
		"favicon":      html(`<link rel="icon" type="image/svg+xml" href="data:image/svg+xml;base64,` + favicon + `">`),
		"when":         when,
		"day":          day,
		"plural":       plural,
		"short":        short,
	}).ParseFS(templates, "templates/*.html")
}

func when(t time.Time) template.HTML { return timeElement(t, "2 Jan 2006, 15:04 UTC") }

func day(t time.Time) template.HTML {
	if t.IsZero() {
		return "never"
	}
	return template.HTML(t.UTC().Format(`<time datetime="2006-01-02">2 Jan 2006</time>`))
}

func timeElement(t time.Time, layout string) template.HTML {
	if t.IsZero() {
		return "never"
	}
	t = t.UTC()
	return template.HTML(fmt.Sprintf(`<time datetime="%s">%s</time>`, t.Format(time.RFC3339), t.Format(layout)))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// grouped writes a number with its thousands apart.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// short cuts a text so that it takes up no more than so many bytes in a page.
func short(s string, most int) string {
	size := 0
	for at, r := range s {
		if size += shownSize(string(r)); size > most {
			return s[:at] + "…"
		}
	}
	return s
}

// shownSize is how many bytes a text takes up in a page.
func shownSize(s string) int {
	return len(template.HTMLEscapeString(s)) + 4*strings.Count(s, "+") // which html/template writes as &#43;
}

// Console is what the layout of the administration console shows. The data of
// its pages embed it.
type Console struct {
	Title       string
	Section     string // name of the one that the page is in
	UserName    string // of who is signed in
	AccountName string
	WithoutIAM  bool   // who is signed in may not manage IAM
	Flash       string // what was done before; "": nothing was
}

// newConsole begins the data of a page for whoever is signed in.
func newConsole(s store.SignedIn, section, title string) Console {
	return Console{
		Title: title, Section: section, UserName: s.User.Name, AccountName: s.Account.Name,
		WithoutIAM: !s.User.ManagesIAM,
	}
}

// section is an item of the console's navigation.
type section struct {
	Name, Path string
	Current    bool
}

// Sections are the items as this page shows them.
func (c Console) Sections() []section {
	items := []section{
		{Name: "Users", Path: "/sn/console/users"},
		{Name: "Permissions", Path: "/sn/console/permissions"},
		{Name: "Access", Path: "/sn/console/iam"},
		{Name: "Record", Path: "/sn/console/record"},
		{Name: "Settings", Path: "/sn/console/settings"},
	}
	if c.WithoutIAM {
		items = slices.DeleteFunc(items, func(s section) bool { return s.Name == "Access" })
	}
	for i := range items {
		items[i].Current = items[i].Name == c.Section
	}
	return items
}

// show sends a page. It is made as a whole first: what cannot be shown becomes
// the page about failures.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var page bytes.Buffer
	err := p.templates.ExecuteTemplate(&page, name, data)
	switch {
	case err == nil:
	case name == failurePage:
		p.Log.ErrorContext(r.Context(), "showing a page", "page", name, "err", err)
		http.Error(w, "Something went wrong.", http.StatusInternalServerError)
		return
	default:
		p.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(page.Len()))
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // fails when the visitor has left
}
