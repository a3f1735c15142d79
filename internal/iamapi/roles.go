package iamapi

import (
	"context"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/awsquery"
	"rollcall/internal/iam"
)

// Role is a role on the wire.
type Role struct {
	Path                     string
	RoleName                 string
	RoleId                   string
	Arn                      string
	CreateDate               time.Time
	AssumeRolePolicyDocument string // percent-encoded
	Description              *string
	MaxSessionDuration       int // seconds
	PermissionsBoundary      *Boundary
	Tags                     []Tag
	RoleLastUsed             *RoleLastUsed
}

// RoleLastUsed says when a role was last used, which is not kept.
type RoleLastUsed struct {
	LastUsedDate *time.Time
	Region       *string
}

func wireRole(r iam.Role) Role {
	return Role{
		Path:                     r.Path,
		RoleName:                 r.Name,
		RoleId:                   r.UniqueID,
		Arn:                      r.ARN,
		CreateDate:               r.CreatedAt,
		AssumeRolePolicyDocument: encoded(r.Trust),
		Description:              present(r.Description),
		MaxSessionDuration:       int(r.MaxSession / time.Second),
		PermissionsBoundary:      wireBoundary(r.Boundary),
		Tags:                     wireTags(r.Tags),
	}
}

// RoleResponse is the output of CreateRole, GetRole and UpdateRoleDescription.
type RoleResponse struct{ Role Role }

// CreateRoleRequest is the input of CreateRole.
type CreateRoleRequest struct {
	Path                     *string `check:"len=1..512,match=path"`
	RoleName                 *string `check:"required,len=1..64,match=name"`
	AssumeRolePolicyDocument *string `check:"required,len=1..131072,match=latin1"`
	Description              *string `check:"len=..1000,match=description"`
	MaxSessionDuration       *int    `check:"len=3600..43200"`
	PermissionsBoundary      *string `check:"len=20..2048"`
	Tags                     []Tag   `check:"len=..50"`
}

func (a *API) createRole(ctx context.Context, c *access.Caller, in *CreateRoleRequest) (*RoleResponse, error) {
	r, err := a.iam.CreateRole(ctx, c, iam.NewRole{
		Name:        *in.RoleName,
		Path:        value(in.Path),
		Trust:       *in.AssumeRolePolicyDocument,
		Description: value(in.Description),
		MaxSession:  seconds(in.MaxSessionDuration),
		Boundary:    value(in.PermissionsBoundary),
		Tags:        tags(in.Tags),
	})
	return &RoleResponse{wireRole(r)}, err
}

// GetRoleRequest is the input of GetRole.
type GetRoleRequest struct {
	RoleName *string `check:"required,len=1..64,match=name"`
}

func (a *API) getRole(ctx context.Context, c *access.Caller, in *GetRoleRequest) (*RoleResponse, error) {
	r, err := a.iam.GetRole(ctx, c, *in.RoleName)
	out := &RoleResponse{wireRole(r)}
	out.Role.RoleLastUsed = &RoleLastUsed{}
	return out, err
}

// ListRolesRequest is the input of ListRoles.
type ListRolesRequest struct {
	PathPrefix *string `check:"len=1..512,match=pathPrefix"`
	Marker     *string `check:"len=1..320,match=marker"`
	MaxItems   *int    `check:"len=1..1000"`
}

// ListRolesResponse is the output of ListRoles, which shows neither boundaries
// nor tags.
type ListRolesResponse struct {
	Roles       []Role
	IsTruncated bool
	Marker      *string
}

func (a *API) listRoles(ctx context.Context, c *access.Caller, in *ListRolesRequest) (*ListRolesResponse, error) {
	roles, marker, err := a.iam.ListRoles(ctx, c, value(in.PathPrefix), page(in.MaxItems, in.Marker))
	out := &ListRolesResponse{Roles: []Role{}, IsTruncated: marker != "", Marker: present(marker)}
	for _, r := range roles {
		r.Boundary, r.Tags = "", nil
		out.Roles = append(out.Roles, wireRole(r))
	}
	return out, err
}

// UpdateRoleRequest is the input of UpdateRole.
type UpdateRoleRequest struct {
	RoleName           *string `check:"required,len=1..64,match=name"`
	Description        *string `check:"len=..1000,match=description"`
	MaxSessionDuration *int    `check:"len=3600..43200"`
}

// UpdateRoleResponse is the output of UpdateRole, an empty one.
type UpdateRoleResponse struct{}

func (a *API) updateRole(ctx context.Context, c *access.Caller, in *UpdateRoleRequest) (*UpdateRoleResponse, error) {
	err := a.iam.UpdateRole(ctx, c, *in.RoleName, in.Description, seconds(in.MaxSessionDuration))
	return &UpdateRoleResponse{}, err
}

// UpdateRoleDescriptionRequest is the input of UpdateRoleDescription.
type UpdateRoleDescriptionRequest struct {
	RoleName    *string `check:"required,len=1..64,match=name"`
	Description *string `check:"required,len=..1000,match=description"`
}

func (a *API) updateRoleDescription(ctx context.Context, c *access.Caller, in *UpdateRoleDescriptionRequest) (*RoleResponse, error) {
	r, err := a.iam.UpdateRoleDescription(ctx, c, *in.RoleName, *in.Description)
	return &RoleResponse{wireRole(r)}, err
}

// UpdateAssumeRolePolicyRequest is the input of UpdateAssumeRolePolicy.
type UpdateAssumeRolePolicyRequest struct {
	RoleName       *string `check:"required,len=1..64,match=name"`
	PolicyDocument *string `check:"required,len=1..131072,match=latin1"`
}

func (a *API) updateAssumeRolePolicy(ctx context.Context, c *access.Caller, in *UpdateAssumeRolePolicyRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.UpdateAssumeRolePolicy(ctx, c, *in.RoleName, *in.PolicyDocument))
}

// DeleteRoleRequest is the input of DeleteRole.
type DeleteRoleRequest struct {
	RoleName *string `check:"required,len=1..64,match=name"`
}

func (a *API) deleteRole(ctx context.Context, c *access.Caller, in *DeleteRoleRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.DeleteRole(ctx, c, *in.RoleName))
}

// InstanceProfile is what EC2 assumes a role with: there are none.
type InstanceProfile struct{}

// ListInstanceProfilesForRoleRequest is the input of
// ListInstanceProfilesForRole.
type ListInstanceProfilesForRoleRequest struct {
	RoleName *string `check:"required,len=1..64,match=name"`
	Marker   *string `check:"len=1..320,match=marker"`
	MaxItems *int    `check:"len=1..1000"`
}

// ListInstanceProfilesForRoleResponse is the output of
// ListInstanceProfilesForRole.
type ListInstanceProfilesForRoleResponse struct {
	InstanceProfiles []InstanceProfile
	IsTruncated      bool
}

func (a *API) listInstanceProfilesForRole(ctx context.Context, c *access.Caller, in *ListInstanceProfilesForRoleRequest) (*ListInstanceProfilesForRoleResponse, error) {
	err := a.iam.ListInstanceProfilesForRole(ctx, c, *in.RoleName, page(in.MaxItems, in.Marker))
	return &ListInstanceProfilesForRoleResponse{InstanceProfiles: []InstanceProfile{}}, err
}
