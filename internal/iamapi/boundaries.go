package iamapi

import (
	"context"

	"rollcall/internal/access"
	"rollcall/internal/awsquery"
	"rollcall/internal/iam"
)

// PutUserPermissionsBoundaryRequest is the input of PutUserPermissionsBoundary.
type PutUserPermissionsBoundaryRequest struct {
	UserName            *string `check:"required,len=1..64,match=name"`
	PermissionsBoundary *string `check:"required,len=20..2048"`
}

func (a *API) putUserPermissionsBoundary(ctx context.Context, c *access.Caller, in *PutUserPermissionsBoundaryRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.PutBoundary(ctx, c, iam.UserRef(*in.UserName), *in.PermissionsBoundary))
}

// DeleteUserPermissionsBoundaryRequest is the input of DeleteUserPermissionsBoundary.
type DeleteUserPermissionsBoundaryRequest struct {
	UserName *string `check:"required,len=1..64,match=name"`
}

func (a *API) deleteUserPermissionsBoundary(ctx context.Context, c *access.Caller, in *DeleteUserPermissionsBoundaryRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.DeleteBoundary(ctx, c, iam.UserRef(*in.UserName)))
}

// PutRolePermissionsBoundaryRequest is the input of PutRolePermissionsBoundary.
type PutRolePermissionsBoundaryRequest struct {
	RoleName            *string `check:"required,len=1..64,match=name"`
	PermissionsBoundary *string `check:"required,len=20..2048"`
}

func (a *API) putRolePermissionsBoundary(ctx context.Context, c *access.Caller, in *PutRolePermissionsBoundaryRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.PutBoundary(ctx, c, iam.RoleRef(*in.RoleName), *in.PermissionsBoundary))
}

// DeleteRolePermissionsBoundaryRequest is the input of DeleteRolePermissionsBoundary.
type DeleteRolePermissionsBoundaryRequest struct {
	RoleName *string `check:"required,len=1..64,match=name"`
}

func (a *API) deleteRolePermissionsBoundary(ctx context.Context, c *access.Caller, in *DeleteRolePermissionsBoundaryRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.DeleteBoundary(ctx, c, iam.RoleRef(*in.RoleName)))
}
