package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
)

func TestIAMPaginatorsSeeEachOnceInTheOrderOfNames(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	var want []string
	for _, name := range []string{"dan", "Ana", "ben", "eve", "cy"} {
		f.user(t, name)
		f.role(t, name, allow("*"))
		f.managed(t, name, allow("*"))
		want = append(want, name)
	}
	pages := map[string]func() ([]string, int){
		"users": func() (names []string, n int) {
			for pages := iam.NewListUsersPaginator(f.root.iam, &iam.ListUsersInput{MaxItems: aws.Int32(2)}); pages.HasMorePages(); n++ {
				page, err := pages.NextPage(t.Context())
				ok(t, err)
				for _, u := range page.Users {
					names = append(names, *u.UserName)
				}
			}
			return names, n
		},
		"roles": func() (names []string, n int) {
			for pages := iam.NewListRolesPaginator(f.root.iam, &iam.ListRolesInput{MaxItems: aws.Int32(2)}); pages.HasMorePages(); n++ {
				page, err := pages.NextPage(t.Context())
				ok(t, err)
				for _, r := range page.Roles {
					names = append(names, *r.RoleName)
				}
			}
			return names, n
		},
		"policies": func() (names []string, n int) {
			in := &iam.ListPoliciesInput{MaxItems: aws.Int32(2), Scope: iamtypes.PolicyScopeTypeLocal}
			for pages := iam.NewListPoliciesPaginator(f.root.iam, in); pages.HasMorePages(); n++ {
				page, err := pages.NextPage(t.Context())
				ok(t, err)
				for _, p := range page.Policies {
					names = append(names, *p.PolicyName)
				}
			}
			return names, n
		},
	}
	for what, all := range pages {
		names, n := all()
		seen := map[string]bool{}
		for _, name := range names {
			seen[name] = true
		}
		if len(names) != len(want) || len(seen) != len(want) || n != 3 {
			t.Errorf("%s: %v on %d pages, want %v on 3", what, names, n, want)
		}
	}
	_, err := f.root.iam.ListUsers(t.Context(), &iam.ListUsersInput{Marker: aws.String("garbage")})
	unmodelled(t, err, http.StatusBadRequest, "ValidationError", "Invalid Marker.")

	out, err := f.root.iam.ListPolicies(t.Context(), &iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeAws})
	ok(t, err)
	if len(out.Policies) == 0 || !contains(out.Policies, administratorAccess) {
		t.Errorf("the policies of AWS are %+v", out.Policies)
	}
}

func contains(all []iamtypes.Policy, arn string) bool {
	for _, p := range all {
		if *p.Arn == arn {
			return true
		}
	}
	return false
}

