package restjson

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func newRouter() *Router[string] {
	r := &Router[string]{}
	r.Add("GET", "/accounts/{A}/users", "list")
	r.Add("GET", "/accounts/{A}/users/{U}", "describe")
	r.Add("GET", "/accounts/{A}/users/me", "me")
	r.Add("POST", "/accounts/{A}", "create")
	r.Add("POST", "/accounts/{A}/assignments/", "assign")
	return r
}

func TestRouterMatches(t *testing.T) {
	for path, want := range map[string]struct {
		value  string
		labels Labels
	}{
		"GET /accounts/1/users":         {"list", Labels{{"A", "1"}}},
		"GET /accounts/1/users/ana":     {"describe", Labels{{"A", "1"}, {"U", "ana"}}},
		"GET /accounts/1/users/me":      {"me", Labels{{"A", "1"}}},
		"GET /accounts/1/users/r%2Fs":   {"describe", Labels{{"A", "1"}, {"U", "r/s"}}},
		"GET /accounts/1/users/a%20b":   {"describe", Labels{{"A", "1"}, {"U", "a b"}}},
		"GET /accounts/1/users/a+b":     {"describe", Labels{{"A", "1"}, {"U", "a+b"}}},
		"GET /accounts/1/users/%C3%A9":  {"describe", Labels{{"A", "1"}, {"U", "é"}}},
		"GET /accounts/1/users/a%252Fb": {"describe", Labels{{"A", "1"}, {"U", "a%2Fb"}}},
		"GET /accounts/1/users/...":     {"describe", Labels{{"A", "1"}, {"U", "..."}}},
		"POST /accounts/1":              {"create", Labels{{"A", "1"}}},
		"POST /accounts/1/assignments/": {"assign", Labels{{"A", "1"}}},
		"GET /accounts/1/users/ana/":    {},
		"GET /accounts//users":          {},
		"GET //accounts/1/users":        {},
		"GET /accounts/1/users/.":       {},
		"GET /accounts/1/users/..":      {},
		"GET /accounts/1/users/%2E%2e":  {},
		"GET /accounts/1/users/%2e":     {},
		"GET /accounts/1/users/%zz":     {},
		"GET /Accounts/1/users":         {},
		"GET accounts/1/users":          {},
		"PUT /accounts/1/users":         {},
		"POST /accounts/1/assignments":  {"assign", Labels{{"A", "1"}}},
		"GET /":                         {},
		"GET ":                          {},
		"OPTIONS *":                     {},
	} {
		t.Run(path, func(t *testing.T) {
			method, escaped, _ := strings.Cut(path, " ")
			value, labels, ok := newRouter().Match(method, escaped)
			if ok != (want.value != "") || ok && value != want.value {
				t.Errorf("matched %q %v, want %q", value, ok, want.value)
			}
			if diff := cmp.Diff(want.labels, labels); diff != "" {
				t.Errorf("labels (-want +got)\n%s", diff)
			}
		})
	}
}

func TestRouterRefusesARouteDeclaredTwice(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic, want one that names the route")
		}
	}()
	newRouter().Add("GET", "/accounts/{Other}/users/{Name}", "again")
}

// FuzzRouter: whatever comes, matching ends, and what matched has each label
// set to something that is no dot segment.
func FuzzRouter(f *testing.F) {
	for _, path := range []string{"/accounts/1/users/r%2Fs", "/accounts/%2E/users", "//", "/accounts/%", ""} {
		f.Add(http.MethodGet, path)
	}
	router := newRouter()
	f.Fuzz(func(t *testing.T, method, path string) {
		_, labels, ok := router.Match(method, path)
		for _, l := range labels {
			if l.Value == "" || l.Value == "." || l.Value == ".." {
				t.Errorf("label %s is %q", l.Name, l.Value)
			}
		}
		if ok && strings.Count(path, "/") < len(labels) {
			t.Errorf("%d labels in %q", len(labels), path)
		}
	})
}
