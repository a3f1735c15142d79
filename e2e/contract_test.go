package e2e

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/quicksight"
	"github.com/aws/aws-sdk-go-v2/service/quicksight/types"
	"github.com/google/go-cmp/cmp"

	"rollcall/internal/api"
	"rollcall/internal/directory"
)

// The SDK's model is older than ours. This is all that it lacks, beside newer
// capabilities, which newerCapabilities counts.
var sdkLacks = []string{"Governance", "Governance.DefaultCategoryEffects"}

// newerCapabilities is how many capabilities we know and the SDK does not.
const newerCapabilities = 575 - 228

// ofEveryAnswer are the members that no output of ours has as a field: the
// protocol adds RequestId and Status, and the SDK its own metadata.
var ofEveryAnswer = []string{"RequestId", "ResultMetadata", "Status"}

func TestNoMemberOfTheSDKIsDropped(t *testing.T) {
	compareMembers(t, []pair{
		{quicksight.RegisterUserInput{}, api.RegisterUserRequest{}, nil, nil},
		{quicksight.DescribeUserInput{}, api.UserRequest{}, nil, nil},
		{quicksight.UpdateUserInput{}, api.UpdateUserRequest{}, nil, nil},
		{quicksight.DeleteUserInput{}, api.UserRequest{}, nil, nil},
		{quicksight.DeleteUserByPrincipalIdInput{}, api.DeleteUserByPrincipalIdRequest{}, nil, nil},
		{quicksight.ListUsersInput{}, api.ListUsersRequest{}, nil, nil},
		{quicksight.CreateCustomPermissionsInput{}, api.CreateCustomPermissionsRequest{}, nil, sdkLacks},
		{quicksight.DescribeCustomPermissionsInput{}, api.CustomPermissionsRequest{}, nil, nil},
		{quicksight.UpdateCustomPermissionsInput{}, api.UpdateCustomPermissionsRequest{}, nil, sdkLacks},
		{quicksight.DeleteCustomPermissionsInput{}, api.CustomPermissionsRequest{}, nil, nil},
		{quicksight.ListCustomPermissionsInput{}, api.ListCustomPermissionsRequest{}, nil, nil},

		{quicksight.RegisterUserOutput{}, api.RegisterUserResponse{}, ofEveryAnswer, nil},
		{quicksight.DescribeUserOutput{}, api.UserResponse{}, ofEveryAnswer, nil},
		{quicksight.UpdateUserOutput{}, api.UserResponse{}, ofEveryAnswer, nil},
		{quicksight.DeleteUserOutput{}, api.EmptyResponse{}, ofEveryAnswer, nil},
		{quicksight.DeleteUserByPrincipalIdOutput{}, api.EmptyResponse{}, ofEveryAnswer, nil},
		{quicksight.ListUsersOutput{}, api.ListUsersResponse{}, ofEveryAnswer, nil},
		{quicksight.CreateCustomPermissionsOutput{}, api.ArnResponse{}, ofEveryAnswer, nil},
		{quicksight.DescribeCustomPermissionsOutput{}, api.DescribeCustomPermissionsResponse{}, ofEveryAnswer, under("CustomPermissions", sdkLacks)},
		{quicksight.UpdateCustomPermissionsOutput{}, api.ArnResponse{}, ofEveryAnswer, nil},
		{quicksight.DeleteCustomPermissionsOutput{}, api.ArnResponse{}, ofEveryAnswer, nil},
		{quicksight.ListCustomPermissionsOutput{}, api.ListCustomPermissionsResponse{}, ofEveryAnswer, under("CustomPermissionsList[]", sdkLacks)},

		{types.User{}, api.User{}, nil, nil},
		{types.Tag{}, api.Tag{}, nil, nil},
		{types.CustomPermissions{}, api.CustomPermissions{}, nil, sdkLacks},
	})
}

// pair is a structure of the SDK and ours.
type pair struct {
	sdk, ours any
	except    []string // members of the SDK that we need not have, with what is below them
	lacks     []string // members of ours that the SDK lacks
}

