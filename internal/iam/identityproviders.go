package iam

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"rollcall/internal/access"
	"rollcall/internal/store"
	"rollcall/internal/webidentity"
)

// issuerURL is what tokens say they are of. Plain http is for providers on this
// machine, which the verifier sees to.
var issuerURL = regexp.MustCompile(`\Ahttps?://(` + hostAndPath + `)\z`)

// NewIdentityProvider is what rollcall is told of a provider beside what IAM is:
// the client that it is there itself, so that people can continue with the
// provider in a browser, and where its keys are.
type NewIdentityProvider struct {
	Issuer       string // what its tokens say they are of, byte by byte
	ClientID     string // "": nobody can continue with it
	ClientSecret string // "": a public client
	Label        string // what people are told it is; "": its host
	JWKS         string // URL of its keys; "": it says that itself
	Keys         []byte // a JWKS document instead; nil: none
	Cognito      bool   // its tokens are those of Amazon Cognito's identity pools
	Keep         bool   // secret and keys that are not given stay as they are
}

// IdentityProvider is a provider with what rollcall was told of it. Its secret
// is shown to nobody.
type IdentityProvider struct {
	Issuer   string
	ClientID string
	Label    string
	Secret   bool // the client has one
	JWKS     string
	Keys     bool // they are kept here
	Cognito  bool
}

func showIdentityProvider(p *store.OIDCProvider) IdentityProvider {
	return IdentityProvider{
		Issuer:   p.IssuerURL(),
		ClientID: p.ClientID,
		Label:    p.Label,
		Secret:   p.SealedClientSecret != nil,
		JWKS:     p.JWKS,
		Keys:     p.Keys != nil,
		Cognito:  p.URL == CognitoProvider,
	}
}

func (n *NewIdentityProvider) check(v *webidentity.Verifier) error {
	keys := n.JWKS != "" || n.Keys != nil
	switch {
	case len(n.Issuer) > 255 || len(n.ClientID) > 255 || len(n.ClientSecret) > 1024 || len(n.JWKS) > 1024 || len(n.Keys) > 64<<10:
		return refuse(ValidationError, "The issuer, the client id, the client secret or the keys are too long")
	case utf8.RuneCountInString(n.Label) > 64 || strings.ContainsFunc(n.Label, func(c rune) bool { return !unicode.IsPrint(c) }):
		return refuse(ValidationError, "The label can have 64 printable characters")
	case !issuerURL.MatchString(n.Issuer):
		return refuse(ValidationError, "The issuer has to be a URL without query and fragment, such as https://id.example.com")
	case n.JWKS != "" && n.Keys != nil:
		return refuse(ValidationError, "The keys are either at a URL or a document, not both")
	case !n.Cognito && strings.EqualFold(n.url(), CognitoProvider):
		return refuse(ValidationError, "Amazon Cognito's identity pools are no provider to continue with")
	case n.Cognito && !keys:
		return refuse(ValidationError, "Whose tokens are Cognito's is said by their keys: a URL, or a JWKS document")
	case n.Cognito && n.ClientID+n.ClientSecret+n.Label != "":
		return refuse(ValidationError, "Nobody can continue with Cognito's identity pools: they have no clients")
	case !n.Cognito && n.ClientID == "" && !keys:
		return refuse(ValidationError, "A client id is needed to continue with the provider in a browser")
	case n.ClientID == "" && n.ClientSecret+n.Label != "":
		return refuse(ValidationError, "A client secret and a label need a client id")
	}
	if err := v.Check(webidentity.Provider{Issuer: n.Issuer, JWKS: n.JWKS, Keys: n.Keys}); err != nil {
		return refuse(ValidationError, "This is no provider that can be asked: %v", err)
	}
	return nil
}

// url is what the provider is kept by.
func (n *NewIdentityProvider) url() string {
	if n.Cognito {
		return CognitoProvider
	}
	return withoutScheme(n.Issuer)
}

func withoutScheme(issuer string) string {
	return strings.TrimPrefix(strings.TrimPrefix(issuer, "https://"), "http://")
}

// PutIdentityProvider takes the place of what rollcall was told of a provider
// before. IAM gets the provider if it does not have it.
func (i *IAM) PutIdentityProvider(ctx context.Context, c *access.Caller, n NewIdentityProvider) (created bool, err error) {
	call := access.Call{Action: "rollcall:PutIdentityProvider", AccountID: c.Account.ID, Resource: "*", Invalid: n.check(i.verifier)}
	err = i.guard.Change(ctx, c, call, func(tx store.Tx) (string, error) {
		n := n // fn may run again
		if err := cmp.Or(i.mustManage(tx, c, &call), checkIssuer(tx, c, &n)); err != nil {
			return "", err
		}
		p, err := tx.OIDCProvider(c.Account.ID, n.url())
		created = store.Missing(err, store.RecordOIDCProvider)
		if err != nil && !created {
			return "", err
		}
		if created {
			return "", i.createIdentityProvider(tx, c, &n)
		}
		i.describeAnew(&p, &n)
		return "", tx.UpdateOIDCProvider(p)
	})
	return created, err
}

