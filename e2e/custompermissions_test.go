package e2e

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/quicksight"
	"github.com/aws/aws-sdk-go-v2/service/quicksight/types"
)

// profile makes a profile.
func (f *fixture) profile(t testing.TB, name string, c *types.Capabilities) {
	t.Helper()
	_, err := f.CreateCustomPermissions(t.Context(), &quicksight.CreateCustomPermissionsInput{
		AwsAccountId: f.account, CustomPermissionsName: &name, Capabilities: c})
	if err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) profileNamed(name string) *quicksight.DescribeCustomPermissionsInput {
	return &quicksight.DescribeCustomPermissionsInput{AwsAccountId: f.account, CustomPermissionsName: &name}
}

// shows checks what is described of a profile.
func (f *fixture) shows(t testing.TB, name string, c *types.Capabilities) {
	t.Helper()
	out, err := f.DescribeCustomPermissions(t.Context(), f.profileNamed(name))
	if err != nil {
		t.Fatal(err)
	}
	answered(t, http.StatusOK, out.Status, out.RequestId, out.ResultMetadata)
	same(t, "described", &types.CustomPermissions{
		Arn: aws.String(f.arn("custompermissions/" + name)), CustomPermissionsName: &name, Capabilities: c}, out.CustomPermissions)
}

func TestAProfileFromCreationToDeletion(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for _, name := range []string{"a+b=c,d.e@f_G-9", "p", strings.Repeat("n", 64)} {
		t.Run(name, func(t *testing.T) {
			arn := f.arn("custompermissions/" + name)
			check := func(got *string, status int32, id *string) {
				t.Helper()
				if aws.ToString(got) != arn || status != http.StatusOK || aws.ToString(id) == "" {
					t.Errorf("Arn %q, Status %d, RequestId %q", aws.ToString(got), status, aws.ToString(id))
				}
			}
			deny := &types.Capabilities{SubscribeDashboardEmailReports: types.CapabilityStateDeny}
			created, err := f.CreateCustomPermissions(t.Context(), &quicksight.CreateCustomPermissionsInput{
				AwsAccountId: f.account, CustomPermissionsName: &name, Capabilities: deny, Tags: tags(50)})
			if err != nil {
				t.Fatal(err)
			}
			check(created.Arn, created.Status, created.RequestId)
			f.shows(t, name, deny)

			other := &types.Capabilities{ExportToCsv: types.CapabilityStateDeny, ExportToPdf: "ALLOW"}
			updated, err := f.UpdateCustomPermissions(t.Context(), &quicksight.UpdateCustomPermissionsInput{
				AwsAccountId: f.account, CustomPermissionsName: &name, Capabilities: other})
			if err != nil {
				t.Fatal(err)
			}
			check(updated.Arn, updated.Status, updated.RequestId)
			f.shows(t, name, other) // replaced as a whole

			deleted, err := f.DeleteCustomPermissions(t.Context(), (*quicksight.DeleteCustomPermissionsInput)(f.profileNamed(name)))
			if err != nil {
				t.Fatal(err)
			}
			check(deleted.Arn, deleted.Status, deleted.RequestId)
			_, err = f.DescribeCustomPermissions(t.Context(), f.profileNamed(name))
			refused[*types.ResourceNotFoundException](t, err, http.StatusNotFound)
		})
	}
}

func TestEveryCapabilityOfTheSDKIsStored(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	all := &types.Capabilities{}
	v := reflect.ValueOf(all).Elem()
	for i := range v.NumField() {
		if field := v.Field(i); field.Kind() == reflect.String {
			field.SetString([]string{"DENY", "ALLOW"}[i%2])
		}
	}
	f.profile(t, "all", all)
	f.shows(t, "all", all)
}

func TestAProfileNeedsNoCapabilities(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.profile(t, "none", nil)
	f.shows(t, "none", &types.Capabilities{})
}

func TestProfilesThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.profile(t, "taken", &types.Capabilities{ExportToCsv: types.CapabilityStateDeny})
	create := func(change func(*quicksight.CreateCustomPermissionsInput)) error {
		in := &quicksight.CreateCustomPermissionsInput{AwsAccountId: f.account, CustomPermissionsName: aws.String("new")}
		change(in)
		_, err := f.CreateCustomPermissions(t.Context(), in)
		return err
	}

	taken := create(func(in *quicksight.CreateCustomPermissionsInput) { in.CustomPermissionsName = aws.String("taken") })
	text(t, refused[*types.ResourceExistsException](t, taken, http.StatusConflict),
		"AWS account id: "+*f.account+", Custom permissions name: taken. ")
	refused[*types.LimitExceededException](t,
		create(func(in *quicksight.CreateCustomPermissionsInput) { in.Tags = tags(51) }), http.StatusConflict)

	for outcome, tt := range map[string]struct {
		change func(*quicksight.CreateCustomPermissionsInput)
		words  []string
	}{
		"name with a blank": {func(in *quicksight.CreateCustomPermissionsInput) { in.CustomPermissionsName = aws.String("a b") }, []string{"'customPermissionsName'", "'a b'"}},
		"name with a slash": {func(in *quicksight.CreateCustomPermissionsInput) { in.CustomPermissionsName = aws.String("a/b") }, []string{"'customPermissionsName'"}},
		"name empty":        {func(in *quicksight.CreateCustomPermissionsInput) { in.CustomPermissionsName = aws.String("") }, []string{"'customPermissionsName'"}},
		"name too long": {func(in *quicksight.CreateCustomPermissionsInput) {
			in.CustomPermissionsName = aws.String(strings.Repeat("n", 65))
		}, []string{"'customPermissionsName'"}},
		"state unknown": {func(in *quicksight.CreateCustomPermissionsInput) {
			in.Capabilities = &types.Capabilities{ExportToCsv: "MAYBE"}
		}, []string{"'capabilities.exportToCsv'", "'MAYBE'"}},
		"tags empty": {func(in *quicksight.CreateCustomPermissionsInput) { in.Tags = []types.Tag{} }, []string{"'tags'"}},
	} {
		t.Run(outcome, func(t *testing.T) { invalid(t, create(tt.change), tt.words...) })
	}

	_, err := f.UpdateCustomPermissions(t.Context(), &quicksight.UpdateCustomPermissionsInput{
		AwsAccountId: f.account, CustomPermissionsName: aws.String("taken"), Capabilities: &types.Capabilities{ExportToPdf: "deny"}})
	invalid(t, err, "'capabilities.exportToPdf'", "'deny'")

	f.shows(t, "taken", &types.Capabilities{ExportToCsv: types.CapabilityStateDeny})
	if got := f.profileNames(t, 100); len(got) != 1 {
		t.Errorf("profiles are %v, want the first alone", got)
	}
}

