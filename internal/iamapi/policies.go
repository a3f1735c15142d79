package iamapi

import (
	"context"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/awsquery"
	"rollcall/internal/iam"
	"rollcall/internal/store"
)

// Policy is a managed policy on the wire.
type Policy struct {
	PolicyName                    string
	PolicyId                      string
	Arn                           string
	Path                          string
	DefaultVersionId              string
	AttachmentCount               int
	PermissionsBoundaryUsageCount int
	IsAttachable                  bool
	Description                   *string
	CreateDate                    time.Time
	UpdateDate                    time.Time
	Tags                          []Tag
}

func wirePolicy(p iam.Policy) Policy {
	return Policy{
		PolicyName:                    p.Name,
		PolicyId:                      p.UniqueID,
		Arn:                           p.ARN,
		Path:                          p.Path,
		DefaultVersionId:              iam.VersionID(p.Default),
		AttachmentCount:               p.Attachments,
		PermissionsBoundaryUsageCount: p.Boundaries,
		IsAttachable:                  true,
		Description:                   present(p.Description),
		CreateDate:                    p.CreatedAt,
		UpdateDate:                    p.UpdatedAt,
		Tags:                          wireTags(p.Tags),
	}
}

// PolicyResponse is the output of CreatePolicy and of GetPolicy.
type PolicyResponse struct{ Policy Policy }

// CreatePolicyRequest is the input of CreatePolicy.
type CreatePolicyRequest struct {
	PolicyName     *string `check:"required,len=1..128,match=name"`
	Path           *string `check:"len=1..512,match=policyPath"`
	PolicyDocument *string `check:"required,len=1..131072,match=latin1"`
	Description    *string `check:"len=..1000"`
	Tags           []Tag   `check:"len=..50"`
}

func (a *API) createPolicy(ctx context.Context, c *access.Caller, in *CreatePolicyRequest) (*PolicyResponse, error) {
	p, err := a.iam.CreatePolicy(ctx, c, iam.NewPolicy{
		Name:        *in.PolicyName,
		Path:        value(in.Path),
		Description: value(in.Description),
		Document:    *in.PolicyDocument,
		Tags:        tags(in.Tags),
	})
	p.Description = "" // only GetPolicy shows it
	return &PolicyResponse{wirePolicy(p)}, err
}

// GetPolicyRequest is the input of GetPolicy.
type GetPolicyRequest struct {
	PolicyArn *string `check:"required,len=20..2048"`
}

func (a *API) getPolicy(ctx context.Context, c *access.Caller, in *GetPolicyRequest) (*PolicyResponse, error) {
	p, err := a.iam.GetPolicy(ctx, c, *in.PolicyArn)
	return &PolicyResponse{wirePolicy(p)}, err
}

// ListPoliciesRequest is the input of ListPolicies.
type ListPoliciesRequest struct {
	Scope             *string `check:"enum=scope"`
	OnlyAttached      *bool
	PathPrefix        *string `check:"len=1..512,match=policyPath"`
	PolicyUsageFilter *string `check:"enum=usage"`
	Marker            *string `check:"len=1..320,match=marker"`
	MaxItems          *int    `check:"len=1..1000"`
}

// ListPoliciesResponse is the output of ListPolicies, which shows neither
// descriptions nor tags.
type ListPoliciesResponse struct {
	Policies    []Policy
	IsTruncated bool
	Marker      *string
}

func (a *API) listPolicies(ctx context.Context, c *access.Caller, in *ListPoliciesRequest) (*ListPoliciesResponse, error) {
	filter := iam.PolicyFilter{
		Scope:        value(in.Scope),
		PathPrefix:   value(in.PathPrefix),
		OnlyAttached: value(in.OnlyAttached),
		Usage:        iam.Usage(value(in.PolicyUsageFilter)),
	}
	policies, marker, err := a.iam.ListPolicies(ctx, c, filter, page(in.MaxItems, in.Marker))
	out := &ListPoliciesResponse{Policies: []Policy{}, IsTruncated: marker != "", Marker: present(marker)}
	for _, p := range policies {
		p.Description, p.Tags = "", nil
		out.Policies = append(out.Policies, wirePolicy(p))
	}
	return out, err
}

// PolicyUser is a user of a managed policy on the wire.
type PolicyUser struct{ UserName, UserId string }

// PolicyRole is a role that uses a managed policy on the wire.
type PolicyRole struct{ RoleName, RoleId string }

// PolicyGroup is a group that uses a managed policy: there are none.
type PolicyGroup struct{}

// ListEntitiesForPolicyRequest is the input of ListEntitiesForPolicy.
type ListEntitiesForPolicyRequest struct {
	PolicyArn         *string `check:"required,len=20..2048"`
	EntityFilter      *string `check:"enum=entity"`
	PathPrefix        *string `check:"len=1..512,match=path"`
	PolicyUsageFilter *string `check:"enum=usage"`
	Marker            *string `check:"len=1..320,match=marker"`
	MaxItems          *int    `check:"len=1..1000"`
}

// ListEntitiesForPolicyResponse is the output of ListEntitiesForPolicy.
type ListEntitiesForPolicyResponse struct {
	PolicyGroups []PolicyGroup
	PolicyUsers  []PolicyUser
	PolicyRoles  []PolicyRole
	IsTruncated  bool
	Marker       *string
}

func (a *API) listEntitiesForPolicy(ctx context.Context, c *access.Caller, in *ListEntitiesForPolicyRequest) (*ListEntitiesForPolicyResponse, error) {
	filter := iam.EntityFilter{
		Kind:       value(in.EntityFilter),
		PathPrefix: value(in.PathPrefix),
		Usage:      iam.Usage(value(in.PolicyUsageFilter)),
	}
	entities, marker, err := a.iam.ListEntitiesForPolicy(ctx, c, *in.PolicyArn, filter, page(in.MaxItems, in.Marker))
	out := &ListEntitiesForPolicyResponse{[]PolicyGroup{}, []PolicyUser{}, []PolicyRole{}, marker != "", present(marker)}
	for _, e := range entities {
		if e.Kind == store.IAMRole {
			out.PolicyRoles = append(out.PolicyRoles, PolicyRole{e.Name, e.UniqueID})
		} else {
			out.PolicyUsers = append(out.PolicyUsers, PolicyUser{e.Name, e.UniqueID})
		}
	}
	return out, err
}

// DeletePolicyRequest is the input of DeletePolicy.
type DeletePolicyRequest struct {
	PolicyArn *string `check:"required,len=20..2048"`
}

func (a *API) deletePolicy(ctx context.Context, c *access.Caller, in *DeletePolicyRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.DeletePolicy(ctx, c, *in.PolicyArn))
}
