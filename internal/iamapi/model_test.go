package iamapi_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/iamapi"
	tags "rollcall/internal/model"
	"rollcall/internal/modeltest"
)

// readModels reads the service models of the operations that are to be
// answered, by service. The …-more files are from botocore 1.43.11.
func readModels(t testing.TB) map[string]*modeltest.Model {
	t.Helper()
	models := map[string]*modeltest.Model{
		"iam": modeltest.Read(t, 38+27, "testdata/iam.json", "testdata/iam-more.json"),
		"sts": modeltest.Read(t, 3+1, "testdata/sts.json", "testdata/sts-more.json"),
	}
	for _, m := range models {
		m.Affixes = map[string][2]string{
			"pathType":                     {"/", "/"},
			"policyPathType":               {"/", "/"},
			"pathPrefixType":               {"/", ""},
			"policyVersionIdType":          {"v1", ""},
			"OpenIDConnectProviderUrlType": {"https://", ""},
		}
	}
	return models
}

func TestInputsAreDeclaredAsInTheModel(t *testing.T) {
	models := readModels(t)
	for _, op := range iamapi.Operations() {
		t.Run(op.Service+"/"+op.Name, func(t *testing.T) {
			m := models[op.Service]
			if _, ok := m.Operations[op.Name]; !ok {
				t.Fatal("the model has no such operation")
			}
			want := m.Declare(t, m.Input(op.Name))
			if diff := cmp.Diff(want, modeltest.ByTags(op.Handler.Members())); diff != "" {
				t.Errorf("input (-model +tags):\n%s", diff)
			}
		})
	}
}

func TestEveryOperationOfTheModelIsAnswered(t *testing.T) {
	var missing []string
	for service, m := range readModels(t) {
		for name := range m.Operations {
			if !slices.ContainsFunc(iamapi.Operations(), func(op iamapi.Operation) bool { return op.Service == service && op.Name == name }) {
				missing = append(missing, name)
			}
		}
	}
	if len(missing) > 0 {
		t.Errorf("unanswered: %v", missing)
	}
}

func TestEveryPatternAndEnumerationIsUsed(t *testing.T) {
	patterns, enums := map[string]bool{}, map[string]bool{}
	var use func([]tags.Member)
	use = func(all []tags.Member) {
		for _, m := range all {
			for _, c := range []*tags.Constraint{&m.Constraint, m.Each} {
				if c != nil && c.Pattern != nil {
					patterns[c.Pattern.Model] = true
				}
			}
			enums[strings.Join(m.Enum, ",")] = true
			use(m.Members)
		}
	}
	for _, op := range iamapi.Operations() {
		use(op.Handler.Members())
	}
	for name, p := range iamapi.Rules.Patterns {
		if !patterns[p.Model] {
			t.Errorf("no member has the pattern %s, or another name has it too", name)
		}
		delete(patterns, p.Model)
	}
	for name, values := range iamapi.Rules.Enums {
		if !enums[strings.Join(values, ",")] {
			t.Errorf("no member has the enumeration %s, or another name has it too", name)
		}
		delete(enums, strings.Join(values, ","))
	}
}

// leftOut are the members of outputs that are never sent: there is nothing to
// tell.
var leftOut = map[string][]string{
	"GetUserResponse.User":                       {"PasswordLastUsed"},
	"CreateUserResponse.User":                    {"PasswordLastUsed"},
	"ListUsersResponse.Users":                    {"PasswordLastUsed"},
	"ListGroupsForUserResponse":                  {"Marker"},
	"ListGroupsForUserResponse.Groups":           {"Arn", "CreateDate", "GroupId", "GroupName", "Path"},
	"ListInstanceProfilesForRoleResponse":        {"Marker"},
	"ListEntitiesForPolicyResponse.PolicyGroups": {"GroupId", "GroupName"},
	"ListInstanceProfilesForRoleResponse.InstanceProfiles": {
		"Arn", "CreateDate", "InstanceProfileId", "InstanceProfileName", "Path", "Roles", "Tags"},
}

