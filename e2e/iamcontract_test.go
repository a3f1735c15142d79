package e2e

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"rollcall/internal/awsquery"
	"rollcall/internal/iamapi"
)

// queryExceptions are members of the SDK that ours need not have: those of
// things that rollcall does not have (passwords, templates, groups, instance
// profiles), and the sizes of tokens, which are newer than our service model.
var queryExceptions = map[string][]string{
	"CreateUserOutput": {"User.PasswordLastUsed"},
	"GetUserOutput":    {"User.PasswordLastUsed"},
	"ListUsersOutput":  {"Users[].PasswordLastUsed"},

	"CreateRoleOutput":            {"Role.SourceRoleTemplate"},
	"GetRoleOutput":               {"Role.SourceRoleTemplate"},
	"ListRolesOutput":             {"Roles[].SourceRoleTemplate"},
	"UpdateRoleDescriptionOutput": {"Role.SourceRoleTemplate"},

	"ListGroupsForUserOutput":           {"Groups[]", "Marker"},
	"ListInstanceProfilesForRoleOutput": {"InstanceProfiles[]", "Marker"},
	"ListEntitiesForPolicyOutput":       {"PolicyGroups[]"},

	"AssumeRoleInput":  {"MinimumSessionTokenSize"},
	"AssumeRoleOutput": {"SessionTokenSize", "SessionTokenUtilization"},

	"AssumeRoleWithWebIdentityInput":  {"MinimumSessionTokenSize"},
	"AssumeRoleWithWebIdentityOutput": {"SessionTokenSize", "SessionTokenUtilization"},
	"GetSessionTokenInput":            {"MinimumSessionTokenSize"},
	"GetSessionTokenOutput":           {"SessionTokenSize", "SessionTokenUtilization"},
}