func TestIAMEntitiesAreShownAsTheyWereMade(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	boundary := f.managed(t, "boundary", allow("*"))
	tag := []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("blue")}}
	limit := &iamtypes.AttachedPermissionsBoundary{PermissionsBoundaryArn: boundary, PermissionsBoundaryType: iamtypes.PermissionsBoundaryAttachmentTypePolicy}

	made, err := f.root.iam.CreateUser(t.Context(), &iam.CreateUserInput{
		UserName: aws.String("ana"), Path: aws.String("/division/"), PermissionsBoundary: boundary, Tags: tag})
	ok(t, err)
	got, err := f.root.iam.GetUser(t.Context(), &iam.GetUserInput{UserName: aws.String("ana")})
	ok(t, err)
	user := &iamtypes.User{
		Arn: aws.String(f.iamARN("user/division/ana")), UserName: aws.String("ana"), Path: aws.String("/division/"),
		UserId: made.User.UserId, CreateDate: made.User.CreateDate, Tags: tag, PermissionsBoundary: limit,
	}
	same(t, "the new user", user, made.User)
	same(t, "the user", user, got.User)
	formed(t, "AIDA", *made.User.UserId)

	role, err := f.root.iam.CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String("embed"), Path: aws.String("/service-role/"), Description: aws.String("for <the> portal & others"),
		MaxSessionDuration: aws.Int32(7200), PermissionsBoundary: boundary, Tags: tag, AssumeRolePolicyDocument: document(trusting(f.iamARN("user/division/ana")))})
	ok(t, err)
	gotRole, err := f.root.iam.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("embed")})
	ok(t, err)
	wantRole := &iamtypes.Role{
		Arn: aws.String(f.iamARN("role/service-role/embed")), RoleName: aws.String("embed"), Path: aws.String("/service-role/"),
		Description: aws.String("for <the> portal & others"), MaxSessionDuration: aws.Int32(7200),
		RoleId: role.Role.RoleId, CreateDate: role.Role.CreateDate, Tags: tag, PermissionsBoundary: limit,
		AssumeRolePolicyDocument: role.Role.AssumeRolePolicyDocument,
	}
	same(t, "the new role", wantRole, role.Role)
	gotRole.Role.RoleLastUsed = nil
	same(t, "the role", wantRole, gotRole.Role)
	formed(t, "AROA", *role.Role.RoleId)

	key, err := f.root.iam.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String("ana")})
	ok(t, err)
	formed(t, "AKIA", *key.AccessKey.AccessKeyId)
	keys, err := f.root.iam.ListAccessKeys(t.Context(), &iam.ListAccessKeysInput{UserName: aws.String("ana")})
	ok(t, err)
	same(t, "keys", []iamtypes.AccessKeyMetadata{{UserName: aws.String("ana"), AccessKeyId: key.AccessKey.AccessKeyId,
		Status: iamtypes.StatusTypeActive, CreateDate: key.AccessKey.CreateDate}}, keys.AccessKeyMetadata)
	if age := time.Since(*made.User.CreateDate); age < 0 || age > time.Minute {
		t.Errorf("the user is from %v", made.User.CreateDate)
	}

	// What Terraform asks for before it deletes.
	groups, err := f.root.iam.ListGroupsForUser(t.Context(), &iam.ListGroupsForUserInput{UserName: aws.String("ana")})
	ok(t, err)
	profiles, err := f.root.iam.ListInstanceProfilesForRole(t.Context(), &iam.ListInstanceProfilesForRoleInput{RoleName: aws.String("embed")})
	ok(t, err)
	if len(groups.Groups)+len(profiles.InstanceProfiles) != 0 {
		t.Errorf("%d groups and %d instance profiles", len(groups.Groups), len(profiles.InstanceProfiles))
	}
}

// formed checks a unique id.
func formed(t testing.TB, prefix, id string) {
	t.Helper()
	if !regexp.MustCompile(`\A` + prefix + `[A-Z0-9]{12,17}\z`).MatchString(id) {
		t.Errorf("the unique id is %s, want one that begins with %s", id, prefix)
	}
}

