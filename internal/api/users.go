package api

import (
	"context"

	"rollcall/internal/access"
	"rollcall/internal/directory"
	"rollcall/internal/restjson"
)

// User is a user on the wire.
type User struct {
	Arn                                 string
	UserName                            string
	Email                               string
	Role                                string
	IdentityType                        string
	Active                              bool
	PrincipalId                         string
	CustomPermissionsName               string
	ExternalLoginFederationProviderType string
	ExternalLoginFederationProviderUrl  string
	ExternalLoginId                     string
}

func wireUser(u directory.User) User {
	return User{
		Arn:                                 u.ARN,
		UserName:                            u.Name,
		Email:                               u.Email,
		Role:                                u.Role,
		IdentityType:                        u.IdentityType,
		Active:                              u.Active,
		PrincipalId:                         u.PrincipalID,
		CustomPermissionsName:               u.CustomPermissions,
		ExternalLoginFederationProviderType: u.ExternalLogin.Provider,
		ExternalLoginFederationProviderUrl:  u.ExternalLogin.URL,
		ExternalLoginId:                     u.ExternalLogin.ID,
	}
}

// appendJSON writes a user; members that are "" are absent.
func (u *User) appendJSON(b []byte) []byte {
	b = append(b, '{')
	for _, m := range [...]struct{ name, value string }{
		{"Arn", u.Arn},
		{"UserName", u.UserName},
		{"Email", u.Email},
		{"Role", u.Role},
		{"IdentityType", u.IdentityType},
		{"PrincipalId", u.PrincipalId},
		{"CustomPermissionsName", u.CustomPermissionsName},
		{"ExternalLoginFederationProviderType", u.ExternalLoginFederationProviderType},
		{"ExternalLoginFederationProviderUrl", u.ExternalLoginFederationProviderUrl},
		{"ExternalLoginId", u.ExternalLoginId},
	} {
		if m.value != "" {
			b = restjson.AppendString(b, m.name, m.value)
		}
	}
	b = restjson.AppendName(b, "Active")
	if u.Active {
		return append(b, "true}"...)
	}
	return append(b, "false}"...)
}

// RegisterUserRequest is the input of RegisterUser.
type RegisterUserRequest struct {
	IdentityType                        *string `check:"required,enum=identityType"`
	Email                               *string `check:"required"`
	UserRole                            *string `check:"required,enum=role"`
	IamArn                              *string
	SessionName                         *string `check:"len=2..64,match=sessionName"`
	AwsAccountId                        string  `uri:"AwsAccountId" json:"-" check:"required,len=12..12,match=accountID"`
	Namespace                           string  `uri:"Namespace" json:"-" check:"required,len=..64,match=namespace"`
	UserName                            *string `check:"len=1..,match=userName"`
	CustomPermissionsName               *string `check:"len=1..64,match=profileName"`
	ExternalLoginFederationProviderType *string
	CustomFederationProviderUrl         *string
	ExternalLoginId                     *string
	Tags                                []Tag `check:"len=1..200"`
}

// RegisterUserResponse is the output of RegisterUser.
type RegisterUserResponse struct {
	User              User
	UserInvitationUrl string
}

// AppendJSON writes the members.
func (r *RegisterUserResponse) AppendJSON(b []byte) []byte {
	b = restjson.AppendName(append(b, '{'), "User")
	b = r.User.appendJSON(b)
	if r.UserInvitationUrl != "" {
		b = restjson.AppendString(b, "UserInvitationUrl", r.UserInvitationUrl)
	}
	return append(b, '}')
}

func (a *api) registerUser(ctx context.Context, c *access.Caller, in *RegisterUserRequest) (*RegisterUserResponse, error) {
	r, err := a.directory.RegisterUser(ctx, c, directory.NewUser{
		AccountID:         in.AwsAccountId,
		Namespace:         in.Namespace,
		IdentityType:      *in.IdentityType,
		Name:              value(in.UserName),
		Email:             *in.Email,
		Role:              *in.UserRole,
		IAMARN:            in.IamArn,
		SessionName:       value(in.SessionName),
		CustomPermissions: value(in.CustomPermissionsName),
		ExternalLogin: directory.ExternalLogin{
			ProviderType: in.ExternalLoginFederationProviderType,
			URL:          in.CustomFederationProviderUrl,
			ID:           in.ExternalLoginId,
		},
		Tags: tags(in.Tags),
	})
	return &RegisterUserResponse{wireUser(r.User), r.InvitationURL}, err
}

// UserRequest is the input of DescribeUser and of DeleteUser.
type UserRequest struct {
	UserName     string `uri:"UserName" json:"-" check:"required,len=1..,match=userName"`
	AwsAccountId string `uri:"AwsAccountId" json:"-" check:"required,len=12..12,match=accountID"`
	Namespace    string `uri:"Namespace" json:"-" check:"required,len=..64,match=namespace"`
}

