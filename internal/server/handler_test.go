package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/request"
	"rollcall/internal/store"
)

// fake is a server whose calls and pages only say that they were reached.
type fake struct {
	*Server
	log bytes.Buffer
}

func newFake(c Config) *fake {
	f := &fake{}
	c.Log = slog.New(slog.NewJSONHandler(&f.log, nil))
	f.Server = &Server{config: c.withDefaults(), store: fakeStore{}}
	return f
}

// fakeStore is ready when its error is nil.
type fakeStore struct {
	store.Store
	err error
}

func (f fakeStore) Ready(context.Context) error { return f.err }

func says(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) })
}

func (f *fake) answer(r *http.Request) *httptest.ResponseRecorder {
	return f.answerWith(r, says("call"))
}

func (f *fake) answerWith(r *http.Request, calls http.Handler) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	f.handler(faces{calls, says("iam"), says("admin"), says("federation"), says("page")}).ServeHTTP(w, r)
	return w
}

// signedFor is a query that claims to be signed for a service.
func signedFor(service string) string {
	return url.Values{
		"X-Amz-Algorithm":     {"AWS4-HMAC-SHA256"},
		"X-Amz-Credential":    {"AKIA/20260102/us-east-1/" + service + "/aws4_request"},
		"X-Amz-Date":          {"20260102T030405Z"},
		"X-Amz-SignedHeaders": {"host"},
		"X-Amz-Signature":     {"0"},
	}.Encode()
}

func TestRouted(t *testing.T) {
	tests := []struct {
		name   string
		method string
		target string
		status int
		want   string // body, or where a redirect leads
	}{
		{"Page", "GET", "/sn/start", 200, "page"},
		{"PagesThemselves", "GET", "/sn", 200, "page"},
		{"PagePosted", "POST", "/sn/register", 200, "page"},
		{"PageThatIsNotThere", "GET", "/sn/../accounts", 200, "page"},
		{"Federation", "GET", "/federation?Action=login", 200, "federation"},
		{"FederationPosted", "POST", "/federation", 200, "federation"},
		{"FederationSigned", "GET", "/federation?" + signedFor("quicksight"), 200, "federation"},
		{"FederationOfALongerWord", "GET", "/federations", 200, "call"},
		{"Alive", "GET", "/healthz", 200, "ok\n"},
		{"AliveHead", "HEAD", "/healthz", 200, "ok\n"},
		{"Ready", "GET", "/readyz", 200, "ready\n"},
		{"Root", "GET", "/", 303, "/sn/start"},
		{"RootWithQuery", "GET", "/?a=b", 303, "/sn/start"},

		{"RootWithAction", "GET", "/?Action=GetCallerIdentity", 200, "iam"},
		{"RootPosted", "POST", "/", 200, "iam"},
		{"RootForQuickSight", "GET", "/?Action=x&" + signedFor("quicksight"), 200, "call"},
		{"RootForSTS", "GET", "/?Action=x&" + signedFor("sts"), 200, "iam"},
		{"OwnCommands", "GET", "/v1/accounts/111122223333/audit-records?" + signedFor("rollcall"), 200, "admin"},
		{"QuickSightBelowTheSamePrefix", "GET", "/v1/accounts/111122223333/spaces", 200, "call"},
		{"AlivePosted", "POST", "/healthz", 200, "call"},
		{"Call", "GET", "/accounts/111122223333/users", 200, "call"},
		{"CallWithDots", "GET", "/accounts/../sn/start", 200, "call"},
		{"CallWithDoubleSlash", "GET", "//sn/start", 200, "call"},
		{"PagePrefixOfALongerWord", "GET", "/snow", 200, "call"},
		{"PageEscaped", "GET", "/s%6E/start", 200, "call"},
		{"SlashEscaped", "GET", "/sn%2Fstart", 200, "call"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newFake(Config{}).answer(httptest.NewRequest(tt.method, tt.target, nil))
			have := w.Body.String()
			if to := w.Header().Get("Location"); to != "" {
				have = to
			}
			if w.Code != tt.status || have != tt.want {
				t.Errorf("%d %q, want %d %q", w.Code, have, tt.status, tt.want)
			}
		})
	}
}

func TestReadyTellsThatTheStoreIsNot(t *testing.T) {
	f := newFake(Config{})
	f.store = fakeStore{err: errors.New("disk is gone")}
	w := f.answer(httptest.NewRequest("GET", "/readyz", nil))
	if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "disk") {
		t.Errorf("%d %q, want 503 without the cause", w.Code, w.Body)
	}
	if !strings.Contains(f.log.String(), "disk is gone") {
		t.Errorf("the log lacks the cause: %s", &f.log)
	}
	if w := f.answer(httptest.NewRequest("GET", "/healthz", nil)); w.Code != http.StatusOK {
		t.Errorf("it lives all the same: %d, want 200", w.Code)
	}
}