// Policy documents come back as they were given, percent-encoded.
func TestPolicyDocumentsComeBackPercentEncoded(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	f.user(t, "ana")
	// Blanks, line ends and what XML and URLs are picky about.
	given := strings.ReplaceAll(*document(allow("quicksight:*").on(f.arn("user/default/a+b c&d=é%2F<>")).with("Sid", "S")), `,`, ",\n  ")
	trust := strings.ReplaceAll(*document(trusting(f.iamARN("user/ana"))), `,`, " , ")
	f.roleWith(t, "embed", func(in *iam.CreateRoleInput) { in.AssumeRolePolicyDocument = &trust })
	_, err := f.root.iam.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: aws.String("ana"), PolicyName: aws.String("p"), PolicyDocument: &given})
	ok(t, err)
	_, err = f.root.iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("embed"), PolicyName: aws.String("p"), PolicyDocument: &given})
	ok(t, err)
	policy, err := f.root.iam.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("p"), PolicyDocument: &given})
	ok(t, err)

	ofUser, err := f.root.iam.GetUserPolicy(t.Context(), &iam.GetUserPolicyInput{UserName: aws.String("ana"), PolicyName: aws.String("p")})
	ok(t, err)
	ofRole, err := f.root.iam.GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{RoleName: aws.String("embed"), PolicyName: aws.String("p")})
	ok(t, err)
	version, err := f.root.iam.GetPolicyVersion(t.Context(), &iam.GetPolicyVersionInput{PolicyArn: policy.Policy.Arn, VersionId: aws.String("v1")})
	ok(t, err)
	role, err := f.root.iam.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("embed")})
	ok(t, err)
	roles, err := f.root.iam.ListRoles(t.Context(), nil)
	ok(t, err)
	encoded := regexp.MustCompile(`\A(?:[\w.~-]|%[0-9A-F]{2})+\z`)
	for what, tt := range map[string]struct{ got, want string }{
		"inline of a user":     {*ofUser.PolicyDocument, given},
		"inline of a role":     {*ofRole.PolicyDocument, given},
		"version of a policy":  {*version.PolicyVersion.Document, given},
		"trust of a role":      {*role.Role.AssumeRolePolicyDocument, trust},
		"trust of listed role": {*roles.Roles[0].AssumeRolePolicyDocument, trust},
	} {
		plain, err := url.PathUnescape(tt.got)
		if err != nil || plain != tt.want || !encoded.MatchString(tt.got) {
			t.Errorf("%s: %v: %s, want %s encoded", what, err, tt.got, tt.want)
		}
	}
}

