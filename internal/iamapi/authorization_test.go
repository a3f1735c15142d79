package iamapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/apitest"
	"rollcall/internal/iamapi"
)

// authorization has what each operation of IAM is authorized on, after the
// account, and parameters with which it gets as far as that. It is as in the
// Service Authorization Reference, with paths for the lists that this has no
// resource for:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
const authorization = `
CreateUser                    user/x/new        UserName new Path /x/
GetUser                       user/team/ana     UserName ana
ListUsers                     user/x/           PathPrefix /x/
UpdateUser                    user/team/ana     UserName ana
DeleteUser                    user/team/ana     UserName ana
ListGroupsForUser             user/team/ana     UserName ana
CreateAccessKey               user/team/ana     UserName ana
ListAccessKeys                user/team/ana     UserName ana
UpdateAccessKey               user/team/ana     UserName ana AccessKeyId AKIAAAAAAAAAAAAAAAAA Status Active
DeleteAccessKey               user/team/ana     UserName ana AccessKeyId AKIAAAAAAAAAAAAAAAAA
CreateRole                    role/x/new        RoleName new Path /x/ AssumeRolePolicyDocument TRUST
GetRole                       role/team/reader  RoleName reader
ListRoles                     role/
UpdateRole                    role/team/reader  RoleName reader
UpdateRoleDescription         role/team/reader  RoleName reader Description x
UpdateAssumeRolePolicy        role/team/reader  RoleName reader PolicyDocument TRUST
DeleteRole                    role/team/reader  RoleName reader
ListInstanceProfilesForRole   role/team/reader  RoleName reader
PutUserPolicy                 user/team/ana     UserName ana PolicyName p PolicyDocument POLICY
GetUserPolicy                 user/team/ana     UserName ana PolicyName p
ListUserPolicies              user/team/ana     UserName ana
DeleteUserPolicy              user/team/ana     UserName ana PolicyName p
PutRolePolicy                 role/team/reader  RoleName reader PolicyName p PolicyDocument POLICY
GetRolePolicy                 role/team/reader  RoleName reader PolicyName p
ListRolePolicies              role/team/reader  RoleName reader
DeleteRolePolicy              role/team/reader  RoleName reader PolicyName p
CreatePolicy                  policy/x/new      PolicyName new Path /x/ PolicyDocument POLICY
GetPolicy                     policy/team/p     PolicyArn ARN
ListEntitiesForPolicy         policy/team/p     PolicyArn ARN
DeletePolicy                  policy/team/p     PolicyArn ARN
CreatePolicyVersion           policy/team/p     PolicyArn ARN PolicyDocument POLICY
GetPolicyVersion              policy/team/p     PolicyArn ARN VersionId v1
ListPolicyVersions            policy/team/p     PolicyArn ARN
SetDefaultPolicyVersion       policy/team/p     PolicyArn ARN VersionId v1
DeletePolicyVersion           policy/team/p     PolicyArn ARN VersionId v1
AttachUserPolicy              user/team/ana     UserName ana PolicyArn ARN
DetachUserPolicy              user/team/ana     UserName ana PolicyArn ARN
ListAttachedUserPolicies      user/team/ana     UserName ana
AttachRolePolicy              role/team/reader  RoleName reader PolicyArn ARN
DetachRolePolicy              role/team/reader  RoleName reader PolicyArn ARN
ListAttachedRolePolicies      role/team/reader  RoleName reader
PutUserPermissionsBoundary    user/team/ana     UserName ana PermissionsBoundary ARN
DeleteUserPermissionsBoundary user/team/ana     UserName ana
PutRolePermissionsBoundary    role/team/reader  RoleName reader PermissionsBoundary ARN
DeleteRolePermissionsBoundary role/team/reader  RoleName reader
TagUser                       user/team/ana     UserName ana Tags.member.1.Key a Tags.member.1.Value b
UntagUser                     user/team/ana     UserName ana TagKeys.member.1 a
ListUserTags                  user/team/ana     UserName ana
TagRole                       role/team/reader  RoleName reader Tags.member.1.Key a Tags.member.1.Value b
UntagRole                     role/team/reader  RoleName reader TagKeys.member.1 a
ListRoleTags                  role/team/reader  RoleName reader
TagPolicy                     policy/team/p     PolicyArn ARN Tags.member.1.Key a Tags.member.1.Value b
UntagPolicy                   policy/team/p     PolicyArn ARN TagKeys.member.1 a
ListPolicyTags                policy/team/p     PolicyArn ARN

CreateOpenIDConnectProvider             oidc-provider/new.org/a         Url https://new.org/a
GetOpenIDConnectProvider                oidc-provider/id.example.com/a  OpenIDConnectProviderArn OIDC
ListOpenIDConnectProviders              oidc-provider/*
AddClientIDToOpenIDConnectProvider      oidc-provider/id.example.com/a  OpenIDConnectProviderArn OIDC ClientID app
RemoveClientIDFromOpenIDConnectProvider oidc-provider/id.example.com/a  OpenIDConnectProviderArn OIDC ClientID app
UpdateOpenIDConnectProviderThumbprint   oidc-provider/id.example.com/a  OpenIDConnectProviderArn OIDC ThumbprintList.member.1 cf23df2207d99a74fbe169e3eba035e633b65d94
DeleteOpenIDConnectProvider             oidc-provider/id.example.com/a  OpenIDConnectProviderArn OIDC
TagOpenIDConnectProvider                oidc-provider/id.example.com/a  OpenIDConnectProviderArn OIDC Tags.member.1.Key a Tags.member.1.Value b
UntagOpenIDConnectProvider              oidc-provider/id.example.com/a  OpenIDConnectProviderArn OIDC TagKeys.member.1 a
ListOpenIDConnectProviderTags           oidc-provider/id.example.com/a  OpenIDConnectProviderArn OIDC
`

