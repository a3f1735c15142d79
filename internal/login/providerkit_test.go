package login_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"

	"rollcall/internal/access"
	"rollcall/internal/login"
	"rollcall/internal/seal"
	"rollcall/internal/store"
	"rollcall/internal/webidentity"
)

const (
	publicURL = "https://directory.example.com"
	subject   = "00u1é"
	clientID  = "rollcall at id"
	secret    = "s3cr%t +"
)

type object = map[string]any

var idpKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// idp is an OpenID provider where everybody is the same subject.
type idp struct {
	*httptest.Server
	exchanges atomic.Int32 // requests of the token endpoint

	// What tests change before they use it.
	metadata object
	client   string           // that it knows
	secret   string           // "": a public client
	post     bool             // the secret comes in the form
	claims   object           // of ID tokens, over the usual; nil takes one away
	key      any              // that signs
	answer   http.HandlerFunc // of the token endpoint; nil: the usual
	noIss    bool             // it does not say whose an answer is

	mu    sync.Mutex
	codes map[string]url.Values // the requests that they were given for
}

func newIDP(t testing.TB) *idp {
	i := &idp{client: clientID, secret: secret, key: idpKey(), codes: map[string]url.Values{}}
	i.Server = httptest.NewTLSServer(http.HandlerFunc(i.serve))
	i.Config.ErrorLog = nil
	t.Cleanup(i.Close)
	i.metadata = object{
		"issuer": i.URL, "jwks_uri": i.URL + "/keys", "authorization_endpoint": i.URL + "/authorize?tenant=a", "token_endpoint": i.URL + "/token",
		"authorization_response_iss_parameter_supported": true,
	}
	return i
}

func (i *idp) serve(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		json.NewEncoder(w).Encode(i.metadata)
	case "/keys":
		json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: idpKey().Public(), KeyID: "k"}}})
	case "/token":
		i.exchanges.Add(1)
		if i.answer != nil {
			i.answer(w, r)
			return
		}
		i.exchange(w, r)
	default:
		http.NotFound(w, r)
	}
}

// approve is what the provider leads back with when somebody has signed in there.
func (i *idp) approve(t testing.TB, address string) login.Return {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{
		"tenant": "a", "response_type": "code", "client_id": i.client, "redirect_uri": publicURL + "/sn/signin/callback",
		"scope": "openid", "code_challenge_method": "S256",
	} {
		if q.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, q.Get(name), want)
		}
	}
	back := login.Return{State: q.Get("state"), Code: fmt.Sprint("code ", uuid.New()), Issuer: i.metadata["issuer"].(string)}
	if i.noIss {
		back.Issuer = ""
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.codes[back.Code] = q
	return back
}

// exchange gives an ID token for a code, once, to whom it was given.
func (i *idp) exchange(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	q := i.codes[r.PostFormValue("code")]
	delete(i.codes, r.PostFormValue("code"))
	i.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	id, given, _ := r.BasicAuth()
	id, given = unescape(id), unescape(given)
	if i.post || i.secret == "" {
		id, given = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	switch {
	case q == nil, q.Get("redirect_uri") != r.PostFormValue("redirect_uri"),
		q.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]):
		http.Error(w, `{"error": "invalid_grant"}`, http.StatusBadRequest)
	case id != i.client || given != i.secret:
		http.Error(w, `{"error": "invalid_client"}`, http.StatusUnauthorized)
	default:
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(object{"access_token": "a", "token_type": "Bearer", "id_token": i.token(q.Get("nonce"))})
	}
}

func unescape(s string) string {
	s, _ = url.QueryUnescape(s)
	return s
}

func (i *idp) token(nonce string) string {
	claims := object{"iss": i.metadata["issuer"], "sub": subject, "aud": i.client, "nonce": nonce,
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix()}
	maps.Copy(claims, i.claims)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	algorithm := jose.RS256
	if _, symmetric := i.key.([]byte); symmetric {
		algorithm = jose.HS256
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: i.key, KeyID: "k"}}, nil)
	if err != nil {
		panic(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		panic(err)
	}
	token, err := jws.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return token
}

