package webidentity

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

func TestDiscover(t *testing.T) {
	for _, path := range []string{"", "/", "/tenant", "/tenant/"} {
		p := newProvider(t, path)
		v := verifier(new(clock), p)
		got, err := v.Discover(t.Context(), p.URL+path)
		if err != nil {
			t.Fatal(err)
		}
		want := Endpoints{
			Issuer: p.URL + path, JWKS: p.URL + "/keys", Authorization: p.URL + "/authorize", Token: p.URL + "/token",
			IssuerParameter: true, ChallengeMethods: []string{"plain", "S256"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if !got.SupportsS256() {
			t.Error("S256 is not found")
		}
		if _, err := v.Discover(t.Context(), p.URL+path); err != nil {
			t.Error(err)
		}
		p.checkFetches(t, 1, 0)
	}
}

func TestRefusesDiscovery(t *testing.T) {
	for name, test := range map[string]struct {
		changes object
		want    error
	}{
		"another issuer":          {object{"issuer": "https://idp.example.org"}, ErrDiscovery},
		"issuer without slash":    {object{"issuer": "URL/tenant"}, ErrDiscovery},
		"issuer with two slashes": {object{"issuer": "URL/tenant//"}, ErrDiscovery},
		"no issuer":               {object{"issuer": nil}, ErrDiscovery},
		"keys by http":            {object{"jwks_uri": "http://127.0.0.1/keys"}, ErrProvider},
		"keys in a file":          {object{"jwks_uri": "file:///etc/passwd"}, ErrProvider},
		"keys with a password":    {object{"jwks_uri": "https://a:b@127.0.0.1/keys"}, ErrProvider},
		"no keys":                 {object{"jwks_uri": nil}, ErrProvider},
		"keys are a number":       {object{"jwks_uri": 1}, ErrProvider},
		"authorization by http":   {object{"authorization_endpoint": "http://127.0.0.1/a"}, ErrProvider},
		"authorization by script": {object{"authorization_endpoint": "javascript:alert(1)"}, ErrProvider},
		"authorization by a URN":  {object{"authorization_endpoint": "urn:kubernetes:programmatic_authorization"}, ErrProvider},
		"authorization fragment":  {object{"authorization_endpoint": "https://127.0.0.1/a#b"}, ErrProvider},
		"no token endpoint":       {object{"token_endpoint": nil}, ErrProvider},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t, "/tenant/")
			asked := p.issuer()
			maps.Copy(p.metadata, test.changes)
			if said, ok := p.metadata["issuer"].(string); ok {
				p.metadata["issuer"] = strings.Replace(said, "URL", p.URL, 1)
			}
			p.misbehave(answerJSON(p.metadata))
			_, err := verifier(new(clock), p).Discover(t.Context(), asked)
			if !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
		})
	}
}

func TestRefusesIssuersThatAreNone(t *testing.T) {
	for _, issuer := range []string{
		"", "idp.example.com", "http://idp.example.com", "http://127.0.0.1", "https://", "https://:443", "https://a@127.0.0.1", "https://127.0.0.1?a=b", "https://127.0.0.1?", "https://127.0.0.1#", "file:///tmp", "https://127.0.0.1/%zz",
	} {
		if _, err := New(Config{}).Discover(t.Context(), issuer); !errors.Is(err, ErrProvider) {
			t.Errorf("%q: got error %v, want %v", issuer, err, ErrProvider)
		}
	}
}

func TestRefusesIssuersWithMoreThanAPath(t *testing.T) {
	for _, more := range []string{"?", "?a=b", "#", "#f"} {
		p := newProvider(t, "")
		p.misbehave(answerJSON(object{
			"issuer": p.URL + more, "jwks_uri": p.URL, "authorization_endpoint": p.URL, "token_endpoint": p.URL,
		}))
		if _, err := verifier(new(clock), p).Discover(t.Context(), p.URL+more); !errors.Is(err, ErrProvider) {
			t.Errorf("%q: got error %v, want %v", more, err, ErrProvider)
		}
	}
}

// GitHub Actions and Kubernetes have no endpoints for browsers.
func TestVerifyNeedsKeysAlone(t *testing.T) {
	p := newProvider(t, "", public(rsaKey(), "k"))
	delete(p.metadata, "token_endpoint")
	p.metadata["authorization_endpoint"] = "urn:kubernetes:programmatic_authorization"
	token := sign(t, jose.RS256, rsaKey(), "k", claimsOf(p.URL, nil))
	if _, err := verifier(new(clock), p).Verify(t.Context(), token, Provider{Issuer: p.URL}); err != nil {
		t.Error(err)
	}
}

func TestLyingProviderVerifiesNothing(t *testing.T) {
	p := newProvider(t, "", public(rsaKey(), "k"))
	c := new(clock)
	v := verifier(c, p)
	token := sign(t, jose.RS256, rsaKey(), "k", claimsOf(p.URL, object{"exp": start.Add(2 * fresh).Unix()}))
	if _, err := v.Verify(t.Context(), token, Provider{Issuer: p.URL}); err != nil {
		t.Fatal(err)
	}
	c.advance(fresh)
	p.misbehave(answerJSON(object{"issuer": p.URL + "/", "jwks_uri": p.URL + "/keys"}))
	if _, err := v.Verify(t.Context(), token, Provider{Issuer: p.URL}); !errors.Is(err, ErrDiscovery) {
		t.Errorf("got error %v, want %v", err, ErrDiscovery)
	}
	p.checkFetches(t, 2, 1)
}
