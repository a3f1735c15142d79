package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/quicksight"
	"github.com/aws/aws-sdk-go-v2/service/quicksight/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// denied checks that IAM denies a call of QuickSight, in the words of AWS. The
// reason begins with "because" or "with".
func (f *fixture) denied(t testing.TB, by *caller, err error, action, resource, reason string) {
	t.Helper()
	text(t, refused[*types.AccessDeniedException](t, err, http.StatusForbidden),
		"User: "+*by.identity(t).Arn+" is not authorized to perform: quicksight:"+action+" on resource: "+resource+" "+reason)
}

const explicitly = "with an explicit deny in "

func unallowed(by, action string) string {
	return "because no " + by + " allows the quicksight:" + action + " action"
}

// Who has no policy is denied every operation, and told what he lacks; with
// that action allowed on that resource he is not.
func TestEveryOperationIsAuthorizedByItsActionAndResource(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	eve := f.person(t, "eve")
	resources := map[string]string{
		"RegisterUser":              f.arn("user/default/nobody"),
		"UpdateUser":                f.arn("user/default/nobody"),
		"DescribeUser":              f.arn("user/default/nobody"),
		"DeleteUser":                f.arn("user/default/nobody"),
		"DeleteUserByPrincipalId":   f.arn("user/default/*"),
		"ListUsers":                 f.arn("user/default/*"),
		"CreateCustomPermissions":   f.arn("custompermissions/nobody"),
		"DescribeCustomPermissions": f.arn("custompermissions/nobody"),
		"UpdateCustomPermissions":   f.arn("custompermissions/nobody"),
		"DeleteCustomPermissions":   "*",
		"ListCustomPermissions":     "*",
	}
	for operation, call := range calls(*f.account, "default") {
		t.Run(operation, func(t *testing.T) {
			f.denied(t, eve, call(t.Context(), eve.qs), operation, resources[operation], unallowed("identity-based policy", operation))
			other := statement{"Effect": "Allow", "NotAction": "quicksight:" + operation, "Resource": "*"}
			who := f.person(t, operation, other)
			f.denied(t, who, call(t.Context(), who.qs), operation, resources[operation], unallowed("identity-based policy", operation))
			f.grant(t, operation, allow("quicksight:"+operation).on(resources[operation]))
			// There is nothing to find, which only those are told who may look.
			if err := call(t.Context(), who.qs); err != nil {
				refused[*types.ResourceNotFoundException](t, err, http.StatusNotFound)
			}
		})
	}
}

func TestBoundariesAndSessionPoliciesNarrow(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	listing := f.managed(t, "listing", allow("quicksight:ListUsers"))
	limiting := f.managed(t, "limiting", allow("*"), deny("quicksight:DescribeUser"))
	ana := f.person(t, "ana", allow("sts:AssumeRole"))
	f.role(t, "all", allow("*"))
	with := func(arns ...*string) func(*sts.AssumeRoleInput) {
		return func(in *sts.AssumeRoleInput) {
			for _, arn := range arns {
				in.PolicyArns = append(in.PolicyArns, ststypes.PolicyDescriptorType{Arn: arn})
			}
		}
	}
	session := func(change ...func(*sts.AssumeRoleInput)) *caller { return f.assume(t, ana, "all", "ana", change...) }
	bounded := func(name string, boundary *string, policy ...statement) *caller {
		c := f.person(t, name, policy...)
		_, err := f.root.iam.PutUserPermissionsBoundary(t.Context(), &iam.PutUserPermissionsBoundaryInput{UserName: &name, PermissionsBoundary: boundary})
		ok(t, err)
		return c
	}
	boundedRole := func(name string, boundary *string) *caller {
		f.roleWith(t, name, func(in *iam.CreateRoleInput) { in.PermissionsBoundary = boundary }, allow("*"))
		return f.assume(t, ana, name, "ana")
	}
	user := f.arn("user/default/nobody")
	for what, tt := range map[string]struct {
		who    *caller
		reason string // for which DescribeUser is denied; "": it is allowed
	}{
		"a session without a policy":          {session(), ""},
		"a session policy":                    {session(limited(allow("quicksight:ListUsers"))), unallowed("session policy", "DescribeUser")},
		"a managed session policy":            {session(with(listing)), unallowed("session policy", "DescribeUser")},
		"two session policies":                {session(with(listing), limited(allow("quicksight:DescribeUser"), allow("quicksight:ListUsers"))), ""},
		"a session policy that denies":        {session(limited(allow("*"), deny("quicksight:DescribeUser"))), explicitly + "a session policy"},
		"a boundary":                          {bounded("bob", listing, allow("*")), unallowed("permissions boundary", "DescribeUser")},
		"a boundary that denies":              {bounded("bea", limiting, allow("*")), explicitly + "a permissions boundary"},
		"a boundary that allows":              {bounded("ben", aws.String(administratorAccess), allow("quicksight:*")), ""},
		"a boundary of a role":                {boundedRole("bounded", listing), unallowed("permissions boundary", "DescribeUser")},
		"a policy that denies beside another": {f.person(t, "don", allow("*"), deny("quicksight:DescribeUser")), explicitly + "an identity-based policy"},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := tt.who.qs.DescribeUser(t.Context(), f.named("nobody"))
			if tt.reason == "" {
				f.noUser(t, err, "nobody")
			} else {
				f.denied(t, tt.who, err, "DescribeUser", user, tt.reason)
			}
			ok(t, f.listAs(t, tt.who))
		})
	}

	t.Run("neither allows by itself", func(t *testing.T) {
		bare := bounded("cyn", aws.String(administratorAccess), allow("sts:*"))
		f.denied(t, bare, f.listAs(t, bare), "ListUsers", f.arn("user/default/*"), unallowed("identity-based policy", "ListUsers"))
		f.role(t, "nothing")
		session := f.assume(t, ana, "nothing", "ana", limited(allow("*")))
		f.denied(t, session, f.listAs(t, session), "ListUsers", f.arn("user/default/*"), unallowed("identity-based policy", "ListUsers"))
	})
	t.Run("until it is taken away", func(t *testing.T) {
		who := bounded("dan", listing, allow("*"))
		_, err := f.root.iam.DeleteUserPermissionsBoundary(t.Context(), &iam.DeleteUserPermissionsBoundaryInput{UserName: aws.String("dan")})
		ok(t, err)
		_, err = who.qs.DescribeUser(t.Context(), f.named("nobody"))
		f.noUser(t, err, "nobody")
	})
	t.Run("and a deny that is attached", func(t *testing.T) {
		who := f.person(t, "eva", allow("*"))
		_, err := f.root.iam.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{
			UserName: aws.String("eva"), PolicyArn: f.managed(t, "denying", deny("quicksight:ListUsers"))})
		ok(t, err)
		f.denied(t, who, f.listAs(t, who), "ListUsers", f.arn("user/default/*"), explicitly+"an identity-based policy")
	})
}