// authorized gives an operation's line of the table.
func authorized(t *testing.T, action string) (resource string, parameters []string) {
	t.Helper()
	for line := range strings.Lines(authorization) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != action {
			continue
		}
		for i, field := range fields {
			if text, ok := map[string]string{
				"TRUST": trustAll, "POLICY": allowAll, "ARN": policyARN("team/p"), "OIDC": providerARN("id.example.com/a")}[field]; ok {
				fields[i] = text
			}
		}
		return "arn:aws:iam::" + account + ":" + fields[1], fields[2:]
	}
	t.Fatalf("%s is not in the table", action)
	return "", nil
}

// newTeam has a user, a role, a policy and a provider under a path.
func newTeam(t *testing.T) apitest.Client {
	t.Helper()
	c := newRoot(t)
	c.OK(t, "iam", "CreateUser", "UserName", "ana", "Path", "/team/")
	c.OK(t, "iam", "CreateRole", "RoleName", "reader", "Path", "/team/", "AssumeRolePolicyDocument", trustAll)
	c.OK(t, "iam", "CreatePolicy", "PolicyName", "p", "Path", "/team/", "PolicyDocument", allowAll)
	c.OK(t, "iam", "CreateOpenIDConnectProvider", "Url", "https://id.example.com/a")
	return c
}

// Nobody may do anything that no policy of his allows, and with the one that
// allows it he may.
func TestEveryOperationIsAuthorized(t *testing.T) {
	t.Parallel()
	for _, op := range iamapi.Operations() {
		if op.Service != "iam" || op.Name == "ListPolicies" {
			continue
		}
		t.Run(op.Name, func(t *testing.T) {
			t.Parallel()
			resource, parameters := authorized(t, op.Name)
			c, action := newTeam(t), "iam:"+op.Name
			denied := fmt.Sprintf("403 AccessDenied User: arn:aws:iam::%s:user/NAME is not authorized to perform: %s on resource: %s because no identity-based policy allows the %[2]s action",
				account, action, resource)
			for name, policy := range map[string]string{
				"nobody": "", "elsewhere": may(resource+"x", action), "otherwise": may(resource, action+"x"),
			} {
				run(t, c.User(t, name, policy), call{op.Name, parameters, strings.Replace(denied, "NAME", name, 1)})
			}
			if a := c.User(t, "somebody", may(resource, action)).Query(t, "iam", op.Name, parameters...); a.Status == 403 {
				t.Errorf("with the permission: %s", outcome(a))
			}
		})
	}
}

