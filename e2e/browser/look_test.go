package browser

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"rollcall/internal/mailtest"
)

// page is one to look at, with the way there. The pages of a list are opened in
// its order, in one site and one tab.
type page struct {
	name   string
	status int
	open   func(s *site, b *tab) int
}

// wide is the longest name of a user.
var wide = strings.Repeat("Wide", 64)

// peoplePages are for people who sign in.
var peoplePages = []page{
	{"start", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url) }},
	{"form", http.StatusOK, func(s *site, b *tab) int { return b.open(s.register("ana")) }},
	{"form-weak", http.StatusUnprocessableEntity, func(s *site, b *tab) int {
		b.open(s.register("ben"))
		return b.follow(fill("password", "password"), save)
	}},
	{"form-differ", http.StatusUnprocessableEntity, func(s *site, b *tab) int {
		b.open(s.register("cleo"))
		return b.follow(fill(goodPassword, goodPassword+"x"), save)
	}},
	{"welcome", http.StatusOK, func(s *site, b *tab) int {
		b.open(s.register("dora"))
		return b.follow(fill(goodPassword, goodPassword), save)
	}},
	{"welcome-long-name", http.StatusOK, func(s *site, b *tab) int {
		b.open(s.register(wide))
		return b.follow(fill(goodPassword, goodPassword), save)
	}},
	{"used", http.StatusGone, func(s *site, b *tab) int {
		link := s.register("emil")
		s.post(form(link, goodPassword, goodPassword))
		return b.open(link)
	}},
	{"expired", http.StatusGone, func(s *site, b *tab) int {
		link := s.register("fay")
		s.setAhead(24 * time.Hour)
		return b.open(link)
	}},
	{"unknown", http.StatusNotFound, func(s *site, b *tab) int { return b.open(s.url + "/sn/register") }},
	{"sign-in", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + "/sn/signin") }},
	{"sign-in-wrong", http.StatusUnprocessableEntity, func(s *site, b *tab) int { return b.signIn(s, "gus", "wrong") }},
	{"signed-in", http.StatusOK, func(s *site, b *tab) int {
		s.member("hal")
		return b.signIn(s, "hal", goodPassword)
	}},
	{"password", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + "/sn/password") }},
	{"password-weak", http.StatusUnprocessableEntity, func(s *site, b *tab) int {
		b.open(s.url + "/sn/password")
		return b.follow(typed("old", goodPassword), fill("password", "password"), save)
	}},
	{"not-found", http.StatusNotFound, func(s *site, b *tab) int { return b.open(s.url + "/sn/nowhere") }},
	{"console-forbidden", http.StatusForbidden, func(s *site, b *tab) int {
		b.open(s.url + "/sn/start")
		b.press("Sign out")
		s.member("ida")
		b.signIn(s, "ida", goodPassword)
		return b.open(s.url + "/sn/console/users")
	}},
}

