// Package oidcop runs an OpenID provider that rollcall's authors did not write,
// in the test's own process: that of github.com/zitadel/oidc, with a page for
// signing in.
package oidcop

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// Password is everybody's. Any name signs in, and is the subject then.
const Password = "verysecure"

// callback is where Token is sent back to, and nobody listens.
const callback = "http://localhost:9/callback"

// Options change a provider. The zero value is good.
type Options struct {
	Plain     bool           // http://localhost instead of https
	Path      string         // of the issuer, such as /realms/sales
	Redirects []string       // where else the client may be sent back to
	Claims    map[string]any // that ID tokens have besides
}

// Provider is a provider that runs.
type Provider struct {
	Issuer       string
	ClientID     string
	ClientSecret string
	CAs          *x509.CertPool // who vouch for it; nil with Plain
	Certificate  *x509.Certificate

	server    *httptest.Server
	path      string
	redirects []string
	claims    map[string]any

	mu      sync.Mutex
	handler http.Handler
}

// New starts a provider that stops with the test.
func New(t testing.TB, o *Options) *Provider {
	t.Helper()
	if o == nil {
		o = &Options{}
	}
	p := &Provider{ClientID: "rollcall", ClientSecret: rand.Text(), path: o.Path, redirects: append(o.Redirects, callback), claims: o.Claims}
	if o.Plain {
		p.server = httptest.NewServer(p)
		p.Issuer = strings.Replace(p.server.URL, "127.0.0.1", "localhost", 1) + o.Path
	} else {
		p.server = httptest.NewTLSServer(p)
		p.Issuer = p.server.URL + o.Path
		p.Certificate, p.CAs = p.server.Certificate(), x509.NewCertPool()
		p.CAs.AddCert(p.Certificate)
	}
	t.Cleanup(p.Stop)
	p.Rotate(t)
	return p
}

// Stop lets it go down.
func (p *Provider) Stop() { p.server.Close() }

// Rotate gives it another key in the place of the one it has, and lets it
// forget who is signing in.
func (p *Provider) Rotate(t testing.TB) {
	t.Helper()
	client := storage.WebClient(p.ClientID, p.ClientSecret, p.redirects...)
	s := &people{storage.NewStorageWithClients(everybody{}, map[string]*storage.Client{p.ClientID: client}), p.claims}
	provider, err := op.NewProvider(&op.Config{CryptoKey: [32]byte([]byte(rand.Text() + rand.Text())[:32]), CodeMethodS256: true, AuthMethodPost: true},
		s, op.StaticIssuer(p.Issuer), op.WithAllowInsecure(), op.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", provider)
	mux.HandleFunc("GET /login/username", signInPage)
	mux.HandleFunc("POST /login/username", op.NewIssuerInterceptor(provider.IssuerFromRequest).HandlerFunc(s.signIn(op.AuthCallbackURL(provider))))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.handler = mux
}

// ServeHTTP serves what is below the issuer, and the page for signing in, which
// is at the top.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	h := p.handler
	p.mu.Unlock()
	if strings.HasPrefix(r.URL.Path, p.path+"/") {
		h = http.StripPrefix(p.path, h)
	}
	h.ServeHTTP(w, r)
}