// https://github.com/aws/aws-sam-cli/issues/394
func TestListPoliciesIsAuthorizedOnEverythingAlone(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	run(t, c.User(t, "ana", may("arn:aws:iam::*:*", "iam:ListPolicies")), call{"ListPolicies", nil, "403 AccessDenied User: arn:aws:iam::" + account +
		":user/ana is not authorized to perform: iam:ListPolicies on resource: policy path / because no identity-based policy allows the iam:ListPolicies action"})
	run(t, c.User(t, "bob", may("*", "iam:ListPolicies")), call{"ListPolicies", nil, ""})
}

// Only who may make a call is told what is wrong with it, or what is not there.
func TestWhoIsDeniedLearnsNothingElse(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	nobody := c.User(t, "nobody", "")
	for _, call := range []call{
		{"GetUser", is("UserName", "nope"), ""}, {"GetRole", is("RoleName", "nope"), ""}, {"GetPolicy", is("PolicyArn", policyARN("nope")), ""},
		{"CreateUser", is("UserName", "ana"), ""}, {"CreateUser", slices.Concat(is("UserName", "x"), tagList("a", "", "A", "")), ""},
		{"GetPolicy", is("PolicyArn", "arn:aws:iam::nonsense"), ""}, {"PutUserPolicy", is("UserName", "ana", "PolicyName", "p", "PolicyDocument", "x"), ""},
		{"CreateRole", is("RoleName", "x", "AssumeRolePolicyDocument", "x"), ""}, {"CreatePolicy", is("PolicyName", "x", "PolicyDocument", "x"), ""},
		{"ListUsers", is("Marker", "x"), ""}, {"ListPolicies", is("Marker", "x"), ""}, {"ListUserTags", is("UserName", "ana", "Marker", "x"), ""},
		{"CreateOpenIDConnectProvider", is("Url", "https://id.example.com/a"), ""}, {"CreateOpenIDConnectProvider", is("Url", "x"), ""},
		{"GetOpenIDConnectProvider", is("OpenIDConnectProviderArn", "arn:aws:iam::nonsense"), ""},
		{"AddClientIDToOpenIDConnectProvider", is("OpenIDConnectProviderArn", providerARN("x.org"), "ClientID", "app"), ""},
		{"DeletePolicy", is("PolicyArn", administratorAccess), ""}, {"UpdateUser", is("UserName", "nope"), ""},
		{"UpdateAccessKey", is("UserName", "ana", "AccessKeyId", "AKIAAAAAAAAAAAAAAAAA", "Status", "Expired"), ""},
	} {
		if got := outcome(nobody.Query(t, "iam", call.action, call.parameters...)); !strings.HasSuffix(got, "because no identity-based policy allows the iam:"+call.action+" action") {
			t.Errorf("%s %.100q: %s", call.action, call.parameters, got)
		}
	}
}