// alonePages are of an administrator whom nobody is with.
var alonePages = []page{
	{"console-users-alone", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/users") }},
	{"console-users-nobody", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/users?q=x&role=ADMIN") }},
	{"console-invite-taken", http.StatusUnprocessableEntity, func(s *site, b *tab) int {
		b.open(s.url + "/sn/console/invite")
		return b.follow(typed("email", "x@example.com"), typed("username", "boss"), chromedp.Click(chromedp.CSS("main button")))
	}},
	{"console-invited", http.StatusOK, func(s *site, b *tab) int {
		b.open(s.url + "/sn/console/invite")
		return b.follow(typed("email", "cleo@example.com"), chromedp.Click(chromedp.CSS("main button")))
	}},
	{"console-user-self", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + userPage(s.principal("boss"))) }},
	{"console-iam-empty", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/iam") }},
	{"console-iam-user-new", http.StatusOK, func(s *site, b *tab) int {
		b.open(s.url + "/sn/console/iam/user/new")
		return b.follow(typed("UserName", "etl"), chromedp.Click(chromedp.CSS("main button")))
	}},
	{"console-iam-user-create", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/iam/user/new") }},
	{"console-iam-user-refused", http.StatusUnprocessableEntity, func(s *site, b *tab) int {
		b.open(s.url + "/sn/console/iam/user/new")
		return b.follow(typed("UserName", "a b"), chromedp.Click(chromedp.CSS("main button")))
	}},
	{"console-iam-role-create", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/iam/role/new") }},
	{"console-record-nothing", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/record?Name=nobody") }},
}

// busyPages are of an administrator with many users, and much in IAM.
var busyPages = []page{
	{"console-users", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/users") }},
	{"console-invite", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/invite") }},
	{"console-user", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + userPage(s.principal("cleo"))) }},
	{"console-user-invited", http.StatusOK, func(s *site, b *tab) int {
		return b.open(s.url + userPage(s.principal(strings.Repeat("Wide", 64))))
	}},
	{"console-user-disabled", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + userPage(s.principal("off"))) }},
	{"console-user-gone", http.StatusOK, func(s *site, b *tab) int {
		b.open(s.url + "/sn/console/users?identity=IAM")
		return b.follow(chromedp.Click(chromedp.CSS("tbody a")))
	}},
	{"console-user-refused", http.StatusUnprocessableEntity, func(s *site, b *tab) int {
		b.openUser(s, "cleo")
		b.choose("#role", "Reader")
		return b.press("Save")
	}},
	{"console-user-link", http.StatusOK, func(s *site, b *tab) int {
		b.openUser(s, "cleo")
		return b.press("Show a link to choose a new password")
	}},
	{"console-user-disable", http.StatusOK, func(s *site, b *tab) int {
		return b.open(s.url + "/sn/console/user/disable?PrincipalId=" + s.principal("cleo"))
	}},
	{"console-user-delete", http.StatusOK, func(s *site, b *tab) int {
		return b.open(s.url + "/sn/console/user/delete?PrincipalId=" + s.principal("cleo"))
	}},
	{"console-iam", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/iam") }},
	{"console-iam-roles", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/iam/roles") }},
	{"console-iam-policies", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/iam/policies") }},
	{"console-iam-policy", http.StatusOK, func(s *site, b *tab) int {
		return b.open(s.url + "/sn/console/iam/policy?PolicyArn=" + administrators)
	}},
	{"console-iam-user", http.StatusOK, func(s *site, b *tab) int { return b.open(iamUser(s, "etl")) }},
	{"console-iam-key", http.StatusOK, func(s *site, b *tab) int {
		b.open(iamUser(s, "etl"))
		return b.press("Create an access key")
	}},
	{"console-iam-key-delete", http.StatusOK, func(s *site, b *tab) int {
		b.open(iamUser(s, "etl"))
		return b.follow(chromedp.Click(chromedp.CSS("#keys a")))
	}},
	{"console-iam-role", http.StatusOK, func(s *site, b *tab) int { return b.open(iamRole(s, "nightly-report")) }},
	{"console-iam-role-refused", http.StatusUnprocessableEntity, func(s *site, b *tab) int {
		b.open(iamRole(s, "nightly-report"))
		b.replace("PolicyDocument", allowListUsers)
		return b.press("Save the trust policy")
	}},
	{"console-iam-inline", http.StatusOK, func(s *site, b *tab) int {
		return b.open(s.url + "/sn/console/iam/user/policy?UserName=etl&PolicyName=test")
	}},
	{"console-iam-inline-refused", http.StatusUnprocessableEntity, func(s *site, b *tab) int {
		b.open(s.url + "/sn/console/iam/user/policy?UserName=etl")
		b.do(typed("PolicyName", "another"))
		b.replace("PolicyDocument", "{")
		return b.press("Save the policy")
	}},
	{"console-iam-attach", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/iam/user/attach?UserName=etl") }},
	{"console-iam-delete", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/iam/user/delete?UserName=etl") }},
	{"console-record", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/record") }},
	{"console-record-one", http.StatusOK, func(s *site, b *tab) int {
		b.open(s.url + "/sn/console/record")
		return b.follow(chromedp.Click(chromedp.CSS("tbody a")))
	}},
}

// mailPages are of an administrator whose mails all fail.
var mailPages = []page{
	{"console-user-mail", http.StatusOK, func(s *site, b *tab) int {
		s.send("/sn/console/invite", url.Values{"Email": {"cleo@example.com"}, "UserName": {"cleo"}, "UserRole": {"AUTHOR"}}, s.session("boss"))
		b.waitFor(s, "cleo", "given up on")
		return http.StatusOK
	}},
	{"console-invited-mail", http.StatusOK, func(s *site, b *tab) int {
		b.open(s.url + "/sn/console/invite")
		return b.follow(typed("email", "cleo@example.com"), chromedp.Click(chromedp.CSS("main button")))
	}},
}

// busySite is a consoleSite with much in it.
func busySite(t *testing.T) (*site, *tab) {
	t.Helper()
	s, b := consoleSite(t)
	s.crowd()
	s.manage()
	return s, b
}

// unreachableSite is a consoleSite whose mails all fail.
func unreachableSite(t *testing.T) (*site, *tab) {
	t.Helper()
	box, s, b := mailConsole(t)
	box.OnRcpt(func(string) error { return mailtest.Refusal(550, "no such mailbox here") })
	return s, b
}

// looks are what pages are looked at with. 320 pixels is what WCAG's criterion
// 1.4.10 asks for. What axe finds depends on the layout, of which there are a
// wide and a narrow one, but for contrasts, which depend on the scheme too.
var looks = []struct {
	width, height int64
	scheme        string
	axe           string // options
}{
	{1280, 900, "light", "{}"}, {1280, 900, "dark", contrasts},
	{360, 740, "dark", "{}"}, {360, 740, "light", contrasts},
	{320, 640, "light", ""}, {768, 1024, "light", ""}, {1600, 1000, "dark", ""},
}

const contrasts = `{runOnly: ["color-contrast"]}`

const axe = "node_modules/axe-core/axe.min.js"

// TestLooks opens each page in each look.
func TestLooks(t *testing.T) {
	t.Parallel()
	for name, group := range map[string]struct {
		site  func(t *testing.T) (*site, *tab)
		pages []page
	}{
		"people": {func(t *testing.T) (*site, *tab) { return newSite(t), newTab(t) }, peoplePages},
		"alone":  {consoleSite, alonePages},
		"busy":   {busySite, busyPages},
		"mail":   {unreachableSite, mailPages},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, b := group.site(t)
			b.lookAt(t, s, group.pages)
		})
	}
}

// lookAt opens pages, one after the other.
func (b *tab) lookAt(t *testing.T, s *site, pages []page) {
	script, pictures := readAxe(t), t.ArtifactDir()
	for _, page := range pages {
		t.Run(page.name, func(t *testing.T) {
			defer s.setAhead(0)
			b := &tab{t, b.ctx}
			if status := page.open(s, b); status != page.status {
				t.Fatalf("status %d, want %d", status, page.status)
			}
			b.checkWeight()
			b.checkLooks(script, filepath.Join(pictures, page.name))
		})
	}
}

func readAxe(t *testing.T) string {
	t.Helper()
	need(t, axe, "npm ci")
	script, err := os.ReadFile(axe)
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}

// checkLooks looks at the page in each look: nothing sticks out of the window,
// and axe finds no fault. With go test -artifacts it takes pictures.
func (b *tab) checkLooks(script, picture string) {
	eval[chromedp.Void](b, script)
	for _, look := range looks {
		b.t.Run(fmt.Sprint(look.width, look.scheme), func(t *testing.T) {
			b := &tab{t, b.ctx}
			b.look(look.width, look.height, look.scheme)
			if dark := eval[bool](b, `matchMedia("(prefers-color-scheme: dark)").matches`); dark != (look.scheme == "dark") {
				t.Fatalf("the page is dark: %v", dark)
			}
			if takesPictures() {
				b.picture(fmt.Sprintf("%s-%d-%s.png", picture, look.width, look.scheme))
			}
			if have := eval[int64](b, "document.documentElement.scrollWidth"); have > look.width {
				t.Errorf("the page is %d pixels wide", have)
			}
			if look.axe != "" {
				b.checkAxe(look.axe)
			}
		})
	}
}

func takesPictures() bool { return flag.Lookup("test.artifacts").Value.String() == "true" }

// checkWeight wants a page that is small and comes in one request.
func (b *tab) checkWeight() {
	b.t.Helper()
	const limit = 50_000 // bytes
	have := eval[struct {
		Bytes   int
		Fetched []string
		Icon    string
		Styles  int
	}](b, `({
		bytes: performance.getEntriesByType("navigation")[0].encodedBodySize,
		fetched: performance.getEntriesByType("resource").map(r => r.name).filter(name => !name.startsWith("data:")),
		icon: document.querySelector("link[rel=icon]").href,
		styles: [...document.styleSheets].filter(s => s.cssRules.length > 0).length,
	})`)
	if have.Bytes == 0 || have.Bytes > limit {
		b.t.Errorf("the page has %d bytes, want at most %d", have.Bytes, limit)
	}
	if len(have.Fetched) > 0 || !strings.HasPrefix(have.Icon, "data:") {
		b.t.Errorf("the page also fetches %q and the icon %q", have.Fetched, have.Icon)
	}
	if have.Styles != 1 {
		b.t.Errorf("the page has %d style sheets that work, want 1", have.Styles)
	}
}

func (b *tab) look(width, height int64, scheme string) {
	b.t.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	b.do(
		chromedp.EmulateViewport(width, height),
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, media)
			return err
		}),
	)
}

func (b *tab) picture(path string) {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(path, png, 0o600)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// checkAxe lets axe-core, which is in the page, look at it.
func (b *tab) checkAxe(options string) {
	b.t.Helper()
	found := eval[struct {
		Passed []string
		Faults []struct{ ID, Help, HTML string }
	}](b, `axe.run(`+options+`).then(r => ({
		passed: r.passes.map(rule => rule.id),
		faults: r.violations.flatMap(rule => rule.nodes.map(node => ({id: rule.id, help: rule.help, html: node.html}))),
	}))`)
	if !slices.Contains(found.Passed, "color-contrast") {
		b.t.Errorf("axe could not check contrasts, only %q", found.Passed)
	}
	for _, f := range found.Faults {
		b.t.Errorf("%s: %s: %s", f.ID, f.Help, f.HTML)
	}
}
