package e2e

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/quicksight"
	"github.com/aws/aws-sdk-go-v2/service/quicksight/types"
)

func TestThePaginatorSeesEachUserOnceInTheOrderOfRegistration(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	var want []types.User
	for i := range 101 {
		want = append(want, *f.register(t, f.native(fmt.Sprint("user", 1000-i))))
	}
	for _, tt := range []struct{ size, pages int32 }{{7, 15}, {100, 2}, {0, 2}, {1, 101}} {
		t.Run(fmt.Sprint("pages of ", tt.size), func(t *testing.T) {
			var got []types.User
			var pages int32
			in := &quicksight.ListUsersInput{AwsAccountId: f.account, Namespace: defaultNamespace}
			paginator := quicksight.NewListUsersPaginator(f, in, func(o *quicksight.ListUsersPaginatorOptions) { o.Limit = tt.size })
			for paginator.HasMorePages() {
				page, err := paginator.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				answered(t, http.StatusOK, page.Status, page.RequestId, page.ResultMetadata)
				pages++
				if tt.size > 0 && len(page.UserList) > int(tt.size) {
					t.Errorf("page %d has %d users", pages, len(page.UserList))
				}
				if last := pages == tt.pages; last != (page.NextToken == nil) {
					t.Errorf("page %d of %d has the token %q", pages, tt.pages, aws.ToString(page.NextToken))
				}
				got = append(got, page.UserList...)
			}
			same(t, "users", want, got)
			if pages != tt.pages {
				t.Errorf("%d pages, want %d", pages, tt.pages)
			}
		})
	}
}

// profileNames follows the SDK's paginator.
func (f *fixture) profileNames(t testing.TB, size int32) (names []string) {
	t.Helper()
	paginator := quicksight.NewListCustomPermissionsPaginator(f, &quicksight.ListCustomPermissionsInput{AwsAccountId: f.account},
		func(o *quicksight.ListCustomPermissionsPaginatorOptions) { o.Limit = size })
	for paginator.HasMorePages() {
		page, err := paginator.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		answered(t, http.StatusOK, page.Status, page.RequestId, page.ResultMetadata)
		if len(page.CustomPermissionsList) > int(size) {
			t.Errorf("a page of %d has %d profiles", size, len(page.CustomPermissionsList))
		}
		for _, p := range page.CustomPermissionsList {
			names = append(names, *p.CustomPermissionsName)
		}
	}
	return names
}

func TestThePaginatorSeesEachProfileOnceInTheOrderOfCreation(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	same(t, "profiles before any", []string(nil), f.profileNames(t, 100))
	var want []string
	for i := range 5 {
		name := fmt.Sprint("profile", 9-i)
		f.profile(t, name, &types.Capabilities{ExportToCsv: types.CapabilityStateDeny})
		want = append(want, name)
	}
	for _, size := range []int32{1, 2, 5, 100} {
		same(t, fmt.Sprint("profiles by ", size), want, f.profileNames(t, size))
	}
	out, err := f.ListCustomPermissions(t.Context(), &quicksight.ListCustomPermissionsInput{AwsAccountId: f.account})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the first as listed", types.CustomPermissions{
		Arn:                   aws.String(f.arn("custompermissions/profile9")),
		CustomPermissionsName: aws.String("profile9"),
		Capabilities:          &types.Capabilities{ExportToCsv: types.CapabilityStateDeny},
	}, out.CustomPermissionsList[0])
}

func TestATokenOrSizeOfNoUseIsRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for i := range 2 {
		f.register(t, f.native(fmt.Sprint("user", i)))
		f.profile(t, fmt.Sprint("profile", i), nil)
	}
	users := func(size int32, token *string) (*quicksight.ListUsersOutput, error) {
		return f.ListUsers(t.Context(), &quicksight.ListUsersInput{
			AwsAccountId: f.account, Namespace: defaultNamespace, MaxResults: &size, NextToken: token})
	}
	profiles := func(size int32, token *string) (*quicksight.ListCustomPermissionsOutput, error) {
		return f.ListCustomPermissions(t.Context(), &quicksight.ListCustomPermissionsInput{
			AwsAccountId: f.account, MaxResults: &size, NextToken: token})
	}
	ofUsers, err := users(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	ofProfiles, err := profiles(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"garbage", *ofUsers.NextToken + "x", *ofProfiles.NextToken} {
		_, err := users(1, &token)
		text(t, refused[*types.InvalidNextTokenException](t, err, http.StatusBadRequest), "The NextToken value isn't valid.")
	}
	for _, token := range []string{"garbage", *ofProfiles.NextToken + "x", *ofUsers.NextToken} {
		_, err := profiles(1, &token)
		invalid(t, err, "NextToken") // the operation does not model InvalidNextTokenException
	}
	for _, size := range []int32{-1, 0, 101} {
		_, err := users(size, nil)
		invalid(t, err, "'maxResults'", fmt.Sprint(size))
		_, err = profiles(size, nil)
		invalid(t, err, "'maxResults'", fmt.Sprint(size))
	}
}
