package login

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"rollcall/internal/access"
	"rollcall/internal/request"
	"rollcall/internal/seal"
	"rollcall/internal/store"
	"rollcall/internal/webidentity"
)

// CallbackPath is where people come back to from a provider.
const CallbackPath = "/sn/signin/callback"

// TripLife is how long somebody may be at a provider's.
const TripLife = 15 * time.Minute

// maxNamespace is the longest name of a namespace.
const maxNamespace = 64

// ErrNoProvider means that nobody can continue with that provider.
var ErrNoProvider = errors.New("there is no such provider to continue with")

// Providers signs people in who prove to an OpenID Connect provider who they
// are: by an authorization code, with PKCE, for an ID token. It is safe for
// concurrent use.
type Providers struct {
	people   *People
	verifier *webidentity.Verifier
	secrets  *access.ClientSecrets
	trips    *seal.Box
	callback string // URL of CallbackPath
	paces    *paces
}

// NewProviders makes Providers for the pages at a public URL.
func NewProviders(p *People, v *webidentity.Verifier, k *seal.Key, publicURL string) *Providers {
	return &Providers{
		people: p, verifier: v, secrets: access.NewClientSecrets(k), trips: k.Box("sign-in at a provider"),
		callback: publicURL + CallbackPath, paces: newPaces()}
}

// Choice is a provider that somebody can continue with.
type Choice struct {
	AccountID string
	URL       string // that it is kept by
	Label     string
}

// Choices are the providers of the only account, or of the one with that name
// or those 12 digits.
func (p *Providers) Choices(ctx context.Context, account string) (choices []Choice, err error) {
	err = p.people.store.View(ctx, func(r store.Reader) error {
		accounts, err := r.Accounts()
		if err != nil {
			return err
		}
		n := slices.IndexFunc(accounts, func(a store.Account) bool { return len(accounts) == 1 || a.ID == account || a.Name == account })
		if n < 0 {
			return nil
		}
		all, err := r.OIDCProviders(accounts[n].ID)
		for _, one := range all {
			if one.ClientID != "" {
				choices = append(choices, Choice{one.AccountID, one.URL, label(&one)})
			}
		}
		return err
	})
	return choices, err
}

// label is what people are told a provider is.
func label(p *store.OIDCProvider) string {
	if p.Label != "" {
		return p.Label
	}
	host, _, _ := strings.Cut(p.URL, "/")
	return host
}

// Destination is where somebody wants to sign in by a provider.
type Destination struct {
	Request   string // token of the sign-in that was begun; "": none
	AccountID string
	URL       string // of the provider
	Namespace string // of the user who is meant; "": there is one
}

// trip is a sign-in that is at a provider's, as far as nobody else is to know.
// It belongs to one browser, which has its token in a cookie.
type trip struct {
	Request   string
	Namespace string
	State     []byte // hash of what has to come back in the address
	Nonce     string // that the ID token has to have
	Verifier  string // of PKCE
}

// Begin begins a sign-in by a provider: it gives the address at the provider to
// go to, and the token that the browser has to come back with. It asks the
// provider, in a pace of its own for each network.
func (p *Providers) Begin(ctx context.Context, d Destination) (address, token string, err error) {
	provider, err := p.find(ctx, d)
	if err != nil {
		return "", "", err
	}
	if !p.paces.allow(request.From(ctx).SourceIP) {
		return "", "", ErrTooMany
	}
	endpoints, err := p.verifier.Discover(ctx, provider.IssuerURL())
	if err != nil {
		return "", "", err
	}
	if len(d.Namespace) > maxNamespace {
		return "", "", ErrUnauthorizedLogin // nobody's
	}
	if _, err := parseToken(d.Request); err != nil {
		d.Request = "" // nor is it kept, however long it is
	}
	state := seal.NewToken()
	t := trip{Request: d.Request, Namespace: d.Namespace, State: seal.HashToken(state),
		Nonce: text(seal.NewToken()), Verifier: oauth2.GenerateVerifier()}
	if token, err = p.store(ctx, &provider, &t); err != nil {
		return "", "", err
	}
	client, err := p.client(&provider, &endpoints)
	if err != nil {
		return "", "", err
	}
	return client.AuthCodeURL(text(state), oauth2.S256ChallengeOption(t.Verifier), oauth2.SetAuthURLParam("nonce", t.Nonce)), token, nil
}

// text writes a token as it travels.
func text(token []byte) string { return base64.RawURLEncoding.EncodeToString(token) }

func (p *Providers) find(ctx context.Context, d Destination) (provider store.OIDCProvider, err error) {
	err = p.people.store.View(ctx, func(r store.Reader) error {
		provider, err = findProvider(r, d.AccountID, d.URL)
		return err
	})
	return provider, err
}

// findProvider finds a provider where rollcall is a client.
func findProvider(r store.Reader, accountID, url string) (store.OIDCProvider, error) {
	provider, err := r.OIDCProvider(accountID, url)
	if store.Missing(err, store.RecordOIDCProvider) || err == nil && provider.ClientID == "" {
		err = ErrNoProvider
	}
	return provider, err
}

// store keeps a trip as a sign-in of its own, which leaves the one that the form
// is of to those who change their minds.
func (p *Providers) store(ctx context.Context, provider *store.OIDCProvider, t *trip) (token string, err error) {
	secret := seal.NewToken()
	hash := seal.HashToken(secret)
	plain, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	sealed := p.trips.Seal(plain, string(hash))
	err = p.people.store.Update(ctx, func(tx store.Tx) error {
		return tx.CreateSignIn(store.SignIn{
			TokenHash: hash, ExpiresAt: tx.Now().Add(TripLife),
			ProviderAccount: provider.AccountID, ProviderURL: provider.URL, Sealed: sealed}, maxRequests)
	})
	return text(secret), err
}

// client is what rollcall is at a provider. How it shows its secret is as the
// provider says, so that no code is sent twice to find out.
func (p *Providers) client(provider *store.OIDCProvider, e *webidentity.Endpoints) (*oauth2.Config, error) {
	secret, err := p.secrets.Open(provider)
	style := oauth2.AuthStyleInHeader
	if secret == "" || len(e.AuthMethods) > 0 && !slices.Contains(e.AuthMethods, "client_secret_basic") {
		style = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID:     provider.ClientID,
		ClientSecret: secret,
		Endpoint:     oauth2.Endpoint{AuthURL: e.Authorization, TokenURL: e.Token, AuthStyle: style},
		RedirectURL:  p.callback,
		Scopes:       []string{"openid"},
	}, err
}
