package iamapi_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"rollcall/internal/apitest"
	"rollcall/internal/server"
	"rollcall/internal/store"
	"rollcall/internal/store/sqlstore"
	"rollcall/rollcalltest"
)

// idp is an OpenID provider that makes what tokens it is told to.
type idp struct {
	*httptest.Server
	path string // of the issuer
	key  *rsa.PrivateKey
}

var idpKey, otherKey = newRSA(), newRSA()

func newRSA() func() *rsa.PrivateKey {
	return sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		return key
	})
}

func newIDP(t testing.TB, path string, start func(http.Handler) *httptest.Server) *idp {
	p := &idp{path: path, key: idpKey()}
	p.Server = start(p)
	t.Cleanup(p.Close)
	return p
}

func (p *idp) issuer() string { return p.URL + p.path }

// name is the provider's in ARNs and condition keys.
func (p *idp) name() string {
	_, name, _ := strings.Cut(p.issuer(), "://")
	return name
}

func (p *idp) arn() string { return providerARN(p.name()) }

// authorities vouch for the provider.
func (p *idp) authorities() *x509.CertPool {
	pool := x509.NewCertPool()
	if p.TLS != nil {
		pool.AddCert(p.Certificate())
	}
	return pool
}

func (p *idp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case strings.TrimSuffix(p.path, "/") + "/.well-known/openid-configuration":
		json.NewEncoder(w).Encode(claims{"issuer": p.issuer(), "jwks_uri": p.URL + "/keys"})
	case "/keys":
		json.NewEncoder(w).Encode(p.jwks())
	default:
		http.NotFound(w, r)
	}
}

func (p *idp) jwks() jose.JSONWebKeySet {
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p.key.Public(), KeyID: "1", Algorithm: "RS256", Use: "sig"}}}
}

type claims = map[string]any

// claims are those of a good token for ana, changed; nil takes one away.
func (p *idp) claims(changes claims) claims {
	now := time.Now().Unix()
	all := claims{"iss": p.issuer(), "sub": "ana-1", "aud": "app", "iat": now, "exp": now + 600}
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	return all
}

func (p *idp) token(t testing.TB, changes claims) string {
	t.Helper()
	return sign(t, jose.RS256, p.key, p.claims(changes))
}

func sign(t testing.TB, algorithm jose.SignatureAlgorithm, key any, claims claims) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: "1"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// federated is a server that knows a provider, with a client of root.
type federated struct {
	apitest.Client
	idp  *idp
	data string       // directory
	log  *lockedLines // of all levels
}

// newFederated starts both; its role "web" trusts the provider.
func newFederated(t testing.TB, path string) *federated {
	t.Helper()
	p := newIDP(t, path, httptest.NewTLSServer)
	f := openFederated(t, p, server.Config{OIDCCAs: p.authorities()})
	f.OK(t, "iam", "CreateOpenIDConnectProvider", "Url", p.issuer(), "ClientIDList.member.1", "other", "ClientIDList.member.2", "app", "ClientIDList.member.3", "mobile")
	f.role(t, "web", trustIn(p.arn(), nil))
	return f
}

func openFederated(t testing.TB, p *idp, c server.Config) *federated {
	t.Helper()
	f := &federated{idp: p, data: t.TempDir(), log: new(lockedLines)}
	c.Listen, c.DataDir = "127.0.0.1:0", f.data
	c.Log = slog.New(slog.NewTextHandler(f.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := server.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Run(t.Context()) }() // which is over before the cleanups
	t.Cleanup(func() {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	key := server.DevKey
	if !c.Dev {
		if key, err = server.ReadCredentials(f.data); err != nil {
			t.Fatal(err)
		}
	}
	f.Client = apitest.New(&rollcalltest.Server{
		URL: s.URL(), Region: s.Account().Region, AccessKeyID: key.ID, SecretAccessKey: key.Secret})
	return f
}

// lockedLines are written while they are read.
type lockedLines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lockedLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *lockedLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

func (f *federated) role(t testing.TB, name, trust string, more ...string) {
	t.Helper()
	f.OK(t, "iam", "CreateRole", append(is("RoleName", name, "AssumeRolePolicyDocument", trust), more...)...)
}

// change runs fn on the store that the server has open.
func (f *federated) change(t testing.TB, fn func(store.Tx) error) {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), filepath.Join(f.data, "rollcall.db"), sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// trustIn is a trust policy in a provider, nil for without conditions.
func trustIn(provider string, conditions claims, actions ...string) string {
	if len(actions) == 0 {
		actions = is("sts:AssumeRoleWithWebIdentity")
	}
	statement := claims{"Effect": "Allow", "Principal": claims{"Federated": provider}, "Action": actions}
	if conditions != nil {
		statement["Condition"] = conditions
	}
	text, err := json.Marshal(claims{"Version": "2012-10-17", "Statement": []any{statement}})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// assume asks for a session of a role without a signature. Parameters take the
// place of those that are usual; an empty one takes them away.
func (f *federated) assume(t testing.TB, role, token string, parameters ...string) apitest.XML {
	t.Helper()
	return f.Anonymous(t, "sts", "AssumeRoleWithWebIdentity", inPlace(is(
		"RoleArn", ofAccount+"role/"+role, "RoleSessionName", "ana", "WebIdentityToken", token), parameters)...)
}

func inPlace(usual, others []string) (all []string) {
	merged := map[string]string{}
	for _, list := range [][]string{usual, others} {
		for i := 0; i < len(list); i += 2 {
			merged[list[i]] = list[i+1]
		}
	}
	for name, value := range merged {
		if value != "" {
			all = append(all, name, value)
		}
	}
	return all
}

func (f *federated) assumed(t testing.TB, role, token string, parameters ...string) (apitest.Client, apitest.XML) {
	t.Helper()
	a := f.assume(t, role, token, parameters...)
	if a.Status != http.StatusOK {
		t.Fatalf("%s: %d %s", role, a.Status, a.Text)
	}
	return f.As(a), a
}

// refusedWeb is what a role says to whom it does not trust.
func refusedWeb(action string) string {
	return fmt.Sprintf("403 AccessDenied Not authorized to perform %s", action)
}
