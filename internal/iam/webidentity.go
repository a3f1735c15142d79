package iam

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/store"
	"rollcall/internal/webidentity"
)

// CognitoProvider is Amazon Cognito's identity pools, which roles can trust by
// this name without a provider in IAM. Whose tokens count as Cognito's is said
// by a provider of this URL, which IAM's API does not show.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
const CognitoProvider = "cognito-identity.amazonaws.com"

// AssumedByToken is a session that a provider's token was given for.
type AssumedByToken struct {
	Assumed
	Federation access.Federation
	Tagged     bool // by the token
}

// AssumeRoleWithWebIdentity makes a session of a role for whoever has a token of
// a provider that the role trusts. He is nobody in IAM before that.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
func (i *IAM) AssumeRoleWithWebIdentity(ctx context.Context, n NewSession, token string) (a AssumedByToken, err error) {
	if !roleARN.MatchString(n.RoleARN) {
		return a, refuse(ValidationError, "%s is invalid", n.RoleARN)
	}
	account, provider, err := i.providerOf(ctx, n.RoleARN, token)
	if err != nil {
		return a, err
	}
	t, err := i.verifier.Verify(ctx, token, webidentity.Provider{Issuer: provider.IssuerURL(), JWKS: provider.JWKS, Keys: provider.Keys})
	if err != nil {
		return a, tokenError(err)
	}
	if a.Federation, err = federation(&provider, &t); err != nil {
		return a, err
	}
	a.Tagged = len(t.Tags) > 0
	c := access.WebIdentity(ctx, account, i.now(), &a.Federation)
	c.Request.Parameters = n.parameters()
	if a.Assumed, err = i.assumeByToken(ctx, c, &n, &t, provider.URL); err != nil {
		i.noteRefusal(c, err)
	}
	return a, err
}

// assumeByToken makes the session of a caller whose token has been verified.
func (i *IAM) assumeByToken(ctx context.Context, c *access.Caller, n *NewSession, t *webidentity.Token, provider string) (a Assumed, err error) {
	if err := n.takeFrom(t); err != nil {
		return a, err
	}
	session, invalid := n.session(c)
	if invalid != nil {
		return a, invalid
	}
	session.Federation = c.Federation()
	call := n.call(c, session, "sts:AssumeRoleWithWebIdentity")
	call.Keys[provider+":aud"] = []string{session.Federation.Audience}
	call.Keys[provider+":sub"] = []string{t.Subject}
	call.Keys[provider+":amr"] = t.AMR
	return i.assume(ctx, c, n, session, call)
}

// noteRefusal records what somebody was refused whose token is good. What others
// send is only logged.
func (i *IAM) noteRefusal(c *access.Caller, err error) {
	var (
		denied  *access.Denied
		refused *Error
	)
	switch {
	case errors.As(err, &denied):
		i.guard.Ended(c, true, string(AccessDenied), denied.Error())
	case errors.As(err, &refused):
		i.guard.Ended(c, true, string(refused.Code), refused.Message)
	}
}

// providerOf finds the account of a role, and the provider there that a token
// says it is of.
func (i *IAM) providerOf(ctx context.Context, roleARN, token string) (a store.Account, p store.OIDCProvider, err error) {
	iss, err := webidentity.Issuer(token)
	if err != nil {
		return a, p, tokenError(err)
	}
	err = i.store.View(ctx, func(r store.Reader) error {
		if a, err = r.Account(strings.Split(roleARN, ":")[4]); err != nil {
			return err
		}
		all, err := r.OIDCProviders(a.ID)
		if err != nil {
			return err
		}
		n := slices.IndexFunc(all, func(p store.OIDCProvider) bool { return p.IssuerURL() == iss })
		if n < 0 {
			return refuse(InvalidIdentityToken, "No OpenIDConnect provider found in your account for %s", iss)
		}
		p = all[n]
		return nil
	})
	if store.Missing(err, store.RecordAccount) {
		err = &access.Denied{Action: "sts:AssumeRoleWithWebIdentity", Resource: roleARN}
	}
	return a, p, err
}

// maxAudience is the length of the longest client id.
const maxAudience = 255

