package iamapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/apitest"
	"rollcall/internal/iamapi"
)

// lists are the operations that page, each with the parameters that say what
// is listed, and the element that tells entries apart.
var lists = map[string]struct {
	of      []string
	element string
	entries int
}{
	"ListUsers":                     {nil, "UserName", 3},
	"ListRoles":                     {nil, "RoleName", 3},
	"ListPolicies":                  {nil, "Arn", 4},
	"ListOpenIDConnectProviderTags": {is("OpenIDConnectProviderArn", providerARN(longURL)), "Key", 3},
	"ListAccessKeys":                {is("UserName", longName), "AccessKeyId", 2},
	"ListUserPolicies":              {is("UserName", longName), "member", 3},
	"ListRolePolicies":              {is("RoleName", longName), "member", 3},
	"ListAttachedUserPolicies":      {is("UserName", longName), "PolicyArn", 3},
	"ListAttachedRolePolicies":      {is("RoleName", longName), "PolicyArn", 3},
	"ListUserTags":                  {is("UserName", longName), "Key", 3},
	"ListRoleTags":                  {is("RoleName", longName), "Key", 3},
	"ListPolicyTags":                {is("PolicyArn", longARN("2")), "Key", 3},
	"ListPolicyVersions":            {is("PolicyArn", longARN("2")), "VersionId", 3},
	"ListEntitiesForPolicy":         {is("PolicyArn", longARN("2")), "(?:User|Role)Name", 2},
	"ListGroupsForUser":             {is("UserName", longName), "GroupName", 0},
	"ListInstanceProfilesForRole":   {is("RoleName", longName), "InstanceProfileName", 0},
}

// The longest names, so that markers are at their longest too.
var (
	longName = strings.Repeat("n", 63) + "2"
	longPath = "/" + strings.Repeat("p", 510) + "/"
	longURL  = strings.Repeat("u", 255-len("https://"))
)

func longARN(n string) string { return policyARN(longPath[1:] + strings.Repeat("n", 127) + n) }

func newListed(t *testing.T) apitest.Client {
	t.Helper()
	c := newRoot(t)
	for _, n := range []string{"1", "2", "3"} {
		name := strings.Repeat("n", 63) + n
		c.OK(t, "iam", "CreatePolicy", "PolicyName", strings.Repeat("n", 127)+n, "Path", longPath, "PolicyDocument", allowAll)
		c.OK(t, "iam", "CreateUser", "UserName", name, "Path", longPath)
		c.OK(t, "iam", "CreateRole", "RoleName", name, "Path", longPath, "AssumeRolePolicyDocument", trustAll)
	}
	c.OK(t, "iam", "CreateOpenIDConnectProvider", "Url", "https://"+longURL)
	for _, n := range []string{"1", "2", "3"} {
		longTags := tagList(strings.Repeat("語", 127)+n, "")
		for kind, name := range map[string][]string{"User": is("UserName", longName), "Role": is("RoleName", longName)} {
			c.OK(t, "iam", "Put"+kind+"Policy", append(name, "PolicyName", strings.Repeat("n", 127)+n, "PolicyDocument", allowAll)...)
			c.OK(t, "iam", "Attach"+kind+"Policy", append(name, "PolicyArn", longARN(n))...)
			c.OK(t, "iam", "Tag"+kind, append(name, longTags...)...)
		}
		c.OK(t, "iam", "TagOpenIDConnectProvider", append(is("OpenIDConnectProviderArn", providerARN(longURL)), longTags...)...)
		c.OK(t, "iam", "TagPolicy", append(is("PolicyArn", longARN("2")), longTags...)...)
	}
	for range 2 {
		c.OK(t, "iam", "CreateAccessKey", "UserName", longName)
		c.OK(t, "iam", "CreatePolicyVersion", "PolicyArn", longARN("2"), "PolicyDocument", allowAll)
	}
	return c
}

