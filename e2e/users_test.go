package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/quicksight"
	"github.com/aws/aws-sdk-go-v2/service/quicksight/types"

	"rollcall/rollcalltest"
)

func TestAUserFromRegistrationToDeletion(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	out, err := f.RegisterUser(t.Context(), f.native("ana", func(in *quicksight.RegisterUserInput) {
		in.Email, in.UserRole = aws.String("Ana@Example.com"), types.UserRoleAuthor
	}))
	if err != nil {
		t.Fatal(err)
	}
	answered(t, http.StatusCreated, out.Status, out.RequestId, out.ResultMetadata)
	if !strings.HasPrefix(aws.ToString(out.UserInvitationUrl), f.srv.URL+"/sn/register?token=") {
		t.Errorf("the invitation is at %s", aws.ToString(out.UserInvitationUrl))
	}
	if !strings.HasPrefix(aws.ToString(out.User.PrincipalId), "user/d-") {
		t.Errorf("PrincipalId is %s", aws.ToString(out.User.PrincipalId))
	}
	user := &types.User{
		Arn:          aws.String(f.arn("user/default/ana")),
		UserName:     aws.String("ana"),
		Email:        aws.String("Ana@Example.com"),
		Role:         types.UserRoleAuthor,
		IdentityType: types.IdentityTypeQuicksight,
		PrincipalId:  out.User.PrincipalId,
	}
	same(t, "registered", user, out.User)

	described, err := f.DescribeUser(t.Context(), f.named("ana"))
	if err != nil {
		t.Fatal(err)
	}
	answered(t, http.StatusOK, described.Status, described.RequestId, described.ResultMetadata)
	same(t, "described", user, described.User)
	same(t, "listed", []types.User{*user}, f.list(t))

	user.Email, user.Role = aws.String("new@example.com"), types.UserRoleAdminPro
	updated, err := f.UpdateUser(t.Context(), f.update(user))
	if err != nil {
		t.Fatal(err)
	}
	answered(t, http.StatusOK, updated.Status, updated.RequestId, updated.ResultMetadata)
	same(t, "updated", user, updated.User)
	same(t, "described after the update", user, f.describe(t, "ana"))

	deleted, err := f.DeleteUser(t.Context(), (*quicksight.DeleteUserInput)(f.named("ana")))
	if err != nil {
		t.Fatal(err)
	}
	answered(t, http.StatusOK, deleted.Status, deleted.RequestId, deleted.ResultMetadata)
	_, err = f.DescribeUser(t.Context(), f.named("ana"))
	f.noUser(t, err, "ana")
	same(t, "listed after the deletion", []types.User(nil), f.list(t))

	again := f.register(t, f.native("ana"))
	if aws.ToString(again.PrincipalId) == aws.ToString(user.PrincipalId) {
		t.Errorf("registered anew with the old PrincipalId %s", aws.ToString(again.PrincipalId))
	}
}

// What `rollcall env` prints is all that a client needs.
func TestAClientIsConfiguredByItsEnvironment(t *testing.T) {
	srv := rollcalltest.NewServer(t, nil)
	for name, value := range suiteEnvironment(srv) {
		t.Setenv(name, value)
	}
	for _, name := range []string{"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_QUICKSIGHT"} {
		t.Setenv(name, "")
	}
	c, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out, err := quicksight.NewFromConfig(c).ListUsers(t.Context(), &quicksight.ListUsersInput{
		AwsAccountId: &srv.AccountID, Namespace: defaultNamespace})
	if err != nil {
		t.Fatal(err)
	}
	answered(t, http.StatusOK, out.Status, out.RequestId, out.ResultMetadata)
}

func TestTheInvitationMakesTheUserActive(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	out, err := f.RegisterUser(t.Context(), f.native("ana"))
	if err != nil {
		t.Fatal(err)
	}
	link, err := url.Parse(*out.UserInvitationUrl)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"token": {link.Query().Get("token")}, "password": {"Correct-Horse-7"}, "confirm": {"Correct-Horse-7"}}
	for _, want := range []int{http.StatusOK, http.StatusGone} {
		resp, err := http.PostForm(f.srv.URL+link.Path, form)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("setting the password: %s, want %d", resp.Status, want)
		}
		if !f.describe(t, "ana").Active {
			t.Error("the user is not active")
		}
	}
}

