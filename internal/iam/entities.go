package iam

import (
	"context"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/store"
)

// EntityFilter says which users of a managed policy are wanted. The zero value
// wants all.
type EntityFilter struct {
	Kind       string // User or Role; of others there are none
	PathPrefix string
	Usage      Usage
}

// ListEntitiesForPolicy gives a page of the principals that a managed policy is
// attached to or bounds, roles first, in the order of names.
func (i *IAM) ListEntitiesForPolicy(ctx context.Context, c *access.Caller, arn string, f EntityFilter, page Page) ([]store.IAMIdentity, string, error) {
	return partOfPolicy(ctx, i, c, policyCall(c, "ListEntitiesForPolicy", arn, nil, nil), page, part[store.ManagedPolicy, store.IAMIdentity]{
		all: func(r store.Reader, _ *store.ManagedPolicy) ([]store.IAMIdentity, error) {
			return f.entities(r, c.Account.ID, arn)
		},
		key: func(e *store.IAMIdentity) string { return string(e.Kind) + " " + e.Name },
	})
}

func (f *EntityFilter) entities(r store.Reader, accountID, arn string) (all []store.IAMIdentity, err error) {
	uses, err := r.PolicyUses(accountID, arn)
	if err != nil {
		return nil, err
	}
	for _, u := range uses {
		wanted, err := f.wants(r, &u)
		if err != nil {
			return nil, err
		}
		if wanted && !slices.Contains(all, u.Identity) { // attached and a boundary
			all = append(all, u.Identity)
		}
	}
	return all, nil
}

func (f *EntityFilter) wants(r store.Reader, u *store.PolicyUse) (bool, error) {
	switch {
	case f.Kind != "" && f.Kind != title[u.Identity.Kind],
		f.Usage == AsBoundary && !u.Boundary,
		f.Usage == AsPermissions && u.Boundary:
		return false, nil
	case f.PathPrefix == "":
		return true, nil
	}
	p, err := r.PrincipalByID(u.Identity.ID)
	return strings.HasPrefix(p.Path, f.PathPrefix), err
}