func TestOutputsAreThoseOfTheModel(t *testing.T) {
	models := readModels(t)
	for _, op := range iamapi.Operations() {
		t.Run(op.Service+"/"+op.Name, func(t *testing.T) {
			m := models[op.Service]
			output := m.Operations[op.Name].Output
			if none := op.Handler.Output().Name() == "NoOutput"; none != (output == "") {
				t.Fatalf("it has no output: %v, but in the model it is %q", none, output)
			}
			if output != "" {
				compareOutput(t, m, output, modeltest.Shape{Type: "structure", Shape: output}, op.Handler.Output(), true)
			}
		})
	}
}

// compareOutput compares a type with a shape, member by member. What the model
// requires cannot be absent, unless it is the root of an account that lacks it.
func compareOutput(t testing.TB, m *modeltest.Model, path string, s modeltest.Shape, of reflect.Type, required bool) {
	t.Helper()
	if of.Kind() == reflect.Pointer {
		if required && !slices.Contains(rootLacks, path) {
			t.Errorf("%s can be absent, but is required", path)
		}
		of = of.Elem()
	}
	switch s.Type {
	case "structure":
		compareStructure(t, m, path, s, of)
	case "list":
		if of.Kind() != reflect.Slice {
			t.Fatalf("%s is a %s", path, of)
		}
		compareOutput(t, m, path, m.Element(s), of.Elem(), true)
	default:
		want := map[string]reflect.Type{
			"string": reflect.TypeFor[string](), "integer": reflect.TypeFor[int](),
			"boolean": reflect.TypeFor[bool](), "timestamp": reflect.TypeFor[time.Time](),
		}[s.Type]
		if of != want {
			t.Errorf("%s is a %s, want %s", path, of, want)
		}
	}
}

// rootLacks are members that are required of users.
var rootLacks = []string{
	"CreateUserResponse.User.Path", "CreateUserResponse.User.UserName", "GetUserResponse.User.Path", "GetUserResponse.User.UserName",
	"ListUsersResponse.Users.Path", "ListUsersResponse.Users.UserName", "CreateAccessKeyResponse.AccessKey.UserName",
}

func compareStructure(t testing.TB, m *modeltest.Model, path string, s modeltest.Shape, of reflect.Type) {
	t.Helper()
	alsoInput := of == reflect.TypeFor[iamapi.Tag]() // and so its members are pointers
	missing := []string{}
	fields := map[string]reflect.StructField{}
	for i := range of.NumField() {
		fields[tags.Name(of.Field(i))] = of.Field(i)
	}
	for _, member := range m.Structure(s.Shape) {
		f, ok := fields[member.Name]
		if !ok {
			missing = append(missing, member.Name)
			continue
		}
		delete(fields, member.Name)
		compareOutput(t, m, path+"."+member.Name, member, f.Type, member.Required && !alsoInput)
	}
	slices.Sort(missing)
	if diff := cmp.Diff(append([]string{}, leftOut[path]...), missing); diff != "" {
		t.Errorf("members of %s that are left out (-want +got):\n%s", path, diff)
	}
	if len(fields) > 0 {
		t.Errorf("%s has %v beside the model's", path, slices.Sorted(maps.Keys(fields)))
	}
}

// What the model has of an error counts, in whatever operation. The names that
// no model has are those of the protocol as a whole.
func TestErrorsHaveTheStatusesOfTheModel(t *testing.T) {
	modelled := map[string]int{}
	for _, m := range readModels(t) {
		for _, op := range m.Operations {
			maps.Copy(modelled, op.Errors)
		}
	}
	beside := map[string]int{}
	for code, status := range iamapi.Statuses {
		if want, ok := modelled[string(code)]; !ok {
			beside[string(code)] = status
		} else if status != want {
			t.Errorf("%s is %d, want %d", code, status, want)
		}
	}
	if diff := cmp.Diff(map[string]int{"AccessDenied": 403, "ValidationError": 400}, beside); diff != "" {
		t.Errorf("beside the model's (-want +got):\n%s", diff)
	}
}