func compareMembers(t *testing.T, pairs []pair) {
	for _, pair := range pairs {
		t.Run(reflect.TypeOf(pair.sdk).Name(), func(t *testing.T) {
			sdk, ours := fields(t, reflect.TypeOf(pair.sdk)), fields(t, reflect.TypeOf(pair.ours))
			for _, name := range pair.except {
				if sdk[name] == "" {
					t.Errorf("the SDK has no %s to be excepted", name)
				}
				remove(sdk, name)
				if strings.HasSuffix(name, "[]") { // there are never any
					remove(ours, name)
				}
			}
			for _, name := range pair.lacks {
				if ours[name] == "" || sdk[name] != "" {
					t.Errorf("%s: the SDK has %q, we have %q", name, sdk[name], ours[name])
				}
				delete(ours, name)
			}
			if diff := cmp.Diff(sdk, ours); diff != "" {
				t.Errorf("members (-SDK +ours):\n%s", diff)
			}
		})
	}
}

// remove takes a member away, and what is below it.
func remove(all map[string]string, name string) {
	maps.DeleteFunc(all, func(path, _ string) bool {
		rest, below := strings.CutPrefix(path, name)
		return below && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

func under(path string, names []string) []string {
	var all []string
	for _, name := range names {
		all = append(all, path+"."+name)
	}
	return all
}

// fields gives the members below a structure, by path, with their types.
func fields(t testing.TB, s reflect.Type) map[string]string {
	t.Helper()
	all := map[string]string{}
	for i := range s.NumField() {
		f := s.Field(i)
		if !f.IsExported() {
			continue
		}
		describe(t, all, f.Name, f.Type)
	}
	return all
}

func describe(t testing.TB, all map[string]string, path string, f reflect.Type) {
	t.Helper()
	if f.Kind() == reflect.Pointer {
		f = f.Elem()
	}
	switch {
	case f == reflect.TypeFor[types.Capabilities](), f == reflect.TypeFor[api.Capabilities]():
		all[path] = "capabilities" // a structure there, a map here: compared by the next test
	case path == "ResultMetadata":
		all[path] = "metadata"
	case f == reflect.TypeFor[time.Time]():
		all[path] = "time"
	case f.Kind() == reflect.String, f.Kind() == reflect.Bool, f.Kind() == reflect.Map:
		all[path] = f.Kind().String()
	case f.Kind() == reflect.Int, f.Kind() == reflect.Int32:
		all[path] = "integer"
	case f.Kind() == reflect.Slice:
		all[path] = "list"
		describe(t, all, path+"[]", f.Elem())
	case f.Kind() == reflect.Struct:
		all[path] = "structure"
		for name, kind := range fields(t, f) {
			all[path+"."+name] = kind
		}
	default:
		t.Fatalf("%s is a %s", path, f)
	}
}

func TestNoCapabilityOfTheSDKIsDropped(t *testing.T) {
	file, err := os.ReadFile("../internal/directory/capabilities.txt")
	if err != nil {
		t.Fatal(err)
	}
	ours := strings.Fields(string(file))
	for name, kind := range fields(t, reflect.TypeFor[types.Capabilities]()) {
		if kind != "string" || !directory.IsCapability(name) {
			t.Errorf("%s, a %s, is not one of ours", name, kind)
		}
		ours = slices.DeleteFunc(ours, func(known string) bool { return known == name })
	}
	if len(ours) != newerCapabilities {
		t.Errorf("%d capabilities are newer than the SDK, want %d: %v", len(ours), newerCapabilities, ours)
	}
}

func TestNoOperationOfTheSDKIsUnheardOf(t *testing.T) {
	file, err := os.ReadFile("../internal/api/elsewhere.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := calls("", "")
	for line := range strings.Lines(string(file)) {
		name, _, _ := strings.Cut(line, " ")
		known[name] = nil
	}
	client := reflect.TypeFor[*quicksight.Client]()
	for i := range client.NumMethod() {
		name := client.Method(i).Name
		if _, ok := known[name]; !ok && name != "Options" {
			t.Errorf("%s is neither answered nor refused by name", name)
		}
	}
}