func TestAProfileThatIsNotThereIsResourceNotFound(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	in := f.profileNamed("nothing")
	_, described := f.DescribeCustomPermissions(t.Context(), in)
	_, updated := f.UpdateCustomPermissions(t.Context(), &quicksight.UpdateCustomPermissionsInput{
		AwsAccountId: f.account, CustomPermissionsName: in.CustomPermissionsName})
	_, deleted := f.DeleteCustomPermissions(t.Context(), (*quicksight.DeleteCustomPermissionsInput)(in))
	for _, err := range []error{described, updated, deleted} {
		text(t, refused[*types.ResourceNotFoundException](t, err, http.StatusNotFound),
			"AWS account id: "+*f.account+", Custom permissions name: nothing. ")
	}
}

func assigned(name string) func(*quicksight.RegisterUserInput) {
	return func(in *quicksight.RegisterUserInput) { in.CustomPermissionsName = &name }
}

func TestAProfileIsAssignedKeptReplacedAndUnapplied(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.profile(t, "first", nil)
	f.profile(t, "second", nil)
	user := f.register(t, f.native("ana", assigned("first")))
	for _, step := range []struct {
		outcome string
		change  func(*quicksight.UpdateUserInput)
		want    *string
	}{
		{"kept", func(*quicksight.UpdateUserInput) {}, aws.String("first")},
		{"replaced", func(in *quicksight.UpdateUserInput) { in.CustomPermissionsName = aws.String("second") }, aws.String("second")},
		{"unapplied", func(in *quicksight.UpdateUserInput) { in.UnapplyCustomPermissions = true }, nil},
		{"unapplied twice", func(in *quicksight.UpdateUserInput) { in.UnapplyCustomPermissions = true }, nil},
		{"assigned anew", func(in *quicksight.UpdateUserInput) { in.CustomPermissionsName = aws.String("first") }, aws.String("first")},
	} {
		t.Run(step.outcome, func(t *testing.T) {
			out, err := f.UpdateUser(t.Context(), f.update(user, step.change))
			if err != nil {
				t.Fatal(err)
			}
			want := *user
			want.CustomPermissionsName = step.want
			same(t, "updated", &want, out.User)
			same(t, "described", &want, f.describe(t, "ana"))
			same(t, "listed", []types.User{want}, f.list(t))
		})
	}
	_, err := f.UpdateUser(t.Context(), f.update(user, func(in *quicksight.UpdateUserInput) {
		in.CustomPermissionsName, in.UnapplyCustomPermissions = aws.String("second"), true
	}))
	invalid(t, err, "CustomPermissionsName", "UnapplyCustomPermissions")
	same(t, "the user", user, f.describe(t, "ana"))
}

func TestAnUnknownProfileChangesNobody(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	user := f.register(t, f.native("ana"))
	const want = "AWS account id: %s, Custom permissions name: nothing. "
	_, err := f.RegisterUser(t.Context(), f.native("ben", assigned("nothing")))
	text(t, refused[*types.ResourceNotFoundException](t, err, http.StatusNotFound), fmt.Sprintf(want, *f.account))
	_, err = f.UpdateUser(t.Context(), f.update(user, func(in *quicksight.UpdateUserInput) {
		in.Email, in.CustomPermissionsName = aws.String("new@example.com"), aws.String("nothing")
	}))
	text(t, refused[*types.ResourceNotFoundException](t, err, http.StatusNotFound), fmt.Sprintf(want, *f.account))
	same(t, "users", []types.User{*user}, f.list(t))
}

func TestAProfileInUseIsAConflictToDelete(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.profile(t, "used", nil)
	ana, ben := f.register(t, f.native("ana", assigned("used"))), f.register(t, f.native("ben", assigned("used")))
	remove := func() error {
		_, err := f.DeleteCustomPermissions(t.Context(), (*quicksight.DeleteCustomPermissionsInput)(f.profileNamed("used")))
		return err
	}
	inUse := func() {
		t.Helper()
		text(t, refused[*types.ConflictException](t, remove(), http.StatusConflict),
			"Updating or deleting a resource can cause an inconsistent state. AWS account id: "+*f.account+", Custom permissions name: used. ")
	}
	inUse()
	_, err := f.UpdateUser(t.Context(), f.update(ana, func(in *quicksight.UpdateUserInput) { in.UnapplyCustomPermissions = true }))
	if err != nil {
		t.Fatal(err)
	}
	inUse()
	if _, err := f.DeleteUser(t.Context(), (*quicksight.DeleteUserInput)(f.named(*ben.UserName))); err != nil {
		t.Fatal(err)
	}
	if err := remove(); err != nil {
		t.Error(err)
	}
}