func TestEveryListHasPages(t *testing.T) {
	t.Parallel()
	for _, op := range iamapi.Operations() {
		// There are so few providers that their list is whole.
		if _, ok := lists[op.Name]; strings.HasPrefix(op.Name, "List") && !ok && op.Name != "ListOpenIDConnectProviders" {
			t.Errorf("%s is not in the table", op.Name)
		}
	}
	c := newListed(t)
	for action, list := range lists {
		t.Run(action, func(t *testing.T) {
			whole := c.OK(t, "iam", action, list.of...)
			want := elements(whole, list.element)
			if len(want) != list.entries || whole.Get("IsTruncated") != "false" || strings.Contains(whole.Text, "<Marker>") {
				t.Errorf("the whole list is %.3000s", whole.Text)
			}
			got := []string{}
			for marker := []string(nil); ; {
				page := c.OK(t, "iam", action, slices.Concat(list.of, is("MaxItems", "1"), marker)...)
				got = append(got, elements(page, list.element)...)
				next := page.Get("Marker")
				if truncated := page.Get("IsTruncated"); truncated != fmt.Sprint(next != "") || len(got) > len(want) || len(next) > 320 {
					t.Fatalf("after %d, truncated %s: %q", len(got), truncated, next)
				}
				if next == "" {
					break
				}
				marker = is("Marker", next)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-whole +pages):\n%s", diff)
			}
		})
	}
}

func TestAMarkerIsGoodForItsListAlone(t *testing.T) {
	t.Parallel()
	c := newListed(t)
	invalid := "400 ValidationError Invalid Marker."
	for action, list := range lists {
		t.Run(action, func(t *testing.T) {
			other := "ListUsers"
			if action == other {
				other = "ListRoles"
			}
			foreign := c.OK(t, "iam", other, "MaxItems", "1").Get("Marker")
			run(t, c,
				call{action, append(slices.Clone(list.of), "Marker", foreign), invalid},
				call{action, append(slices.Clone(list.of), "Marker", "x"), invalid},
			)
			own := c.OK(t, "iam", action, append(slices.Clone(list.of), "MaxItems", "1")...).Get("Marker")
			if own == "" {
				return
			}
			run(t, c,
				call{action, append(slices.Clone(list.of), "Marker", own), ""},
				call{action, append(slices.Clone(list.of), "Marker", own[:len(own)-1]), invalid},
			)
		})
	}
	markerOf := func(action string, of ...string) []string {
		return is("Marker", c.OK(t, "iam", action, append(of, "MaxItems", "1")...).Get("Marker"))
	}
	run(t, c,
		call{"ListUserTags", append(markerOf("ListUserTags", "UserName", longName), "UserName", strings.Repeat("n", 63)+"1"), invalid},
		call{"ListPolicyTags", append(markerOf("ListPolicyTags", "PolicyArn", longARN("2")), "PolicyArn", longARN("1")), invalid},
		call{"ListPolicyTags", append(markerOf("ListPolicyVersions", "PolicyArn", longARN("2")), "PolicyArn", longARN("2")), invalid},
		call{"ListUsers", append(markerOf("ListUsers"), "PathPrefix", longPath), invalid},
		call{"ListPolicies", append(markerOf("ListPolicies"), "Scope", "Local"), invalid},
	)
}

func TestListsAreUnderAPathAndInTheOrderOfNames(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	for _, u := range [][2]string{{"bob", "/"}, {"Ana", "/team/"}, {"cy", "/team/x/"}, {"Dan", "/teams/"}} {
		c.OK(t, "iam", "CreateUser", "UserName", u[0], "Path", u[1])
		c.OK(t, "iam", "CreateRole", "RoleName", u[0], "Path", u[1], "AssumeRolePolicyDocument", trustAll)
	}
	for prefix, want := range map[string][]string{
		"/": is("Ana", "bob", "cy", "Dan"), "/team/": is("Ana", "cy"), "/team": is("Ana", "cy", "Dan"), "/nope/": is(), "/TEAM/": is(),
	} {
		users := elements(c.OK(t, "iam", "ListUsers", "PathPrefix", prefix), "UserName")
		roles := elements(c.OK(t, "iam", "ListRoles", "PathPrefix", prefix), "RoleName")
		if !slices.Equal(users, want) || !slices.Equal(roles, want) {
			t.Errorf("%s: users %v, roles %v, want %v", prefix, users, roles, want)
		}
	}
}