func TestConditionKeys(t *testing.T) {
	t.Parallel()
	p, other := policyARN("team/p"), providerARN("x.org")
	oidc := is("OpenIDConnectProviderArn", providerARN("id.example.com/a"))
	ana, reader := is("UserName", "ana"), is("RoleName", "reader")
	with := func(of []string, more ...string) []string { return slices.Concat(of, more) }
	inline := is("PolicyName", "p", "PolicyDocument", allowAll)
	for _, tt := range []struct {
		name      string
		setup     []call // what holds before
		condition string
		good, bad call
	}{
		{"PolicyARNOnAttach", nil, `"ArnEquals":{"iam:PolicyARN":"` + p + `"}`,
			call{"AttachUserPolicy", with(ana, "PolicyArn", p), ""}, call{"AttachUserPolicy", with(ana, "PolicyArn", administratorAccess), ""}},
		{"PolicyARNOnDetach", []call{{"AttachRolePolicy", with(reader, "PolicyArn", p), ""}, {"AttachRolePolicy", with(reader, "PolicyArn", administratorAccess), ""}},
			`"ArnEquals":{"iam:PolicyARN":"` + p + `"}`,
			call{"DetachRolePolicy", with(reader, "PolicyArn", p), ""}, call{"DetachRolePolicy", with(reader, "PolicyArn", administratorAccess), ""}},

		{"BoundaryOfANewUser", nil, `"StringEquals":{"iam:PermissionsBoundary":"` + p + `"}`,
			call{"CreateUser", is("UserName", "x", "PermissionsBoundary", p), ""}, call{"CreateUser", is("UserName", "x"), ""}},
		{"BoundaryOfANewRole", nil, `"StringEquals":{"iam:PermissionsBoundary":"` + p + `"}`,
			call{"CreateRole", is("RoleName", "x", "AssumeRolePolicyDocument", trustAll, "PermissionsBoundary", p), ""},
			call{"CreateRole", is("RoleName", "x", "AssumeRolePolicyDocument", trustAll, "PermissionsBoundary", administratorAccess), ""}},
		{"BoundaryThatIsPut", nil, `"StringEquals":{"iam:PermissionsBoundary":"` + p + `"}`,
			call{"PutUserPermissionsBoundary", with(ana, "PermissionsBoundary", p), ""},
			call{"PutUserPermissionsBoundary", with(ana, "PermissionsBoundary", administratorAccess), ""}},
		{"BoundaryOnPut", []call{{"PutUserPermissionsBoundary", with(ana, "PermissionsBoundary", p), ""}},
			`"StringEquals":{"iam:PermissionsBoundary":"` + p + `"}`,
			call{"PutUserPolicy", with(ana, inline...), ""}, call{"PutUserPolicy", with(is("UserName", "tester"), inline...), ""}},
		{"BoundaryOnDelete", []call{{"PutRolePermissionsBoundary", with(reader, "PermissionsBoundary", p), ""}, {"PutRolePolicy", with(reader, inline...), ""}},
			`"StringEquals":{"iam:PermissionsBoundary":"` + p + `"}`,
			call{"DeleteRolePolicy", with(reader, "PolicyName", "p"), ""}, call{"DeleteRolePolicy", is("RoleName", "nope", "PolicyName", "p"), ""}},
		{"BoundaryOnAttach", []call{{"PutUserPermissionsBoundary", with(ana, "PermissionsBoundary", p), ""}},
			`"StringEquals":{"iam:PermissionsBoundary":"` + p + `"}`,
			call{"AttachUserPolicy", with(ana, "PolicyArn", p), ""}, call{"AttachUserPolicy", is("UserName", "tester", "PolicyArn", p), ""}},
		{"BoundaryThatIsDeleted", []call{{"PutUserPermissionsBoundary", with(ana, "PermissionsBoundary", p), ""}},
			`"StringNotEquals":{"iam:PermissionsBoundary":"` + p + `"}`,
			call{"DeleteUserPermissionsBoundary", is("UserName", "tester"), ""}, call{"DeleteUserPermissionsBoundary", ana, ""}},

		{"TagsOfANewUser", nil, `"StringEquals":{"aws:RequestTag/team":"a"}`,
			call{"CreateUser", with(is("UserName", "x"), tagList("Team", "a")...), ""}, call{"CreateUser", with(is("UserName", "x"), tagList("team", "b")...), ""}},
		{"TagsOfANewPolicy", nil, `"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}`,
			call{"CreatePolicy", with(is("PolicyName", "x", "PolicyDocument", allowAll), tagList("team", "a")...), ""},
			call{"CreatePolicy", with(is("PolicyName", "x", "PolicyDocument", allowAll), tagList("team", "a", "site", "b")...), ""}},
		{"TagsThatAreGiven", nil, `"StringEquals":{"aws:RequestTag/team":"a"}`,
			call{"TagRole", with(reader, tagList("team", "a")...), ""}, call{"TagRole", with(reader, tagList("team", "b")...), ""}},
		{"TagsThatAreTaken", nil, `"ForAnyValue:StringEquals":{"aws:TagKeys":["team"]}`,
			call{"UntagUser", with(ana, keyList("site", "team")...), ""}, call{"UntagUser", with(ana, keyList("site")...), ""}},
		{"TagsTakenFromAPolicy", nil, `"ForAnyValue:StringEquals":{"aws:TagKeys":["team"]}`,
			call{"UntagPolicy", with(is("PolicyArn", p), keyList("team")...), ""}, call{"UntagPolicy", with(is("PolicyArn", p), "TagKeys", ""), ""}},

		{"TagsOfAUser", []call{{"TagUser", with(ana, tagList("team", "a")...), ""}}, `"StringEquals":{"aws:ResourceTag/team":"a"}`,
			call{"GetUser", ana, ""}, call{"GetUser", is("UserName", "tester"), ""}},
		{"TagsOfARole", []call{{"TagRole", with(reader, tagList("team", "a")...), ""}}, `"StringEquals":{"iam:ResourceTag/team":"a"}`,
			call{"GetRole", reader, ""}, call{"GetRole", is("RoleName", "nope"), ""}},
		{"TagsOfAPolicy", []call{{"TagPolicy", with(is("PolicyArn", p), tagList("team", "a")...), ""}}, `"StringEquals":{"aws:ResourceTag/team":"a"}`,
			call{"GetPolicy", is("PolicyArn", p), ""}, call{"GetPolicy", is("PolicyArn", administratorAccess), ""}},

		{"TagsOfANewProvider", nil, `"StringEquals":{"aws:RequestTag/team":"a"}`,
			call{"CreateOpenIDConnectProvider", with(is("Url", "https://x.org"), tagList("team", "a")...), ""},
			call{"CreateOpenIDConnectProvider", is("Url", "https://x.org"), ""}},
		{"TagsGivenToAProvider", nil, `"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}`,
			call{"TagOpenIDConnectProvider", with(oidc, tagList("team", "a")...), ""},
			call{"TagOpenIDConnectProvider", with(oidc, tagList("team", "a", "site", "b")...), ""}},
		{"TagsTakenFromAProvider", nil, `"ForAnyValue:StringEquals":{"aws:TagKeys":["team"]}`,
			call{"UntagOpenIDConnectProvider", with(oidc, keyList("team")...), ""}, call{"UntagOpenIDConnectProvider", with(oidc, keyList("site")...), ""}},
		{"TagsOfAProvider", []call{{"TagOpenIDConnectProvider", with(oidc, tagList("team", "a")...), ""}}, `"StringEquals":{"aws:ResourceTag/team":"a"}`,
			call{"DeleteOpenIDConnectProvider", oidc, ""}, call{"DeleteOpenIDConnectProvider", is("OpenIDConnectProviderArn", other), ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newTeam(t)
			run(t, c, tt.setup...)
			tester := c.User(t, "tester", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{`+tt.condition+`}}}`)
			if got := outcome(tester.Query(t, "iam", tt.bad.action, tt.bad.parameters...)); !strings.HasPrefix(got, "403 AccessDenied ") {
				t.Errorf("bad: %q", got)
			}
			run(t, tester, tt.good)
		})
	}
}
