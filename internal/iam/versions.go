package iam

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"rollcall/internal/access"
	"rollcall/internal/store"
)

// maxVersions is how many versions a managed policy may have.
const maxVersions = 5

// Version is a version of a managed policy as the API shows one.
type Version struct {
	store.PolicyVersion
	IsDefault bool
}

// VersionID is the name of a version.
func VersionID(number int) string { return "v" + strconv.Itoa(number) }

func showVersion(p *store.ManagedPolicy, v store.PolicyVersion) Version {
	return Version{v, v.Number == p.Default}
}

// findVersion is the place of a version.
func findVersion(p *store.ManagedPolicy, id string) (int, error) {
	at := slices.IndexFunc(p.Versions, func(v store.PolicyVersion) bool { return VersionID(v.Number) == id })
	if at < 0 {
		return 0, refuse(NoSuchEntity, "Policy %s version %s does not exist or is not attachable.", access.ManagedPolicyARN(p), id)
	}
	return at, nil
}

// CreatePolicyVersion adds a version to a managed policy.
func (i *IAM) CreatePolicyVersion(ctx context.Context, c *access.Caller, arn, document string, asDefault bool) (made Version, err error) {
	call := policyChange(c, "CreatePolicyVersion", arn, nil, checkManaged(document))
	err = i.guard.Change(ctx, c, call, func(tx store.Tx) (string, error) {
		p, err := findPolicy(tx, c, arn)
		if err != nil {
			return "", err
		}
		if len(p.Versions) >= maxVersions {
			return "", refuse(LimitExceeded, "A managed policy can have up to %d versions. Before you create a new version, you must delete an existing version.", maxVersions)
		}
		p.Made, p.UpdatedAt = p.Made+1, tx.Now()
		if asDefault {
			p.Default = p.Made
		}
		v := store.PolicyVersion{Number: p.Made, Document: document, CreatedAt: tx.Now()}
		p.Versions = append(p.Versions, v)
		made = showVersion(&p, v)
		return versionResponse(made), tx.UpdateManagedPolicy(p)
	})
	return made, err
}

// versionResponse is a version in a record.
func versionResponse(v Version) string {
	return response(map[string]any{"policyVersion": map[string]any{
		"versionId":        VersionID(v.Number),
		"isDefaultVersion": v.IsDefault,
		"createDate":       v.CreatedAt.Format(recordTime),
	}})
}

// GetPolicyVersion gives a version of a managed policy.
func (i *IAM) GetPolicyVersion(ctx context.Context, c *access.Caller, arn, id string) (v Version, err error) {
	err = i.readPolicy(ctx, c, policyCall(c, "GetPolicyVersion", arn, nil, nil), func(_ store.Reader, p *store.ManagedPolicy) error {
		at, err := findVersion(p, id)
		if err == nil {
			v = showVersion(p, p.Versions[at])
		}
		return err
	})
	return v, err
}

// ListPolicyVersions gives a page of a managed policy's versions, the newest
// first.
func (i *IAM) ListPolicyVersions(ctx context.Context, c *access.Caller, arn string, page Page) ([]Version, string, error) {
	return partOfPolicy(ctx, i, c, policyCall(c, "ListPolicyVersions", arn, nil, nil), page, part[store.ManagedPolicy, Version]{
		all: func(_ store.Reader, p *store.ManagedPolicy) (all []Version, err error) {
			for _, v := range p.Versions {
				all = append(all, showVersion(p, v))
			}
			return all, nil
		},
		key: func(v *Version) string { return fmt.Sprintf("%010d", math.MaxInt32-v.Number) },
	})
}

// DeletePolicyVersion removes a version of a managed policy that is not the
// one in force.
func (i *IAM) DeletePolicyVersion(ctx context.Context, c *access.Caller, arn, id string) error {
	return i.changePolicy(ctx, c, policyChange(c, "DeletePolicyVersion", arn, nil, nil), func(_ store.Tx, p *store.ManagedPolicy) error {
		at, err := findVersion(p, id)
		if err != nil {
			return err
		}
		if p.Versions[at].Number == p.Default {
			return refuse(DeleteConflict, "Cannot delete the default version of a policy.")
		}
		p.Versions = slices.Delete(p.Versions, at, at+1)
		return nil
	})
}

// SetDefaultPolicyVersion puts a version of a managed policy in force.
func (i *IAM) SetDefaultPolicyVersion(ctx context.Context, c *access.Caller, arn, id string) error {
	return i.changePolicy(ctx, c, policyChange(c, "SetDefaultPolicyVersion", arn, nil, nil), func(_ store.Tx, p *store.ManagedPolicy) error {
		at, err := findVersion(p, id)
		if err == nil {
			p.Default = p.Versions[at].Number
		}
		return err
	})
}