// federation is who a verified token is about, if it is for somebody whom the
// provider's tokens may be for. Cognito's are for identity pools, which trust
// policies name.
func federation(p *store.OIDCProvider, t *webidentity.Token) (f access.Federation, err error) {
	f = access.Federation{Provider: showProvider(p).ARN, Issuer: t.Issuer, Subject: t.Subject, Audience: t.AuthorizedParty}
	known := func(audience string) bool { return slices.Contains(p.ClientIDs, audience) }
	if p.URL == CognitoProvider {
		f.Provider = CognitoProvider
		known = func(audience string) bool { return len(p.ClientIDs) == 0 || slices.Contains(p.ClientIDs, audience) }
	}
	n := slices.IndexFunc(t.Audience, known)
	if n >= 0 && f.Audience == "" {
		f.Audience = t.Audience[n]
	}
	// Both count: a token that another client was given is not for us, whomever
	// else it is for.
	if n < 0 || !known(f.Audience) || len(f.Audience) > maxAudience {
		return f, refuse(InvalidIdentityToken, "Incorrect token audience")
	}
	return f, nil
}

// What tags and source identities are made of. For AssumeRole, the service's
// model says so.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html
var (
	sessionTag     = regexp.MustCompile(`\A[\p{L}\p{Z}\p{N}_.:/=+\-@]*\z`)
	sourceIdentity = regexp.MustCompile(`\A(?:[\w+=,.@-]{2,64})?\z`)
)

// takeFrom takes from a token what it says of the session.
func (n *NewSession) takeFrom(t *webidentity.Token) error {
	for key, value := range t.Tags {
		if !sessionTag.MatchString(key) || !sessionTag.MatchString(value) {
			return refuse(InvalidIdentityToken, "The session tags in the token have characters that tags can't have.")
		}
		n.Tags = append(n.Tags, Tag{key, value})
	}
	if _, err := newTags(n.Tags); err != nil { // whose code is none of this operation
		return refuse(InvalidIdentityToken, "%v", err)
	}
	if !sourceIdentity.MatchString(t.SourceIdentity) {
		return refuse(InvalidIdentityToken, "The source identity in the token is not valid.")
	}
	n.TransitiveKeys, n.SourceIdentity = t.TransitiveTagKeys, t.SourceIdentity
	return nil
}

// parameters are what was asked for, without the token.
func (n *NewSession) parameters() string {
	v := map[string]any{"roleArn": n.RoleARN, "roleSessionName": n.Name}
	if n.Duration > 0 {
		v["durationSeconds"] = int(n.Duration.Seconds())
	}
	if n.Policy != "" {
		v["policy"] = n.Policy
	}
	if len(n.PolicyARNs) > 0 {
		arns := []map[string]string{}
		for _, arn := range n.PolicyARNs {
			arns = append(arns, map[string]string{"arn": arn})
		}
		v["policyArns"] = arns
	}
	return response(v)
}

const noVerificationKey = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"

// tokenError is the error of STS for what is wrong with a token.
func tokenError(err error) error {
	var expired *webidentity.ExpiredError
	switch {
	case errors.As(err, &expired):
		return refuse(ExpiredToken, "Token expired: current date/time %d must be before the expiration date/time %d",
			expired.Now.Unix(), expired.Expires.Unix())
	case errors.Is(err, webidentity.ErrProvider), errors.Is(err, webidentity.ErrDiscovery):
		return fmt.Errorf("%w: %w", refuse(IDPCommunicationError, noVerificationKey), err) // the provider's words are for the log
	case errors.Is(err, webidentity.ErrNoKey):
		return refuse(InvalidIdentityToken, noVerificationKey)
	case errors.Is(err, webidentity.ErrMalformed):
		return refuse(InvalidIdentityToken, "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	case isTokenFault(err):
		return refuse(InvalidIdentityToken, "%v", err)
	}
	return err
}

func isTokenFault(err error) bool {
	return slices.ContainsFunc([]error{
		webidentity.ErrAlgorithm, webidentity.ErrIssuer, webidentity.ErrSignature, webidentity.ErrMissingClaim,
		webidentity.ErrNotYetValid, webidentity.ErrTags,
	}, func(fault error) bool { return errors.Is(err, fault) })
}
