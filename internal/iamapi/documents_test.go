package iamapi_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// withDocument are the operations that take a policy document, with its
// parameter as the last.
var withDocument = map[string][]string{
	"PutUserPolicy":       is("UserName", "ana", "PolicyName", "p", "PolicyDocument"),
	"PutRolePolicy":       is("RoleName", "reader", "PolicyName", "p", "PolicyDocument"),
	"CreatePolicy":        is("PolicyName", "p", "PolicyDocument"),
	"CreatePolicyVersion": is("PolicyArn", policyARN("q"), "PolicyDocument"),
}

// withTrust are those that take a trust policy.
var withTrust = map[string][]string{
	"CreateRole":             is("RoleName", "new", "AssumeRolePolicyDocument"),
	"UpdateAssumeRolePolicy": is("RoleName", "reader", "PolicyDocument"),
}

func TestDocumentsThatAreNoPoliciesAreRefused(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.OK(t, "iam", "CreateUser", "UserName", "ana")
	c.OK(t, "iam", "CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", trustAll)
	c.OK(t, "iam", "CreatePolicy", "PolicyName", "q", "PolicyDocument", allowAll)
	both := []string{
		"x", "{}", "[]", "null", `""`, "\n", allowAll + allowAll, allowAll[1:], allowAll[:len(allowAll)-1],
		strings.Replace(allowAll, "{", `{"Statement":[],`, 1), strings.Replace(allowAll, "Effect", "effect", 1),
		strings.Repeat("[", 131072), strings.Repeat(`{"Statement":`, 10000), strings.Repeat(" ", 131072),
		`{"Version":"2012-10-17","Statement":[` + strings.Repeat("{},", 40000) + `{}]}`,
		`{"Id":"` + strings.Repeat("x", 131000) + `"}`,
	}
	started := time.Now()
	for _, tt := range []struct {
		operations map[string][]string
		documents  []string
	}{{withDocument, append(both, trustAll)}, {withTrust, append(both, allowAll)}} {
		for action, parameters := range tt.operations {
			for _, text := range tt.documents {
				a := c.Query(t, "iam", action, append(slices.Clone(parameters), text)...)
				if a.Status != 400 || a.Error.Code != "MalformedPolicyDocument" || a.Error.Message == "" || len(a.Error.Message) > 1000 {
					t.Errorf("%s %.100q: %.1000s", action, text, outcome(a))
				}
			}
		}
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("refusing took %v", took)
	}
	if roles := elements(c.OK(t, "iam", "ListRoles"), "RoleName"); !slices.Equal(roles, is("reader")) {
		t.Errorf("roles are %v", roles)
	}
	run(t, c,
		call{"GetPolicy", is("PolicyArn", policyARN("p")), "404 NoSuchEntity Policy " + policyARN("p") + " was not found."},
		call{"GetUserPolicy", is("UserName", "ana", "PolicyName", "p"), "404 NoSuchEntity The user policy with name p cannot be found."},
	)
}

// Patterns that keep naive matchers busy for longer than anybody lives.
func TestWildcardsDoNotExplode(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	stars := strings.Repeat("*a", 400) + "*b"
	ana := c.User(t, "ana", may("arn:aws:iam::"+account+":user/"+stars, "iam:"+stars, "iam:GetUser"))
	name := strings.Repeat("a", 64)
	started := time.Now()
	for range 10 {
		if a := ana.Query(t, "iam", "GetUser", "UserName", name); a.Status != 403 {
			t.Fatalf("%d %s", a.Status, a.Text)
		}
	}
	if took := time.Since(started); took > 2*time.Second {
		t.Errorf("ten calls took %v", took)
	}
}
