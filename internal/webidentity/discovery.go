package webidentity

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// Endpoints is what a provider says about itself.
// https://openid.net/specs/openid-connect-discovery-1_0.html
type Endpoints struct {
	Issuer        string `json:"issuer"`
	Authorization string `json:"authorization_endpoint"`
	Token         string `json:"token_endpoint"`
	JWKS          string `json:"jwks_uri"`

	// IssuerParameter says that each answer of the authorization endpoint has
	// "iss", so that one without is forged (RFC 9207).
	IssuerParameter bool `json:"authorization_response_iss_parameter_supported"`

	// AuthMethods are how the token endpoint takes a client's secret; none means
	// client_secret_basic.
	AuthMethods []string `json:"token_endpoint_auth_methods_supported"`

	// ChallengeMethods are those of PKCE. Without any it may still know them.
	ChallengeMethods []string `json:"code_challenge_methods_supported"`
}

// SupportsS256 tells whether the provider is known to check PKCE.
func (e *Endpoints) SupportsS256() bool { return slices.Contains(e.ChallengeMethods, "S256") }

// Discover asks a provider for what signing in in the browser needs. It has all
// three endpoints.
func (v *Verifier) Discover(ctx context.Context, issuer string) (Endpoints, error) {
	e, err := v.endpoints.get(ctx, issuer)
	if err != nil {
		return Endpoints{}, err
	}
	for _, address := range []string{e.Authorization, e.Token} {
		if err := v.checkURL(address); err != nil {
			return Endpoints{}, blame(fmt.Errorf("an endpoint of %s: %w", issuer, err))
		}
	}
	return *e, nil
}

// fetchEndpoints takes a document without authorization or token endpoint:
// providers that no browser visits have none.
func (v *Verifier) fetchEndpoints(ctx context.Context, issuer string) (*Endpoints, error) {
	if strings.ContainsAny(issuer, "?#") {
		return nil, fmt.Errorf("the issuer %q has a query or a fragment", issuer)
	}
	text, err := v.fetch(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return nil, err
	}
	e := new(Endpoints)
	if err := json.Unmarshal(text, e); err != nil {
		return nil, fmt.Errorf("discovery of %s: %w", issuer, err)
	}
	if e.Issuer != issuer { // Discovery section 4.3: the same, not alike
		return nil, fmt.Errorf("%w: %.200q instead of %q", ErrDiscovery, e.Issuer, issuer)
	}
	if err := v.checkURL(e.JWKS); err != nil {
		return nil, fmt.Errorf("the keys of %s: %w", issuer, err)
	}
	return e, nil
}
