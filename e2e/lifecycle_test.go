package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/quicksight"
	"github.com/aws/aws-sdk-go-v2/service/quicksight/types"
)

// An administrator of IAM's, not root, brings a user and two sessions of a role
// into QuickSight, where each may do what the policies say.
func TestFromIAMIntoQuickSight(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	admin := f.person(t, "admin")
	_, err := f.root.iam.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{
		UserName: aws.String("admin"), PolicyArn: aws.String(administratorAccess)})
	ok(t, err)
	f.root = admin // from here on

	ana := f.person(t, "ana", allow("sts:AssumeRole").on(f.iamARN("role/teams/reading")))
	f.roleWith(t, "reading", func(in *iam.CreateRoleInput) {
		in.Path, in.AssumeRolePolicyDocument = aws.String("/teams/"), document(trusting(f.iamARN("user/ana")))
	}, allow("quicksight:ListUsers"))
	_, err = admin.iam.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{
		RoleName: aws.String("reading"), PolicyArn: f.managed(t, "describing", allow("quicksight:DescribeUser"))})
	ok(t, err)

	for _, session := range []string{"morning", "evening@example.com"} {
		t.Run(session, func(t *testing.T) {
			who := f.assume(t, ana, "teams/reading", session)
			id := who.identity(t)
			if want := "arn:aws:sts::" + *f.account + ":assumed-role/reading/" + session; *id.Arn != want {
				t.Errorf("the session is %s, want %s", *id.Arn, want)
			}
			out, err := admin.qs.RegisterUser(t.Context(), f.iam("role/teams/reading", session))
			ok(t, err)
			if *out.User.UserName != "reading/"+session || *out.User.PrincipalId != "federated/iam/"+*id.UserId {
				t.Errorf("registered as %s, %s; STS says %s", *out.User.UserName, *out.User.PrincipalId, *id.UserId)
			}
			described, err := who.qs.DescribeUser(t.Context(), f.named("reading/"+session))
			ok(t, err)
			same(t, "described by the user", out.User, described.User)
			ok(t, f.listAs(t, who))
			_, err = who.qs.DeleteUser(t.Context(), (*quicksight.DeleteUserInput)(f.named("reading/"+session)))
			refused[*types.AccessDeniedException](t, err, http.StatusForbidden)
		})
	}
	t.Run("ana", func(t *testing.T) {
		id := ana.identity(t)
		out, err := admin.qs.RegisterUser(t.Context(), f.iam("user/ana", ""))
		ok(t, err)
		if !strings.HasPrefix(*id.UserId, "AIDA") || *out.User.PrincipalId != "federated/iam/"+*id.UserId {
			t.Errorf("registered as %s; STS says %s", *out.User.PrincipalId, *id.UserId)
		}
	})
}

