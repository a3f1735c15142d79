package webidentity

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// verifyBy verifies a good token with the keys at an address.
func verifyBy(t *testing.T, v *Verifier, address string) error {
	t.Helper()
	token := sign(t, jose.RS256, rsaKey(), "k", claimsOf(issuer, nil))
	_, err := v.Verify(t.Context(), token, Provider{Issuer: issuer, JWKS: address})
	return err
}

// redirect is a handler.
func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	}
}

// endless never stops to send.
func endless(w http.ResponseWriter, r *http.Request) {
	blanks := bytes.Repeat([]byte(" "), 1<<16)
	for r.Context().Err() == nil {
		if _, err := w.Write(blanks); err != nil {
			return
		}
	}
}

// trickle sends a little, again and again.
func trickle(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		w.Write([]byte(" "))
		w.(http.Flusher).Flush()
		time.Sleep(10 * time.Millisecond)
	}
}

func TestRefusesAnswers(t *testing.T) {
	longHeader := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X", strings.Repeat("x", 2*maxHeader))
		io.WriteString(w, `{"keys":[]}`)
	}
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		text   string // of the error
	}{
		"not found":              {http.NotFound, "404"},
		"no content":             {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, "204"},
		"a page":                 {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }, "invalid character"},
		"nothing":                {func(http.ResponseWriter, *http.Request) {}, "EOF"},
		"doubled names":          {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"keys":[],"keys":[]}`) }, "duplicate"},
		"endless":                {endless, "too large"},
		"trickle":                {trickle, ""},
		"long header":            {longHeader, "header"},
		"hangs up":               {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
		"redirect to http":       {redirect("http://127.0.0.1/keys"), "redirect from https to http"},
		"redirect to a file":     {redirect("file:///etc/passwd"), "redirect from https to file"},
		"redirect to data":       {redirect("data:application/json,{}"), "redirect from https to data"},
		"redirect to link-local": {redirect("https://169.254.169.254/latest/meta-data"), "169.254.169.254 is not an address"},
		"redirect to mapped":     {redirect("https://[::ffff:169.254.169.254]/"), "is not an address"},
		"redirect to nowhere":    {redirect("https://0.0.0.0/"), "0.0.0.0 is not an address"},
		"redirect in circles":    {redirect("/keys"), "more than 3 redirects"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProvider(t, "")
			p.Config.ErrorLog = nil
			p.misbehave(test.answer)
			v := verifier(new(clock), p)
			if name == "trickle" {
				v.client.Timeout = 200 * time.Millisecond
			}
			err := verifyBy(t, v, p.URL+"/keys")
			if !errors.Is(err, ErrProvider) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got error %v, want %v with %q", err, ErrProvider, test.text)
			}
		})
	}
}

func TestFollowsRedirects(t *testing.T) {
	p := newProvider(t, "", public(rsaKey(), "k"))
	p.misbehave(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/1":
			redirect("/2")(w, r)
		case "/2":
			redirect("/3")(w, r)
		case "/3":
			redirect(p.URL+"/keys")(w, r)
		default:
			answerJSON(jose.JSONWebKeySet{Keys: p.keys})(w, r)
		}
	})
	if err := verifyBy(t, verifier(new(clock), p), p.URL+"/1"); err != nil {
		t.Error(err)
	}
	p.checkFetches(t, 0, 4)
}

func TestUnreachableProvider(t *testing.T) {
	p := newProvider(t, "")
	p.Close()
	if err := verifyBy(t, verifier(new(clock), p), p.URL+"/keys"); !errors.Is(err, ErrProvider) {
		t.Errorf("got error %v, want %v", err, ErrProvider)
	}
}

func TestProviderThatNobodyVouchesFor(t *testing.T) {
	p := newProvider(t, "", public(rsaKey(), "k"))
	p.Config.ErrorLog = nil
	if err := verifyBy(t, New(Config{Now: new(clock).now}), p.URL+"/keys"); !errors.Is(err, ErrProvider) {
		t.Errorf("got error %v, want %v", err, ErrProvider)
	}
	p.checkFetches(t, 0, 0)
}

func TestPlainHTTP(t *testing.T) {
	p := newPlainProvider(t, public(rsaKey(), "k"))
	c := new(clock)
	local := strings.Replace(p.URL, "127.0.0.1", "localhost", 1)
	if err := verifyBy(t, New(Config{Now: c.now}), p.URL+"/keys"); !errors.Is(err, ErrProvider) {
		t.Errorf("got error %v, want %v", err, ErrProvider)
	}
	p.checkFetches(t, 0, 0)
	for _, address := range []string{p.URL, local} {
		if err := verifyBy(t, New(Config{Now: c.now, Loopback: true}), address+"/keys"); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"http://192.0.2.1", "http://idp.example.com", "http://localhost.example.com", "ftp://127.0.0.1"} {
		err := verifyBy(t, New(Config{Now: c.now, Loopback: true}), address)
		if !errors.Is(err, ErrProvider) || !strings.Contains(err.Error(), "not https") {
			t.Errorf("%s: got error %v, want %v", address, err, ErrProvider)
		}
	}
	p.misbehave(redirect("http://192.0.2.1/keys"))
	err := verifyBy(t, New(Config{Now: c.now, Loopback: true}), p.URL+"/keys")
	if !errors.Is(err, ErrProvider) || !strings.Contains(err.Error(), "192.0.2.1 is not an address") {
		t.Errorf("redirect: got error %v, want %v", err, ErrProvider)
	}
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]struct{ secure, plain bool }{
		"203.0.113.7": {true, false}, "2001:db8::1": {true, false},
		"10.0.0.1": {true, false}, "192.168.1.1": {true, false}, "fd00::1": {true, false},
		"127.0.0.1": {true, true}, "127.9.9.9": {true, true}, "::1": {true, true}, "::ffff:127.0.0.1": {true, true},
		"169.254.169.254": {false, false}, "::ffff:169.254.169.254": {false, false}, "fe80::1": {false, false}, "fe80::1%eth0": {false, false},
		"0.0.0.0": {false, false}, "::": {false, false}, "224.0.0.1": {false, false}, "ff02::1": {false, false},
	} {
		dial := func(refuse func(netip.Addr) bool) bool {
			return control(refuse)("tcp", net.JoinHostPort(address, "443"), nil) == nil
		}
		if dial(refuseSecure) != want.secure || dial(refusePlain) != want.plain {
			t.Errorf("%s: got %t with https and %t with http, want %v", address, dial(refuseSecure), dial(refusePlain), want)
		}
	}
}

// What net/http knows of the environment it reads once, so that a test cannot
// change it.
func TestUsesNoProxy(t *testing.T) {
	limits := New(Config{Loopback: true}).Client().Transport.(*limited)
	for _, transport := range []http.RoundTripper{limits.secure, limits.plain} {
		if transport.(*http.Transport).Proxy != nil {
			t.Error("it may use a proxy")
		}
	}
}

// The client is what x/oauth2 exchanges codes with.
func TestClientIsLimited(t *testing.T) {
	p := newProvider(t, "")
	client := verifier(new(clock), p).Client()
	if client.Timeout != timeout {
		t.Errorf("it waits %v", client.Timeout)
	}
	p.misbehave(endless)
	answer, err := client.Get(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if n, err := io.Copy(io.Discard, answer.Body); err == nil || n > maxBody {
		t.Errorf("%d bytes and error %v", n, err)
	}
	if _, err := client.Post(newPlainProvider(t).URL, "text/plain", strings.NewReader("secret")); err == nil {
		t.Error("it speaks http")
	}
	p.misbehave(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	asked := p.fetches.Load()
	if _, err := client.Post(p.URL, "text/plain", strings.NewReader("secret")); err == nil || p.fetches.Load() != asked+1 {
		t.Errorf("a secret is redirected, error %v", err)
	}
}

func TestCallerGoesAway(t *testing.T) {
	p := newProvider(t, "", public(rsaKey(), "k"))
	asked, release := make(chan struct{}), make(chan struct{})
	p.misbehave(func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-release
		answerJSON(jose.JSONWebKeySet{Keys: p.keys})(w, r)
	})
	v := verifier(new(clock), p)
	token := sign(t, jose.RS256, rsaKey(), "k", claimsOf(issuer, nil))
	ctx, leave := context.WithCancel(t.Context())
	first, second := make(chan error), make(chan error)
	verify := func(ctx context.Context, result chan<- error) {
		_, err := v.Verify(ctx, token, Provider{Issuer: issuer, JWKS: p.URL + "/keys"})
		result <- err
	}
	go verify(ctx, first)
	<-asked
	go verify(t.Context(), second)
	leave()
	if err := <-first; !errors.Is(err, context.Canceled) || errors.Is(err, ErrProvider) {
		t.Errorf("the first: got error %v, want %v", err, context.Canceled)
	}
	close(release)
	if err := <-second; err != nil {
		t.Errorf("the second: %v", err)
	}
	p.checkFetches(t, 0, 1)
}
