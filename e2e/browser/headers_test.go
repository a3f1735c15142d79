package browser

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/apitest"
)

// wantHeaders are on every page, so that other sites can neither frame it,
// nor read it, nor learn its address, and nothing keeps it.
var wantHeaders = map[string]string{
	"Content-Type":                 "text/html; charset=utf-8",
	"X-Frame-Options":              "DENY",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "same-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control":                "no-store",
	"Strict-Transport-Security":    "", // would bind a plain http site
	"Set-Cookie":                   "",
}

// wantPolicy is the Content-Security-Policy: nothing but the page's own style
// sheet, pictures and form.
var wantPolicy = map[string]string{
	"default-src":     "'none'",
	"style-src":       "'self'",
	"img-src":         "'self'",
	"form-action":     "'self'",
	"frame-ancestors": "'none'",
	"base-uri":        "'none'",
}

func TestHeaders(t *testing.T) {
	tests := []struct {
		name   string
		status int
		answer func(s *site) apitest.Answer
	}{
		{"Start", http.StatusOK, func(s *site) apitest.Answer { return s.get("/sn/start") }},
		{"Form", http.StatusOK, func(s *site) apitest.Answer { return s.get(s.register("ana")) }},
		{"FormWithErrors", http.StatusUnprocessableEntity, func(s *site) apitest.Answer {
			return s.post(form(s.register("ana"), "weak", "weak"))
		}},
		{"Welcome", http.StatusOK, func(s *site) apitest.Answer {
			return s.post(form(s.register("ana"), goodPassword, goodPassword))
		}},
		{"Used", http.StatusGone, func(s *site) apitest.Answer {
			link := s.register("ana")
			s.post(form(link, goodPassword, goodPassword))
			return s.get(link)
		}},
		{"Unknown", http.StatusNotFound, func(s *site) apitest.Answer { return s.get("/sn/register?token=x") }},
		{"NotFound", http.StatusNotFound, func(s *site) apitest.Answer { return s.get("/sn/nowhere") }},
		{"WrongMethod", http.StatusNotFound, func(s *site) apitest.Answer {
			return apitest.Send(s.t, s.request(http.MethodPut, "/sn/register", nil))
		}},
		{"CrossSite", http.StatusForbidden, func(s *site) apitest.Answer {
			return s.post(form(s.register("ana"), goodPassword, goodPassword),
				"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			a := tt.answer(s)
			if a.Status != tt.status {
				t.Errorf("status %d, want %d", a.Status, tt.status)
			}
			have := map[string]string{}
			for name := range wantHeaders {
				have[name] = a.Header.Get(name)
			}
			if diff := cmp.Diff(wantHeaders, have); diff != "" {
				t.Errorf("headers (-want +have):\n%s", diff)
			}
			if diff := cmp.Diff(wantPolicy, policy(a.Header.Get("Content-Security-Policy"))); diff != "" {
				t.Errorf("Content-Security-Policy (-want +have):\n%s", diff)
			}
			if a.Header.Get("Permissions-Policy") == "" {
				t.Error("there is no Permissions-Policy")
			}
		})
	}
}

// policy takes a Content-Security-Policy apart.
func policy(text string) map[string]string {
	directives := map[string]string{}
	for d := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(d), " ")
		directives[name] = value
	}
	return directives
}

// TestPagesAreSmall counts a page with all that it loads.
func TestPagesAreSmall(t *testing.T) {
	const limit = 50_000 // bytes
	s := newSite(t)
	for name, path := range map[string]string{
		"Start": "/sn/start",
		"Form":  strings.TrimPrefix(s.register("ana"), s.url),
	} {
		t.Run(name, func(t *testing.T) {
			page := s.get(path)
			total := len(page.Text)
			files := strings.Split(page.Text, `"/sn/static/`)[1:]
			if len(files) == 0 {
				t.Error("the page loads nothing")
			}
			for _, f := range files {
				f, _, _ = strings.Cut(f, `"`)
				file := s.get("/sn/static/" + f)
				if file.Status != http.StatusOK || file.Header.Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("%s: %d %v", f, file.Status, file.Header)
				}
				total += len(file.Text)
			}
			if total > limit {
				t.Errorf("%d bytes, want at most %d", total, limit)
			}
		})
	}
}

func TestFilesAreNotListed(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/sn/static", "/sn/static/", "/sn/"} {
		if a := s.get(path); a.Status == http.StatusOK {
			t.Errorf("%s: %d %s", path, a.Status, a.Text)
		}
	}
}

// TestHeadUsesNothingUp is for scanners that do not even fetch.
func TestHeadUsesNothingUp(t *testing.T) {
	s := newSite(t)
	link := s.register("ana")
	for _, method := range []string{http.MethodHead, http.MethodGet, http.MethodOptions} {
		apitest.Send(t, s.request(method, strings.TrimPrefix(link, s.url), nil))
	}
	if a := s.post(form(link, goodPassword, goodPassword)); a.Status != http.StatusOK || !s.active("ana") {
		t.Errorf("%d, want 200", a.Status)
	}
}
