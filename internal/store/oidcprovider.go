package store

import (
	"cmp"
	"time"
)

// OIDCProvider is an OpenID Connect provider, whose tokens roles of an account
// can trust.
type OIDCProvider struct {
	AccountID   string
	URL         string   // of the issuer without its scheme: host and path, which name it
	ClientIDs   []string // audiences that its tokens may be for, as they were given
	Thumbprints []string // of its servers' certificates, as they were given
	Tags        Tags
	CreatedAt   time.Time

	// What follows may all be absent, and IAM's API shows none of it.

	// Issuer is what its tokens say they are of, byte by byte, where that is not
	// https:// and the URL.
	Issuer string

	// ClientID and SealedClientSecret are those that rollcall itself has at the
	// provider, so that people can continue with it in a browser. Label is what
	// they are told it is.
	ClientID           string
	SealedClientSecret []byte
	Label              string

	// JWKS is the URL of its keys, Keys are the keys themselves, a JWKS document,
	// where the provider is not to be asked for them.
	JWKS string
	Keys []byte
}

// IssuerURL is what its tokens say they are of.
func (p *OIDCProvider) IssuerURL() string { return cmp.Or(p.Issuer, "https://"+p.URL) }

// OIDCProviderReader reads OpenID Connect providers.
type OIDCProviderReader interface {
	// OIDCProvider finds a provider by its URL, which is compared byte by byte.
	OIDCProvider(accountID, url string) (OIDCProvider, error)
	// OIDCProviders lists all providers of an account in the order of their
	// URLs.
	OIDCProviders(accountID string) ([]OIDCProvider, error)
}

// OIDCProviderWriter changes OpenID Connect providers.
type OIDCProviderWriter interface {
	// CreateOIDCProvider ends in ErrExists when the account has a provider of
	// that URL.
	CreateOIDCProvider(OIDCProvider) error
	// UpdateOIDCProvider replaces all of the provider with that URL but its
	// time.
	UpdateOIDCProvider(OIDCProvider) error
	// DeleteOIDCProvider removes a provider. Who trusts it is not looked at.
	DeleteOIDCProvider(accountID, url string) error
}