func TestConditionKeysDecide(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	f.role(t, "embed")
	f.role(t, "other")
	f.user(t, "reader")
	register := func(in *quicksight.RegisterUserInput) func(*testing.T, *caller) error {
		return func(t *testing.T, c *caller) error {
			_, err := c.qs.RegisterUser(t.Context(), in)
			return err
		}
	}
	labelled := func(name string, pairs ...string) *quicksight.RegisterUserInput {
		return f.native(name, func(in *quicksight.RegisterUserInput) {
			for i := 0; i < len(pairs); i += 2 {
				in.Tags = append(in.Tags, types.Tag{Key: &pairs[i], Value: &pairs[i+1]})
			}
		})
	}
	describe := func(name string) func(*testing.T, *caller) error {
		return func(t *testing.T, c *caller) error {
			_, err := c.qs.DescribeUser(t.Context(), f.named(name))
			return err
		}
	}
	list := func(t *testing.T, c *caller) error { return f.listAs(t, c) }
	profiles := func(t *testing.T, c *caller) error {
		_, err := c.qs.ListCustomPermissions(t.Context(), &quicksight.ListCustomPermissionsInput{AwsAccountId: f.account})
		return err
	}
	registering := allow("quicksight:RegisterUser")
	at := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339) }
	f.register(t, f.native("on-username"))

	type call = func(*testing.T, *caller) error
	for name, tt := range map[string]struct {
		policy           []statement
		allowed, refused []call
	}{
		"on-iam-arn": {
			[]statement{registering.when("ArnEquals", "quicksight:IamArn", f.iamARN("role/embed"))},
			[]call{register(f.iam("role/embed", "ana"))},
			[]call{register(f.iam("role/other", "ana")), register(f.iam("user/reader", "")), register(f.native("arn-1"))},
		},
		"on-session-name": {
			[]statement{registering.when("StringLike", "quicksight:SessionName", "team-*")},
			[]call{register(f.iam("role/embed", "team-ana")), register(f.iam("role/other", "team-"))},
			[]call{register(f.iam("role/embed", "Team-ben")), register(f.iam("role/embed", "xteam-ben")), register(f.native("team-cy"))},
		},
		"on-a-tag": {
			[]statement{registering.when("StringEquals", "aws:RequestTag/team", "blue")},
			[]call{register(labelled("tag-1", "team", "blue")), register(labelled("tag-2", "team", "blue", "cost", "1"))},
			[]call{register(labelled("tag-3", "team", "red")), register(labelled("tag-4", "cost", "blue")), register(labelled("tag-5"))},
		},
		"on-tag-keys": {
			[]statement{registering.when("ForAllValues:StringEquals", "aws:TagKeys", "team", "cost").when("Null", "aws:TagKeys", "false")},
			[]call{register(labelled("keys-1", "team", "x")), register(labelled("keys-2", "team", "x", "cost", "1"))},
			[]call{register(labelled("keys-3", "team", "x", "owner", "y")), register(labelled("keys-4"))},
		},
		"on-username": {
			[]statement{allow("quicksight:DescribeUser").on(f.arn("user/default/${aws:username}"))},
			[]call{describe("on-username")},
			[]call{describe("reader"), describe("on-username2"), list},
		},
		"on-address": {
			[]statement{
				allow("quicksight:ListUsers").when("IpAddress", "aws:SourceIp", "127.0.0.0/8", "::1/128"),
				allow("quicksight:ListCustomPermissions").when("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
			},
			[]call{list}, []call{profiles},
		},
		"on-time": {
			[]statement{
				allow("quicksight:ListUsers").when("DateLessThan", "aws:CurrentTime", at(time.Hour)),
				allow("quicksight:ListCustomPermissions").when("DateLessThan", "aws:CurrentTime", at(-time.Hour)),
			},
			[]call{list}, []call{profiles},
		},
		"on-an-address-denied": {
			[]statement{allow("*"), deny("quicksight:ListUsers").when("NotIpAddress", "aws:SourceIp", "203.0.113.0/24")},
			[]call{profiles}, []call{list},
		},
	} {
		t.Run(name, func(t *testing.T) {
			who := f.person(t, name, tt.policy...)
			before := f.list(t)
			for _, call := range tt.refused {
				refused[*types.AccessDeniedException](t, call(t, who), http.StatusForbidden)
			}
			same(t, "users", before, f.list(t))
			for _, call := range tt.allowed {
				ok(t, call(t, who))
			}
		})
	}
}