var page = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en"><title>Sign in</title>
<form method="post">
<input type="hidden" name="id" value="{{.}}">
<label>Name <input name="username" autofocus></label>
<label>Password <input name="password" type="password"></label>
<button>Sign in</button>
</form>
`))

func signInPage(w http.ResponseWriter, r *http.Request) {
	_ = page.Execute(w, r.FormValue("authRequestID")) // the client has gone
}

// signIn looks at the password, and sends back to where the request came from.
func (p *people) signIn(callback func(context.Context, string) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := r.PostFormValue("id")
		if err := p.CheckUsernamePassword(r.PostFormValue("username"), r.PostFormValue("password"), id); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		http.Redirect(w, r, callback(r.Context(), id), http.StatusFound)
	}
}

// everybody are users of all names.
type everybody struct{}

func (everybody) ExampleClientID() string { return "service" }

func (everybody) GetUserByID(id string) *storage.User { return user(id) }

func (everybody) GetUserByUsername(name string) *storage.User { return user(name) }

func user(name string) *storage.User {
	email := name
	if !strings.Contains(name, "@") {
		email += "@example.com"
	}
	return &storage.User{ID: name, Username: name, Password: Password, FirstName: name, LastName: "Example",
		Email: email, EmailVerified: true}
}

// people puts more into ID tokens than the example does.
type people struct {
	*storage.Storage
	claims map[string]any
}

func (p *people) SetUserinfoFromRequest(ctx context.Context, info *oidc.UserInfo, r op.IDTokenRequest, scopes []string) error {
	for name, value := range p.claims {
		info.AppendClaims(name, value)
	}
	return p.Storage.SetUserinfoFromRequest(ctx, info, r, scopes)
}

func (p *people) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	c, err := p.Storage.GetClientByClientID(ctx, id)
	if err != nil {
		return nil, err
	}
	return withClaims{c}, nil
}

// withClaims is a client whose ID tokens have what its scopes give.
type withClaims struct{ op.Client }

func (withClaims) IDTokenUserinfoClaimsAssertion() bool { return true }

// Token signs somebody in, as a browser would, and gives his ID token.
func (p *Provider) Token(t testing.TB, subject string, scopes ...string) string {
	t.Helper()
	verifier := rand.Text() + rand.Text()
	challenge := sha256.Sum256([]byte(verifier))
	e := p.endpoints(t)
	query := url.Values{
		"client_id": {p.ClientID}, "redirect_uri": {callback}, "response_type": {"code"}, "state": {rand.Text()}, "nonce": {rand.Text()},
		"scope":          {strings.Join(append([]string{"openid"}, scopes...), " ")},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}
	code := p.signIn(t, e.Authorization+"?"+query.Encode(), subject)
	if code.Get("state") != query.Get("state") {
		t.Fatalf("sent back with %v", code)
	}
	return p.exchange(t, e.Token, code.Get("code"), verifier)
}

type endpoints struct {
	Authorization string `json:"authorization_endpoint"`
	Token         string `json:"token_endpoint"`
}

func (p *Provider) endpoints(t testing.TB) (e endpoints) {
	t.Helper()
	readJSON(t, p.do(t, p.browser(t), "GET", p.Issuer+"/.well-known/openid-configuration", nil), &e)
	return e
}

// browser keeps cookies and goes where it is sent, but not away from the
// provider.
func (p *Provider) browser(t testing.TB) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Transport: p.server.Client().Transport, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), callback) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

// signIn fills in the form, and gives what the provider sends back.
func (p *Provider) signIn(t testing.TB, address, subject string) url.Values {
	t.Helper()
	b := p.browser(t)
	form := p.do(t, b, "GET", address, nil)
	_ = form.Body.Close()
	at := form.Request.URL
	away := p.do(t, b, "POST", at.String(), url.Values{
		"username": {subject}, "password": {Password}, "id": {at.Query().Get("authRequestID")}})
	_ = away.Body.Close()
	to, err := away.Location()
	if err != nil {
		t.Fatalf("%s was not sent back: %d at %s", subject, away.StatusCode, away.Request.URL)
	}
	return to.Query()
}

func (p *Provider) exchange(t testing.TB, address, code, verifier string) string {
	t.Helper()
	var tokens struct {
		IDToken string `json:"id_token"`
	}
	readJSON(t, p.do(t, p.browser(t), "POST", address, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier}}), &tokens)
	return tokens.IDToken
}

// do sends a request, to the token endpoint as the client that it is of.
func (p *Provider) do(t testing.TB, b *http.Client, method, address string, form url.Values) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if form.Has("code") {
		r.SetBasicAuth(p.ClientID, p.ClientSecret)
	}
	answer, err := b.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func readJSON(t testing.TB, answer *http.Response, into any) {
	t.Helper()
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%d %s", answer.StatusCode, text)
	}
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", answer.Request.URL, err)
	}
}
