package browser

import (
	"net/http"
	"regexp"
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

// wantPolicy is the Content-Security-Policy: nothing but the styles, the
// script and the pictures that are in the page, and its forms. A hash is checked by
// what the browser makes of it, and written here as "'sha256'".
var wantPolicy = map[string]string{
	"default-src":     "'none'",
	"style-src":       "'sha256' 'sha256'",
	"script-src":      "'sha256'",
	"img-src":         "data:",
	"form-action":     "'self'",
	"frame-ancestors": "'none'",
	"base-uri":        "'none'",
}

func TestHeaders(t *testing.T) {
	t.Parallel()
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

var hash = regexp.MustCompile(`'sha256-[A-Za-z0-9+/]{43}='`)

// policy takes a Content-Security-Policy apart.
func policy(text string) map[string]string {
	directives := map[string]string{}
	for d := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(d), " ")
		directives[name] = hash.ReplaceAllString(value, "'sha256'")
	}
	return directives
}

func TestNothingIsListed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/sn/static", "/sn/static/base.css", "/sn/"} {
		if a := s.get(path); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
}

// TestHeadUsesNothingUp is for scanners that do not even fetch.
func TestHeadUsesNothingUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	link := s.register("ana")
	for _, method := range []string{http.MethodHead, http.MethodGet, http.MethodOptions} {
		apitest.Send(t, s.request(method, strings.TrimPrefix(link, s.url), nil))
	}
	if a := s.post(form(link, goodPassword, goodPassword)); a.Status != http.StatusOK || !s.active("ana") {
		t.Errorf("%d, want 200", a.Status)
	}
}
