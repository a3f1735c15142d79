package api

import (
	"context"

	"rollcall/internal/directory"
	"rollcall/internal/restjson"
)

// operation is a row of the table: an operation of the service model.
type operation struct {
	name   string
	method string
	uri    string
	status int // of success

	// statusInBody: the model makes Status a member of the body instead of
	// binding it to the status line.
	statusInBody bool

	handler *restjson.Handler[directory.Caller]
}

// handle makes the handler of an operation from its function.
func handle[In, Out any](fn func(context.Context, directory.Caller, *In) (*Out, error)) *restjson.Handler[directory.Caller] {
	return restjson.Handle(rules, fn)
}

// operations are what the API answers, by resource.
func (a *API) operations() []operation {
	const (
		users    = "/accounts/{AwsAccountId}/namespaces/{Namespace}/users"
		user     = users + "/{UserName}"
		profiles = "/accounts/{AwsAccountId}/custom-permissions"
		profile  = profiles + "/{CustomPermissionsName}"
	)
	return []operation{
		{name: "RegisterUser", method: "POST", uri: users, status: 201, handler: handle(a.registerUser)},
		{name: "DescribeUser", method: "GET", uri: user, status: 200, handler: handle(a.describeUser)},
		{name: "UpdateUser", method: "PUT", uri: user, status: 200, handler: handle(a.updateUser)},
		{name: "DeleteUser", method: "DELETE", uri: user, status: 200, handler: handle(a.deleteUser)},
		{name: "DeleteUserByPrincipalId", method: "DELETE", uri: "/accounts/{AwsAccountId}/namespaces/{Namespace}/user-principals/{PrincipalId}", status: 200, handler: handle(a.deleteUserByPrincipalID)},
		{name: "ListUsers", method: "GET", uri: users, status: 200, handler: handle(a.listUsers)},

		{name: "CreateCustomPermissions", method: "POST", uri: profiles, status: 200, statusInBody: true, handler: handle(a.createCustomPermissions)},
		{name: "DescribeCustomPermissions", method: "GET", uri: profile, status: 200, statusInBody: true, handler: handle(a.describeCustomPermissions)},
		{name: "UpdateCustomPermissions", method: "PUT", uri: profile, status: 200, statusInBody: true, handler: handle(a.updateCustomPermissions)},
		{name: "DeleteCustomPermissions", method: "DELETE", uri: profile, status: 200, statusInBody: true, handler: handle(a.deleteCustomPermissions)},
		{name: "ListCustomPermissions", method: "GET", uri: profiles, status: 200, handler: handle(a.listCustomPermissions)},
	}
}