// UserResponse is the output of DescribeUser and of UpdateUser.
type UserResponse struct{ User User }

// AppendJSON writes the members.
func (r *UserResponse) AppendJSON(b []byte) []byte {
	b = restjson.AppendName(append(b, '{'), "User")
	return append(r.User.appendJSON(b), '}')
}

func (a *api) describeUser(ctx context.Context, c *access.Caller, in *UserRequest) (*UserResponse, error) {
	u, err := a.directory.DescribeUser(ctx, c, in.AwsAccountId, in.Namespace, in.UserName)
	return &UserResponse{wireUser(u)}, err
}

// UpdateUserRequest is the input of UpdateUser.
type UpdateUserRequest struct {
	UserName                            string  `uri:"UserName" json:"-" check:"required,len=1..,match=userName"`
	AwsAccountId                        string  `uri:"AwsAccountId" json:"-" check:"required,len=12..12,match=accountID"`
	Namespace                           string  `uri:"Namespace" json:"-" check:"required,len=..64,match=namespace"`
	Email                               *string `check:"required"`
	Role                                *string `check:"required,enum=role"`
	CustomPermissionsName               *string `check:"len=1..64,match=profileName"`
	UnapplyCustomPermissions            *bool
	ExternalLoginFederationProviderType *string
	CustomFederationProviderUrl         *string
	ExternalLoginId                     *string
}

func (a *api) updateUser(ctx context.Context, c *access.Caller, in *UpdateUserRequest) (*UserResponse, error) {
	u, err := a.directory.UpdateUser(ctx, c, directory.UserChange{
		AccountID:         in.AwsAccountId,
		Namespace:         in.Namespace,
		Name:              in.UserName,
		Email:             *in.Email,
		Role:              *in.Role,
		CustomPermissions: value(in.CustomPermissionsName),
		Unapply:           in.UnapplyCustomPermissions,
		ExternalLogin: directory.ExternalLogin{
			ProviderType: in.ExternalLoginFederationProviderType,
			URL:          in.CustomFederationProviderUrl,
			ID:           in.ExternalLoginId,
		},
	})
	return &UserResponse{wireUser(u)}, err
}

// EmptyResponse is the output of operations that have nothing to say.
type EmptyResponse struct{}

func (a *api) deleteUser(ctx context.Context, c *access.Caller, in *UserRequest) (*EmptyResponse, error) {
	return &EmptyResponse{}, a.directory.DeleteUser(ctx, c, in.AwsAccountId, in.Namespace, in.UserName)
}

// DeleteUserByPrincipalIdRequest is the input of DeleteUserByPrincipalId.
type DeleteUserByPrincipalIdRequest struct {
	PrincipalId  string `uri:"PrincipalId" json:"-" check:"required"`
	AwsAccountId string `uri:"AwsAccountId" json:"-" check:"required,len=12..12,match=accountID"`
	Namespace    string `uri:"Namespace" json:"-" check:"required,len=..64,match=namespace"`
}

func (a *api) deleteUserByPrincipalID(ctx context.Context, c *access.Caller, in *DeleteUserByPrincipalIdRequest) (*EmptyResponse, error) {
	return &EmptyResponse{}, a.directory.DeleteUserByPrincipalID(ctx, c, in.AwsAccountId, in.Namespace, in.PrincipalId)
}

// ListUsersRequest is the input of ListUsers.
type ListUsersRequest struct {
	AwsAccountId string  `uri:"AwsAccountId" json:"-" check:"required,len=12..12,match=accountID"`
	NextToken    *string `query:"next-token" json:"-"`
	MaxResults   *int    `query:"max-results" json:"-" check:"len=1..100"`
	Namespace    string  `uri:"Namespace" json:"-" check:"required,len=..64,match=namespace"`
}

// ListUsersResponse is the output of ListUsers.
type ListUsersResponse struct {
	UserList  []User
	NextToken string
}

// AppendJSON writes the members.
func (r *ListUsersResponse) AppendJSON(b []byte) []byte {
	b = restjson.AppendName(append(b, '{'), "UserList")
	b = append(b, '[')
	for i := range r.UserList {
		if i > 0 {
			b = append(b, ',')
		}
		b = r.UserList[i].appendJSON(b)
	}
	b = append(b, ']')
	if r.NextToken != "" {
		b = restjson.AppendString(b, "NextToken", r.NextToken)
	}
	return append(b, '}')
}

func (a *api) listUsers(ctx context.Context, c *access.Caller, in *ListUsersRequest) (*ListUsersResponse, error) {
	list, err := a.directory.ListUsers(ctx, c, in.AwsAccountId, in.Namespace, page(in.MaxResults, in.NextToken))
	out := &ListUsersResponse{UserList: make([]User, len(list.Users)), NextToken: list.NextToken}
	for i, u := range list.Users {
		out.UserList[i] = wireUser(u)
	}
	return out, err
}
