package iamapi

import (
	"context"

	"rollcall/internal/access"
	"rollcall/internal/awsquery"
	"rollcall/internal/iam"
)

// ListInlinePoliciesResponse is the output of ListUserPolicies and of
// ListRolePolicies.
type ListInlinePoliciesResponse struct {
	PolicyNames []string
	IsTruncated bool
	Marker      *string
}

func wireInlinePolicies(names []string, marker string) *ListInlinePoliciesResponse {
	return &ListInlinePoliciesResponse{append([]string{}, names...), marker != "", present(marker)}
}

// PutUserPolicyRequest is the input of PutUserPolicy.
type PutUserPolicyRequest struct {
	UserName       *string `check:"required,len=1..128,match=name"`
	PolicyName     *string `check:"required,len=1..128,match=name"`
	PolicyDocument *string `check:"required,len=1..131072,match=latin1"`
}

func (a *API) putUserPolicy(ctx context.Context, c *access.Caller, in *PutUserPolicyRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.PutInlinePolicy(ctx, c, iam.UserRef(*in.UserName), *in.PolicyName, *in.PolicyDocument))
}

// GetUserPolicyRequest is the input of GetUserPolicy.
type GetUserPolicyRequest struct {
	UserName   *string `check:"required,len=1..128,match=name"`
	PolicyName *string `check:"required,len=1..128,match=name"`
}

// GetUserPolicyResponse is the output of GetUserPolicy.
type GetUserPolicyResponse struct{ UserName, PolicyName, PolicyDocument string }

func (a *API) getUserPolicy(ctx context.Context, c *access.Caller, in *GetUserPolicyRequest) (*GetUserPolicyResponse, error) {
	document, err := a.iam.GetInlinePolicy(ctx, c, iam.UserRef(*in.UserName), *in.PolicyName)
	return &GetUserPolicyResponse{*in.UserName, *in.PolicyName, encoded(document)}, err
}

// ListUserPoliciesRequest is the input of ListUserPolicies.
type ListUserPoliciesRequest struct {
	UserName *string `check:"required,len=1..128,match=name"`
	Marker   *string `check:"len=1..320,match=marker"`
	MaxItems *int    `check:"len=1..1000"`
}

func (a *API) listUserPolicies(ctx context.Context, c *access.Caller, in *ListUserPoliciesRequest) (*ListInlinePoliciesResponse, error) {
	names, marker, err := a.iam.ListInlinePolicies(ctx, c, iam.UserRef(*in.UserName), page(in.MaxItems, in.Marker))
	return wireInlinePolicies(names, marker), err
}

// DeleteUserPolicyRequest is the input of DeleteUserPolicy.
type DeleteUserPolicyRequest struct {
	UserName   *string `check:"required,len=1..128,match=name"`
	PolicyName *string `check:"required,len=1..128,match=name"`
}

func (a *API) deleteUserPolicy(ctx context.Context, c *access.Caller, in *DeleteUserPolicyRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.DeleteInlinePolicy(ctx, c, iam.UserRef(*in.UserName), *in.PolicyName))
}

// PutRolePolicyRequest is the input of PutRolePolicy.
type PutRolePolicyRequest struct {
	RoleName       *string `check:"required,len=1..64,match=name"`
	PolicyName     *string `check:"required,len=1..128,match=name"`
	PolicyDocument *string `check:"required,len=1..131072,match=latin1"`
}

func (a *API) putRolePolicy(ctx context.Context, c *access.Caller, in *PutRolePolicyRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.PutInlinePolicy(ctx, c, iam.RoleRef(*in.RoleName), *in.PolicyName, *in.PolicyDocument))
}

// GetRolePolicyRequest is the input of GetRolePolicy.
type GetRolePolicyRequest struct {
	RoleName   *string `check:"required,len=1..64,match=name"`
	PolicyName *string `check:"required,len=1..128,match=name"`
}

// GetRolePolicyResponse is the output of GetRolePolicy.
type GetRolePolicyResponse struct{ RoleName, PolicyName, PolicyDocument string }

func (a *API) getRolePolicy(ctx context.Context, c *access.Caller, in *GetRolePolicyRequest) (*GetRolePolicyResponse, error) {
	document, err := a.iam.GetInlinePolicy(ctx, c, iam.RoleRef(*in.RoleName), *in.PolicyName)
	return &GetRolePolicyResponse{*in.RoleName, *in.PolicyName, encoded(document)}, err
}

// ListRolePoliciesRequest is the input of ListRolePolicies.
type ListRolePoliciesRequest struct {
	RoleName *string `check:"required,len=1..64,match=name"`
	Marker   *string `check:"len=1..320,match=marker"`
	MaxItems *int    `check:"len=1..1000"`
}

func (a *API) listRolePolicies(ctx context.Context, c *access.Caller, in *ListRolePoliciesRequest) (*ListInlinePoliciesResponse, error) {
	names, marker, err := a.iam.ListInlinePolicies(ctx, c, iam.RoleRef(*in.RoleName), page(in.MaxItems, in.Marker))
	return wireInlinePolicies(names, marker), err
}

// DeleteRolePolicyRequest is the input of DeleteRolePolicy.
type DeleteRolePolicyRequest struct {
	RoleName   *string `check:"required,len=1..64,match=name"`
	PolicyName *string `check:"required,len=1..128,match=name"`
}

func (a *API) deleteRolePolicy(ctx context.Context, c *access.Caller, in *DeleteRolePolicyRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.DeleteInlinePolicy(ctx, c, iam.RoleRef(*in.RoleName), *in.PolicyName))
}