func TestWhoIsGoneFromIAMIsNobody(t *testing.T) {
	t.Parallel()
	for what, tt := range map[string]struct {
		resource, first string
		sessions        []string
		login           login
		make, remove    func(testing.TB, *fixture)
	}{
		"an IAM user": {
			resource: "user/ana", first: "ana", sessions: []string{""},
			make: func(t testing.TB, f *fixture) { f.user(t, "ana") },
			remove: func(t testing.TB, f *fixture) {
				_, err := f.root.iam.DeleteUser(t.Context(), &iam.DeleteUserInput{UserName: aws.String("ana")})
				ok(t, err)
			},
		},
		"a role with sessions": {
			resource: "role/embed", first: "embed/ana", sessions: []string{"ana", "ben", "cy"},
			login:  login{provider: aws.String("COGNITO"), id: aws.String("us-east-1:1")},
			make:   func(t testing.TB, f *fixture) { f.role(t, "embed", allow("quicksight:*")) },
			remove: func(t testing.TB, f *fixture) { f.unmade(t, "embed") },
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			f := newStrictFixture(t, nil)
			f.profile(t, "limits", nil)
			tt.make(t, f)
			var before, orphans []types.User
			for _, session := range tt.sessions {
				user := f.register(t, f.iam(tt.resource, session, assigned("limits"), tt.login.register, func(in *quicksight.RegisterUserInput) {
					in.Email, in.UserRole = aws.String(session+"@example.com"), types.UserRoleAuthor
				}))
				before = append(before, *user)
				user.Arn, user.UserName = aws.String("N/A"), aws.String("N/A")
				orphans = append(orphans, *user)
			}
			same(t, "users", before, f.list(t))

			tt.remove(t, f)
			same(t, "users when it is gone", orphans, f.list(t))
			for _, old := range before {
				f.nobody(t, old)
			}
			f.nobody(t, orphans[0])
			_, err := f.RegisterUser(t.Context(), f.iam(tt.resource, tt.sessions[0]))
			text(t, refused[*types.InvalidParameterValueException](t, err, http.StatusBadRequest), nobodyInIAM)

			// The name is free for a native user, and for the next of that name.
			native := f.register(t, f.native(tt.first))
			same(t, "users with a native one", append(orphans, *native), f.list(t))
			_, err = f.DeleteUser(t.Context(), (*quicksight.DeleteUserInput)(f.named(tt.first)))
			ok(t, err)

			tt.make(t, f)
			same(t, "users when it is there again", orphans, f.list(t))
			again := f.register(t, f.iam(tt.resource, tt.sessions[0]))
			same(t, "registered again", &types.User{
				Arn: before[0].Arn, UserName: before[0].UserName, Active: before[0].Active, PrincipalId: again.PrincipalId,
				Email: aws.String("ana@example.com"), Role: types.UserRoleReader, IdentityType: types.IdentityTypeIam,
			}, again)
			if *again.PrincipalId == *before[0].PrincipalId || *again.PrincipalId == *native.PrincipalId {
				t.Errorf("registered again with the PrincipalId %s of another", *again.PrincipalId)
			}
			same(t, "described again", again, f.describe(t, tt.first))
			same(t, "users with the new one", append(orphans, *again), f.list(t))

			for _, old := range before {
				by := &quicksight.DeleteUserByPrincipalIdInput{AwsAccountId: f.account, Namespace: defaultNamespace, PrincipalId: old.PrincipalId}
				out, err := f.DeleteUserByPrincipalId(t.Context(), by)
				ok(t, err)
				answered(t, http.StatusOK, out.Status, out.RequestId, out.ResultMetadata)
				_, err = f.DeleteUserByPrincipalId(t.Context(), by)
				refused[*types.ResourceNotFoundException](t, err, http.StatusNotFound)
			}
			same(t, "users at the end", []types.User{*again}, f.list(t))
			_, err = f.DeleteCustomPermissions(t.Context(), (*quicksight.DeleteCustomPermissionsInput)(f.profileNamed("limits")))
			ok(t, err)
		})
	}
}

// nobody checks that no operation finds the user by name.
func (f *fixture) nobody(t testing.TB, u types.User) {
	t.Helper()
	_, err := f.DescribeUser(t.Context(), f.named(*u.UserName))
	f.noUser(t, err, *u.UserName)
	_, err = f.UpdateUser(t.Context(), f.update(&u))
	f.noUser(t, err, *u.UserName)
	_, err = f.DeleteUser(t.Context(), (*quicksight.DeleteUserInput)(f.named(*u.UserName)))
	f.noUser(t, err, *u.UserName)
}

// An IAM user who gets another name is who he was.
func TestARenamedIAMUserStaysWhoHeIs(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	f.user(t, "ana")
	user := f.register(t, f.iam("user/ana", ""))
	_, err := f.root.iam.UpdateUser(t.Context(), &iam.UpdateUserInput{UserName: aws.String("ana"), NewUserName: aws.String("maria")})
	ok(t, err)
	same(t, "users", []types.User{*user}, f.list(t))
	same(t, "described", user, f.describe(t, "ana"))
}
