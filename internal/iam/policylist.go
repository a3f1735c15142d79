package iam

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/store"
)

// PolicyFilter says which managed policies are wanted. The zero value wants
// all.
type PolicyFilter struct {
	Scope        string // AWS or Local; "" and All: both
	PathPrefix   string
	OnlyAttached bool
	Usage        Usage
}

// Usage is a use of a managed policy; "" stands for any or none.
type Usage string

// The uses.
const (
	AsPermissions Usage = "PermissionsPolicy"
	AsBoundary    Usage = "PermissionsBoundary"
)

func (f *PolicyFilter) wants(p *Policy) bool {
	return (!f.OnlyAttached || p.Attachments > 0) &&
		(f.Usage != AsPermissions || p.Attachments > 0) &&
		(f.Usage != AsBoundary || p.Boundaries > 0)
}

// ListPolicies gives a page of managed policies, AWS's first, and the account's
// in the order of names.
func (i *IAM) ListPolicies(ctx context.Context, c *access.Caller, f PolicyFilter, page Page) (all []Policy, marker string, err error) {
	list := "ListPolicies " + c.Account.ID + " " + f.Scope + " " + f.PathPrefix
	after, invalid := page.after(i.pages, list)
	call := access.Call{
		Action:    "iam:ListPolicies",
		AccountID: c.Account.ID,
		// https://github.com/aws/aws-sam-cli/issues/394
		Resource: "policy path " + cmp.Or(f.PathPrefix, "/"),
		Invalid:  invalid,
	}
	err = i.guard.Read(ctx, c, call, func(r store.Reader) error {
		all, err = f.read(r, c.Account.ID, after, page.size()+1)
		return err
	})
	all, marker = cut(i.pages, list, all, page, policyPosition)
	return all, marker, err
}

// awsPosition begins the positions of AWS's policies, which no name does.
const awsPosition = "aws:"

func policyPosition(p *Policy) string {
	if p.AccountID == "" {
		return awsPosition + p.ARN
	}
	return p.Name
}

// read reads up to limit policies after a position.
func (f *PolicyFilter) read(r store.Reader, accountID, after string, limit int) (all []Policy, err error) {
	if after == "" || strings.HasPrefix(after, awsPosition) {
		if all, err = f.readAWS(r, accountID, after); err != nil {
			return nil, err
		}
		after = ""
	}
	for f.Scope != "AWS" && len(all) < limit {
		page, err := r.ManagedPolicyPage(accountID, f.PathPrefix, after, limit)
		if err != nil {
			return nil, err
		}
		if all, err = f.add(r, accountID, all, page); err != nil {
			return nil, err
		}
		if len(page) < limit {
			break
		}
		after = page[len(page)-1].Name
	}
	return all, nil
}

// readAWS reads all of AWS's policies after a position: they are few.
func (f *PolicyFilter) readAWS(r store.Reader, accountID, after string) ([]Policy, error) {
	if f.Scope == "Local" {
		return nil, nil
	}
	found := access.AWSManagedPolicies()
	found = slices.DeleteFunc(found, func(p store.ManagedPolicy) bool {
		return !strings.HasPrefix(p.Path, f.PathPrefix) || awsPosition+access.ManagedPolicyARN(&p) <= after
	})
	slices.SortFunc(found, func(a, b store.ManagedPolicy) int {
		return strings.Compare(access.ManagedPolicyARN(&a), access.ManagedPolicyARN(&b))
	})
	return f.add(r, accountID, nil, found)
}

// add appends those of the policies that are wanted.
func (f *PolicyFilter) add(r store.Reader, accountID string, all []Policy, found []store.ManagedPolicy) ([]Policy, error) {
	for n := range found {
		p, err := showPolicy(r, accountID, &found[n])
		if err != nil {
			return nil, err
		}
		if f.wants(&p) {
			all = append(all, p)
		}
	}
	return all, nil
}