// providerKit is Providers over a kit, whose user has a login at the first.
type providerKit struct {
	*kit
	*login.Providers
	secrets *access.ClientSecrets
}

func newProviderKit(t *testing.T, idps ...*idp) *providerKit {
	t.Helper()
	roots := x509.NewCertPool()
	for _, i := range idps {
		roots.AddCert(i.Certificate())
	}
	k := &providerKit{kit: newKit(t)}
	key := seal.NewKey()
	k.secrets = access.NewClientSecrets(key)
	k.Providers = login.NewProviders(k.People, webidentity.New(webidentity.Config{RootCAs: roots}), key, publicURL)
	for _, i := range idps {
		k.add(i, account)
	}
	k.gives(k.user, store.ExternalLogin{Provider: "CUSTOM_OIDC", URL: idps[0].URL, ID: subject})
	return k
}

// add makes rollcall a client of a provider in an account.
func (k *providerKit) add(i *idp, account string) {
	k.Helper()
	p := store.OIDCProvider{AccountID: account, URL: i.Listener.Addr().String(), ClientID: i.client, Label: "Example ID"}
	k.secrets.Seal(&p, i.secret)
	k.update(func(tx store.Tx) error { return tx.CreateOIDCProvider(p) })
}

// gives stores a user's external login.
func (k *providerKit) gives(u store.User, l store.ExternalLogin) {
	k.Helper()
	u.ExternalLogin = l
	k.update(func(tx store.Tx) error { return tx.UpdateUser(u) })
}

// namesake makes a user in a namespace who has the same login at a provider.
func (k *providerKit) namesake(i *idp, name, namespace string) store.User {
	k.Helper()
	u := store.User{Name: name, ID: uuid.Must(uuid.NewV7()), Role: "READER", Identity: "QUICKSIGHT", Principal: name,
		ExternalLogin: store.ExternalLogin{Provider: "CUSTOM_OIDC", URL: i.URL, ID: subject}}
	k.update(func(tx store.Tx) error {
		ns, err := tx.Namespace(account, namespace)
		if store.Missing(err, store.RecordNamespace) {
			ns, err = tx.CreateNamespace(store.Namespace{AccountID: account, Name: namespace, DirectoryID: "d-" + namespace})
		}
		if err != nil {
			return err
		}
		u.NamespaceID = ns.ID
		return tx.CreateUser(account, store.NewUser{User: u})
	})
	return u
}

// to is a sign-in by a provider.
func to(i *idp) login.Destination {
	return login.Destination{AccountID: account, URL: i.Listener.Addr().String()}
}

// leave begins a sign-in by a provider and comes back from there.
func (k *providerKit) leave(i *idp, d login.Destination) login.Return {
	k.Helper()
	address, token, err := k.Providers.Begin(k.Context(), d)
	if err != nil {
		k.Fatal(err)
	}
	back := i.approve(k, address)
	back.Token = token
	return back
}

// enters fails unless that signs a user in, and gives where it leads.
func (k *providerKit) enters(name string, back login.Return) (returnTo string) {
	k.Helper()
	out, err := k.Finish(k.Context(), back)
	if err != nil {
		k.Fatal(err)
	}
	if s, err := k.Session(k.Context(), out.Token); err != nil || s.User.Name != name || !s.User.Active {
		k.Errorf("signed in is %+v, %v, want %s", s.User, err, name)
	}
	return out.ReturnTo
}

// records are those of sign-ins, in a few words.
func (k *providerKit) records() (all []string) {
	k.Helper()
	if err := k.log.Flush(k.Context()); err != nil {
		k.Fatal(err)
	}
	if err := k.store.View(k.Context(), func(r store.Reader) error {
		records, _, err := r.AuditPage(store.AuditQuery{AccountID: account, Limit: 100})
		for _, r := range records {
			all = append(all, fmt.Sprint(r.Caller.Kind, " ", r.Caller.Name, " ", r.Action, " ", r.Parameters, " ", r.Response, " ", r.ErrorMessage))
		}
		return err
	}); err != nil {
		k.Fatal(err)
	}
	slices.Sort(all)
	return all
}
