package iam

import (
	"cmp"
	"context"
	"errors"
	"regexp"

	"rollcall/internal/access"
	"rollcall/internal/iamid"
	"rollcall/internal/store"
)

// policyARN is the ARN of a managed policy of an account or of AWS.
var policyARN = regexp.MustCompile(`\Aarn:aws:iam::([0-9]{12}|aws):policy/(?:[!-~]{1,510}/)?[\w+=,.@-]{1,128}\z`)

// checkARN refuses what cannot be the ARN of a managed policy.
func checkARN(arn string) error {
	if !policyARN.MatchString(arn) {
		return refuse(InvalidInput, "ARN %s is not valid.", arn)
	}
	return nil
}

// ofAWS is the owner of AWS's policies in their ARNs.
const ofAWS = "aws"

// policyOwner is the account of a managed policy, or ofAWS; "" in what is no
// ARN of one.
func policyOwner(arn string) string {
	if m := policyARN.FindStringSubmatch(arn); m != nil {
		return m[1]
	}
	return ""
}

// policyCall is a call about a managed policy, whose tags are found out in the
// call's transaction. AWS's policies are in every account.
func policyCall(c *access.Caller, action, arn string, keys map[string][]string, invalid error) access.Call {
	call := access.Call{
		Action:    "iam:" + action,
		AccountID: c.Account.ID,
		Resource:  arn,
		Invalid:   cmp.Or(checkARN(arn), invalid),
		Find: func(r store.Reader, call *access.Call) error {
			p, err := access.FindManagedPolicy(r, c.Account.ID, arn)
			if store.Missing(err, store.RecordManagedPolicy) {
				err = nil
			}
			call.Keys = resourceTagKeys(p.Tags, keys)
			return err
		},
	}
	if owner := policyOwner(arn); owner != "" && owner != ofAWS {
		call.AccountID = owner
	}
	return call
}

// policyChange is a call that changes a managed policy. Nobody may change those
// of AWS.
func policyChange(c *access.Caller, action, arn string, keys map[string][]string, invalid error) access.Call {
	call := policyCall(c, action, arn, keys, invalid)
	if policyOwner(arn) == ofAWS {
		call.Invalid = &access.Denied{ARN: c.ARN, Action: call.Action, Resource: arn}
	}
	return call
}

// policyTagCall is a call about the tags of a managed policy, which those of
// AWS cannot have.
// https://github.com/aws-controllers-k8s/community/issues/2774
func policyTagCall(c *access.Caller, action, arn string, keys map[string][]string, invalid error) access.Call {
	call := policyCall(c, action, arn, keys, invalid)
	if policyOwner(arn) == ofAWS {
		call.Invalid = refuse(InvalidInput, "Tags not supported for policies in this domain")
	}
	return call
}

func noPolicy(arn string) error { return refuse(NoSuchEntity, "Policy %s was not found.", arn) }

func findPolicy(r store.Reader, c *access.Caller, arn string) (store.ManagedPolicy, error) {
	p, err := access.FindManagedPolicy(r, c.Account.ID, arn)
	if store.Missing(err, store.RecordManagedPolicy) {
		err = noPolicy(arn)
	}
	return p, err
}

// readPolicy runs a call that reads the managed policy it is about.
func (i *IAM) readPolicy(ctx context.Context, c *access.Caller, call access.Call, fn func(store.Reader, *store.ManagedPolicy) error) error {
	return i.guard.Read(ctx, c, call, func(r store.Reader) error {
		p, err := findPolicy(r, c, call.Resource)
		if err != nil {
			return err
		}
		return fn(r, &p)
	})
}

// changePolicy runs a call that changes the managed policy it is about, which
// is stored when fn is done with it.
func (i *IAM) changePolicy(ctx context.Context, c *access.Caller, call access.Call, fn func(store.Tx, *store.ManagedPolicy) error) error {
	return i.guard.Change(ctx, c, call, func(tx store.Tx) (string, error) {
		p, err := findPolicy(tx, c, call.Resource)
		if err != nil {
			return "", err
		}
		if err := fn(tx, &p); err != nil {
			return "", err
		}
		return "", tx.UpdateManagedPolicy(p)
	})
}

