package iamapi_test

import (
	"strings"
	"testing"
)

func TestInlinePoliciesOfOnePrincipalHaveASizeTogether(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.OK(t, "iam", "CreateUser", "UserName", "ana")
	c.OK(t, "iam", "CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", trustAll)
	for _, tt := range []struct {
		kind, name string
		most       int
		full       string
	}{
		{"User", "ana", 2048, "409 LimitExceeded Maximum policy size of 2048 bytes exceeded for user ana"},
		{"Role", "reader", 10240, "409 LimitExceeded Maximum policy size of 10240 bytes exceeded for role reader"},
	} {
		t.Run(tt.kind, func(t *testing.T) {
			put := func(name string, size int, want string) call {
				return call{"Put" + tt.kind + "Policy", is(tt.kind+"Name", tt.name, "PolicyName", name, "PolicyDocument", sized(size)), want}
			}
			run(t, c,
				put("one", tt.most+1, tt.full),
				put("one", tt.most, ""),
				put("two", 100, tt.full),
				put("one", tt.most-100, ""),
				put("two", 101, tt.full),
				put("two", 100, ""),
				put("One", 100, tt.full), // another name
				call{"Delete" + tt.kind + "Policy", is(tt.kind+"Name", tt.name, "PolicyName", "two"), ""},
				put("One", 100, ""),
			)
		})
	}
}

// White space does not count for the size, but it is kept.
func TestWhiteSpaceOfInlinePoliciesIsBounded(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.OK(t, "iam", "CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", trustAll)
	blank := allowAll + strings.Repeat(" ", 60<<10)
	put := func(name, want string) call {
		return call{"PutRolePolicy", is("RoleName", "reader", "PolicyName", name, "PolicyDocument", blank), want}
	}
	run(t, c, put("one", ""), put("two", ""), put("three", "409 LimitExceeded Maximum policy size of 10240 bytes exceeded for role reader"), put("two", ""))
}

func TestAnInlinePolicyIsKeptAsItWasWritten(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.OK(t, "iam", "CreateUser", "UserName", "ana")
	c.OK(t, "iam", "CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", trustAll)
	text := strings.Replace(sized(100), `"*"`, `"arn:aws:s3:::a+b c%20/é~-_."`, 1)
	for kind, name := range map[string]string{"User": "ana", "Role": "reader"} {
		t.Run(kind, func(t *testing.T) {
			of := is(kind+"Name", name, "PolicyName", "p")
			put := "Put" + kind + "Policy"
			missing := "404 NoSuchEntity The " + strings.ToLower(kind) + " policy with name p cannot be found."
			noOne := "404 NoSuchEntity The " + strings.ToLower(kind) + " with name nope cannot be found."
			run(t, c,
				call{"Get" + kind + "Policy", of, missing},
				call{"Delete" + kind + "Policy", of, missing},
				call{put, append(of, "PolicyDocument", allowAll), ""},
				call{put, append(of, "PolicyDocument", text), ""},
				call{put, is(kind+"Name", "nope", "PolicyName", "p", "PolicyDocument", text), noOne},
				call{"Get" + kind + "Policy", is(kind+"Name", "nope", "PolicyName", "p"), noOne},
				call{"List" + kind + "Policies", is(kind+"Name", "nope"), noOne},
				call{"Delete" + kind + "Policy", is(kind+"Name", "nope", "PolicyName", "p"), noOne},
			)
			a := c.OK(t, "iam", "Get"+kind+"Policy", of...)
			if got := document(t, a, "PolicyDocument"); got != text || a.Get("PolicyName") != "p" || a.Get(kind+"Name") != name {
				t.Errorf("%s\nwant %s", a.Text, text)
			}
			run(t, c, call{"Delete" + kind + "Policy", of, ""}, call{"Get" + kind + "Policy", of, missing})
		})
	}
}