// mustManage refuses those who do not manage IAM: whoever says whose keys count
// may be anybody whom a role trusts.
func (i *IAM) mustManage(r store.Reader, c *access.Caller, call *access.Call) error {
	may, err := i.guard.ManagesIAM(r, c)
	if err == nil && !may {
		err = &access.Denied{ARN: c.ARN, Action: call.Action, Resource: call.Resource,
			Reason: "because it takes the right to manage IAM"}
	}
	return err
}

// describeAnew is describe for a provider that has been described before.
func (i *IAM) describeAnew(p *store.OIDCProvider, n *NewIdentityProvider) {
	sealed, same := p.SealedClientSecret, p.ClientID == n.ClientID
	if n.Keep && n.JWKS == "" && n.Keys == nil {
		n.JWKS, n.Keys = p.JWKS, p.Keys
	}
	i.describe(p, n)
	if n.Keep && n.ClientSecret == "" && same {
		p.SealedClientSecret = sealed
	}
}

func (i *IAM) createIdentityProvider(tx store.Tx, c *access.Caller, n *NewIdentityProvider) error {
	p := store.OIDCProvider{AccountID: c.Account.ID, URL: n.url(), CreatedAt: tx.Now()}
	if n.ClientID != "" {
		p.ClientIDs = []string{n.ClientID}
	}
	i.describe(&p, n)
	if !n.Cognito {
		if err := checkRoom(tx, &p); err != nil {
			return err
		}
	}
	return tx.CreateOIDCProvider(p)
}

// describe notes all that rollcall is told of a provider.
func (i *IAM) describe(p *store.OIDCProvider, n *NewIdentityProvider) {
	p.Issuer = ""
	if n.Issuer != p.IssuerURL() {
		p.Issuer = n.Issuer
	}
	p.ClientID, p.Label, p.JWKS, p.Keys = n.ClientID, n.Label, n.JWKS, n.Keys
	i.secrets.Seal(p, n.ClientSecret)
}

// checkIssuer refuses an issuer that another provider of the account has: whose
// token it is would be anybody's guess.
func checkIssuer(r store.Reader, c *access.Caller, n *NewIdentityProvider) error {
	all, err := r.OIDCProviders(c.Account.ID)
	if err != nil {
		return err
	}
	for _, other := range all {
		switch same := other.IssuerURL() == n.Issuer; {
		case same && other.URL != n.url():
			return refuse(InvalidInput, "Another provider has the issuer %s", n.Issuer)
		case !same && other.URL == n.url() && !n.Cognito:
			return refuse(InvalidInput, "The provider is there with the issuer %s: delete it in IAM first", other.IssuerURL())
		}
	}
	return nil
}

// ListIdentityProviders gives all providers of the account, in the order of
// their URLs, those too of which rollcall was told no more than IAM.
func (i *IAM) ListIdentityProviders(ctx context.Context, c *access.Caller) (shown []IdentityProvider, err error) {
	call := access.Call{Action: "rollcall:ListIdentityProviders", AccountID: c.Account.ID, Resource: "*"}
	err = i.guard.Read(ctx, c, call, func(r store.Reader) error {
		all, err := r.OIDCProviders(c.Account.ID)
		for n := range all {
			shown = append(shown, showIdentityProvider(&all[n]))
		}
		return err
	})
	return shown, err
}

// DeleteIdentityProvider forgets what rollcall was told of a provider, by its
// issuer or, for Cognito, by CognitoProvider. IAM keeps its part, which roles
// may trust; of Cognito there is none.
func (i *IAM) DeleteIdentityProvider(ctx context.Context, c *access.Caller, issuer string) error {
	call := access.Call{Action: "rollcall:DeleteIdentityProvider", AccountID: c.Account.ID, Resource: "*"}
	return i.guard.Change(ctx, c, call, func(tx store.Tx) (string, error) {
		all, err := tx.OIDCProviders(c.Account.ID)
		if err = cmp.Or(i.mustManage(tx, c, &call), err); err != nil {
			return "", err
		}
		n := slices.IndexFunc(all, func(p store.OIDCProvider) bool { return described(&p, issuer) })
		switch {
		case n < 0:
			return "", refuse(NoSuchEntity, "No client settings of a provider %s", issuer)
		case all[n].URL == CognitoProvider:
			return "", tx.DeleteOIDCProvider(c.Account.ID, CognitoProvider)
		}
		i.describe(&all[n], &NewIdentityProvider{Issuer: issuer})
		return "", tx.UpdateOIDCProvider(all[n])
	})
}

// described says whether rollcall was told something of a provider, and it is
// the one that is meant.
func described(p *store.OIDCProvider, issuer string) bool {
	if p.URL == CognitoProvider {
		return issuer == CognitoProvider
	}
	return p.IssuerURL() == issuer && (p.ClientID != "" || p.JWKS != "" || p.Keys != nil)
}
