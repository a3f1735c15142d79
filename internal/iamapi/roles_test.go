package iamapi_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/apitest"
)

// document decodes a policy document of an answer.
func document(t *testing.T, a apitest.XML, element string) string {
	t.Helper()
	encoded := a.Get(element)
	text, err := url.PathUnescape(encoded)
	if err != nil || strings.ContainsAny(encoded, "+ \"{}") {
		t.Errorf("%s is not percent-encoded: %s, %v", element, encoded, err)
	}
	return text
}

func TestARoleIsShownInFull(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	boundary := "arn:aws:iam::aws:policy/AdministratorAccess"
	text := "\n" + trustAll + " "
	made := c.OK(t, "iam", "CreateRole", "RoleName", "reader", "Path", "/team/", "AssumeRolePolicyDocument", text, "Description", "Reads é",
		"MaxSessionDuration", "7200", "PermissionsBoundary", boundary, "Tags.member.1.Key", "team", "Tags.member.1.Value", "x y")
	for name, a := range map[string]apitest.XML{
		"CreateRole":            made,
		"GetRole":               c.OK(t, "iam", "GetRole", "RoleName", "reader"),
		"UpdateRoleDescription": c.OK(t, "iam", "UpdateRoleDescription", "RoleName", "reader", "Description", "Reads é"),
		"ListRoles":             c.OK(t, "iam", "ListRoles", "PathPrefix", "/team/"),
	} {
		t.Run(name, func(t *testing.T) {
			want := map[string]string{
				"RoleName": "reader", "Path": "/team/", "Arn": "arn:aws:iam::" + account + ":role/team/reader", "RoleId": made.Get("RoleId"),
				"CreateDate": made.Get("CreateDate"), "Description": "Reads é", "MaxSessionDuration": "7200",
				"PermissionsBoundaryArn": boundary, "PermissionsBoundaryType": "PermissionsBoundaryPolicy", "Key": "team", "Value": "x y",
			}
			if name == "ListRoles" {
				want["PermissionsBoundaryArn"], want["PermissionsBoundaryType"], want["Key"], want["Value"] = "", "", "", ""
			}
			got := map[string]string{}
			for element := range want {
				got[element] = a.Get(element)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := document(t, a, "AssumeRolePolicyDocument"); got != text {
				t.Errorf("document is %q, want %q", got, text)
			}
			if used := strings.Contains(a.Text, "<RoleLastUsed></RoleLastUsed>"); used != (name == "GetRole") {
				t.Errorf("RoleLastUsed: %v", used)
			}
		})
	}
}

func TestARoleIsUpdatedMemberByMember(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.OK(t, "iam", "CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", trustAll)
	for _, tt := range []struct {
		name, action string
		parameters   []string
		description  string
		seconds      string
	}{
		{"Defaults", "GetRole", nil, "", "3600"},
		{"Both", "UpdateRole", is("Description", "a", "MaxSessionDuration", "43200"), "a", "43200"},
		{"NoDescription", "UpdateRole", is("MaxSessionDuration", "7200"), "a", "7200"},
		{"DescriptionAlone", "UpdateRoleDescription", is("Description", "b"), "b", "7200"},
		{"NoDuration", "UpdateRole", is("Description", "c"), "c", "3600"},
		{"EmptyDescription", "UpdateRole", is("Description", ""), "", "3600"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := c.OK(t, "iam", tt.action, append(tt.parameters, "RoleName", "reader")...)
			if tt.action == "UpdateRole" && !strings.Contains(a.Text, "<UpdateRoleResult></UpdateRoleResult>") {
				t.Errorf("no empty result in %s", a.Text)
			}
			a = c.OK(t, "iam", "GetRole", "RoleName", "reader")
			if a.Get("Description") != tt.description || a.Get("MaxSessionDuration") != tt.seconds {
				t.Errorf("%q for %s, want %q for %s", a.Get("Description"), a.Get("MaxSessionDuration"), tt.description, tt.seconds)
			}
		})
	}
}

func TestRolesHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	role := func(name string) []string { return is("RoleName", name, "AssumeRolePolicyDocument", trustAll) }
	missing := "404 NoSuchEntity The role with name READER cannot be found."
	run(t, c,
		call{"CreateUser", is("UserName", "reader"), ""},
		call{"CreateRole", role("reader"), ""},
		call{"CreateRole", role("READER"), "409 EntityAlreadyExists Role with name READER already exists."},
		call{"GetRole", is("RoleName", "READER"), missing},
		call{"UpdateRole", is("RoleName", "READER"), missing},
		call{"UpdateRoleDescription", is("RoleName", "READER", "Description", ""), missing},
		call{"UpdateAssumeRolePolicy", is("RoleName", "READER", "PolicyDocument", trustAll), missing},
		call{"DeleteRole", is("RoleName", "READER"), missing},
		call{"DeleteRole", is("RoleName", "reader"), ""},
		call{"CreateRole", role("READER"), ""},
	)
}

func TestATrustPolicyMayNotBeLong(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	sized := func(n int) string {
		text := strings.Replace(trustAll, `{"Version"`, `{"Id":"","Version"`, 1)
		return " " + strings.Replace(text, `"Id":""`, `"Id":"`+strings.Repeat("x", n-len(text))+`"`, 1) + "\n"
	}
	full := "409 LimitExceeded Cannot exceed quota for ACLSizePerRole: 2048"
	run(t, c,
		call{"CreateRole", is("RoleName", "a", "AssumeRolePolicyDocument", sized(2049)), full},
		call{"CreateRole", is("RoleName", "a", "AssumeRolePolicyDocument", sized(2048)), ""},
		call{"UpdateAssumeRolePolicy", is("RoleName", "a", "PolicyDocument", sized(2049)), full},
		call{"UpdateAssumeRolePolicy", is("RoleName", "a", "PolicyDocument", sized(2048)), ""},
	)
}
