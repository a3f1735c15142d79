package iamapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/apitest"
)

// tagged is a resource that can have tags, by its kind in names of actions.
var tagged = map[string][]string{
	"User": is("UserName", "ana"), "Role": is("RoleName", "reader"), "Policy": is("PolicyArn", policyARN("p")),
	"OpenIDConnectProvider": is("OpenIDConnectProviderArn", providerARN("id.example.com")),
}

func newTagged(t *testing.T) apitest.Client {
	t.Helper()
	c := newRoot(t)
	c.OK(t, "iam", "CreateUser", "UserName", "ana")
	c.OK(t, "iam", "CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", trustAll)
	c.OK(t, "iam", "CreatePolicy", "PolicyName", "p", "PolicyDocument", allowAll)
	c.OK(t, "iam", "CreateOpenIDConnectProvider", "Url", "https://id.example.com")
	return c
}

// tagList are the parameters of tags, as keys and values in turn.
func tagList(pairs ...string) []string {
	var parameters []string
	for i := 0; i < len(pairs); i += 2 {
		member := fmt.Sprintf("Tags.member.%d.", i/2+1)
		parameters = append(parameters, member+"Key", pairs[i], member+"Value", pairs[i+1])
	}
	return parameters
}

func keyList(all ...string) []string {
	var parameters []string
	for i, key := range all {
		parameters = append(parameters, fmt.Sprintf("TagKeys.member.%d", i+1), key)
	}
	return parameters
}

func TestTagsAreOneInAnyCase(t *testing.T) {
	t.Parallel()
	c := newTagged(t)
	for kind, of := range tagged {
		t.Run(kind, func(t *testing.T) {
			has := func(want ...string) {
				t.Helper()
				for _, action := range []string{"List" + kind + "Tags", "Get" + kind} {
					a := c.OK(t, "iam", action, of...)
					var got []string
					for i, key := range elements(a, "Key") {
						got = append(got, key, elements(a, "Value")[i])
					}
					if !slices.Equal(got, want) {
						t.Errorf("%s has %q, want %q", action, got, want)
					}
				}
			}
			tag := func(want string, pairs ...string) call {
				return call{"Tag" + kind, slices.Concat(of, tagList(pairs...)), want}
			}
			untag := func(all ...string) call { return call{"Untag" + kind, slices.Concat(of, keyList(all...)), ""} }
			has()
			run(t, c, tag("", "Team", "a", "site", ""))
			has("Team", "a", "site", "")
			run(t, c, tag("", "TEAM", "b", "é: x", "c"))
			has("TEAM", "b", "site", "", "é: x", "c")
			run(t, c,
				tag("400 InvalidInput Duplicate tag keys found. Please note that Tag keys are case insensitive.", "a", "", "A", ""),
				tag("400 InvalidInput Tag keys that begin with aws: are reserved.", "AWS:a", ""),
				untag("Team", "nope", "É: X"),
				call{"Tag" + kind, append(slices.Clone(of), "Tags", ""), ""},
				call{"Untag" + kind, append(slices.Clone(of), "TagKeys", ""), ""},
			)
			has("site", "")
		})
	}
}

func TestFiftyTagsAreTheMost(t *testing.T) {
	t.Parallel()
	c := newTagged(t)
	full := func(kind string) string {
		return "409 LimitExceeded Cannot exceed quota for TagsPer" + strings.Replace(kind, "OpenID", "OpenId", 1) + ": 50"
	}
	long := func(n int) string { return fmt.Sprintf("%02d", n) + strings.Repeat("語", 126) }
	var pairs []string
	for n := range 50 {
		pairs = append(pairs, long(n), strings.Repeat("値", 256))
	}
	for kind, of := range tagged {
		t.Run(kind, func(t *testing.T) {
			tag := func(want string, pairs ...string) call {
				return call{"Tag" + kind, slices.Concat(of, tagList(pairs...)), want}
			}
			run(t, c,
				tag("", "other", ""),
				tag(full(kind), pairs...),
				call{"Untag" + kind, slices.Concat(of, keyList("OTHER")), ""},
				tag("", pairs...),
				tag(full(kind), "other", ""),
				tag("", long(7), "new"), // in its place
			)
			a := c.OK(t, "iam", "List"+kind+"Tags", of...)
			if got := elements(a, "Key"); len(got) != 50 || got[49] != long(49) || elements(a, "Value")[7] != "new" {
				t.Errorf("%d tags: %.300s", len(got), a.Text)
			}
		})
	}
}

func TestNewThingsHaveTags(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	for kind, of := range map[string][]string{
		"User": is("UserName", "ana"), "Role": is("RoleName", "reader", "AssumeRolePolicyDocument", trustAll),
		"Policy": is("PolicyName", "p", "PolicyDocument", allowAll), "OpenIDConnectProvider": is("Url", "https://id.example.com"),
	} {
		t.Run(kind, func(t *testing.T) {
			run(t, c,
				call{"Create" + kind, slices.Concat(of, tagList("a", "", "A", "")), "400 InvalidInput Duplicate tag keys found. Please note that Tag keys are case insensitive."},
				call{"Create" + kind, slices.Concat(of, tagList("aws:a", "")), "400 InvalidInput Tag keys that begin with aws: are reserved."},
			)
			a := c.OK(t, "iam", "Create"+kind, slices.Concat(of, tagList("b", "1", "a", ""))...)
			if diff := cmp.Diff([][]string{{"a", "b"}, {"", "1"}}, [][]string{elements(a, "Key"), elements(a, "Value")}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTagsOfNobody(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	for _, tt := range []struct {
		kind string
		of   []string
		want string
	}{
		{"User", is("UserName", "ana"), "404 NoSuchEntity The user with name ana cannot be found."},
		{"Role", is("RoleName", "reader"), "404 NoSuchEntity The role with name reader cannot be found."},
		{"Policy", is("PolicyArn", policyARN("p")), "404 NoSuchEntity Policy " + policyARN("p") + " was not found."},
		{"OpenIDConnectProvider", is("OpenIDConnectProviderArn", providerARN("x.org")), "404 NoSuchEntity OpenIDConnect Provider not found for arn " + providerARN("x.org")},
	} {
		run(t, c,
			call{"Tag" + tt.kind, slices.Concat(tt.of, tagList("a", "")), tt.want},
			call{"Untag" + tt.kind, slices.Concat(tt.of, keyList("a")), tt.want},
			call{"List" + tt.kind + "Tags", tt.of, tt.want},
		)
	}
}
