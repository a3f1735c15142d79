package iamapi_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/apitest"
	"rollcall/rollcalltest"
)

const administratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess"

func TestAManagedPolicyIsShownInFull(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	made := c.OK(t, "iam", "CreatePolicy", "PolicyName", "p", "Path", "/team/", "PolicyDocument", allowAll, "Description", "All of it",
		"Tags.member.1.Key", "team", "Tags.member.1.Value", "x")
	arn := policyARN("team/p")
	c.User(t, "ana", "")
	c.User(t, "bob", "")
	c.OK(t, "iam", "CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", trustAll, "PermissionsBoundary", arn)
	run(t, c,
		call{"AttachUserPolicy", is("UserName", "ana", "PolicyArn", arn), ""},
		call{"AttachUserPolicy", is("UserName", "bob", "PolicyArn", arn), ""},
		call{"PutUserPermissionsBoundary", is("UserName", "ana", "PermissionsBoundary", arn), ""},
	)
	for _, tt := range []struct {
		name                               string
		answer                             apitest.XML
		attached, bounds, description, key string
	}{
		{"CreatePolicy", made, "0", "0", "", "team"},
		{"GetPolicy", c.OK(t, "iam", "GetPolicy", "PolicyArn", arn), "2", "2", "All of it", "team"},
		{"ListPolicies", c.OK(t, "iam", "ListPolicies", "Scope", "Local"), "2", "2", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := map[string]string{
				"PolicyName": "p", "PolicyId": made.Get("PolicyId"), "Arn": arn, "Path": "/team/", "DefaultVersionId": "v1",
				"AttachmentCount": tt.attached, "PermissionsBoundaryUsageCount": tt.bounds, "IsAttachable": "true",
				"Description": tt.description, "CreateDate": made.Get("CreateDate"), "UpdateDate": made.Get("CreateDate"), "Key": tt.key,
			}
			got := map[string]string{}
			for element := range want {
				got[element] = tt.answer.Get(element)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRulesOfManagedPolicies(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.User(t, "ana", "")
	c.OK(t, "iam", "CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", trustAll)
	p, missing := policyARN("p"), func(arn string) string { return "404 NoSuchEntity Policy " + arn + " was not found." }
	create := func(name, document, want string) call {
		return call{"CreatePolicy", is("PolicyName", name, "PolicyDocument", document), want}
	}
	old := strings.Replace(allowAll, "2012-10-17", "2008-10-17", 1)
	none := strings.Replace(allowAll, `"Version":"2012-10-17",`, "", 1)
	version := "400 MalformedPolicyDocument Policy document must be version 2012-10-17 or greater."
	attached := "409 DeleteConflict Cannot delete a policy attached to entities."
	run(t, c,
		create("p", old, version),
		create("p", none, version),
		create("p", sized(6145), "409 LimitExceeded Cannot exceed quota for PolicySize: 6144"),
		create("p", sized(6144), ""),
		create("P", allowAll, "409 EntityAlreadyExists A policy called P already exists. Duplicate names are not allowed."),
		call{"CreatePolicy", is("PolicyName", "p", "Path", "/team/", "PolicyDocument", allowAll),
			"409 EntityAlreadyExists A policy called p already exists. Duplicate names are not allowed."},
		create("AdministratorAccess", allowAll, ""),

		call{"GetPolicy", is("PolicyArn", policyARN("P")), missing(policyARN("P"))},
		call{"GetPolicy", is("PolicyArn", policyARN("team/p")), missing(policyARN("team/p"))},
		call{"GetPolicy", is("PolicyArn", administratorAccess), ""},
		call{"DeletePolicy", is("PolicyArn", policyARN("q")), missing(policyARN("q"))},

		call{"AttachUserPolicy", is("UserName", "ana", "PolicyArn", p), ""},
		call{"DeletePolicy", is("PolicyArn", p), attached},
		call{"DetachUserPolicy", is("UserName", "ana", "PolicyArn", p), ""},
		call{"PutRolePermissionsBoundary", is("RoleName", "reader", "PermissionsBoundary", p), ""},
		call{"DeletePolicy", is("PolicyArn", p), attached},
		call{"DeleteRolePermissionsBoundary", is("RoleName", "reader"), ""},
		call{"CreatePolicyVersion", is("PolicyArn", p, "PolicyDocument", allowAll), ""},
		call{"DeletePolicy", is("PolicyArn", p), "409 DeleteConflict This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy."},
		call{"DeletePolicyVersion", is("PolicyArn", p, "VersionId", "v2"), ""},
		call{"DeletePolicy", is("PolicyArn", p), ""},
		call{"DeletePolicy", is("PolicyArn", p), missing(p)},
		create("P", allowAll, ""),
	)
}

func TestAnARNThatIsNoneIsInvalidInput(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.User(t, "ana", "")
	for _, arn := range []string{
		"00000000000000000000", "arn:aws:iam::" + account + ":user/ana", "arn:aws:iam::" + account + ":policy/", "arn:aws:iam::12345:policy/p/p",
		"arn:aws:s3:::policy/ppppppp", policyARN("p q"), policyARN("p") + "\n", policyARN(strings.Repeat("p", 129)), "x" + policyARN("p"),
	} {
		want := "400 InvalidInput ARN " + arn + " is not valid."
		of := is("PolicyArn", arn)
		run(t, c,
			call{"GetPolicy", of, want}, call{"DeletePolicy", of, want}, call{"ListEntitiesForPolicy", of, want},
			call{"CreatePolicyVersion", append(of, "PolicyDocument", allowAll), want}, call{"ListPolicyVersions", of, want},
			call{"GetPolicyVersion", append(of, "VersionId", "v1"), want}, call{"SetDefaultPolicyVersion", append(of, "VersionId", "v1"), want},
			call{"DeletePolicyVersion", append(of, "VersionId", "v1"), want},
			call{"AttachUserPolicy", append(of, "UserName", "ana"), want}, call{"DetachUserPolicy", append(of, "UserName", "ana"), want},
			call{"PutUserPermissionsBoundary", is("UserName", "ana", "PermissionsBoundary", arn), want},
			call{"CreateUser", is("UserName", "bob", "PermissionsBoundary", arn), want},
			call{"TagPolicy", append(of, "Tags", ""), want}, call{"UntagPolicy", append(of, "TagKeys", ""), want}, call{"ListPolicyTags", of, want},
		)
	}
}

func TestNobodyChangesThePoliciesOfAWS(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	of := is("PolicyArn", administratorAccess)
	for action, more := range map[string][]string{
		"DeletePolicy": nil, "CreatePolicyVersion": is("PolicyDocument", allowAll), "DeletePolicyVersion": is("VersionId", "v2"),
		"SetDefaultPolicyVersion": is("VersionId", "v1"),
	} {
		run(t, c, call{action, append(more, of...), "403 AccessDenied User: arn:aws:iam::" + account +
			":root is not authorized to perform: iam:" + action + " on resource: " + administratorAccess})
	}
	for action, more := range map[string][]string{"TagPolicy": is("Tags", ""), "UntagPolicy": is("TagKeys", ""), "ListPolicyTags": nil} {
		run(t, c, call{action, append(more, of...), "400 InvalidInput Tags not supported for policies in this domain"})
	}
	if a := c.OK(t, "iam", "GetPolicyVersion", append(of, "VersionId", "v1")...); !strings.Contains(document(t, a, "Document"), `"Action":"*"`) {
		t.Error(a.Text)
	}
}

func TestAnotherAccountsPolicyIsDenied(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	arn := "arn:aws:iam::999999999999:policy/p"
	run(t, c, call{"GetPolicy", is("PolicyArn", arn), "403 AccessDenied User: arn:aws:iam::" + account + ":root is not authorized to perform: iam:GetPolicy on resource: " +
		arn + " because no resource-based policy allows the iam:GetPolicy action"})
}

func TestAManagedPolicyHasFiveVersions(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.OK(t, "iam", "CreatePolicy", "PolicyName", "p", "PolicyDocument", allowAll)
	arn := policyARN("p")
	of := is("PolicyArn", arn)
	version := func(action, id, want string) call { return call{action, append(of, "VersionId", id), want} }
	missing := func(id string) string {
		return "404 NoSuchEntity Policy " + arn + " version " + id + " does not exist or is not attachable."
	}
	create := call{"CreatePolicyVersion", append(of, "PolicyDocument", anyAction), ""}
	full := create
	full.want = "409 LimitExceeded A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version."
	inForce := "409 DeleteConflict Cannot delete the default version of a policy."
	run(t, c,
		create, create, create, create, full,
		version("DeletePolicyVersion", "v1", inForce),
		version("SetDefaultPolicyVersion", "v6", missing("v6")),
		version("SetDefaultPolicyVersion", "v5", ""),
		version("DeletePolicyVersion", "v5", inForce),
		version("DeletePolicyVersion", "v1", ""),
		version("DeletePolicyVersion", "v1", missing("v1")),
		version("GetPolicyVersion", "v1", missing("v1")),
		version("GetPolicyVersion", "v2.x", missing("v2.x")),
		version("GetPolicyVersion", "v99999999999999999999", missing("v99999999999999999999")),
		create, full, // v6: no number comes twice
	)
	list := c.OK(t, "iam", "ListPolicyVersions", of...)
	if diff := cmp.Diff([]string{"v6", "v5", "v4", "v3", "v2"}, elements(list, "VersionId")); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"false", "true", "false", "false", "false"}, elements(list, "IsDefaultVersion")); diff != "" {
		t.Errorf("default (-want +got):\n%s", diff)
	}
	if strings.Contains(list.Text, "Document") {
		t.Error(list.Text)
	}
}

// The version in force is what counts, at once.
func TestTheDefaultVersionIsInForce(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	of := is("PolicyArn", policyARN("p"))
	c.OK(t, "iam", "CreatePolicy", "PolicyName", "p", "PolicyDocument", may("*", "iam:GetUser"))
	ana := c.User(t, "ana", "")
	c.OK(t, "iam", "AttachUserPolicy", append(of, "UserName", "ana")...)
	check := func(moment string, status int) {
		t.Helper()
		if a := ana.Query(t, "iam", "GetUser"); a.Status != status {
			t.Errorf("%s: %d %s, want %d", moment, a.Status, a.Text, status)
		}
	}
	check("v1", 200)
	a := c.OK(t, "iam", "CreatePolicyVersion", append(of, "PolicyDocument", may("*", "iam:ListUsers"))...)
	if a.Get("VersionId") != "v2" || a.Get("IsDefaultVersion") != "false" || strings.Contains(a.Text, "Document") {
		t.Error(a.Text)
	}
	check("v2 made", 200)
	c.OK(t, "iam", "SetDefaultPolicyVersion", append(of, "VersionId", "v2")...)
	check("v2", 403)
	a = c.OK(t, "iam", "CreatePolicyVersion", append(of, "PolicyDocument", may("*", "iam:GetUser"), "SetAsDefault", "true")...)
	if a.Get("VersionId") != "v3" || a.Get("IsDefaultVersion") != "true" {
		t.Error(a.Text)
	}
	check("v3", 200)
	if got := document(t, c.OK(t, "iam", "GetPolicyVersion", append(of, "VersionId", "v2")...), "Document"); got != may("*", "iam:ListUsers") {
		t.Error(got)
	}
}

func TestListPoliciesFilters(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	for _, p := range [][2]string{{"b", "/team/"}, {"A", "/"}, {"c", "/team/x/"}} {
		c.OK(t, "iam", "CreatePolicy", "PolicyName", p[0], "Path", p[1], "PolicyDocument", allowAll)
	}
	c.User(t, "ana", "")
	run(t, c,
		call{"AttachUserPolicy", is("UserName", "ana", "PolicyArn", policyARN("team/b")), ""},
		call{"PutUserPermissionsBoundary", is("UserName", "ana", "PermissionsBoundary", policyARN("A")), ""},
	)
	const admin = "AdministratorAccess"
	for _, tt := range []struct {
		name   string
		filter []string
		want   []string
	}{
		{"All", nil, is(admin, "A", "b", "c")},
		{"ScopeAll", is("Scope", "All"), is(admin, "A", "b", "c")},
		{"ScopeAWS", is("Scope", "AWS"), is(admin)},
		{"ScopeLocal", is("Scope", "Local"), is("A", "b", "c")},
		{"PathPrefix", is("PathPrefix", "/team/"), is("b", "c")},
		{"OnlyAttached", is("OnlyAttached", "true"), is("b")},
		{"NotOnlyAttached", is("OnlyAttached", "false", "Scope", "Local"), is("A", "b", "c")},
		{"AsPermissions", is("PolicyUsageFilter", "PermissionsPolicy"), is("b")},
		{"AsBoundary", is("PolicyUsageFilter", "PermissionsBoundary"), is("A")},
		{"Together", is("PolicyUsageFilter", "PermissionsPolicy", "PathPrefix", "/team/x/"), is()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(append([]string{}, tt.want...), elements(c.OK(t, "iam", "ListPolicies", tt.filter...), "PolicyName")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Those that are not wanted do not make a page shorter.
func TestListPoliciesReadsOnUntilAPageIsFull(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.OK(t, "iam", "CreateUser", "UserName", "ana")
	for n := range 9 {
		name := fmt.Sprintf("p%d", n)
		c.OK(t, "iam", "CreatePolicy", "PolicyName", name, "PolicyDocument", allowAll)
		if n >= 6 {
			c.OK(t, "iam", "AttachUserPolicy", "UserName", "ana", "PolicyArn", policyARN(name))
		}
	}
	a := c.OK(t, "iam", "ListPolicies", "OnlyAttached", "true", "MaxItems", "2")
	if got := elements(a, "PolicyName"); !slices.Equal(got, is("p6", "p7")) || a.Get("IsTruncated") != "true" {
		t.Errorf("%v: %s", got, a.Text)
	}
	a = c.OK(t, "iam", "ListPolicies", "OnlyAttached", "true", "MaxItems", "2", "Marker", a.Get("Marker"))
	if got := elements(a, "PolicyName"); !slices.Equal(got, is("p8")) || a.Get("IsTruncated") != "false" {
		t.Errorf("%v: %s", got, a.Text)
	}
}

func TestUpdateDateIsThatOfTheNewestVersion(t *testing.T) {
	t.Parallel()
	var hours atomic.Int64
	now := func() time.Time { return time.Date(2026, 11, 23, 8+int(hours.Load()), 0, 0, 0, time.UTC) }
	c := apitest.New(rollcalltest.NewServer(t, &rollcalltest.Options{Now: now}))
	c.Now = now
	of := is("PolicyArn", policyARN("p"))
	c.OK(t, "iam", "CreatePolicy", "PolicyName", "p", "PolicyDocument", allowAll)
	hours.Store(1)
	c.OK(t, "iam", "CreatePolicyVersion", append(of, "PolicyDocument", allowAll)...)
	hours.Store(2)
	c.OK(t, "iam", "SetDefaultPolicyVersion", append(of, "VersionId", "v2")...)
	c.OK(t, "iam", "DeletePolicyVersion", append(of, "VersionId", "v1")...)
	a := c.OK(t, "iam", "GetPolicy", of...)
	if a.Get("CreateDate") != "2026-11-23T08:00:00Z" || a.Get("UpdateDate") != "2026-11-23T09:00:00Z" {
		t.Error(a.Text)
	}
}

func TestListEntitiesForPolicyFilters(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	arn := policyARN("p")
	c.OK(t, "iam", "CreatePolicy", "PolicyName", "p", "PolicyDocument", allowAll)
	c.OK(t, "iam", "CreateUser", "UserName", "ana", "Path", "/team/", "PermissionsBoundary", arn)
	c.OK(t, "iam", "CreateUser", "UserName", "bob")
	c.OK(t, "iam", "CreateRole", "RoleName", "reader", "Path", "/team/", "AssumeRolePolicyDocument", trustAll, "PermissionsBoundary", arn)
	run(t, c,
		call{"AttachUserPolicy", is("UserName", "ana", "PolicyArn", arn), ""}, // and bounded
		call{"AttachUserPolicy", is("UserName", "bob", "PolicyArn", arn), ""},
		call{"ListEntitiesForPolicy", is("PolicyArn", policyARN("q")), "404 NoSuchEntity Policy " + policyARN("q") + " was not found."},
	)
	for _, tt := range []struct {
		name         string
		filter       []string
		users, roles []string
	}{
		{"All", nil, is("ana", "bob"), is("reader")},
		{"Users", is("EntityFilter", "User"), is("ana", "bob"), is()},
		{"Roles", is("EntityFilter", "Role"), is(), is("reader")},
		{"Groups", is("EntityFilter", "Group"), is(), is()},
		{"PathPrefix", is("PathPrefix", "/team/"), is("ana"), is("reader")},
		{"AsPermissions", is("PolicyUsageFilter", "PermissionsPolicy"), is("ana", "bob"), is()},
		{"AsBoundary", is("PolicyUsageFilter", "PermissionsBoundary"), is("ana"), is("reader")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := c.OK(t, "iam", "ListEntitiesForPolicy", append(tt.filter, "PolicyArn", arn)...)
			if users, roles := elements(a, "UserName"), elements(a, "RoleName"); !slices.Equal(users, tt.users) || !slices.Equal(roles, tt.roles) {
				t.Errorf("%v and %v, want %v and %v", users, roles, tt.users, tt.roles)
			}
			if !strings.Contains(a.Text, "<PolicyGroups></PolicyGroups>") {
				t.Error(a.Text)
			}
		})
	}
}