func TestAUserIsDeletedByPrincipalID(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for _, in := range []*quicksight.RegisterUserInput{
		f.native("ana"), f.iam("user/ben", ""), f.iam("role/embed", "cy@example.com"), f.iam("root", ""),
	} {
		user := f.register(t, in)
		t.Run(*user.PrincipalId, func(t *testing.T) {
			by := &quicksight.DeleteUserByPrincipalIdInput{AwsAccountId: f.account, Namespace: defaultNamespace, PrincipalId: user.PrincipalId}
			out, err := f.DeleteUserByPrincipalId(t.Context(), by)
			if err != nil {
				t.Fatal(err)
			}
			answered(t, http.StatusOK, out.Status, out.RequestId, out.ResultMetadata)
			_, err = f.DescribeUser(t.Context(), f.named(*user.UserName))
			f.noUser(t, err, *user.UserName)
			_, err = f.DeleteUserByPrincipalId(t.Context(), by)
			refused[*types.ResourceNotFoundException](t, err, http.StatusNotFound)
		})
	}
}

// A PrincipalId is one whole: parts of it, and those of others, delete nobody.
func TestAPrincipalIDThatIsNearlyRightDeletesNobody(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	user, session := f.register(t, f.native("ana")), f.register(t, f.iam("role/embed", "ben"))
	before := f.list(t)
	id, federated := *user.PrincipalId, *session.PrincipalId
	bare := id[strings.LastIndex(id, "/")+1:]
	role, _, _ := strings.Cut(federated, ":")
	for _, near := range []string{
		bare, "user/" + bare, "federated/iam/" + bare, "/" + id, strings.ToUpper(id), id[:len(id)-1], id + "0",
		"user/d-0000000000/" + bare, role, role + ":", federated + "x", strings.TrimPrefix(federated, "federated/iam/"),
		strings.Replace(id, bare, strings.TrimPrefix(federated, "federated/iam/"), 1), "ana", "*", "user/",
	} {
		t.Run(near, func(t *testing.T) {
			_, err := f.DeleteUserByPrincipalId(t.Context(), &quicksight.DeleteUserByPrincipalIdInput{
				AwsAccountId: f.account, Namespace: defaultNamespace, PrincipalId: &near})
			refused[*types.ResourceNotFoundException](t, err, http.StatusNotFound)
		})
	}
	same(t, "users", before, f.list(t))
}

