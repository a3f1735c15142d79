package iam

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/store"
)

// Quotas of OpenID Connect providers.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
const (
	maxProviders   = 100 // of an account
	maxClientIDs   = 100 // of a provider
	maxThumbprints = 5   // of a provider
)

// hostAndPath is a provider's URL without its scheme, and the last part of its
// ARN. A path has no character that means more than itself in a policy.
const (
	portAndPath = `(?::[0-9]{1,5})?(?:/[\w.~:@!$&'()+,;=%/-]*)?`
	hostAndPath = `[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*` + portAndPath
)

var (
	providerURL = regexp.MustCompile(`\Ahttps://` + hostAndPath + `\z`)
	loopbackURL = regexp.MustCompile(`\Ahttp://(?:localhost|127\.0\.0\.1)` + portAndPath + `\z`)
	providerARN = regexp.MustCompile(`\Aarn:aws:iam::([0-9]{12}):oidc-provider/(` + hostAndPath + `)\z`)
)

// OIDCProvider is an OpenID Connect provider as the API shows one.
type OIDCProvider struct {
	store.OIDCProvider
	ARN string
}

func showProvider(p *store.OIDCProvider) OIDCProvider {
	return OIDCProvider{*p, "arn:aws:iam::" + p.AccountID + ":oidc-provider/" + p.URL}
}

// NewOIDCProvider is what CreateOpenIDConnectProvider is asked for.
type NewOIDCProvider struct {
	URL         string // with its scheme
	ClientIDs   []string
	Thumbprints []string
	Tags        []Tag
}

func (n *NewOIDCProvider) check(loopback bool) error {
	fit := providerURL.MatchString(n.URL) || loopback && loopbackURL.MatchString(n.URL)
	if !fit || strings.EqualFold(n.URL, "https://"+CognitoProvider) {
		return refuse(ValidationError, "Invalid Open ID Connect Provider URL")
	}
	return cmp.Or(checkThumbprints(n.Thumbprints), checkClientIDs(n.ClientIDs))
}

// split gives the URL without its scheme, and what tokens have to say that they
// are of where that is not https:// and the URL.
func (n *NewOIDCProvider) split() (url, issuer string) {
	if url, ok := strings.CutPrefix(n.URL, "http://"); ok {
		return url, n.URL
	}
	return strings.TrimPrefix(n.URL, "https://"), ""
}

func checkThumbprints(all []string) error {
	if len(all) > maxThumbprints {
		return refuse(InvalidInput, "Thumbprint list must contain fewer than %d entries.", maxThumbprints)
	}
	return nil
}

func checkClientIDs(all []string) error {
	if len(all) > maxClientIDs {
		return refuse(LimitExceeded, "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: %d", maxClientIDs)
	}
	return nil
}

// CreateOIDCProvider adds a provider. Nobody is asked whether there is one at
// its URL.
func (i *IAM) CreateOIDCProvider(ctx context.Context, c *access.Caller, n NewOIDCProvider) (OIDCProvider, error) {
	n.ClientIDs = once(n.ClientIDs)
	tags, invalid := newTags(n.Tags)
	url, issuer := n.split()
	p := store.OIDCProvider{
		AccountID:   c.Account.ID,
		URL:         url,
		Issuer:      issuer,
		ClientIDs:   n.ClientIDs,
		Thumbprints: n.Thumbprints,
		Tags:        tags,
	}
	arn := showProvider(&p).ARN
	call := access.Call{
		Action: "iam:CreateOpenIDConnectProvider", AccountID: c.Account.ID, Resource: arn,
		Keys: access.TagKeys(tags), Invalid: cmp.Or(n.check(i.loopback), invalid),
	}
	err := i.guard.Change(ctx, c, call, func(tx store.Tx) (string, error) {
		if err := checkRoom(tx, &p); err != nil {
			return "", err
		}
		p.CreatedAt = tx.Now()
		return response(map[string]any{"openIDConnectProviderArn": arn}), tx.CreateOIDCProvider(p)
	})
	return showProvider(&p), err
}

// once are the values in their order, each of them once.
func once(all []string) (kept []string) {
	for _, value := range all {
		if !slices.Contains(kept, value) {
			kept = append(kept, value)
		}
	}
	return kept
}