func TestDevTakesOnlyLoopbackHosts(t *testing.T) {
	tests := []struct {
		host string
		want int
	}{
		{"localhost", 200}, {"localhost:7655", 200},
		{"127.0.0.1", 200}, {"127.0.0.1:7655", 200},
		{"[::1]", 200}, {"[::1]:7655", 200},
		{"evil.example", 421}, {"evil.example:7655", 421},
		{"localhost.evil.example", 421}, {"127.0.0.1.evil.example:7655", 421},
		{"evil.example#localhost", 421}, {"192.0.2.1", 421}, {"0.0.0.0:7655", 421}, {"", 421},
	}
	for _, tt := range tests {
		t.Run(tt.host, func(t *testing.T) {
			for _, target := range []string{"/sn/start", "/accounts/111122223333/users", "/healthz", "/"} {
				r := httptest.NewRequest("POST", target, nil)
				r.Host = tt.host
				if w := newFake(Config{Dev: true}).answer(r); w.Code != tt.want && tt.want == 421 || w.Code == 421 && tt.want == 200 {
					t.Errorf("%s: %d, want %d", target, w.Code, tt.want)
				}
				if w := newFake(Config{}).answer(r); w.Code == http.StatusMisdirectedRequest {
					t.Errorf("%s without --dev: %d", target, w.Code)
				}
			}
		})
	}
}

func TestPanicIsAnInternalFailure(t *testing.T) {
	f := newFake(Config{})
	w := f.answerWith(httptest.NewRequest("GET", "/accounts", nil), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic("secret plan")
	}))
	if w.Code != http.StatusInternalServerError || w.Header().Get("X-Amzn-Errortype") != "InternalFailureException" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if strings.Contains(w.Body.String(), "plan") {
		t.Errorf("the answer tells the cause: %s", w.Body)
	}
	line := f.line(t)
	if cause, _ := line["err"].(string); line["level"] != "ERROR" || !strings.Contains(cause, "panic: secret plan") {
		t.Errorf("the log lacks the cause: %v", line)
	}
	if id, _ := line["id"].(string); id == "" || !strings.Contains(w.Body.String(), id) {
		t.Errorf("the answer lacks the id %q of the log's line: %s", id, w.Body)
	}
}

// line takes the one line of the log.
func (f *fake) line(t *testing.T) (line map[string]any) {
	t.Helper()
	if err := json.Unmarshal(f.log.Bytes(), &line); err != nil {
		t.Fatalf("want one line of JSON: %v: %s", err, &f.log)
	}
	return line
}

func TestClientOfARequest(t *testing.T) {
	for _, tt := range []struct {
		name, forwarded string
		proxy           bool
		want            string
	}{
		{"NoProxy", "203.0.113.7", false, "192.0.2.1"},
		{"Proxy", "203.0.113.7", true, "203.0.113.7"},
		{"WhatTheClientSaysComesFirst", "10.0.0.1, 203.0.113.7", true, "203.0.113.7"},
		{"WithPort", "203.0.113.7:4711", true, "203.0.113.7"},
		{"IPv6", "2001:db8::7", true, "2001:db8::7"},
		{"IPv6WithPort", "[2001:db8::7]:4711", true, "2001:db8::7"},
		{"NoAddress", "unknown", true, ""},
		{"NoHeader", "", true, "192.0.2.1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			if tt.forwarded != "" {
				r.Header.Set("X-Forwarded-For", tt.forwarded)
			}
			if ip, secure := newFake(Config{BehindProxy: tt.proxy}).client(r); ip != tt.want || secure != tt.proxy {
				t.Errorf("%s, secure: %t, want %s", ip, secure, tt.want)
			}
		})
	}
}

func TestLogged(t *testing.T) {
	f := newFake(Config{})
	f.answerWith(httptest.NewRequest("GET", "/accounts/a%2Fb?token=secret", nil), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info := request.From(r.Context())
		info.Operation, info.Caller, info.Code, info.Why = "DescribeUser", "arn:aws:iam::111122223333:root", "ResourceNotFoundException", "policy /Statement/0"
		w.WriteHeader(http.StatusNotFound)
	}))
	line := f.line(t)
	for _, changing := range []string{"time", "id", "took"} {
		if line[changing] == nil {
			t.Errorf("the line lacks %s: %v", changing, line)
		}
		delete(line, changing)
	}
	want := map[string]any{
		"level": "INFO", "msg": "request", "remote": "192.0.2.1", "method": "GET", "path": "/accounts/a%2Fb", "status": 404.0,
		"operation": "DescribeUser", "caller": "arn:aws:iam::111122223333:root", "code": "ResourceNotFoundException", "why": "policy /Statement/0",
	}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Errorf("-want +have:\n%s", diff)
	}
}
