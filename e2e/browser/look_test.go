package browser

import (
	"context"
	"fmt"
	"net/http"
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
}

// looks are what pages are looked at with. 320 pixels is what WCAG's criterion
// 1.4.10 asks for.
var looks = []struct {
	width, height int64
	scheme        string
}{
	{1280, 900, "light"}, {1280, 900, "dark"},
	{360, 740, "light"}, {360, 740, "dark"},
	{320, 640, "light"},
}

const axe = "node_modules/axe-core/axe.min.js"

// TestLooks opens each page in each look: nothing sticks out of the window,
// and axe finds no fault. Pictures are among the test's artifacts.
func TestLooks(t *testing.T) {
	need(t, axe, "npm ci")
	script, err := os.ReadFile(axe)
	if err != nil {
		t.Fatal(err)
	}
	pictures := t.ArtifactDir()
	s, b := newSite(t), newTab(t)
	for _, page := range pages {
		t.Run(page.name, func(t *testing.T) {
			defer s.setAhead(0)
			b := &tab{t, b.ctx}
			if status := page.open(s, b, page.user); status != page.status {
				t.Fatalf("status %d, want %d", status, page.status)
			}
			eval[chromedp.Void](b, string(script))
			for _, look := range looks {
				t.Run(fmt.Sprint(look.width, look.scheme), func(t *testing.T) {
					b := &tab{t, b.ctx}
					b.look(look.width, look.height, look.scheme)
					if dark := eval[bool](b, `matchMedia("(prefers-color-scheme: dark)").matches`); dark != (look.scheme == "dark") {
						t.Fatalf("the page is dark: %v", dark)
					}
					b.picture(filepath.Join(pictures, fmt.Sprintf("%s-%d-%s.png", page.name, look.width, look.scheme)))
					if have := eval[int64](b, "document.documentElement.scrollWidth"); have > look.width {
						t.Errorf("the page is %d pixels wide", have)
					}
					b.checkAxe()
				})
			}
		})
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
