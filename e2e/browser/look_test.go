package browser

import (
	"context"
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
)

// pages are all pages there are, each with the way there for a user.
var pages = []struct {
	name   string
	status int
	user   string
	open   func(s *site, b *tab, user string) int
}{
	{"start", http.StatusOK, "", func(s *site, b *tab, _ string) int { return b.open(s.url) }},
	{"form", http.StatusOK, "ana", func(s *site, b *tab, user string) int { return b.open(s.register(user)) }},
	{"form-weak", http.StatusUnprocessableEntity, "ben", func(s *site, b *tab, user string) int {
		b.open(s.register(user))
		return b.follow(fill("password", "password"), save)
	}},
	{"form-differ", http.StatusUnprocessableEntity, "cleo", func(s *site, b *tab, user string) int {
		b.open(s.register(user))
		return b.follow(fill(goodPassword, goodPassword+"x"), save)
	}},
	{"welcome", http.StatusOK, "dora", func(s *site, b *tab, user string) int {
		b.open(s.register(user))
		return b.follow(fill(goodPassword, goodPassword), save)
	}},
	{"welcome-long-name", http.StatusOK, strings.Repeat("Wide", 64), func(s *site, b *tab, user string) int {
		b.open(s.register(user))
		return b.follow(fill(goodPassword, goodPassword), save)
	}},
	{"used", http.StatusGone, "emil", func(s *site, b *tab, user string) int {
		link := s.register(user)
		s.post(form(link, goodPassword, goodPassword))
		return b.open(link)
	}},
	{"expired", http.StatusGone, "fay", func(s *site, b *tab, user string) int {
		link := s.register(user)
		s.setAhead(24 * time.Hour)
		return b.open(link)
	}},
	{"unknown", http.StatusNotFound, "", func(s *site, b *tab, _ string) int { return b.open(s.url + "/sn/register") }},
	{"sign-in", http.StatusOK, "", func(s *site, b *tab, _ string) int { return b.open(s.url + "/sn/signin") }},
	{"sign-in-wrong", http.StatusUnprocessableEntity, "gus", func(s *site, b *tab, user string) int { return b.signIn(s, user, "wrong") }},
	{"signed-in", http.StatusOK, "hal", func(s *site, b *tab, user string) int {
		s.member(user)
		return b.signIn(s, user, goodPassword)
	}},
	{"password", http.StatusOK, "", func(s *site, b *tab, _ string) int { return b.open(s.url + "/sn/password") }},
	{"password-weak", http.StatusUnprocessableEntity, "", func(s *site, b *tab, _ string) int {
		b.open(s.url + "/sn/password")
		return b.follow(typed("old", goodPassword), fill("password", "password"), save)
	}},
	{"not-found", http.StatusNotFound, "", func(s *site, b *tab, _ string) int { return b.open(s.url + "/sn/nowhere") }},
	{"console-users", http.StatusOK, "", looked(true, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/users") })},
	{"console-users-alone", http.StatusOK, "", looked(false, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/users") })},
	{"console-users-nobody", http.StatusOK, "", looked(false, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/users?q=x&role=ADMIN") })},
	{"console-invite", http.StatusOK, "", looked(true, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/invite") })},
	{"console-invite-taken", http.StatusUnprocessableEntity, "", looked(false, func(s *site, b *tab) int {
		b.open(s.url + "/sn/console/invite")
		return b.follow(typed("email", "x@example.com"), typed("username", "boss"), chromedp.Click(chromedp.CSS("main button")))
	})},
	{"console-invited", http.StatusOK, "", looked(false, func(s *site, b *tab) int {
		b.open(s.url + "/sn/console/invite")
		return b.follow(typed("email", "cleo@example.com"), chromedp.Click(chromedp.CSS("main button")))
	})},
	{"console-user", http.StatusOK, "", looked(true, func(s *site, b *tab) int { return b.open(s.url + userPage(s.principal("cleo"))) })},
	{"console-user-invited", http.StatusOK, "", looked(true, func(s *site, b *tab) int {
		return b.open(s.url + userPage(s.principal(strings.Repeat("Wide", 64))))
	})},
	{"console-user-disabled", http.StatusOK, "", looked(true, func(s *site, b *tab) int { return b.open(s.url + userPage(s.principal("off"))) })},
	{"console-user-self", http.StatusOK, "", looked(false, func(s *site, b *tab) int { return b.open(s.url + userPage(s.principal("boss"))) })},
	{"console-user-gone", http.StatusOK, "", looked(true, func(s *site, b *tab) int {
		b.open(s.url + "/sn/console/users?identity=IAM")
		return b.follow(chromedp.Click(chromedp.CSS("tbody a")))
	})},
	{"console-user-refused", http.StatusUnprocessableEntity, "", looked(true, func(s *site, b *tab) int {
		b.openUser(s, "cleo")
		b.choose("#role", "Reader")
		return b.press("Save")
	})},
	{"console-user-link", http.StatusOK, "", looked(true, func(s *site, b *tab) int {
		b.openUser(s, "cleo")
		return b.press("Show a link to choose another password")
	})},
	{"console-user-disable", http.StatusOK, "", looked(true, func(s *site, b *tab) int {
		return b.open(s.url + "/sn/console/user/disable?PrincipalId=" + s.principal("cleo"))
	})},
	{"console-user-delete", http.StatusOK, "", looked(true, func(s *site, b *tab) int {
		return b.open(s.url + "/sn/console/user/delete?PrincipalId=" + s.principal("cleo"))
	})},
	{"console-iam", http.StatusOK, "", busy(func(s *site, b *tab) int { return b.open(s.url + "/sn/console/iam") })},
	{"console-iam-empty", http.StatusOK, "", looked(false, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/iam") })},
	{"console-iam-roles", http.StatusOK, "", busy(func(s *site, b *tab) int { return b.open(s.url + "/sn/console/iam/roles") })},
	{"console-iam-policies", http.StatusOK, "", busy(func(s *site, b *tab) int { return b.open(s.url + "/sn/console/iam/policies") })},
	{"console-iam-policy", http.StatusOK, "", busy(func(s *site, b *tab) int {
		return b.open(s.url + "/sn/console/iam/policy?PolicyArn=" + administrators)
	})},
	{"console-iam-user", http.StatusOK, "", busy(func(s *site, b *tab) int { return b.open(iamUser(s, "etl")) })},
	{"console-iam-user-new", http.StatusOK, "", looked(false, func(s *site, b *tab) int {
		b.open(s.url + "/sn/console/iam/user/new")
		return b.follow(typed("UserName", "etl"), chromedp.Click(chromedp.CSS("main button")))
	})},
	{"console-iam-user-create", http.StatusOK, "", looked(false, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/iam/user/new") })},
	{"console-iam-user-refused", http.StatusUnprocessableEntity, "", looked(false, func(s *site, b *tab) int {
		b.open(s.url + "/sn/console/iam/user/new")
		return b.follow(typed("UserName", "a b"), chromedp.Click(chromedp.CSS("main button")))
	})},
	{"console-iam-key", http.StatusOK, "", busy(func(s *site, b *tab) int {
		b.open(iamUser(s, "etl"))
		return b.press("Create an access key")
	})},
	{"console-iam-key-delete", http.StatusOK, "", busy(func(s *site, b *tab) int {
		b.open(iamUser(s, "etl"))
		return b.follow(chromedp.Click(chromedp.CSS("#keys a")))
	})},
	{"console-iam-role", http.StatusOK, "", busy(func(s *site, b *tab) int { return b.open(iamRole(s, "nightly-report")) })},
	{"console-iam-role-refused", http.StatusUnprocessableEntity, "", busy(func(s *site, b *tab) int {
		b.open(iamRole(s, "nightly-report"))
		b.replace("PolicyDocument", allowListUsers)
		return b.press("Save the trust policy")
	})},
	{"console-iam-role-create", http.StatusOK, "", looked(false, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/iam/role/new") })},
	{"console-iam-inline", http.StatusOK, "", busy(func(s *site, b *tab) int {
		return b.open(s.url + "/sn/console/iam/user/policy?UserName=etl&PolicyName=test")
	})},
	{"console-iam-inline-refused", http.StatusUnprocessableEntity, "", busy(func(s *site, b *tab) int {
		b.open(s.url + "/sn/console/iam/user/policy?UserName=etl")
		b.do(typed("PolicyName", "another"))
		b.replace("PolicyDocument", "{")
		return b.press("Save the policy")
	})},
	{"console-iam-attach", http.StatusOK, "", busy(func(s *site, b *tab) int { return b.open(s.url + "/sn/console/iam/user/attach?UserName=etl") })},
	{"console-iam-delete", http.StatusOK, "", busy(func(s *site, b *tab) int { return b.open(s.url + "/sn/console/iam/user/delete?UserName=etl") })},
	{"console-record", http.StatusOK, "", busy(func(s *site, b *tab) int { return b.open(s.url + "/sn/console/record") })},
	{"console-record-nothing", http.StatusOK, "", looked(false, func(s *site, b *tab) int { return b.open(s.url + "/sn/console/record?Name=nobody") })},
	{"console-record-one", http.StatusOK, "", busy(func(s *site, b *tab) int {
		b.open(s.url + "/sn/console/record")
		return b.follow(chromedp.Click(chromedp.CSS("tbody a")))
	})},
	{"console-user-mail", http.StatusOK, "", lookedMail(func(s *site, b *tab) int {
		s.send("/sn/console/invite", url.Values{"Email": {"cleo@example.com"}, "UserName": {"cleo"}, "UserRole": {"AUTHOR"}}, s.session("boss"))
		b.waitFor(s, "cleo", "given up on")
		return http.StatusOK
	})},
	{"console-invited-mail", http.StatusOK, "", lookedMail(func(s *site, b *tab) int {
		b.open(s.url + "/sn/console/invite")
		return b.follow(typed("email", "cleo@example.com"), chromedp.Click(chromedp.CSS("main button")))
	})},
	{"console-forbidden", http.StatusForbidden, "ida", func(s *site, b *tab, user string) int {
		s.member(user)
		b.signIn(s, user, goodPassword)
		return b.open(s.url + "/sn/console/users")
	}},
}

// looks are what pages are looked at with. 320 pixels is what WCAG's criterion
// 1.4.10 asks for.
var looks = []struct {
	width, height int64
	scheme        string
}{
	{1280, 900, "light"}, {1280, 900, "dark"},
	{360, 740, "light"}, {360, 740, "dark"},
	{320, 640, "light"}, {320, 640, "dark"},
	{768, 1024, "light"}, {1600, 1000, "dark"},
}

const axe = "node_modules/axe-core/axe.min.js"

// TestLooks opens each page in each look.
func TestLooks(t *testing.T) {
	script, pictures := readAxe(t), t.ArtifactDir()
	s, b := newSite(t), newTab(t)
	for _, page := range pages {
		t.Run(page.name, func(t *testing.T) {
			defer s.setAhead(0)
			b := &tab{t, b.ctx}
			if status := page.open(s, b, page.user); status != page.status {
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
// and axe finds no fault. Pictures are among the test's artifacts.
func (b *tab) checkLooks(script, picture string) {
	eval[chromedp.Void](b, script)
	for _, look := range looks {
		b.t.Run(fmt.Sprint(look.width, look.scheme), func(t *testing.T) {
			b := &tab{t, b.ctx}
			b.look(look.width, look.height, look.scheme)
			if dark := eval[bool](b, `matchMedia("(prefers-color-scheme: dark)").matches`); dark != (look.scheme == "dark") {
				t.Fatalf("the page is dark: %v", dark)
			}
			b.picture(fmt.Sprintf("%s-%d-%s.png", picture, look.width, look.scheme))
			if have := eval[int64](b, "document.documentElement.scrollWidth"); have > look.width {
				t.Errorf("the page is %d pixels wide", have)
			}
			b.checkAxe()
		})
	}
}

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

// checkAxe lets axe-core, which is in the page, look at it with all its rules.
func (b *tab) checkAxe() {
	b.t.Helper()
	found := eval[struct {
		Passed []string
		Faults []struct{ ID, Help, HTML string }
	}](b, `axe.run().then(r => ({
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