// checkRoom refuses a provider that the account has, or has no room for.
func checkRoom(r store.Reader, p *store.OIDCProvider) error {
	all, err := r.OIDCProviders(p.AccountID)
	same := func(other store.OIDCProvider) bool { return other.URL == p.URL || other.IssuerURL() == p.IssuerURL() }
	switch {
	case err != nil:
		return err
	case slices.ContainsFunc(all, same): // else it would be anybody's guess whose token it is
		return refuse(EntityAlreadyExists, "Provider with url https://%s already exists.", p.URL)
	case len(withoutCognito(all)) >= maxProviders:
		return refuse(LimitExceeded, "Cannot exceed quota for OpenIdConnectProvidersPerAccount: %d", maxProviders)
	}
	return nil
}

// shownProviders are the providers of an account, but the one that stands for
// Amazon Cognito.
func shownProviders(r store.Reader, accountID string) ([]store.OIDCProvider, error) {
	all, err := r.OIDCProviders(accountID)
	return withoutCognito(all), err
}

func withoutCognito(all []store.OIDCProvider) []store.OIDCProvider {
	return slices.DeleteFunc(all, func(p store.OIDCProvider) bool { return p.URL == CognitoProvider })
}

// readProvider reads a provider of the caller's account by its ARN.
func readProvider(r store.Reader, c *access.Caller, arn string) (store.OIDCProvider, error) {
	m := providerARN.FindStringSubmatch(arn)
	if m == nil || m[1] != c.Account.ID || m[2] == CognitoProvider {
		return store.OIDCProvider{}, &store.Error{Kind: store.ErrNotFound, Record: store.RecordOIDCProvider}
	}
	return r.OIDCProvider(m[1], m[2])
}

func findProvider(r store.Reader, c *access.Caller, arn string) (store.OIDCProvider, error) {
	p, err := readProvider(r, c, arn)
	if store.Missing(err, store.RecordOIDCProvider) {
		err = refuse(NoSuchEntity, "OpenIDConnect Provider not found for arn %s", arn)
	}
	return p, err
}

// providerCall is a call about a provider, whose tags are found out in the
// call's transaction.
func providerCall(c *access.Caller, action, arn string, keys map[string][]string, invalid error) access.Call {
	call := access.Call{
		Action:    "iam:" + action,
		AccountID: c.Account.ID,
		Resource:  arn,
		Invalid:   invalid,
		Find: func(r store.Reader, call *access.Call) error {
			p, err := readProvider(r, c, arn)
			if store.Missing(err, store.RecordOIDCProvider) {
				err = nil
			}
			call.Keys = resourceTagKeys(p.Tags, keys)
			return err
		},
	}
	if m := providerARN.FindStringSubmatch(arn); m != nil {
		call.AccountID = m[1]
	} else {
		call.Invalid = refuse(InvalidInput, "ARN %s is not valid.", arn)
	}
	return call
}

// changeProvider runs a call that changes the provider it is about, which is
// stored when fn is done with it.
func (i *IAM) changeProvider(ctx context.Context, c *access.Caller, call access.Call, fn func(*store.OIDCProvider) error) error {
	return i.guard.Change(ctx, c, call, func(tx store.Tx) (string, error) {
		p, err := findProvider(tx, c, call.Resource)
		if err != nil {
			return "", err
		}
		if err := fn(&p); err != nil {
			return "", err
		}
		return "", tx.UpdateOIDCProvider(p)
	})
}

// GetOIDCProvider gives a provider.
func (i *IAM) GetOIDCProvider(ctx context.Context, c *access.Caller, arn string) (shown OIDCProvider, err error) {
	err = i.guard.Read(ctx, c, providerCall(c, "GetOpenIDConnectProvider", arn, nil, nil), func(r store.Reader) error {
		p, err := findProvider(r, c, arn)
		shown = showProvider(&p)
		return err
	})
	return shown, err
}

