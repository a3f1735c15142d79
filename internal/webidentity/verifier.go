// Package webidentity verifies the ID tokens of OpenID Connect providers, for
// sts:AssumeRoleWithWebIdentity and for signing in in the browser. It finds the
// keys of a provider, keeps them, and holds a token against them. Which
// providers there are, and for which audience a token has to be, is for the
// caller to say.
package webidentity

import (
	"context"
	"crypto/x509"
	"net/http"
	"time"
)

// Config has what a Verifier needs. The zero value is fit for production.
type Config struct {
	// Loopback allows plain http to this machine, for trying things out.
	Loopback bool

	// RootCAs are the authorities that may vouch for providers; nil are those of
	// the system. To have both, add to what x509.SystemCertPool gives.
	RootCAs *x509.CertPool

	Now func() time.Time // nil: the real clock
}

// Verifier verifies tokens. It remembers what providers have published, and is
// safe for concurrent use.
type Verifier struct {
	now       func() time.Time
	loopback  bool
	client    *http.Client
	endpoints *cache[Endpoints] // by issuer
	keys      *cache[keySet]    // by URL
}

// New makes a Verifier.
func New(c Config) *Verifier {
	v := &Verifier{now: c.Now, loopback: c.Loopback, client: newClient(c)}
	if v.now == nil {
		v.now = time.Now
	}
	v.endpoints = newCache(v.now, v.fetchEndpoints)
	v.keys = newCache(v.now, v.fetchKeys)
	return v
}

// Provider is who has to have issued a token.
type Provider struct {
	Issuer string // what "iss" has to be, byte by byte
	JWKS   string // URL of its keys, "" to discover it
	Keys   []byte // the JWKS itself, instead of a URL; nil to fetch it
}

// Verify checks all of a token but for whom it is: whether the caller is, or
// trusts, one of Token.Audience, and Token.Nonce, it has to see to itself. What
// is wrong with a token is one of the errors of this package; when ctx ends
// first, it is that of ctx.
func (v *Verifier) Verify(ctx context.Context, token string, p Provider) (Token, error) {
	u, err := parse(token)
	if err != nil {
		return Token{}, err
	}
	if u.claims.Issuer != p.Issuer {
		return Token{}, refuse(ErrIssuer, "%.200q instead of %.200q", u.claims.Issuer, p.Issuer)
	}
	if err := v.checkSignature(ctx, u, p); err != nil {
		return Token{}, err
	}
	return u.claims.check(v.now())
}

// checkSignature fetches keys anew when those at hand do not fit, since they
// may have been rotated, some providers reusing the "kid".
func (v *Verifier) checkSignature(ctx context.Context, u *unverified, p Provider) error {
	if p.Keys != nil {
		return checkWith(u, p.Keys)
	}
	address, err := v.keysAddress(ctx, p)
	if err != nil {
		return err
	}
	keys, err := v.keys.get(ctx, address)
	if err != nil {
		return err
	}
	err = keys.check(u)
	if err == nil {
		return nil
	}
	if keys = v.keys.newer(ctx, address, keys); keys == nil {
		return err
	}
	return keys.check(u)
}

func checkWith(u *unverified, jwks []byte) error {
	keys, err := parseKeys(jwks)
	if err != nil {
		return blame(err)
	}
	return keys.check(u)
}

func (v *Verifier) keysAddress(ctx context.Context, p Provider) (string, error) {
	if p.JWKS != "" {
		return p.JWKS, nil
	}
	e, err := v.endpoints.get(ctx, p.Issuer)
	if err != nil {
		return "", err
	}
	return e.JWKS, nil
}

// Client makes requests within the limits of this package: which addresses,
// how long, how much. It is for asking a provider's other endpoints.
func (v *Verifier) Client() *http.Client { return v.client }