// queryOperations are the inputs and outputs of IAM and STS, as the SDK has
// them and as we do.
var queryOperations = []struct{ in, ourIn, out, ourOut any }{
	{iam.CreateUserInput{}, iamapi.CreateUserRequest{}, iam.CreateUserOutput{}, iamapi.UserResponse{}},
	{iam.GetUserInput{}, iamapi.GetUserRequest{}, iam.GetUserOutput{}, iamapi.UserResponse{}},
	{iam.ListUsersInput{}, iamapi.ListUsersRequest{}, iam.ListUsersOutput{}, iamapi.ListUsersResponse{}},
	{iam.UpdateUserInput{}, iamapi.UpdateUserRequest{}, iam.UpdateUserOutput{}, awsquery.NoOutput{}},
	{iam.DeleteUserInput{}, iamapi.DeleteUserRequest{}, iam.DeleteUserOutput{}, awsquery.NoOutput{}},
	{iam.ListGroupsForUserInput{}, iamapi.ListGroupsForUserRequest{}, iam.ListGroupsForUserOutput{}, iamapi.ListGroupsForUserResponse{}},
	{iam.CreateAccessKeyInput{}, iamapi.CreateAccessKeyRequest{}, iam.CreateAccessKeyOutput{}, iamapi.CreateAccessKeyResponse{}},
	{iam.ListAccessKeysInput{}, iamapi.ListAccessKeysRequest{}, iam.ListAccessKeysOutput{}, iamapi.ListAccessKeysResponse{}},
	{iam.UpdateAccessKeyInput{}, iamapi.UpdateAccessKeyRequest{}, iam.UpdateAccessKeyOutput{}, awsquery.NoOutput{}},
	{iam.DeleteAccessKeyInput{}, iamapi.DeleteAccessKeyRequest{}, iam.DeleteAccessKeyOutput{}, awsquery.NoOutput{}},
	{iam.CreateRoleInput{}, iamapi.CreateRoleRequest{}, iam.CreateRoleOutput{}, iamapi.RoleResponse{}},
	{iam.GetRoleInput{}, iamapi.GetRoleRequest{}, iam.GetRoleOutput{}, iamapi.RoleResponse{}},
	{iam.ListRolesInput{}, iamapi.ListRolesRequest{}, iam.ListRolesOutput{}, iamapi.ListRolesResponse{}},
	{iam.UpdateRoleInput{}, iamapi.UpdateRoleRequest{}, iam.UpdateRoleOutput{}, iamapi.UpdateRoleResponse{}},
	{iam.UpdateRoleDescriptionInput{}, iamapi.UpdateRoleDescriptionRequest{}, iam.UpdateRoleDescriptionOutput{}, iamapi.RoleResponse{}},
	{iam.UpdateAssumeRolePolicyInput{}, iamapi.UpdateAssumeRolePolicyRequest{}, iam.UpdateAssumeRolePolicyOutput{}, awsquery.NoOutput{}},
	{iam.DeleteRoleInput{}, iamapi.DeleteRoleRequest{}, iam.DeleteRoleOutput{}, awsquery.NoOutput{}},
	{iam.ListInstanceProfilesForRoleInput{}, iamapi.ListInstanceProfilesForRoleRequest{}, iam.ListInstanceProfilesForRoleOutput{}, iamapi.ListInstanceProfilesForRoleResponse{}},
	{iam.PutUserPolicyInput{}, iamapi.PutUserPolicyRequest{}, iam.PutUserPolicyOutput{}, awsquery.NoOutput{}},
	{iam.GetUserPolicyInput{}, iamapi.GetUserPolicyRequest{}, iam.GetUserPolicyOutput{}, iamapi.GetUserPolicyResponse{}},
	{iam.ListUserPoliciesInput{}, iamapi.ListUserPoliciesRequest{}, iam.ListUserPoliciesOutput{}, iamapi.ListInlinePoliciesResponse{}},
	{iam.DeleteUserPolicyInput{}, iamapi.DeleteUserPolicyRequest{}, iam.DeleteUserPolicyOutput{}, awsquery.NoOutput{}},
	{iam.PutRolePolicyInput{}, iamapi.PutRolePolicyRequest{}, iam.PutRolePolicyOutput{}, awsquery.NoOutput{}},
	{iam.GetRolePolicyInput{}, iamapi.GetRolePolicyRequest{}, iam.GetRolePolicyOutput{}, iamapi.GetRolePolicyResponse{}},
	{iam.ListRolePoliciesInput{}, iamapi.ListRolePoliciesRequest{}, iam.ListRolePoliciesOutput{}, iamapi.ListInlinePoliciesResponse{}},
	{iam.DeleteRolePolicyInput{}, iamapi.DeleteRolePolicyRequest{}, iam.DeleteRolePolicyOutput{}, awsquery.NoOutput{}},
	{iam.CreatePolicyInput{}, iamapi.CreatePolicyRequest{}, iam.CreatePolicyOutput{}, iamapi.PolicyResponse{}},
	{iam.GetPolicyInput{}, iamapi.GetPolicyRequest{}, iam.GetPolicyOutput{}, iamapi.PolicyResponse{}},
	{iam.ListPoliciesInput{}, iamapi.ListPoliciesRequest{}, iam.ListPoliciesOutput{}, iamapi.ListPoliciesResponse{}},
	{iam.ListEntitiesForPolicyInput{}, iamapi.ListEntitiesForPolicyRequest{}, iam.ListEntitiesForPolicyOutput{}, iamapi.ListEntitiesForPolicyResponse{}},
	{iam.DeletePolicyInput{}, iamapi.DeletePolicyRequest{}, iam.DeletePolicyOutput{}, awsquery.NoOutput{}},
	{iam.CreatePolicyVersionInput{}, iamapi.CreatePolicyVersionRequest{}, iam.CreatePolicyVersionOutput{}, iamapi.PolicyVersionResponse{}},
	{iam.GetPolicyVersionInput{}, iamapi.GetPolicyVersionRequest{}, iam.GetPolicyVersionOutput{}, iamapi.PolicyVersionResponse{}},
	{iam.ListPolicyVersionsInput{}, iamapi.ListPolicyVersionsRequest{}, iam.ListPolicyVersionsOutput{}, iamapi.ListPolicyVersionsResponse{}},
	{iam.SetDefaultPolicyVersionInput{}, iamapi.SetDefaultPolicyVersionRequest{}, iam.SetDefaultPolicyVersionOutput{}, awsquery.NoOutput{}},
	{iam.DeletePolicyVersionInput{}, iamapi.DeletePolicyVersionRequest{}, iam.DeletePolicyVersionOutput{}, awsquery.NoOutput{}},
	{iam.AttachUserPolicyInput{}, iamapi.AttachUserPolicyRequest{}, iam.AttachUserPolicyOutput{}, awsquery.NoOutput{}},
	{iam.DetachUserPolicyInput{}, iamapi.DetachUserPolicyRequest{}, iam.DetachUserPolicyOutput{}, awsquery.NoOutput{}},
	{iam.ListAttachedUserPoliciesInput{}, iamapi.ListAttachedUserPoliciesRequest{}, iam.ListAttachedUserPoliciesOutput{}, iamapi.ListAttachedPoliciesResponse{}},
	{iam.AttachRolePolicyInput{}, iamapi.AttachRolePolicyRequest{}, iam.AttachRolePolicyOutput{}, awsquery.NoOutput{}},
	{iam.DetachRolePolicyInput{}, iamapi.DetachRolePolicyRequest{}, iam.DetachRolePolicyOutput{}, awsquery.NoOutput{}},
	{iam.ListAttachedRolePoliciesInput{}, iamapi.ListAttachedRolePoliciesRequest{}, iam.ListAttachedRolePoliciesOutput{}, iamapi.ListAttachedPoliciesResponse{}},
	{iam.PutUserPermissionsBoundaryInput{}, iamapi.PutUserPermissionsBoundaryRequest{}, iam.PutUserPermissionsBoundaryOutput{}, awsquery.NoOutput{}},
	{iam.DeleteUserPermissionsBoundaryInput{}, iamapi.DeleteUserPermissionsBoundaryRequest{}, iam.DeleteUserPermissionsBoundaryOutput{}, awsquery.NoOutput{}},
	{iam.PutRolePermissionsBoundaryInput{}, iamapi.PutRolePermissionsBoundaryRequest{}, iam.PutRolePermissionsBoundaryOutput{}, awsquery.NoOutput{}},
	{iam.DeleteRolePermissionsBoundaryInput{}, iamapi.DeleteRolePermissionsBoundaryRequest{}, iam.DeleteRolePermissionsBoundaryOutput{}, awsquery.NoOutput{}},
	{iam.TagUserInput{}, iamapi.TagUserRequest{}, iam.TagUserOutput{}, awsquery.NoOutput{}},
	{iam.UntagUserInput{}, iamapi.UntagUserRequest{}, iam.UntagUserOutput{}, awsquery.NoOutput{}},
	{iam.ListUserTagsInput{}, iamapi.ListUserTagsRequest{}, iam.ListUserTagsOutput{}, iamapi.ListTagsResponse{}},
	{iam.TagRoleInput{}, iamapi.TagRoleRequest{}, iam.TagRoleOutput{}, awsquery.NoOutput{}},
	{iam.UntagRoleInput{}, iamapi.UntagRoleRequest{}, iam.UntagRoleOutput{}, awsquery.NoOutput{}},
	{iam.ListRoleTagsInput{}, iamapi.ListRoleTagsRequest{}, iam.ListRoleTagsOutput{}, iamapi.ListTagsResponse{}},
	{iam.TagPolicyInput{}, iamapi.TagPolicyRequest{}, iam.TagPolicyOutput{}, awsquery.NoOutput{}},
	{iam.UntagPolicyInput{}, iamapi.UntagPolicyRequest{}, iam.UntagPolicyOutput{}, awsquery.NoOutput{}},
	{iam.ListPolicyTagsInput{}, iamapi.ListPolicyTagsRequest{}, iam.ListPolicyTagsOutput{}, iamapi.ListTagsResponse{}},
	{iam.CreateOpenIDConnectProviderInput{}, iamapi.CreateOpenIDConnectProviderRequest{}, iam.CreateOpenIDConnectProviderOutput{}, iamapi.CreateOpenIDConnectProviderResponse{}},
	{iam.GetOpenIDConnectProviderInput{}, iamapi.GetOpenIDConnectProviderRequest{}, iam.GetOpenIDConnectProviderOutput{}, iamapi.GetOpenIDConnectProviderResponse{}},
	{iam.ListOpenIDConnectProvidersInput{}, iamapi.ListOpenIDConnectProvidersRequest{}, iam.ListOpenIDConnectProvidersOutput{}, iamapi.ListOpenIDConnectProvidersResponse{}},
	{iam.AddClientIDToOpenIDConnectProviderInput{}, iamapi.AddClientIDToOpenIDConnectProviderRequest{}, iam.AddClientIDToOpenIDConnectProviderOutput{}, awsquery.NoOutput{}},
	{iam.RemoveClientIDFromOpenIDConnectProviderInput{}, iamapi.RemoveClientIDFromOpenIDConnectProviderRequest{}, iam.RemoveClientIDFromOpenIDConnectProviderOutput{}, awsquery.NoOutput{}},
	{iam.UpdateOpenIDConnectProviderThumbprintInput{}, iamapi.UpdateOpenIDConnectProviderThumbprintRequest{}, iam.UpdateOpenIDConnectProviderThumbprintOutput{}, awsquery.NoOutput{}},
	{iam.DeleteOpenIDConnectProviderInput{}, iamapi.DeleteOpenIDConnectProviderRequest{}, iam.DeleteOpenIDConnectProviderOutput{}, awsquery.NoOutput{}},
	{iam.TagOpenIDConnectProviderInput{}, iamapi.TagOpenIDConnectProviderRequest{}, iam.TagOpenIDConnectProviderOutput{}, awsquery.NoOutput{}},
	{iam.UntagOpenIDConnectProviderInput{}, iamapi.UntagOpenIDConnectProviderRequest{}, iam.UntagOpenIDConnectProviderOutput{}, awsquery.NoOutput{}},
	{iam.ListOpenIDConnectProviderTagsInput{}, iamapi.ListOpenIDConnectProviderTagsRequest{}, iam.ListOpenIDConnectProviderTagsOutput{}, iamapi.ListTagsResponse{}},
	{sts.GetCallerIdentityInput{}, iamapi.GetCallerIdentityRequest{}, sts.GetCallerIdentityOutput{}, iamapi.GetCallerIdentityResponse{}},
	{sts.AssumeRoleInput{}, iamapi.AssumeRoleRequest{}, sts.AssumeRoleOutput{}, iamapi.AssumeRoleResponse{}},
	{sts.AssumeRoleWithWebIdentityInput{}, iamapi.AssumeRoleWithWebIdentityRequest{}, sts.AssumeRoleWithWebIdentityOutput{}, iamapi.AssumeRoleWithWebIdentityResponse{}},
	{sts.GetSessionTokenInput{}, iamapi.GetSessionTokenRequest{}, sts.GetSessionTokenOutput{}, iamapi.GetSessionTokenResponse{}},
}

func TestNoMemberOfIAMAndSTSIsDropped(t *testing.T) {
	var pairs []pair
	for _, op := range queryOperations {
		for _, p := range []pair{{sdk: op.in, ours: op.ourIn}, {sdk: op.out, ours: op.ourOut, except: []string{"ResultMetadata"}}} {
			p.except = append(p.except, queryExceptions[reflect.TypeOf(p.sdk).Name()]...)
			pairs = append(pairs, p)
		}
	}
	compareMembers(t, pairs)
}

// Whatever is in the tables of operations is compared.
func TestEveryOperationOfIAMAndSTSIsCompared(t *testing.T) {
	file, err := os.ReadFile("../internal/iamapi/operations.go")
	ok(t, err)
	var want, got []string
	for _, row := range regexp.MustCompile(`\t(?:read|change|session)\("(\w+)", a\.`).FindAllStringSubmatch(string(file), -1) {
		want = append(want, row[1])
	}
	for _, op := range queryOperations {
		got = append(got, strings.TrimSuffix(reflect.TypeOf(op.in).Name(), "Input"))
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
		t.Errorf("operations (-ours +compared):\n%s", diff)
	}
}
