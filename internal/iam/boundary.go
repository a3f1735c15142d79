package iam

import (
	"context"
	"maps"

	"rollcall/internal/access"
	"rollcall/internal/store"
)

// PutBoundary makes a managed policy the permissions boundary of a principal.
func (i *IAM) PutBoundary(ctx context.Context, c *access.Caller, p Ref, arn string) error {
	call := p.call(c, "Put*PermissionsBoundary", boundaryKeys(arn, nil))
	return i.changePrincipal(ctx, c, call, p, func(tx store.Tx, found *store.Principal) error {
		found.Boundary = arn
		return checkBoundary(tx, c, arn)
	})
}

// DeleteBoundary takes the permissions boundary from a principal, if there is
// one.
func (i *IAM) DeleteBoundary(ctx context.Context, c *access.Caller, p Ref) error {
	return i.changePrincipal(ctx, c, p.boundedCall(c, "Delete*PermissionsBoundary", nil), p, func(_ store.Tx, found *store.Principal) error {
		found.Boundary = ""
		return nil
	})
}

// boundaryKeys are the condition keys of a call about a permissions boundary,
// and others.
func boundaryKeys(arn string, others map[string][]string) map[string][]string {
	keys := maps.Clone(others)
	if arn != "" {
		if keys == nil {
			keys = map[string][]string{}
		}
		keys["iam:PermissionsBoundary"] = []string{arn}
	}
	return keys
}

// checkBoundary refuses a boundary that does not exist; "" is none.
func checkBoundary(r store.Reader, c *access.Caller, arn string) error {
	if arn == "" {
		return nil
	}
	return attachable(r, c, arn)
}

// attachable refuses a managed policy that does not exist.
func attachable(r store.Reader, c *access.Caller, arn string) error {
	if err := checkARN(arn); err != nil {
		return err
	}
	_, err := access.FindManagedPolicy(r, c.Account.ID, arn)
	if store.Missing(err, store.RecordManagedPolicy) {
		return refuse(NoSuchEntity, "Policy %s does not exist or is not attachable.", arn)
	}
	return err
}