// A wrong region is told by the service, 401, whoever asks.
func TestAnotherRegionIsToldToThoseWhoMayDoNothing(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	for name, policy := range map[string][]statement{"nothing": nil, "everything": {allow("*")}} {
		who := f.person(t, name, policy...)
		abroad := quicksight.New(who.qs.Options(), func(o *quicksight.Options) { o.Region = "eu-west-1" })
		for operation, call := range calls(*f.account, "default") {
			t.Run(name+"/"+operation, func(t *testing.T) {
				text(t, refused[*types.AccessDeniedException](t, call(t.Context(), abroad), http.StatusUnauthorized),
					"Operation is being called from endpoint eu-west-1, but your identity region is us-east-1. Please use the us-east-1 endpoint.")
			})
		}
	}
}

func TestIAMsOwnOperationsAreAuthorized(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	ana := f.person(t, "ana", allow("iam:GetUser", "iam:*AccessKey*").on(f.iamARN("user/${aws:username}")), deny("iam:DeleteAccessKey"))
	create := func() error {
		_, err := ana.iam.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("eve")})
		return err
	}
	get := func(name *string) error {
		_, err := ana.iam.GetUser(t.Context(), &iam.GetUserInput{UserName: name})
		return err
	}
	list := func() error {
		_, err := ana.iam.ListUsers(t.Context(), nil)
		return err
	}
	remove := func() error {
		_, err := ana.iam.DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{AccessKeyId: &ana.key.AccessKeyID})
		return err
	}
	denied := func(err error, action, resource, reason string) {
		t.Helper()
		unmodelled(t, err, http.StatusForbidden, "AccessDenied", "User: "+f.iamARN("user/ana")+
			" is not authorized to perform: iam:"+action+" on resource: "+f.iamARN(resource)+" "+reason)
	}
	ok(t, get(nil))
	ok(t, get(aws.String("ana")))
	denied(createProvider(t, ana, "https://id.example.com"), "CreateOpenIDConnectProvider", "oidc-provider/id.example.com",
		"because no identity-based policy allows the iam:CreateOpenIDConnectProvider action")
	denied(create(), "CreateUser", "user/eve", "because no identity-based policy allows the iam:CreateUser action")
	denied(get(aws.String("eve")), "GetUser", "user/eve", "because no identity-based policy allows the iam:GetUser action")
	denied(list(), "ListUsers", "user/", "because no identity-based policy allows the iam:ListUsers action")
	denied(remove(), "DeleteAccessKey", "user/ana", "with an explicit deny in an identity-based policy")
	f.grant(t, "ana", allow("iam:CreateUser"), allow("iam:CreateOpenIDConnectProvider").on(f.iamARN("oidc-provider/id.example.com")))
	ok(t, create()) // at once
	ok(t, createProvider(t, ana, "https://id.example.com"))
	denied(createProvider(t, ana, "https://id.example.com/a"), "CreateOpenIDConnectProvider", "oidc-provider/id.example.com/a",
		"because no identity-based policy allows the iam:CreateOpenIDConnectProvider action")
	denied(get(nil), "GetUser", "user/ana", "because no identity-based policy allows the iam:GetUser action")
}
