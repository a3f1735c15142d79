package iamapi

import (
	"context"

	"rollcall/internal/access"
	"rollcall/internal/awsquery"
	"rollcall/internal/iam"
)

// AttachedPolicy is an attached managed policy on the wire.
type AttachedPolicy struct{ PolicyName, PolicyArn string }

// ListAttachedPoliciesResponse is the output of ListAttachedUserPolicies and
// of ListAttachedRolePolicies.
type ListAttachedPoliciesResponse struct {
	AttachedPolicies []AttachedPolicy
	IsTruncated      bool
	Marker           *string
}

func wireAttached(attached []iam.Attached, marker string) *ListAttachedPoliciesResponse {
	out := &ListAttachedPoliciesResponse{[]AttachedPolicy{}, marker != "", present(marker)}
	for _, p := range attached {
		out.AttachedPolicies = append(out.AttachedPolicies, AttachedPolicy{p.Name, p.ARN})
	}
	return out
}

// AttachUserPolicyRequest is the input of AttachUserPolicy.
type AttachUserPolicyRequest struct {
	UserName  *string `check:"required,len=1..64,match=name"`
	PolicyArn *string `check:"required,len=20..2048"`
}

func (a *API) attachUserPolicy(ctx context.Context, c *access.Caller, in *AttachUserPolicyRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.AttachPolicy(ctx, c, iam.UserRef(*in.UserName), *in.PolicyArn))
}

// DetachUserPolicyRequest is the input of DetachUserPolicy.
type DetachUserPolicyRequest struct {
	UserName  *string `check:"required,len=1..64,match=name"`
	PolicyArn *string `check:"required,len=20..2048"`
}

func (a *API) detachUserPolicy(ctx context.Context, c *access.Caller, in *DetachUserPolicyRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.DetachPolicy(ctx, c, iam.UserRef(*in.UserName), *in.PolicyArn))
}

// ListAttachedUserPoliciesRequest is the input of ListAttachedUserPolicies.
type ListAttachedUserPoliciesRequest struct {
	UserName   *string `check:"required,len=1..64,match=name"`
	PathPrefix *string `check:"len=1..512,match=policyPath"`
	Marker     *string `check:"len=1..320,match=marker"`
	MaxItems   *int    `check:"len=1..1000"`
}

func (a *API) listAttachedUserPolicies(ctx context.Context, c *access.Caller, in *ListAttachedUserPoliciesRequest) (*ListAttachedPoliciesResponse, error) {
	attached, marker, err := a.iam.ListAttachedPolicies(ctx, c, iam.UserRef(*in.UserName), value(in.PathPrefix), page(in.MaxItems, in.Marker))
	return wireAttached(attached, marker), err
}

// AttachRolePolicyRequest is the input of AttachRolePolicy.
type AttachRolePolicyRequest struct {
	RoleName  *string `check:"required,len=1..64,match=name"`
	PolicyArn *string `check:"required,len=20..2048"`
}

func (a *API) attachRolePolicy(ctx context.Context, c *access.Caller, in *AttachRolePolicyRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.AttachPolicy(ctx, c, iam.RoleRef(*in.RoleName), *in.PolicyArn))
}

// DetachRolePolicyRequest is the input of DetachRolePolicy.
type DetachRolePolicyRequest struct {
	RoleName  *string `check:"required,len=1..64,match=name"`
	PolicyArn *string `check:"required,len=20..2048"`
}

func (a *API) detachRolePolicy(ctx context.Context, c *access.Caller, in *DetachRolePolicyRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.DetachPolicy(ctx, c, iam.RoleRef(*in.RoleName), *in.PolicyArn))
}

// ListAttachedRolePoliciesRequest is the input of ListAttachedRolePolicies.
type ListAttachedRolePoliciesRequest struct {
	RoleName   *string `check:"required,len=1..64,match=name"`
	PathPrefix *string `check:"len=1..512,match=policyPath"`
	Marker     *string `check:"len=1..320,match=marker"`
	MaxItems   *int    `check:"len=1..1000"`
}

func (a *API) listAttachedRolePolicies(ctx context.Context, c *access.Caller, in *ListAttachedRolePoliciesRequest) (*ListAttachedPoliciesResponse, error) {
	attached, marker, err := a.iam.ListAttachedPolicies(ctx, c, iam.RoleRef(*in.RoleName), value(in.PathPrefix), page(in.MaxItems, in.Marker))
	return wireAttached(attached, marker), err
}
