package iam

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/store"
)

// maxAttached is how many managed policies may be attached to a principal.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const maxAttached = 10

// AttachPolicy attaches a managed policy to a principal.
func (i *IAM) AttachPolicy(ctx context.Context, c *access.Caller, p Ref, arn string) error {
	return i.changePrincipal(ctx, c, attachmentCall(c, "Attach*Policy", p, arn), p, func(tx store.Tx, found *store.Principal) error {
		if slices.Contains(found.Attached, arn) {
			return nil
		}
		if err := attachable(tx, c, arn); err != nil {
			return err
		}
		if len(found.Attached) >= maxAttached {
			return refuse(LimitExceeded, "Cannot exceed quota for PoliciesPer%s: %d", title[p.kind], maxAttached)
		}
		found.Attached = append(found.Attached, arn)
		return nil
	})
}

func attachmentCall(c *access.Caller, action string, p Ref, arn string) access.Call {
	call := p.boundedCall(c, action, map[string][]string{"iam:PolicyARN": {arn}})
	call.Invalid = checkARN(arn)
	return call
}

// DetachPolicy takes a managed policy from a principal.
func (i *IAM) DetachPolicy(ctx context.Context, c *access.Caller, p Ref, arn string) error {
	return i.changePrincipal(ctx, c, attachmentCall(c, "Detach*Policy", p, arn), p, func(_ store.Tx, found *store.Principal) error {
		at := slices.Index(found.Attached, arn)
		if at < 0 {
			return noPolicy(arn)
		}
		found.Attached = slices.Delete(found.Attached, at, at+1)
		return nil
	})
}

// Attached is a managed policy that is attached to a principal.
type Attached struct{ Name, ARN string }

// ListAttachedPolicies gives a page of the managed policies under a path that
// are attached to a principal.
func (i *IAM) ListAttachedPolicies(ctx context.Context, c *access.Caller, p Ref, pathPrefix string, page Page) (attached []Attached, marker string, err error) {
	return partOfPrincipal(ctx, i, c, "ListAttached*Policies", p, page, part[store.Principal, Attached]{
		all: func(_ store.Reader, found *store.Principal) (all []Attached, err error) {
			for _, arn := range found.Attached {
				if path, name := splitPolicyARN(arn); strings.HasPrefix(path, cmp.Or(pathPrefix, "/")) {
					all = append(all, Attached{name, arn})
				}
			}
			return all, nil
		},
		key: func(a *Attached) string { return a.ARN },
	})
}

// splitPolicyARN gives path and name of a managed policy.
func splitPolicyARN(arn string) (path, name string) {
	_, resource, _ := strings.Cut(arn, ":policy")
	n := strings.LastIndex(resource, "/") + 1
	return resource[:n], resource[n:]
}