func TestOddNamesGoThroughEveryOperationUnchanged(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for _, name := range []string{
		"team/ana", "ana maria", " ana ", "ana+hr", "ana@example.com", "josé", "ÿ", "a%2Fb", "100%", "~x!*'()", "a//b", "/", "...",
		"a:b,c=d&e?f#g", `"<b>\`, "\u00a0", strings.Repeat("n", 256),
	} {
		t.Run(name, func(t *testing.T) {
			user := f.register(t, f.native(name))
			if *user.UserName != name || *user.Arn != f.arn("user/default/"+name) {
				t.Errorf("registered as %q, %q", *user.UserName, *user.Arn)
			}
			same(t, "described", user, f.describe(t, name))
			same(t, "listed", []types.User{*user}, f.list(t))
			out, err := f.UpdateUser(t.Context(), f.update(user))
			if err != nil {
				t.Fatal(err)
			}
			same(t, "updated", user, out.User)
			if _, err := f.DeleteUser(t.Context(), (*quicksight.DeleteUserInput)(f.named(name))); err != nil {
				t.Fatal(err)
			}
			_, err = f.DescribeUser(t.Context(), f.named(name))
			f.noUser(t, err, name)
		})
	}
}

func TestNamesAreComparedByteByByte(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	names := []string{"a/b", "A/b", "a/B", "a%2Fb", "a%252Fb", "a b", "a+b", "a%20b", "a/b ", "é", "e"}
	for _, name := range names {
		f.register(t, f.native(name))
	}
	for _, name := range names {
		if got := f.describe(t, name); *got.UserName != name {
			t.Errorf("%q is described as %q", name, *got.UserName)
		}
	}
}

func TestEmailIsNeitherJudgedNorUnique(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for i, email := range []string{
		"nottarealemailbutworks", "ANA@example.com", "ana@example.com", "ana@example.com", "josé żółć 😀 <x>", " ", "\n", strings.Repeat("e", 1024),
	} {
		name := fmt.Sprint("ana", i)
		f.register(t, f.native(name, func(in *quicksight.RegisterUserInput) { in.Email = &email }))
		if got := f.describe(t, name); *got.Email != email {
			t.Errorf("e-mail %q is described as %q", email, *got.Email)
		}
	}
}

func TestAUserWhoIsNotThereIsResourceNotFound(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	_, err := f.DescribeUser(t.Context(), f.named("nobody"))
	f.noUser(t, err, "nobody")
	_, err = f.DeleteUser(t.Context(), (*quicksight.DeleteUserInput)(f.named("nobody")))
	f.noUser(t, err, "nobody")
	_, err = f.UpdateUser(t.Context(), f.update(&types.User{
		UserName: aws.String("nobody"), Email: aws.String("x"), Role: types.UserRoleReader}))
	f.noUser(t, err, "nobody")
	_, err = f.DeleteUserByPrincipalId(t.Context(), &quicksight.DeleteUserByPrincipalIdInput{
		AwsAccountId: f.account, Namespace: defaultNamespace, PrincipalId: aws.String("federated/iam/AIDAEXAMPLEID00000001")})
	refused[*types.ResourceNotFoundException](t, err, http.StatusNotFound)
}

func TestATakenNameIsResourceExists(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	first := f.register(t, f.native("ana"))
	_, err := f.RegisterUser(t.Context(), f.native("ana", func(in *quicksight.RegisterUserInput) {
		in.Email, in.UserRole = aws.String("other@example.com"), types.UserRoleAdmin
	}))
	e := refused[*types.ResourceExistsException](t, err, http.StatusConflict)
	text(t, e, "AWS account id: "+*f.account+", Namespace: default, Username: ana. ")
	if e.ResourceType != types.ExceptionResourceTypeUser || aws.ToString(e.RequestId) == "" {
		t.Errorf("ResourceType %q, RequestId %q", e.ResourceType, aws.ToString(e.RequestId))
	}
	same(t, "the first", first, f.describe(t, "ana"))
}

// atOnce registers users from 64 goroutines and gives what became of each.
func (f *fixture) atOnce(t testing.TB, name func(i int) string) (won []*types.User, lost []error) {
	t.Helper()
	var (
		all   sync.WaitGroup
		mu    sync.Mutex
		ready = make(chan struct{})
	)
	for i := range 64 {
		all.Go(func() {
			<-ready
			out, err := f.RegisterUser(t.Context(), f.native(name(i)))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				lost = append(lost, err)
				return
			}
			won = append(won, out.User)
		})
	}
	close(ready)
	all.Wait()
	return won, lost
}

func TestOf64WhoRegisterOneNameOneWins(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	won, lost := f.atOnce(t, func(int) string { return "ana" })
	if len(won) != 1 {
		t.Fatalf("%d won, want 1", len(won))
	}
	for _, err := range lost {
		refused[*types.ResourceExistsException](t, err, http.StatusConflict)
	}
	same(t, "users", []types.User{*won[0]}, f.list(t))
}

func TestTheLimitOfUsersIsExact(t *testing.T) {
	t.Parallel()
	f := newFixture(t, &rollcalltest.Options{MaxUsers: 10})
	won, lost := f.atOnce(t, func(i int) string { return fmt.Sprint("user", i) })
	if len(won) != 10 || len(f.list(t)) != 10 {
		t.Fatalf("%d won and %d are listed, want 10", len(won), len(f.list(t)))
	}
	for _, err := range lost {
		e := refused[*types.LimitExceededException](t, err, http.StatusConflict)
		if e.ResourceType != types.ExceptionResourceTypeUser || aws.ToString(e.RequestId) == "" {
			t.Errorf("ResourceType %q, RequestId %q", e.ResourceType, aws.ToString(e.RequestId))
		}
	}
	// Who goes makes room.
	if _, err := f.DeleteUser(t.Context(), (*quicksight.DeleteUserInput)(f.named(*won[0].UserName))); err != nil {
		t.Fatal(err)
	}
	f.register(t, f.native("one-more"))
	_, err := f.RegisterUser(t.Context(), f.native("two-more"))
	refused[*types.LimitExceededException](t, err, http.StatusConflict)
}

func TestRolesChangeUnlessToAReader(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	readers := map[types.UserRole]bool{types.UserRoleReader: true, types.UserRoleReaderPro: true}
	roles := []types.UserRole{
		types.UserRoleReader, types.UserRoleAuthor, types.UserRoleAdmin,
		types.UserRoleReaderPro, types.UserRoleAuthorPro, types.UserRoleAdminPro,
	}
	for _, from := range roles {
		for _, to := range roles {
			name := fmt.Sprintf("%s to %s", from, to)
			t.Run(name, func(t *testing.T) {
				user := f.register(t, f.native(name, func(in *quicksight.RegisterUserInput) { in.UserRole = from }))
				_, err := f.UpdateUser(t.Context(), f.update(user, func(in *quicksight.UpdateUserInput) {
					in.Role, in.Email = to, aws.String("new@example.com")
				}))
				if readers[to] && !readers[from] {
					invalid(t, err, string(from), string(to))
				} else if err != nil {
					t.Fatal(err)
				} else {
					user.Role, user.Email = to, aws.String("new@example.com")
				}
				same(t, "the user", user, f.describe(t, name))
			})
		}
	}
}

func TestRolesThatAreNotAvailableAreRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	user := f.register(t, f.native("ana"))
	for _, role := range []types.UserRole{types.UserRoleRestrictedAuthor, types.UserRoleRestrictedReader} {
		t.Run(string(role), func(t *testing.T) {
			_, err := f.RegisterUser(t.Context(), f.native("ben", func(in *quicksight.RegisterUserInput) { in.UserRole = role }))
			invalid(t, err, string(role))
			_, err = f.UpdateUser(t.Context(), f.update(user, func(in *quicksight.UpdateUserInput) { in.Role = role }))
			invalid(t, err, string(role))
			same(t, "users", []types.User{*user}, f.list(t))
		})
	}
}

func tags(n int) []types.Tag {
	var all []types.Tag
	for i := range n {
		all = append(all, types.Tag{Key: aws.String(fmt.Sprint("key", i)), Value: aws.String("value")})
	}
	return all
}

func TestFiftyTagsAreTheMost(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	tagged := func(name string, all []types.Tag) error {
		_, err := f.RegisterUser(t.Context(), f.native(name, func(in *quicksight.RegisterUserInput) { in.Tags = all }))
		return err
	}
	if err := tagged("ana", tags(50)); err != nil {
		t.Error(err)
	}
	e := refused[*types.LimitExceededException](t, tagged("ben", tags(51)), http.StatusConflict)
	if e.ResourceType != types.ExceptionResourceTypeUser {
		t.Errorf("ResourceType is %q", e.ResourceType)
	}
	invalid(t, tagged("ben", append(tags(2), tags(1)...)), "tags", "key0")
	invalid(t, tagged("ben", []types.Tag{{Key: aws.String("AWS:x"), Value: aws.String("y")}}), "tags", "AWS:x")
	_, err := f.DescribeUser(t.Context(), f.named("ben"))
	f.noUser(t, err, "ben")
}

func TestAValueThatBreaksARuleRegistersNobody(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for outcome, tt := range map[string]struct {
		change func(*quicksight.RegisterUserInput)
		words  []string // of the message
	}{
		"name missing":            {func(in *quicksight.RegisterUserInput) { in.UserName = nil }, []string{"User Name"}},
		"name empty":              {func(in *quicksight.RegisterUserInput) { in.UserName = aws.String("") }, []string{"'userName'"}},
		"name beyond Latin-1":     {func(in *quicksight.RegisterUserInput) { in.UserName = aws.String("Łucja") }, []string{"'userName'", "Łucja"}},
		"name a dot":              {func(in *quicksight.RegisterUserInput) { in.UserName = aws.String(".") }, []string{"'userName'"}},
		"name two dots":           {func(in *quicksight.RegisterUserInput) { in.UserName = aws.String("..") }, []string{"'userName'"}},
		"name too long":           {func(in *quicksight.RegisterUserInput) { in.UserName = aws.String(strings.Repeat("n", 257)) }, []string{"'userName'"}},
		"e-mail empty":            {func(in *quicksight.RegisterUserInput) { in.Email = aws.String("") }, []string{"Email"}},
		"e-mail too long":         {func(in *quicksight.RegisterUserInput) { in.Email = aws.String(strings.Repeat("e", 1025)) }, []string{"'email'"}},
		"e-mail with NUL":         {func(in *quicksight.RegisterUserInput) { in.Email = aws.String("a\x00b") }, []string{"'email'"}},
		"role unknown":            {func(in *quicksight.RegisterUserInput) { in.UserRole = "OWNER" }, []string{"'userRole'", "OWNER"}},
		"role in lower case":      {func(in *quicksight.RegisterUserInput) { in.UserRole = "reader" }, []string{"'userRole'", "reader"}},
		"identity type unknown":   {func(in *quicksight.RegisterUserInput) { in.IdentityType = "LDAP" }, []string{"'identityType'", "LDAP"}},
		"identity center":         {func(in *quicksight.RegisterUserInput) { in.IdentityType = "IAM_IDENTITY_CENTER" }, []string{"IAM_IDENTITY_CENTER"}},
		"profile with a blank":    {func(in *quicksight.RegisterUserInput) { in.CustomPermissionsName = aws.String("a b") }, []string{"'customPermissionsName'"}},
		"tags empty":              {func(in *quicksight.RegisterUserInput) { in.Tags = []types.Tag{} }, []string{"'tags'"}},
		"tag key too long":        {func(in *quicksight.RegisterUserInput) { in.Tags = tags(1); *in.Tags[0].Key = strings.Repeat("k", 129) }, []string{"'tags.1.member.key'"}},
		"namespace with a blank":  {func(in *quicksight.RegisterUserInput) { in.Namespace = aws.String("a b") }, []string{"'namespace'"}},
		"account of eleven":       {func(in *quicksight.RegisterUserInput) { in.AwsAccountId = aws.String("11112222333") }, []string{"'awsAccountId'"}},
		"account with other text": {func(in *quicksight.RegisterUserInput) { in.AwsAccountId = aws.String("11112222333x") }, []string{"'awsAccountId'"}},
	} {
		t.Run(outcome, func(t *testing.T) {
			_, err := f.RegisterUser(t.Context(), f.native("ana", tt.change))
			invalid(t, err, tt.words...)
			same(t, "users", []types.User(nil), f.list(t))
		})
	}
}

func TestAValueThatBreaksARuleUpdatesNobody(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	user := f.register(t, f.native("ana"))
	for outcome, tt := range map[string]struct {
		change func(*quicksight.UpdateUserInput)
		words  []string // of the message
	}{
		"e-mail empty":          {func(in *quicksight.UpdateUserInput) { in.Email = aws.String("") }, []string{"Email"}},
		"role unknown":          {func(in *quicksight.UpdateUserInput) { in.Role = "OWNER" }, []string{"'role'", "OWNER"}},
		"profile with a blank":  {func(in *quicksight.UpdateUserInput) { in.CustomPermissionsName = aws.String("a b") }, []string{"'customPermissionsName'"}},
		"external login native": {func(in *quicksight.UpdateUserInput) { in.ExternalLoginId = aws.String("x") }, []string{"External Login"}},
	} {
		t.Run(outcome, func(t *testing.T) {
			_, err := f.UpdateUser(t.Context(), f.update(user, func(in *quicksight.UpdateUserInput) {
				in.Email, in.Role = aws.String("new@example.com"), types.UserRoleAdmin
			}, tt.change))
			invalid(t, err, tt.words...)
			same(t, "the user", user, f.describe(t, "ana"))
		})
	}
}
