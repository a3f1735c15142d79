package webidentity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// start is when the tests begin, by their own clock.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// clock is a clock that stands still.
type clock struct{ passed atomic.Int64 }

func (c *clock) now() time.Time          { return start.Add(time.Duration(c.passed.Load())) }
func (c *clock) advance(d time.Duration) { c.passed.Add(int64(d)) }

func newRSA(bits int) func() *rsa.PrivateKey {
	return sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			panic(err)
		}
		return key
	})
}

func newEC(curve elliptic.Curve) func() *ecdsa.PrivateKey {
	return sync.OnceValue(func() *ecdsa.PrivateKey {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			panic(err)
		}
		return key
	})
}

var (
	rsaKey   = newRSA(2048)
	otherRSA = newRSA(2048)
	shortRSA = newRSA(1024)
	p256     = newEC(elliptic.P256())
	p384     = newEC(elliptic.P384())
	p521     = newEC(elliptic.P521())
)

// public is a key as providers publish it.
func public(key crypto.Signer, kid string) jose.JSONWebKey {
	return jose.JSONWebKey{Key: key.Public(), KeyID: kid}
}

// provider is an OpenID provider. It counts what it is asked for.
type provider struct {
	*httptest.Server
	discoveries, fetches atomic.Int32

	mu       sync.Mutex
	metadata map[string]any
	keys     []jose.JSONWebKey
	answer   http.HandlerFunc // nil for what is expected
}

func newProvider(t *testing.T, path string, keys ...jose.JSONWebKey) *provider {
	p := &provider{keys: keys}
	p.Server = httptest.NewTLSServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	p.describe(p.URL + path)
	return p
}

// newPlainProvider speaks http.
func newPlainProvider(t *testing.T, keys ...jose.JSONWebKey) *provider {
	p := &provider{keys: keys}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	p.describe(p.URL)
	return p
}

func (p *provider) describe(issuer string) {
	p.metadata = map[string]any{
		"issuer": issuer, "jwks_uri": p.URL + "/keys",
		"authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
		"code_challenge_methods_supported": []string{"plain", "S256"}, "authorization_response_iss_parameter_supported": true,
	}
}

func (p *provider) issuer() string { return p.metadata["issuer"].(string) }

func (p *provider) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	answer, keys, metadata := p.answer, p.keys, maps.Clone(p.metadata)
	p.mu.Unlock()
	discovery := strings.HasSuffix(r.URL.Path, "/.well-known/openid-configuration")
	if discovery {
		p.discoveries.Add(1)
	} else {
		p.fetches.Add(1)
	}
	switch {
	case answer != nil:
		answer(w, r)
	case discovery && r.URL.Path != strings.TrimSuffix(strings.TrimPrefix(metadata["issuer"].(string), p.URL), "/")+"/.well-known/openid-configuration":
		http.NotFound(w, r)
	case discovery:
		json.NewEncoder(w).Encode(metadata)
	case r.URL.Path == "/keys":
		json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: keys})
	default:
		http.NotFound(w, r)
	}
}

func (p *provider) publish(keys ...jose.JSONWebKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = keys
}

// misbehave lets a handler answer everything; nil ends it.
func (p *provider) misbehave(answer http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = answer
}

func (p *provider) checkFetches(t *testing.T, discoveries, fetches int32) {
	t.Helper()
	if d, f := p.discoveries.Load(), p.fetches.Load(); d != discoveries || f != fetches {
		t.Errorf("%d discoveries and %d fetches of keys, want %d and %d", d, f, discoveries, fetches)
	}
}

// verifier is one that trusts the providers given.
func verifier(c *clock, providers ...*provider) *Verifier {
	roots := x509.NewCertPool()
	for _, p := range providers {
		if p.TLS != nil {
			roots.AddCert(p.Certificate())
		}
	}
	return New(Config{Now: c.now, RootCAs: roots})
}

type object = map[string]any

// claimsOf are the claims of a good token, changed; nil takes one away.
func claimsOf(issuer string, changes object) object {
	claims := object{
		"iss": issuer, "sub": "user-1", "aud": "client", "iat": start.Unix(), "exp": start.Add(time.Hour).Unix(),
	}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	return claims
}

// sign makes a token. The key is one of go-jose's.
func sign(t testing.TB, algorithm jose.SignatureAlgorithm, key any, kid string, claims any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: kid}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return serialize(t, signer, payload)
}

func serialize(t testing.TB, signer jose.Signer, payload []byte) string {
	t.Helper()
	jws, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func encode(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// signText signs a header and a payload as they are written, by rsaKey and
// RS256 whatever the header says.
func signText(t testing.TB, header, payload string) string {
	t.Helper()
	return signInput(t, encode(header)+"."+encode(payload))
}

func signInput(t testing.TB, input string) string {
	t.Helper()
	digest := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(rand.Reader, rsaKey(), crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + encode(string(signature))
}

func marshal(t testing.TB, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// answerJSON answers everything with a value.
func answerJSON(value any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { json.NewEncoder(w).Encode(value) }
}
