package api

import (
	"context"

	"rollcall/internal/access"
	"rollcall/internal/restface"
	"rollcall/internal/restjson"
)

// handle makes the handler of an operation from its function.
func handle[In, Out any](fn func(context.Context, *access.Caller, *In) (*Out, error)) *restjson.Handler[*access.Caller] {
	return restjson.Handle(rules, fn)
}

// operations are what the API answers, by resource.
func (a *api) operations() []restface.Operation {
	const (
		users    = "/accounts/{AwsAccountId}/namespaces/{Namespace}/users"
		user     = users + "/{UserName}"
		profiles = "/accounts/{AwsAccountId}/custom-permissions"
		profile  = profiles + "/{CustomPermissionsName}"
	)
	return []restface.Operation{
		{Name: "RegisterUser", Method: "POST", URI: users, Status: 201, Handler: handle(a.registerUser)},
		{Name: "DescribeUser", Method: "GET", URI: user, Status: 200, ReadOnly: true, Handler: handle(a.describeUser)},
		{Name: "UpdateUser", Method: "PUT", URI: user, Status: 200, Handler: handle(a.updateUser)},
		{Name: "DeleteUser", Method: "DELETE", URI: user, Status: 200, Handler: handle(a.deleteUser)},
		{Name: "DeleteUserByPrincipalId", Method: "DELETE", URI: "/accounts/{AwsAccountId}/namespaces/{Namespace}/user-principals/{PrincipalId}", Status: 200, Handler: handle(a.deleteUserByPrincipalID)},
		{Name: "ListUsers", Method: "GET", URI: users, Status: 200, ReadOnly: true, Handler: handle(a.listUsers)},

		{Name: "CreateCustomPermissions", Method: "POST", URI: profiles, Status: 200, StatusInBody: true, Handler: handle(a.createCustomPermissions)},
		{Name: "DescribeCustomPermissions", Method: "GET", URI: profile, Status: 200, ReadOnly: true, StatusInBody: true, Handler: handle(a.describeCustomPermissions)},
		{Name: "UpdateCustomPermissions", Method: "PUT", URI: profile, Status: 200, StatusInBody: true, Handler: handle(a.updateCustomPermissions)},
		{Name: "DeleteCustomPermissions", Method: "DELETE", URI: profile, Status: 200, StatusInBody: true, Handler: handle(a.deleteCustomPermissions)},
		{Name: "ListCustomPermissions", Method: "GET", URI: profiles, Status: 200, ReadOnly: true, Handler: handle(a.listCustomPermissions)},
	}
}
