package iamapi

import (
	"context"

	"rollcall/internal/access"
	"rollcall/internal/awsquery"
)

// Namespaces of the services' documents.
const (
	iamNamespace = "https://iam.amazonaws.com/doc/2010-05-08/"
	stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/"
)

// service is a service of the query protocol.
type service struct {
	namespace  string
	operations awsquery.Table[*operation]
}

// operation is a row of a service's table.
type operation struct {
	name         string
	readOnly     bool
	recorded     bool // changes nothing and records itself all the same
	handler      *awsquery.Handler[*access.Caller]
	ofPrincipals bool // not for sessions that a user or root has made of himself
}

// read is a row for an operation that changes nothing, change one for an
// operation that does.
func read[In, Out any](name string, fn func(context.Context, *access.Caller, *In) (*Out, error)) operation {
	return operation{name: name, readOnly: true, handler: awsquery.Handle(rules, fn)}
}

func change[In, Out any](name string, fn func(context.Context, *access.Caller, *In) (*Out, error)) operation {
	return operation{name: name, handler: awsquery.Handle(rules, fn)}
}

// session is a row for an operation that hands out credentials.
func session[In, Out any](name string, fn func(context.Context, *access.Caller, *In) (*Out, error)) operation {
	return operation{name: name, readOnly: true, recorded: true, handler: awsquery.Handle(rules, fn)}
}

// tables are what the API answers, by service.
func (a *API) tables() map[string]*service {
	return map[string]*service{
		"iam": newService(iamNamespace, "2010-05-08", a.iamOperations(), true),
		"sts": newService(stsNamespace, "2011-06-15", a.stsOperations(), false),
	}
}

func newService(namespace, version string, operations []operation, ofPrincipals bool) *service {
	s := &service{namespace: namespace}
	s.operations.Version = version
	for _, op := range operations {
		op.ofPrincipals = ofPrincipals
		s.operations.Add(op.name, &op)
	}
	return s
}

// iamOperations are those of IAM, by resource.
func (a *API) iamOperations() []operation {
	return []operation{
		change("CreateUser", a.createUser),
		read("GetUser", a.getUser),
		read("ListUsers", a.listUsers),
		change("UpdateUser", a.updateUser),
		change("DeleteUser", a.deleteUser),
		read("ListGroupsForUser", a.listGroupsForUser),

		change("CreateAccessKey", a.createAccessKey),
		read("ListAccessKeys", a.listAccessKeys),
		change("UpdateAccessKey", a.updateAccessKey),
		change("DeleteAccessKey", a.deleteAccessKey),

		change("CreateRole", a.createRole),
		read("GetRole", a.getRole),
		read("ListRoles", a.listRoles),
		change("UpdateRole", a.updateRole),
		change("UpdateRoleDescription", a.updateRoleDescription),
		change("UpdateAssumeRolePolicy", a.updateAssumeRolePolicy),
		change("DeleteRole", a.deleteRole),
		read("ListInstanceProfilesForRole", a.listInstanceProfilesForRole),

		change("PutUserPolicy", a.putUserPolicy),
		read("GetUserPolicy", a.getUserPolicy),
		read("ListUserPolicies", a.listUserPolicies),
		change("DeleteUserPolicy", a.deleteUserPolicy),
		change("PutRolePolicy", a.putRolePolicy),
		read("GetRolePolicy", a.getRolePolicy),
		read("ListRolePolicies", a.listRolePolicies),
		change("DeleteRolePolicy", a.deleteRolePolicy),

		change("CreatePolicy", a.createPolicy),
		read("GetPolicy", a.getPolicy),
		read("ListPolicies", a.listPolicies),
		read("ListEntitiesForPolicy", a.listEntitiesForPolicy),
		change("DeletePolicy", a.deletePolicy),

		change("CreatePolicyVersion", a.createPolicyVersion),
		read("GetPolicyVersion", a.getPolicyVersion),
		read("ListPolicyVersions", a.listPolicyVersions),
		change("SetDefaultPolicyVersion", a.setDefaultPolicyVersion),
		change("DeletePolicyVersion", a.deletePolicyVersion),

		change("AttachUserPolicy", a.attachUserPolicy),
		change("DetachUserPolicy", a.detachUserPolicy),
		read("ListAttachedUserPolicies", a.listAttachedUserPolicies),
		change("AttachRolePolicy", a.attachRolePolicy),
		change("DetachRolePolicy", a.detachRolePolicy),
		read("ListAttachedRolePolicies", a.listAttachedRolePolicies),

		change("PutUserPermissionsBoundary", a.putUserPermissionsBoundary),
		change("DeleteUserPermissionsBoundary", a.deleteUserPermissionsBoundary),
		change("PutRolePermissionsBoundary", a.putRolePermissionsBoundary),
		change("DeleteRolePermissionsBoundary", a.deleteRolePermissionsBoundary),

		change("TagUser", a.tagUser),
		change("UntagUser", a.untagUser),
		read("ListUserTags", a.listUserTags),
		change("TagRole", a.tagRole),
		change("UntagRole", a.untagRole),
		read("ListRoleTags", a.listRoleTags),
		change("TagPolicy", a.tagPolicy),
		change("UntagPolicy", a.untagPolicy),
		read("ListPolicyTags", a.listPolicyTags),

		change("CreateOpenIDConnectProvider", a.createOpenIDConnectProvider),
		read("GetOpenIDConnectProvider", a.getOpenIDConnectProvider),
		read("ListOpenIDConnectProviders", a.listOpenIDConnectProviders),
		change("AddClientIDToOpenIDConnectProvider", a.addClientIDToOpenIDConnectProvider),
		change("RemoveClientIDFromOpenIDConnectProvider", a.removeClientIDFromOpenIDConnectProvider),
		change("UpdateOpenIDConnectProviderThumbprint", a.updateOpenIDConnectProviderThumbprint),
		change("DeleteOpenIDConnectProvider", a.deleteOpenIDConnectProvider),
		change("TagOpenIDConnectProvider", a.tagOpenIDConnectProvider),
		change("UntagOpenIDConnectProvider", a.untagOpenIDConnectProvider),
		read("ListOpenIDConnectProviderTags", a.listOpenIDConnectProviderTags),
	}
}

// stsOperations are those of STS.
func (a *API) stsOperations() []operation {
	return []operation{
		read("GetCallerIdentity", a.getCallerIdentity),
		session("AssumeRole", a.assumeRole),
		session("AssumeRoleWithWebIdentity", a.assumeRoleWithWebIdentity),
		session("GetSessionToken", a.getSessionToken),
	}
}
