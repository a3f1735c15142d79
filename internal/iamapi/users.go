package iamapi

import (
	"context"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/awsquery"
	"rollcall/internal/iam"
)

// User is a user on the wire. The root of an account has no name and no path.
type User struct {
	Path                *string
	UserName            *string
	UserId              string
	Arn                 string
	CreateDate          time.Time
	PermissionsBoundary *Boundary
	Tags                []Tag
}

func wireUser(u iam.User) User {
	return User{
		Path:                present(u.Path),
		UserName:            present(u.Name),
		UserId:              u.UniqueID,
		Arn:                 u.ARN,
		CreateDate:          u.CreatedAt,
		PermissionsBoundary: wireBoundary(u.Boundary),
		Tags:                wireTags(u.Tags),
	}
}

// UserResponse is the output of CreateUser and of GetUser.
type UserResponse struct{ User User }

// CreateUserRequest is the input of CreateUser.
type CreateUserRequest struct {
	Path                *string `check:"len=1..512,match=path"`
	UserName            *string `check:"required,len=1..64,match=name"`
	PermissionsBoundary *string `check:"len=20..2048"`
	Tags                []Tag   `check:"len=..50"`
}

func (a *API) createUser(ctx context.Context, c *access.Caller, in *CreateUserRequest) (*UserResponse, error) {
	u, err := a.iam.CreateUser(ctx, c, iam.NewUser{
		Name:     *in.UserName,
		Path:     value(in.Path),
		Boundary: value(in.PermissionsBoundary),
		Tags:     tags(in.Tags),
	})
	return &UserResponse{wireUser(u)}, err
}

// GetUserRequest is the input of GetUser.
type GetUserRequest struct {
	UserName *string `check:"len=1..128,match=name"`
}

func (a *API) getUser(ctx context.Context, c *access.Caller, in *GetUserRequest) (*UserResponse, error) {
	u, err := a.iam.GetUser(ctx, c, value(in.UserName))
	return &UserResponse{wireUser(u)}, err
}

// ListUsersRequest is the input of ListUsers.
type ListUsersRequest struct {
	PathPrefix *string `check:"len=1..512,match=pathPrefix"`
	Marker     *string `check:"len=1..320,match=marker"`
	MaxItems   *int    `check:"len=1..1000"`
}

// ListUsersResponse is the output of ListUsers, which shows neither boundaries
// nor tags.
type ListUsersResponse struct {
	Users       []User
	IsTruncated bool
	Marker      *string
}

func (a *API) listUsers(ctx context.Context, c *access.Caller, in *ListUsersRequest) (*ListUsersResponse, error) {
	users, marker, err := a.iam.ListUsers(ctx, c, value(in.PathPrefix), page(in.MaxItems, in.Marker))
	out := &ListUsersResponse{Users: []User{}, IsTruncated: marker != "", Marker: present(marker)}
	for _, u := range users {
		u.Boundary, u.Tags = "", nil
		out.Users = append(out.Users, wireUser(u))
	}
	return out, err
}

// UpdateUserRequest is the input of UpdateUser.
type UpdateUserRequest struct {
	UserName    *string `check:"required,len=1..128,match=name"`
	NewPath     *string `check:"len=1..512,match=path"`
	NewUserName *string `check:"len=1..64,match=name"`
}

func (a *API) updateUser(ctx context.Context, c *access.Caller, in *UpdateUserRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.UpdateUser(ctx, c, *in.UserName, value(in.NewUserName), value(in.NewPath)))
}

// DeleteUserRequest is the input of DeleteUser.
type DeleteUserRequest struct {
	UserName *string `check:"required,len=1..128,match=name"`
}

func (a *API) deleteUser(ctx context.Context, c *access.Caller, in *DeleteUserRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.DeleteUser(ctx, c, *in.UserName))
}

// Group is a group of users: there are none.
type Group struct{}

// ListGroupsForUserRequest is the input of ListGroupsForUser.
type ListGroupsForUserRequest struct {
	UserName *string `check:"required,len=1..128,match=name"`
	Marker   *string `check:"len=1..320,match=marker"`
	MaxItems *int    `check:"len=1..1000"`
}

// ListGroupsForUserResponse is the output of ListGroupsForUser.
type ListGroupsForUserResponse struct {
	Groups      []Group
	IsTruncated bool
}

func (a *API) listGroupsForUser(ctx context.Context, c *access.Caller, in *ListGroupsForUserRequest) (*ListGroupsForUserResponse, error) {
	err := a.iam.ListGroupsForUser(ctx, c, *in.UserName, page(in.MaxItems, in.Marker))
	return &ListGroupsForUserResponse{Groups: []Group{}}, err
}
