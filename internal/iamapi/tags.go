package iamapi

import (
	"context"

	"rollcall/internal/access"
	"rollcall/internal/awsquery"
	"rollcall/internal/iam"
)

// ListTagsResponse is the output of ListUserTags, ListRoleTags, ListPolicyTags
// and ListOpenIDConnectProviderTags.
type ListTagsResponse struct {
	Tags        []Tag
	IsTruncated bool
	Marker      *string
}

func wireTagPage(tags []iam.Tag, marker string) *ListTagsResponse {
	return &ListTagsResponse{listedTags(tags), marker != "", present(marker)}
}

// TagUserRequest is the input of TagUser.
type TagUserRequest struct {
	UserName *string `check:"required,len=1..128,match=name"`
	Tags     []Tag   `check:"required,len=..50"`
}

func (a *API) tagUser(ctx context.Context, c *access.Caller, in *TagUserRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.TagPrincipal(ctx, c, iam.UserRef(*in.UserName), tags(in.Tags)))
}

// UntagUserRequest is the input of UntagUser.
type UntagUserRequest struct {
	UserName *string  `check:"required,len=1..128,match=name"`
	TagKeys  []string `check:"required,len=..50" each:"len=1..128,match=tagKey"`
}

func (a *API) untagUser(ctx context.Context, c *access.Caller, in *UntagUserRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.UntagPrincipal(ctx, c, iam.UserRef(*in.UserName), in.TagKeys))
}

// ListUserTagsRequest is the input of ListUserTags.
type ListUserTagsRequest struct {
	UserName *string `check:"required,len=1..128,match=name"`
	Marker   *string `check:"len=1..320,match=marker"`
	MaxItems *int    `check:"len=1..1000"`
}

func (a *API) listUserTags(ctx context.Context, c *access.Caller, in *ListUserTagsRequest) (*ListTagsResponse, error) {
	tags, marker, err := a.iam.ListPrincipalTags(ctx, c, iam.UserRef(*in.UserName), page(in.MaxItems, in.Marker))
	return wireTagPage(tags, marker), err
}

// TagRoleRequest is the input of TagRole.
type TagRoleRequest struct {
	RoleName *string `check:"required,len=1..64,match=name"`
	Tags     []Tag   `check:"required,len=..50"`
}

func (a *API) tagRole(ctx context.Context, c *access.Caller, in *TagRoleRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.TagPrincipal(ctx, c, iam.RoleRef(*in.RoleName), tags(in.Tags)))
}

// UntagRoleRequest is the input of UntagRole.
type UntagRoleRequest struct {
	RoleName *string  `check:"required,len=1..64,match=name"`
	TagKeys  []string `check:"required,len=..50" each:"len=1..128,match=tagKey"`
}

func (a *API) untagRole(ctx context.Context, c *access.Caller, in *UntagRoleRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.UntagPrincipal(ctx, c, iam.RoleRef(*in.RoleName), in.TagKeys))
}

// ListRoleTagsRequest is the input of ListRoleTags.
type ListRoleTagsRequest struct {
	RoleName *string `check:"required,len=1..64,match=name"`
	Marker   *string `check:"len=1..320,match=marker"`
	MaxItems *int    `check:"len=1..1000"`
}

func (a *API) listRoleTags(ctx context.Context, c *access.Caller, in *ListRoleTagsRequest) (*ListTagsResponse, error) {
	tags, marker, err := a.iam.ListPrincipalTags(ctx, c, iam.RoleRef(*in.RoleName), page(in.MaxItems, in.Marker))
	return wireTagPage(tags, marker), err
}

// TagPolicyRequest is the input of TagPolicy.
type TagPolicyRequest struct {
	PolicyArn *string `check:"required,len=20..2048"`
	Tags      []Tag   `check:"required,len=..50"`
}

func (a *API) tagPolicy(ctx context.Context, c *access.Caller, in *TagPolicyRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.TagPolicy(ctx, c, *in.PolicyArn, tags(in.Tags)))
}

// UntagPolicyRequest is the input of UntagPolicy.
type UntagPolicyRequest struct {
	PolicyArn *string  `check:"required,len=20..2048"`
	TagKeys   []string `check:"required,len=..50" each:"len=1..128,match=tagKey"`
}

func (a *API) untagPolicy(ctx context.Context, c *access.Caller, in *UntagPolicyRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.UntagPolicy(ctx, c, *in.PolicyArn, in.TagKeys))
}

// ListPolicyTagsRequest is the input of ListPolicyTags.
type ListPolicyTagsRequest struct {
	PolicyArn *string `check:"required,len=20..2048"`
	Marker    *string `check:"len=1..320,match=marker"`
	MaxItems  *int    `check:"len=1..1000"`
}

func (a *API) listPolicyTags(ctx context.Context, c *access.Caller, in *ListPolicyTagsRequest) (*ListTagsResponse, error) {
	tags, marker, err := a.iam.ListPolicyTags(ctx, c, *in.PolicyArn, page(in.MaxItems, in.Marker))
	return wireTagPage(tags, marker), err
}
