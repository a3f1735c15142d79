package iamapi_test

import (
	"strings"
	"testing"

	"rollcall/internal/apitest"
)

func TestUsersHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	run(t, c,
		call{"CreateUser", is("UserName", "ana", "Path", "/team/"), ""},
		call{"CreateUser", is("UserName", "bob"), ""},
		call{"CreateUser", is("UserName", "ANA"), "409 EntityAlreadyExists User with name ANA already exists."},
		call{"UpdateUser", is("UserName", "bob", "NewUserName", "Ana"), "409 EntityAlreadyExists User with name Ana already exists."},
		call{"UpdateUser", is("UserName", "ana", "NewUserName", "Ana"), ""},
		call{"GetUser", is("UserName", "ana"), "404 NoSuchEntity The user with name ana cannot be found."},
		call{"UpdateUser", is("UserName", "Ana", "NewPath", "/"), ""},
		call{"UpdateUser", is("UserName", "ana", "NewPath", "/"), "404 NoSuchEntity The user with name ana cannot be found."},
		call{"UpdateUser", is("UserName", "Ana"), ""},
		call{"DeleteUser", is("UserName", "ana"), "404 NoSuchEntity The user with name ana cannot be found."},
		call{"DeleteUser", is("UserName", "Ana"), ""},
		call{"CreateUser", is("UserName", "ana"), ""},
	)
}

func TestAUserWhoIsUpdatedStaysHimself(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	ana := c.User(t, "ana", allowAll)
	before := ana.OK(t, "iam", "GetUser")
	c.OK(t, "iam", "UpdateUser", "UserName", "ana", "NewUserName", "eva", "NewPath", "/team/")
	after := ana.OK(t, "iam", "GetUser")
	for element, want := range map[string]string{
		"UserName": "eva", "Path": "/team/", "Arn": "arn:aws:iam::" + account + ":user/team/eva",
		"UserId": before.Get("UserId"), "CreateDate": before.Get("CreateDate"),
	} {
		if got := after.Get(element); got != want || got == "" {
			t.Errorf("%s is %q, want %q", element, got, want)
		}
	}
}

// Who may change a user's name or path may not thereby move him where he may
// change none.
func TestUpdateUserNeedsPermissionForBothNames(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	ana := c.User(t, "ana", may("arn:aws:iam::"+account+":user/team/*", "iam:UpdateUser"))
	c.OK(t, "iam", "CreateUser", "UserName", "bob", "Path", "/team/")
	c.OK(t, "iam", "CreateUser", "UserName", "eva")
	denied := func(resource string) string {
		return "403 AccessDenied User: arn:aws:iam::" + account + ":user/ana is not authorized to perform: iam:UpdateUser on resource: arn:aws:iam::" +
			account + ":user/" + resource + " because no identity-based policy allows the iam:UpdateUser action"
	}
	run(t, ana,
		call{"UpdateUser", is("UserName", "bob", "NewPath", "/"), denied("bob")},
		call{"UpdateUser", is("UserName", "eva", "NewPath", "/team/"), denied("eva")},
		call{"UpdateUser", is("UserName", "bob", "NewUserName", "bea"), ""},
	)
}