// Policy is a managed policy as the API shows one.
type Policy struct {
	store.ManagedPolicy
	ARN         string
	Attachments int
	Boundaries  int // principals that it bounds
}

func showPolicy(r store.Reader, accountID string, p *store.ManagedPolicy) (Policy, error) {
	shown := Policy{ManagedPolicy: *p, ARN: access.ManagedPolicyARN(p)}
	uses, err := r.PolicyUses(accountID, shown.ARN)
	for _, u := range uses {
		if u.Boundary {
			shown.Boundaries++
		} else {
			shown.Attachments++
		}
	}
	return shown, err
}

// NewPolicy is what CreatePolicy is asked for. "" means absent.
type NewPolicy struct {
	Name        string
	Path        string // "": "/"
	Description string
	Document    string
	Tags        []Tag
}

// CreatePolicy adds a managed policy.
func (i *IAM) CreatePolicy(ctx context.Context, c *access.Caller, n NewPolicy) (Policy, error) {
	p := store.ManagedPolicy{
		AccountID:   c.Account.ID,
		Name:        n.Name,
		Path:        cmp.Or(n.Path, "/"),
		UniqueID:    iamid.New(iamid.Policy),
		Description: n.Description,
		Versions:    []store.PolicyVersion{{Number: 1, Document: n.Document}},
		Default:     1,
		Made:        1,
	}
	tags, invalid := newTags(n.Tags)
	p.Tags = tags
	arn := access.ManagedPolicyARN(&p)
	call := access.Call{
		Action: "iam:CreatePolicy", AccountID: c.Account.ID, Resource: arn,
		Keys: access.TagKeys(tags), Invalid: cmp.Or(invalid, checkManaged(n.Document)),
	}
	err := i.guard.Change(ctx, c, call, func(tx store.Tx) (string, error) {
		p.CreatedAt, p.UpdatedAt, p.Versions[0].CreatedAt = tx.Now(), tx.Now(), tx.Now()
		err := tx.CreateManagedPolicy(p)
		if errors.Is(err, store.ErrExists) {
			err = refuse(EntityAlreadyExists, "A policy called %s already exists. Duplicate names are not allowed.", n.Name)
		}
		return policyResponse(&p, arn), err
	})
	return Policy{ManagedPolicy: p, ARN: arn}, err
}

// policyResponse is a managed policy in a record.
func policyResponse(p *store.ManagedPolicy, arn string) string {
	return response(map[string]any{"policy": map[string]any{
		"policyName":       p.Name,
		"policyId":         p.UniqueID,
		"arn":              arn,
		"path":             p.Path,
		"defaultVersionId": VersionID(p.Default),
		"createDate":       p.CreatedAt.Format(recordTime),
	}})
}

// GetPolicy gives a managed policy.
func (i *IAM) GetPolicy(ctx context.Context, c *access.Caller, arn string) (shown Policy, err error) {
	err = i.readPolicy(ctx, c, policyCall(c, "GetPolicy", arn, nil, nil), func(r store.Reader, p *store.ManagedPolicy) error {
		shown, err = showPolicy(r, c.Account.ID, p)
		return err
	})
	return shown, err
}

// DeletePolicy removes a managed policy that has one version and no uses.
func (i *IAM) DeletePolicy(ctx context.Context, c *access.Caller, arn string) error {
	return i.guard.Change(ctx, c, policyChange(c, "DeletePolicy", arn, nil, nil), func(tx store.Tx) (string, error) {
		p, err := findPolicy(tx, c, arn)
		if err != nil {
			return "", err
		}
		uses, err := tx.PolicyUses(c.Account.ID, arn)
		switch {
		case err != nil:
			return "", err
		case len(uses) > 0:
			return "", refuse(DeleteConflict, "Cannot delete a policy attached to entities.")
		case len(p.Versions) > 1:
			return "", refuse(DeleteConflict, "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
		}
		return "", tx.DeleteManagedPolicy(c.Account.ID, p.Name)
	})
}