func TestIAMRefusalsAreTyped(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	ana, embed, nobody := aws.String("ana"), aws.String("embed"), aws.String("nobody")
	f.user(t, "ana", allow("*"))
	f.role(t, "embed", allow("*"))
	policy := f.managed(t, "policy", allow("*"))
	for range 2 {
		_, err := f.root.iam.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: ana})
		ok(t, err)
	}
	_, err := f.root.iam.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: embed, PolicyArn: policy})
	ok(t, err)
	for range 4 {
		_, err := f.root.iam.CreatePolicyVersion(t.Context(), &iam.CreatePolicyVersionInput{PolicyArn: policy, PolicyDocument: document(allow("*"))})
		ok(t, err)
	}
	c := f.root.iam
	for what, tt := range map[string]struct {
		call   func() error
		want   error
		status int
		text   string // "": AWS's is not known
	}{
		"getting a user who is not there": {func() error { _, err := c.GetUser(t.Context(), &iam.GetUserInput{UserName: nobody}); return err },
			&iamtypes.NoSuchEntityException{}, 404, "The user with name nobody cannot be found."},
		"getting a role that is not there": {func() error { _, err := c.GetRole(t.Context(), &iam.GetRoleInput{RoleName: nobody}); return err },
			&iamtypes.NoSuchEntityException{}, 404, "The role with name nobody cannot be found."},
		"getting a policy that is not there": {func() error {
			_, err := c.GetPolicy(t.Context(), &iam.GetPolicyInput{PolicyArn: aws.String(f.iamARN("policy/none"))})
			return err
		}, &iamtypes.NoSuchEntityException{}, 404, ""},
		"attaching what is not there": {func() error {
			_, err := c.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{UserName: ana, PolicyArn: aws.String(f.iamARN("policy/none"))})
			return err
		}, &iamtypes.NoSuchEntityException{}, 404, "Policy " + f.iamARN("policy/none") + " does not exist or is not attachable."},
		"making a user again": {func() error { _, err := c.CreateUser(t.Context(), &iam.CreateUserInput{UserName: ana}); return err },
			&iamtypes.EntityAlreadyExistsException{}, 409, "User with name ana already exists."},
		"making a user of another case": {func() error {
			_, err := c.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("ANA")})
			return err
		}, &iamtypes.EntityAlreadyExistsException{}, 409, "User with name ANA already exists."},
		"making a role again": {func() error {
			_, err := c.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: embed, AssumeRolePolicyDocument: document(trusting(*f.account))})
			return err
		}, &iamtypes.EntityAlreadyExistsException{}, 409, "Role with name embed already exists."},
		"making a policy again": {func() error {
			_, err := c.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("policy"), PolicyDocument: document(allow("*"))})
			return err
		}, &iamtypes.EntityAlreadyExistsException{}, 409, ""},
		"deleting a user with keys": {func() error { _, err := c.DeleteUser(t.Context(), &iam.DeleteUserInput{UserName: ana}); return err },
			&iamtypes.DeleteConflictException{}, 409, ""},
		"deleting a role with policies": {func() error { _, err := c.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: embed}); return err },
			&iamtypes.DeleteConflictException{}, 409, ""},
		"deleting a policy that is attached": {func() error {
			_, err := c.DeletePolicy(t.Context(), &iam.DeletePolicyInput{PolicyArn: policy})
			return err
		},
			&iamtypes.DeleteConflictException{}, 409, ""},
		"deleting the version in force": {func() error {
			_, err := c.DeletePolicyVersion(t.Context(), &iam.DeletePolicyVersionInput{PolicyArn: policy, VersionId: aws.String("v1")})
			return err
		}, &iamtypes.DeleteConflictException{}, 409, ""},
		"a policy that is none": {func() error {
			_, err := c.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: ana, PolicyName: ana, PolicyDocument: aws.String("{")})
			return err
		}, &iamtypes.MalformedPolicyDocumentException{}, 400, ""},
		"a policy without statements": {func() error {
			_, err := c.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: ana, PolicyDocument: document()})
			return err
		}, &iamtypes.MalformedPolicyDocumentException{}, 400, ""},
		"trust in nobody who is there": {func() error {
			_, err := c.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: nobody, AssumeRolePolicyDocument: document(trusting(f.iamARN("user/nobody")))})
			return err
		}, &iamtypes.MalformedPolicyDocumentException{}, 400, `Invalid principal in policy: "AWS":"` + f.iamARN("user/nobody") + `"`},
		"a third key": {func() error {
			_, err := c.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: ana})
			return err
		}, &iamtypes.LimitExceededException{}, 409, "Cannot exceed quota for AccessKeysPerUser: 2"},
		"a sixth version": {func() error {
			_, err := c.CreatePolicyVersion(t.Context(), &iam.CreatePolicyVersionInput{PolicyArn: policy, PolicyDocument: document(allow("*"))})
			return err
		}, &iamtypes.LimitExceededException{}, 409, ""},
		"an inline policy too long": {func() error {
			_, err := c.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: ana, PolicyName: ana,
				PolicyDocument: document(allow("*").with("Sid", strings.Repeat("x", 2048)))})
			return err
		}, &iamtypes.LimitExceededException{}, 409, "Maximum policy size of 2048 bytes exceeded for user ana"},
	} {
		t.Run(what, func(t *testing.T) {
			e := refused[smithy.APIError](t, tt.call(), tt.status)
			if got, want := fmt.Sprintf("%T", e), fmt.Sprintf("%T", tt.want); got != want {
				t.Errorf("got a %s, want a %s: %v", got, want, e)
			}
			if tt.text != "" {
				text(t, e, tt.text)
			}
		})
	}
	users, err := c.ListUsers(t.Context(), nil)
	ok(t, err)
	roles, err := c.ListRoles(t.Context(), nil)
	ok(t, err)
	if len(users.Users) != 1 || len(roles.Roles) != 1 {
		t.Errorf("there are %d users and %d roles", len(users.Users), len(roles.Roles))
	}
}