func TestUsersAndRolesWithSomethingLeftAreNotDeleted(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	key := c.User(t, "ana", allowAll).AccessKeyID
	admin := "arn:aws:iam::aws:policy/AdministratorAccess"
	c.OK(t, "iam", "CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", trustAll)
	run(t, c,
		call{"AttachUserPolicy", is("UserName", "ana", "PolicyArn", admin), ""},
		call{"PutUserPermissionsBoundary", is("UserName", "ana", "PermissionsBoundary", admin), ""},
		call{"DeleteUser", is("UserName", "ana"), "409 DeleteConflict Cannot delete entity, must delete access keys first."},
		call{"DeleteAccessKey", is("UserName", "ana", "AccessKeyId", key), ""},
		call{"DeleteUser", is("UserName", "ana"), "409 DeleteConflict Cannot delete entity, must delete policies first."},
		call{"DeleteUserPolicy", is("UserName", "ana", "PolicyName", "test"), ""},
		call{"DeleteUser", is("UserName", "ana"), "409 DeleteConflict Cannot delete entity, must detach all policies first."},
		call{"DetachUserPolicy", is("UserName", "ana", "PolicyArn", admin), ""},
		call{"DeleteUser", is("UserName", "ana"), ""},

		call{"PutRolePolicy", is("RoleName", "reader", "PolicyName", "p", "PolicyDocument", allowAll), ""},
		call{"AttachRolePolicy", is("RoleName", "reader", "PolicyArn", admin), ""},
		call{"DeleteRole", is("RoleName", "reader"), "409 DeleteConflict Cannot delete entity, must delete policies first."},
		call{"DeleteRolePolicy", is("RoleName", "reader", "PolicyName", "p"), ""},
		call{"DeleteRole", is("RoleName", "reader"), "409 DeleteConflict Cannot delete entity, must detach all policies first."},
		call{"DetachRolePolicy", is("RoleName", "reader", "PolicyArn", admin), ""},
		call{"DeleteRole", is("RoleName", "reader"), ""},
		call{"DeleteRole", is("RoleName", "reader"), "404 NoSuchEntity The role with name reader cannot be found."},
	)
}

// assumed is the client of a session of a role that may do anything.
func assumed(t *testing.T, c apitest.Client) apitest.Client {
	t.Helper()
	c.OK(t, "iam", "CreateRole", "RoleName", "admin", "AssumeRolePolicyDocument", trustAll)
	c.OK(t, "iam", "PutRolePolicy", "RoleName", "admin", "PolicyName", "p", "PolicyDocument", allowAll)
	user := c.User(t, "assuming", allowAll)
	return c.As(user.OK(t, "sts", "AssumeRole", "RoleArn", "arn:aws:iam::"+account+":role/admin", "RoleSessionName", "session"))
}

func TestANameThatIsLeftOutIsTheCallers(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	ana, session := c.User(t, "ana", allowAll), assumed(t, c)
	for _, tt := range []struct {
		action     string
		parameters []string
	}{
		{"GetUser", nil}, {"CreateAccessKey", nil}, {"ListAccessKeys", nil},
		{"UpdateAccessKey", is("AccessKeyId", ana.AccessKeyID, "Status", "Active")}, {"DeleteAccessKey", is("AccessKeyId", ana.AccessKeyID)},
	} {
		t.Run(tt.action, func(t *testing.T) {
			run(t, session, call{tt.action, tt.parameters, "400 ValidationError Must specify userName when calling with non-User credentials"})
			if a := ana.Query(t, "iam", tt.action, tt.parameters...); a.Status != 200 || strings.Contains(tt.action, "Get") && a.Get("UserName") != "ana" {
				t.Errorf("ana: %d %s", a.Status, a.Text)
			}
		})
	}
}

func TestTheRootHasNoNameAndNoPath(t *testing.T) {
	t.Parallel()
	a := newRoot(t).OK(t, "iam", "GetUser")
	if a.Get("Arn") != "arn:aws:iam::"+account+":root" || a.Get("UserId") != account || a.Get("CreateDate") == "" {
		t.Errorf("it is %s", a.Text)
	}
	for _, element := range []string{"UserName", "Path"} {
		if strings.Contains(a.Text, "<"+element+">") {
			t.Errorf("it has a %s: %s", element, a.Text)
		}
	}
}

func TestNobodyIsInAGroupOrAnInstanceProfile(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.User(t, "ana", "")
	c.OK(t, "iam", "CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", trustAll)
	groups := c.OK(t, "iam", "ListGroupsForUser", "UserName", "ana")
	profiles := c.OK(t, "iam", "ListInstanceProfilesForRole", "RoleName", "reader")
	for _, want := range []string{"<Groups></Groups>", "<InstanceProfiles></InstanceProfiles>", "<IsTruncated>false</IsTruncated>"} {
		if !strings.Contains(groups.Text+profiles.Text, want) {
			t.Errorf("no %s in %s%s", want, groups.Text, profiles.Text)
		}
	}
	run(t, c,
		call{"ListGroupsForUser", is("UserName", "bob"), "404 NoSuchEntity The user with name bob cannot be found."},
		call{"ListInstanceProfilesForRole", is("RoleName", "ana"), "404 NoSuchEntity The role with name ana cannot be found."},
	)
}
