package login

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/oauth2"

	"rollcall/internal/seal"
	"rollcall/internal/store"
	"rollcall/internal/webidentity"
)

// Reasons why nobody comes back from a provider, beside those of
// webidentity for a provider that is down.
var (
	ErrTripOver = errors.New("the sign-in has ended, or was begun in another browser")
	ErrAnswer   = errors.New("the provider's answer is not what it has to be")
)

// CancelledError is what a provider says instead of who somebody is.
type CancelledError struct{ Code string } // such as access_denied

func (e *CancelledError) Error() string { return fmt.Sprintf("the provider says %.100q", e.Code) }

// Return is what somebody comes back from a provider with.
type Return struct {
	Token  string // of the browser
	State  string
	Code   string
	Issuer string // "iss"; "": none
	Error  string // instead of the code
}

// Returned is what came of a return.
type Returned struct {
	Opened
	Request string // token of the sign-in that goes on where nobody is signed in; "": none
}

// Finish ends a sign-in by a provider, whatever comes of it: no code is tried
// twice. All that is asked, is asked of the provider that it was begun with.
func (p *Providers) Finish(ctx context.Context, r Return) (out Returned, err error) {
	provider, t, err := p.end(ctx, &r)
	if err != nil {
		return out, err
	}
	out.Request = t.Request
	endpoints, err := p.verifier.Discover(ctx, provider.IssuerURL())
	if err != nil {
		return out, err
	}
	if err := checkOrigin(&endpoints, r.Issuer); err != nil {
		return out, err
	}
	if r.Error != "" {
		return out, &CancelledError{r.Error}
	}
	client, err := p.client(&provider, &endpoints)
	if err != nil {
		return out, err
	}
	idToken, err := p.exchange(ctx, client, r.Code, t.Verifier)
	if err != nil {
		return out, err
	}
	id, err := p.verify(ctx, &provider, t, idToken)
	if err != nil {
		return out, err
	}
	out.Opened, err = p.open(ctx, &provider, t, &id)
	return out, err
}

// end takes a trip away that is this browser's and has this state. An address
// that somebody else has made up ends none.
func (p *Providers) end(ctx context.Context, r *Return) (provider store.OIDCProvider, t *trip, err error) {
	hash, err := parseToken(r.Token)
	if err != nil {
		return provider, nil, ErrTripOver
	}
	err = p.people.store.Update(ctx, func(tx store.Tx) error {
		begun, err := tx.SignIn(hash)
		if store.Missing(err, store.RecordSignIn) || err == nil && !tx.Now().Before(begun.ExpiresAt) {
			return ErrTripOver
		}
		if err != nil {
			return err
		}
		if t, err = p.openTrip(&begun); err != nil {
			return err
		}
		if state, err := base64.RawURLEncoding.Strict().DecodeString(r.State); err != nil || !seal.TokenMatches(state, t.State) {
			return ErrTripOver
		}
		if provider, err = findProvider(tx, begun.ProviderAccount, begun.ProviderURL); err != nil {
			return err
		}
		return tx.DeleteSignIn(hash)
	})
	return provider, t, err
}

// openTrip gives what a sign-in is to be checked against. One that is at no
// provider's has nothing of that.
func (p *Providers) openTrip(begun *store.SignIn) (*trip, error) {
	if begun.ProviderURL == "" {
		return nil, ErrTripOver
	}
	plain, err := p.trips.Open(begun.Sealed, string(begun.TokenHash))
	if err != nil {
		return nil, err
	}
	t := new(trip)
	return t, json.Unmarshal(plain, t)
}

// checkOrigin refuses an answer of another provider, or one that the provider
// has not given as it says it does (RFC 9207 section 2.4).
func checkOrigin(e *webidentity.Endpoints, issuer string) error {
	switch {
	case issuer == "" && e.IssuerParameter:
		return fmt.Errorf("%w: it does not say whose it is", ErrAnswer)
	case issuer != "" && issuer != e.Issuer:
		return fmt.Errorf("%w: it is of %.200q instead of %q", ErrAnswer, issuer, e.Issuer)
	}
	return nil
}

// exchange gives the ID token for a code.
func (p *Providers) exchange(ctx context.Context, client *oauth2.Config, code, verifier string) (string, error) {
	if code == "" {
		return "", fmt.Errorf("%w: there is no code", ErrAnswer)
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, p.verifier.Client())
	token, err := client.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	switch {
	case ok && refused.Response.StatusCode/100 == 4:
		return "", fmt.Errorf("%w: for the code it sends %s %.100q", ErrAnswer, refused.Response.Status, refused.ErrorCode)
	case ok:
		return "", fmt.Errorf("%w: for a code it sends %s", webidentity.ErrProvider, refused.Response.Status)
	case err != nil:
		return "", fmt.Errorf("%w: %w", webidentity.ErrProvider, err)
	}
	id, ok := token.Extra("id_token").(string)
	if !ok {
		return "", fmt.Errorf("%w: there is no ID token", ErrAnswer)
	}
	return id, nil
}

// verify checks an ID token: that it is the provider's, for rollcall, and for
// this trip.
// https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
func (p *Providers) verify(ctx context.Context, provider *store.OIDCProvider, t *trip, idToken string) (id webidentity.Token, err error) {
	id, err = p.verifier.Verify(ctx, idToken, webidentity.Provider{
		Issuer: provider.IssuerURL(), JWKS: provider.JWKS, Keys: provider.Keys})
	switch {
	case errors.Is(err, webidentity.ErrProvider), errors.Is(err, webidentity.ErrDiscovery), ctx.Err() != nil:
		return id, err
	case err != nil:
		return id, fmt.Errorf("%w: %w", ErrAnswer, err)
	case !isFor(&id, provider.ClientID):
		return id, fmt.Errorf("%w: the ID token is for another client", ErrAnswer)
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(t.Nonce)) != 1:
		return id, fmt.Errorf("%w: the ID token is of another sign-in", ErrAnswer)
	}
	return id, nil
}

// isFor says whether a token is for a client, and for nobody else unless it was
// this client that asked for it.
func isFor(id *webidentity.Token, clientID string) bool {
	if id.AuthorizedParty == "" {
		return len(id.Audience) == 1 && id.Audience[0] == clientID
	}
	return id.AuthorizedParty == clientID && slices.Contains(id.Audience, clientID)
}