// ListOIDCProviders gives all providers of the account, in the order of their
// URLs.
func (i *IAM) ListOIDCProviders(ctx context.Context, c *access.Caller) (shown []OIDCProvider, err error) {
	call := access.Call{
		Action:    "iam:ListOpenIDConnectProviders",
		AccountID: c.Account.ID,
		Resource:  "arn:aws:iam::" + c.Account.ID + ":oidc-provider/*", // as seen in a denial
	}
	err = i.guard.Read(ctx, c, call, func(r store.Reader) error {
		all, err := shownProviders(r, c.Account.ID)
		for n := range all {
			shown = append(shown, showProvider(&all[n]))
		}
		return err
	})
	return shown, err
}

// DeleteOIDCProvider removes a provider, if it is there. Roles that trust it
// stay as they are.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteOpenIDConnectProvider.html
func (i *IAM) DeleteOIDCProvider(ctx context.Context, c *access.Caller, arn string) error {
	return i.guard.Change(ctx, c, providerCall(c, "DeleteOpenIDConnectProvider", arn, nil, nil), func(tx store.Tx) (string, error) {
		p, err := readProvider(tx, c, arn)
		switch {
		case store.Missing(err, store.RecordOIDCProvider):
			return "", nil
		case err != nil:
			return "", err
		}
		return "", tx.DeleteOIDCProvider(p.AccountID, p.URL)
	})
}

// AddClientID adds an audience to a provider, if it is not there.
func (i *IAM) AddClientID(ctx context.Context, c *access.Caller, arn, id string) error {
	return i.changeProvider(ctx, c, providerCall(c, "AddClientIDToOpenIDConnectProvider", arn, nil, nil), func(p *store.OIDCProvider) error {
		p.ClientIDs = once(append(p.ClientIDs, id))
		return checkClientIDs(p.ClientIDs)
	})
}

// RemoveClientID takes an audience from a provider, if it is there.
func (i *IAM) RemoveClientID(ctx context.Context, c *access.Caller, arn, id string) error {
	return i.changeProvider(ctx, c, providerCall(c, "RemoveClientIDFromOpenIDConnectProvider", arn, nil, nil), func(p *store.OIDCProvider) error {
		p.ClientIDs = slices.DeleteFunc(p.ClientIDs, func(other string) bool { return other == id })
		return nil
	})
}

// UpdateThumbprints replaces the thumbprints of a provider.
func (i *IAM) UpdateThumbprints(ctx context.Context, c *access.Caller, arn string, thumbprints []string) error {
	call := providerCall(c, "UpdateOpenIDConnectProviderThumbprint", arn, nil, checkThumbprints(thumbprints))
	return i.changeProvider(ctx, c, call, func(p *store.OIDCProvider) error {
		p.Thumbprints = thumbprints
		return nil
	})
}

// TagOIDCProvider gives a provider tags.
func (i *IAM) TagOIDCProvider(ctx context.Context, c *access.Caller, arn string, given []Tag) error {
	tags, invalid := newTags(given)
	call := providerCall(c, "TagOpenIDConnectProvider", arn, access.TagKeys(tags), invalid)
	return i.changeProvider(ctx, c, call, func(p *store.OIDCProvider) (err error) {
		p.Tags, err = withTags(p.Tags, tags, "OpenIdConnectProvider")
		return err
	})
}

// UntagOIDCProvider takes tags from a provider.
func (i *IAM) UntagOIDCProvider(ctx context.Context, c *access.Caller, arn string, keys []string) error {
	return i.changeProvider(ctx, c, providerCall(c, "UntagOpenIDConnectProvider", arn, untagKeys(keys), nil), func(p *store.OIDCProvider) error {
		p.Tags = withoutTags(p.Tags, keys)
		return nil
	})
}

// ListOIDCProviderTags gives a page of a provider's tags, in the order of keys.
func (i *IAM) ListOIDCProviderTags(ctx context.Context, c *access.Caller, arn string, page Page) (tags []Tag, marker string, err error) {
	call := providerCall(c, "ListOpenIDConnectProviderTags", arn, nil, nil)
	err = i.guard.Read(ctx, c, call, func(r store.Reader) error {
		p, err := findProvider(r, c, arn)
		if err != nil {
			return err
		}
		tags, marker, err = pageOf(i.pages, call.Action+" "+arn, tagList(p.Tags), page, tagKey)
		return err
	})
	return tags, marker, err
}
