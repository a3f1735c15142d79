package iamapi_test

import (
	"fmt"
	"strings"
	"testing"

	"rollcall/internal/apitest"
)

func TestWhiteSpaceOfASessionPolicyCounts(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	ana := c.User(t, "ana", allowAll)
	c.OK(t, "iam", "CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", trust(account))
	for length, want := range map[int]string{2048: "", 2049: "ValidationError", 100_000: "ValidationError"} {
		text := allowAll + strings.Repeat(" ", length-len(allowAll))
		a := ana.Query(t, "sts", "AssumeRole", "RoleArn", ofAccount+"role/reader", "RoleSessionName", "ben", "Policy", text)
		if a.Error.Code != want {
			t.Errorf("%d characters: %s, want %q", length, a.Text, want)
		}
	}
}

// A session whose role is gone is nobody: it is not told what is wrong with its
// requests, and does not fill the record.
func TestSessionsOfDeletedRolesAreNobody(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	ana := c.User(t, "ana", allowAll)
	c.OK(t, "iam", "CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", trust(account))
	session := ana.As(ana.OK(t, "sts", "AssumeRole", "RoleArn", ofAccount+"role/reader", "RoleSessionName", "ben"))
	own := ana.As(ana.OK(t, "sts", "GetSessionToken"))
	session.OK(t, "sts", "GetCallerIdentity")
	if a := own.Query(t, "iam", "GetUser"); a.Error.Code != "InvalidClientTokenId" {
		t.Errorf("a session of one's own at IAM: %s", a.Text)
	}
	c.OK(t, "iam", "DeleteRole", "RoleName", "reader")
	for _, action := range [][]string{
		{"iam", "CreateUser"}, {"iam", "CreateUser", "UserName", "ben"}, {"iam", "CreateUser", "UserName", "*"},
		{"sts", "AssumeRole", "RoleArn", "none", "RoleSessionName", "ben"}, {"sts", "GetCallerIdentity"},
	} {
		a := session.Query(t, action[0], action[1], action[2:]...)
		if a.Status != 403 || a.Error.Code != "InvalidClientTokenId" {
			t.Errorf("%v: %d %s", action, a.Status, a.Text)
		}
	}
	for _, region := range []string{"us-east-1", "eu-west-1"} { // the wrong one too
		at := session
		at.Region = region
		if a := at.Call(t, "DELETE", "/accounts/"+account+"/namespaces/default/users/ana", ""); a.Status != 403 || a.Code() != "UnrecognizedClientException" {
			t.Errorf("QuickSight in %s: %d %s", region, a.Status, a.Text)
		}
	}
	if n := strings.Count(records(t, c), fmt.Sprintf("%q", session.AccessKeyID)); n != 1 {
		t.Errorf("%d records have the session's key, want that of its making", n)
	}
	if n := strings.Count(records(t, c), `"errorCode":"InvalidClientTokenId"`); n != 1 {
		t.Errorf("%d refusals at IAM of a session of one's own, want 1", n)
	}
}

// records are those of the account, as JSON.
func records(t *testing.T, c apitest.Client) string {
	t.Helper()
	c.Service = "rollcall"
	a := c.Call(t, "GET", "/v1/accounts/"+account+"/audit-records?max-results=1000", "")
	if a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	return a.Text
}