// The version of a policy that is in force decides, and can be changed back.
func TestTheDefaultVersionIsInForce(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	ana := f.person(t, "ana")
	policy := f.managed(t, "policy", allow("quicksight:*"))
	_, err := f.root.iam.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{UserName: aws.String("ana"), PolicyArn: policy})
	ok(t, err)
	version := func(document *string, inForce bool) *string {
		out, err := f.root.iam.CreatePolicyVersion(t.Context(), &iam.CreatePolicyVersionInput{PolicyArn: policy, PolicyDocument: document, SetAsDefault: inForce})
		ok(t, err)
		return out.PolicyVersion.VersionId
	}
	ok(t, f.listAs(t, ana))
	version(document(deny("*")), false)
	ok(t, f.listAs(t, ana))
	version(document(allow("sts:*")), true)
	f.denied(t, ana, f.listAs(t, ana), "ListUsers", f.arn("user/default/*"), unallowed("identity-based policy", "ListUsers"))
	_, err = f.root.iam.SetDefaultPolicyVersion(t.Context(), &iam.SetDefaultPolicyVersionInput{PolicyArn: policy, VersionId: aws.String("v2")})
	ok(t, err)
	f.denied(t, ana, f.listAs(t, ana), "ListUsers", f.arn("user/default/*"), explicitly+"an identity-based policy")
	_, err = f.root.iam.SetDefaultPolicyVersion(t.Context(), &iam.SetDefaultPolicyVersionInput{PolicyArn: policy, VersionId: aws.String("v1")})
	ok(t, err)
	ok(t, f.listAs(t, ana))
	out, err := f.root.iam.ListPolicyVersions(t.Context(), &iam.ListPolicyVersionsInput{PolicyArn: policy})
	ok(t, err)
	var all []string
	for _, v := range out.Versions {
		all = append(all, fmt.Sprint(*v.VersionId, " ", v.IsDefaultVersion))
	}
	same(t, "versions", []string{"v3 false", "v2 false", "v1 true"}, all)
}

func TestIAMWaitersWait(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	f.user(t, "ana")
	f.role(t, "embed")
	policy := f.managed(t, "policy", allow("*"))
	const wait = 5 * time.Second
	ok(t, iam.NewUserExistsWaiter(f.root.iam).Wait(t.Context(), &iam.GetUserInput{UserName: aws.String("ana")}, wait))
	ok(t, iam.NewRoleExistsWaiter(f.root.iam).Wait(t.Context(), &iam.GetRoleInput{RoleName: aws.String("embed")}, wait))
	ok(t, iam.NewPolicyExistsWaiter(f.root.iam).Wait(t.Context(), &iam.GetPolicyInput{PolicyArn: policy}, wait))

	// It goes on while the user is not there.
	created := make(chan error, 1)
	go func() {
		time.Sleep(150 * time.Millisecond)
		_, err := f.root.iam.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("ben")})
		created <- err
	}()
	err := iam.NewUserExistsWaiter(f.root.iam, func(o *iam.UserExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, 100*time.Millisecond
	}).Wait(t.Context(), &iam.GetUserInput{UserName: aws.String("ben")}, wait)
	ok(t, errors.Join(err, <-created))
}

func TestTagsOfIAMEntities(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	f.user(t, "ana")
	ana := aws.String("ana")
	tags := func() map[string]string {
		out, err := f.root.iam.ListUserTags(t.Context(), &iam.ListUserTagsInput{UserName: ana})
		ok(t, err)
		all := map[string]string{}
		for _, tag := range out.Tags {
			all[*tag.Key] = *tag.Value
		}
		return all
	}
	_, err := f.root.iam.TagUser(t.Context(), &iam.TagUserInput{UserName: ana, Tags: []iamtypes.Tag{
		{Key: aws.String("team"), Value: aws.String("blue")}, {Key: aws.String("cost"), Value: aws.String("")}}})
	ok(t, err)
	same(t, "tags", map[string]string{"team": "blue", "cost": ""}, tags())
	_, err = f.root.iam.TagUser(t.Context(), &iam.TagUserInput{UserName: ana, Tags: []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("red")}}})
	ok(t, err)
	_, err = f.root.iam.UntagUser(t.Context(), &iam.UntagUserInput{UserName: ana, TagKeys: []string{"cost", "nothing"}})
	ok(t, err)
	same(t, "tags", map[string]string{"team": "red"}, tags())
}
