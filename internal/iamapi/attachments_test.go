package iamapi_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTenManagedPoliciesAreAttachedAtMost(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.OK(t, "iam", "CreateUser", "UserName", "ana")
	c.OK(t, "iam", "CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", trustAll)
	for n := range 11 {
		c.OK(t, "iam", "CreatePolicy", "PolicyName", fmt.Sprintf("p%d", n), "Path", "/team/", "PolicyDocument", allowAll)
	}
	for kind, name := range map[string]string{"User": "ana", "Role": "reader"} {
		t.Run(kind, func(t *testing.T) {
			attach := func(verb, arn, want string) call {
				return call{verb + kind + "Policy", is(kind+"Name", name, "PolicyArn", arn), want}
			}
			last, gone := policyARN("team/p10"), policyARN("gone")
			for n := range 10 {
				run(t, c, attach("Attach", policyARN(fmt.Sprintf("team/p%d", n)), ""))
			}
			run(t, c,
				attach("Attach", last, "409 LimitExceeded Cannot exceed quota for PoliciesPer"+kind+": 10"),
				attach("Attach", policyARN("team/p0"), ""),
				attach("Attach", gone, "404 NoSuchEntity Policy "+gone+" does not exist or is not attachable."),
				attach("Attach", policyARN("p0"), "404 NoSuchEntity Policy "+policyARN("p0")+" does not exist or is not attachable."),
				attach("Detach", last, "404 NoSuchEntity Policy "+last+" was not found."),
				attach("Detach", gone, "404 NoSuchEntity Policy "+gone+" was not found."),
				attach("Detach", policyARN("team/p0"), ""),
				attach("Attach", last, ""),
				attach("Detach", policyARN("team/p1"), ""),
				attach("Attach", administratorAccess, ""),
			)
			list := "ListAttached" + kind + "Policies"
			a := c.OK(t, "iam", list, kind+"Name", name, "PathPrefix", "/team/")
			var names, arns []string
			for _, n := range []int{10, 2, 3, 4, 5, 6, 7, 8, 9} {
				names, arns = append(names, fmt.Sprintf("p%d", n)), append(arns, policyARN(fmt.Sprintf("team/p%d", n)))
			}
			if diff := cmp.Diff([][]string{names, arns}, [][]string{elements(a, "PolicyName"), elements(a, "PolicyArn")}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if n := len(elements(c.OK(t, "iam", list, kind+"Name", name), "PolicyName")); n != 10 {
				t.Errorf("%d are attached under any path, want 10", n)
			}
		})
	}
}

func TestAPermissionsBoundaryIsOneThatExists(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.OK(t, "iam", "CreateUser", "UserName", "ana")
	c.OK(t, "iam", "CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", trustAll)
	gone := policyARN("gone")
	missing := "404 NoSuchEntity Policy " + gone + " does not exist or is not attachable."
	run(t, c,
		call{"CreateUser", is("UserName", "bob", "PermissionsBoundary", gone), missing},
		call{"CreateRole", is("RoleName", "bob", "AssumeRolePolicyDocument", trustAll, "PermissionsBoundary", gone), missing},
	)
	for kind, name := range map[string]string{"User": "ana", "Role": "reader"} {
		t.Run(kind, func(t *testing.T) {
			put := func(arn, want string) call {
				return call{"Put" + kind + "PermissionsBoundary", is(kind+"Name", name, "PermissionsBoundary", arn), want}
			}
			shown := func(want string) {
				t.Helper()
				if got := c.OK(t, "iam", "Get"+kind, kind+"Name", name).Get("PermissionsBoundaryArn"); got != want {
					t.Errorf("boundary is %q, want %q", got, want)
				}
			}
			remove := call{"Delete" + kind + "PermissionsBoundary", is(kind+"Name", name), ""}
			run(t, c, remove, put(gone, missing), put(administratorAccess, ""))
			shown(administratorAccess)
			run(t, c, put(gone, missing))
			shown(administratorAccess)
			run(t, c, remove, remove)
			shown("")
		})
	}
}

func TestAPermissionsBoundaryBounds(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.OK(t, "iam", "CreatePolicy", "PolicyName", "p", "PolicyDocument", may("*", "iam:GetUser"))
	ana := c.User(t, "ana", allowAll)
	c.OK(t, "iam", "PutUserPermissionsBoundary", "UserName", "ana", "PermissionsBoundary", policyARN("p"))
	run(t, ana,
		call{"GetUser", nil, ""},
		call{"ListUsers", nil, "403 AccessDenied User: arn:aws:iam::" + account + ":user/ana is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::" +
			account + ":user/ because no permissions boundary allows the iam:ListUsers action"},
	)
}
