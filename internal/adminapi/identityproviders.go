package adminapi

import (
	"context"

	"rollcall/internal/access"
	"rollcall/internal/iam"
)

// PutIdentityProviderRequest is the input of PutIdentityProvider.
type PutIdentityProviderRequest struct {
	AccountId    string  `uri:"AccountId" json:"-" check:"required,match=accountID"`
	Issuer       *string `check:"required,len=1..255"`
	ClientId     *string `check:"len=1..255"`
	ClientSecret *string `check:"len=1..1024,sensitive"`
	Label        *string `check:"len=1..64,match=printable"`
	JwksUrl      *string `check:"len=1..1024"`
	Jwks         *string `check:"len=1..65536,sensitive"` // a JWKS document; it may be a private one by mistake
	Cognito      *bool
}

// PutIdentityProviderResponse is the output of PutIdentityProvider.
type PutIdentityProviderResponse struct {
	Created     bool   // the provider was not there before
	CallbackUrl string // that it has to let people come back to
}

func (a *api) putIdentityProvider(ctx context.Context, c *access.Caller, in *PutIdentityProviderRequest) (*PutIdentityProviderResponse, error) {
	if err := own(c, in.AccountId, "rollcall:PutIdentityProvider"); err != nil {
		return nil, err
	}
	n := iam.NewIdentityProvider{
		Issuer:       *in.Issuer,
		ClientID:     value(in.ClientId),
		ClientSecret: value(in.ClientSecret),
		Label:        value(in.Label),
		JWKS:         value(in.JwksUrl),
		Cognito:      in.Cognito != nil && *in.Cognito,
	}
	if in.Jwks != nil {
		n.Keys = []byte(*in.Jwks)
	}
	created, err := a.iam.PutIdentityProvider(ctx, c, n)
	return &PutIdentityProviderResponse{created, a.callback}, err
}

// ListIdentityProvidersRequest is the input of ListIdentityProviders.
type ListIdentityProvidersRequest struct {
	AccountId string `uri:"AccountId" json:"-" check:"required,match=accountID"`
}

// IdentityProvider is a provider as the API shows one.
type IdentityProvider struct {
	Issuer          string
	Label           string
	ClientId        string // "": nobody can continue with it
	HasClientSecret bool
	JwksUrl         string
	HasJwks         bool
	Cognito         bool
}

// ListIdentityProvidersResponse is the output of ListIdentityProviders. An
// account has so few that they are one page.
type ListIdentityProvidersResponse struct {
	Providers []IdentityProvider
}

func (a *api) listIdentityProviders(ctx context.Context, c *access.Caller, in *ListIdentityProvidersRequest) (*ListIdentityProvidersResponse, error) {
	if err := own(c, in.AccountId, "rollcall:ListIdentityProviders"); err != nil {
		return nil, err
	}
	all, err := a.iam.ListIdentityProviders(ctx, c)
	out := new(ListIdentityProvidersResponse)
	for _, p := range all {
		out.Providers = append(out.Providers, IdentityProvider{
			Issuer: p.Issuer, Label: p.Label, ClientId: p.ClientID, HasClientSecret: p.Secret,
			JwksUrl: p.JWKS, HasJwks: p.Keys, Cognito: p.Cognito})
	}
	return out, err
}

// DeleteIdentityProviderRequest is the input of DeleteIdentityProvider.
type DeleteIdentityProviderRequest struct {
	AccountId string  `uri:"AccountId" json:"-" check:"required,match=accountID"`
	Issuer    *string `query:"issuer" json:"-" check:"required,len=1..255"` // or cognito-identity.amazonaws.com
}

// DeleteIdentityProviderResponse is the output of DeleteIdentityProvider.
type DeleteIdentityProviderResponse struct{}

func (a *api) deleteIdentityProvider(ctx context.Context, c *access.Caller, in *DeleteIdentityProviderRequest) (*DeleteIdentityProviderResponse, error) {
	if err := own(c, in.AccountId, "rollcall:DeleteIdentityProvider"); err != nil {
		return nil, err
	}
	return new(DeleteIdentityProviderResponse), a.iam.DeleteIdentityProvider(ctx, c, *in.Issuer)
}
