package iamapi_test

import (
	"fmt"
	"testing"

	"rollcall/internal/apitest"
)

const ofAccount = "arn:aws:iam::" + account + ":"

func TestATrustPolicyNamesPrincipalsThatExist(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.User(t, "ana", "")
	c.OK(t, "iam", "CreateUser", "UserName", "bob", "Path", "/team/")
	role := c.OK(t, "iam", "CreateRole", "RoleName", "reader", "Path", "/team/", "AssumeRolePolicyDocument", trustAll)
	id := role.Get("RoleId")
	for _, tt := range []struct {
		name      string
		principal string
		good      bool
	}{
		{"User", ofAccount + "user/ana", true},
		{"UserUnderAPath", ofAccount + "user/team/bob", true},
		{"Role", ofAccount + "role/team/reader", true},
		{"UniqueID", id, true},
		{"Session", "arn:aws:sts::" + account + ":assumed-role/reader/someone", true},
		{"Account", account, true},
		{"Root", ofAccount + "root", true},
		{"OtherAccount", "999999999999", true},
		{"OtherAccountsUser", "arn:aws:iam::999999999999:user/ana", true},
		{"OtherAccountsRole", "arn:aws:iam::999999999999:role/nope", true},
		{"Everyone", "*", true},

		{"NoUser", ofAccount + "user/eva", false},
		{"NoRole", ofAccount + "role/ana", false},
		{"OtherCase", ofAccount + "user/Ana", false},
		{"OtherPath", ofAccount + "user/bob", false},
		{"PathTooMuch", ofAccount + "user/team/ana", false},
		{"OtherPartition", "arn:aws-cn:iam::" + account + ":user/ana", false},
		{"NoUniqueID", "AROAAAAAAAAAAAAAAAAAA", false},
		{"NoRoleOfASession", "arn:aws:sts::" + account + ":assumed-role/nope/someone", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := ""
			if !tt.good {
				want = fmt.Sprintf(`400 MalformedPolicyDocument Invalid principal in policy: "AWS":"%s"`, tt.principal)
			}
			run(t, c,
				call{"UpdateAssumeRolePolicy", is("RoleName", "reader", "PolicyDocument", trust(tt.principal)), want},
				call{"CreateRole", is("RoleName", tt.name, "AssumeRolePolicyDocument", trust(account, tt.principal)), want},
			)
		})
	}
}

func TestATrustPolicyIsShownAsItWasWritten(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.User(t, "ana", "")
	text := "{ \"Version\":\"2012-10-17\",\n\t\"Statement\":[ {\"Effect\":\"Allow\", \"Principal\":{\"AWS\":\r\n\"" + ofAccount +
		`user\/ana"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"` + ofAccount + `user/ana"}}}]}  `
	shown := "{ \"Version\":\"2012-10-17\",\n\t\"Statement\":[ {\"Effect\":\"Allow\", \"Principal\":{\"AWS\":\r\n\"" + ofAccount +
		`user/ana"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"` + ofAccount + `user/ana"}}}]}  `
	for name, a := range map[string]apitest.XML{
		"CreateRole":            c.OK(t, "iam", "CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", text),
		"GetRole":               c.OK(t, "iam", "GetRole", "RoleName", "reader"),
		"ListRoles":             c.OK(t, "iam", "ListRoles"),
		"UpdateRoleDescription": c.OK(t, "iam", "UpdateRoleDescription", "RoleName", "reader", "Description", "x"),
	} {
		if got := document(t, a, "AssumeRolePolicyDocument"); got != shown {
			t.Errorf("%s: %s\nwant %s", name, got, shown)
		}
	}
}

func TestAnAccountIsShownByItsRoot(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	a := c.OK(t, "iam", "CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", trust(account, "999999999999"))
	if got, want := document(t, a, "AssumeRolePolicyDocument"), trust(ofAccount+"root", "arn:aws:iam::999999999999:root"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Whom a trust policy names is trusted under another name too, and nobody is
// who comes after him under his.
func TestTrustIsInAPrincipalAndNotInAName(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	ana := c.User(t, "ana", "")
	id := c.OK(t, "iam", "GetUser", "UserName", "ana").Get("UserId")
	c.OK(t, "iam", "CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", trust(ofAccount+"user/ana"))
	shown := func() string {
		return document(t, c.OK(t, "iam", "GetRole", "RoleName", "reader"), "AssumeRolePolicyDocument")
	}
	assume := func(c apitest.Client) int {
		return c.Query(t, "sts", "AssumeRole", "RoleArn", ofAccount+"role/reader", "RoleSessionName", "session").Status
	}
	check := func(moment string, c apitest.Client, status int, principal string) {
		t.Helper()
		if got := assume(c); got != status {
			t.Errorf("%s: %d, want %d", moment, got, status)
		}
		if got := shown(); got != trust(principal) {
			t.Errorf("%s: it trusts %s, want %s", moment, got, principal)
		}
	}
	check("at first", ana, 200, ofAccount+"user/ana")
	c.OK(t, "iam", "UpdateUser", "UserName", "ana", "NewUserName", "eva", "NewPath", "/team/")
	check("under another name", ana, 200, ofAccount+"user/team/eva")
	check("another of the name", c.User(t, "ana", ""), 403, ofAccount+"user/team/eva")
	c.OK(t, "iam", "DeleteAccessKey", "UserName", "eva", "AccessKeyId", ana.AccessKeyID)
	c.OK(t, "iam", "DeleteUser", "UserName", "eva")
	check("when he is gone", c.User(t, "eva", ""), 403, id)
	run(t, c, call{"UpdateAssumeRolePolicy", is("RoleName", "reader", "PolicyDocument", shown()),
		`400 MalformedPolicyDocument Invalid principal in policy: "AWS":"` + id + `"`})
}

func TestARoleThatIsMadeAnewIsNotTrusted(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	user := c.User(t, "ana", allowAll)
	makeFirst := func() apitest.Client {
		c.OK(t, "iam", "CreateRole", "RoleName", "first", "AssumeRolePolicyDocument", trustAll)
		return c.As(user.OK(t, "sts", "AssumeRole", "RoleArn", ofAccount+"role/first", "RoleSessionName", "session"))
	}
	first := makeFirst()
	c.OK(t, "iam", "CreateRole", "RoleName", "second", "AssumeRolePolicyDocument", trust(ofAccount+"role/first"))
	second := is("RoleArn", ofAccount+"role/second", "RoleSessionName", "session")
	first.OK(t, "sts", "AssumeRole", second...)
	c.OK(t, "iam", "DeleteRole", "RoleName", "first")
	if a := makeFirst().Query(t, "sts", "AssumeRole", second...); a.Status != 403 || a.Error.Code != "AccessDenied" {
		t.Errorf("%d %s", a.Status, a.Text)
	}
}
