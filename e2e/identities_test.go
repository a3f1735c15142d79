package e2e

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/quicksight"
	"github.com/aws/aws-sdk-go-v2/service/quicksight/types"
)

// nobodyInIAM is QuickSight's answer to an IamArn that leads to nobody.
const nobodyInIAM = "Invalid resource identifiers provided. Please check the documentation. "

// principal makes the user or role of IAM that a resource such as
// "role/path/embed" names.
func (f *fixture) principal(t testing.TB, resource string) {
	t.Helper()
	kind, rest, _ := strings.Cut(resource, "/")
	path, name := "/"+rest[:strings.LastIndex(rest, "/")+1], rest[strings.LastIndex(rest, "/")+1:]
	var err error
	if kind == "user" {
		_, err = f.root.iam.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name, Path: &path})
	} else {
		_, err = f.root.iam.CreateRole(t.Context(), &iam.CreateRoleInput{
			RoleName: &name, Path: &path, AssumeRolePolicyDocument: document(trusting(*f.account))})
	}
	ok(t, err)
}

func TestIAMPrincipalsAreRegisteredUnderTheirNames(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	for _, resource := range []string{"user/ana", "user/division/team/ben", "role/embed", "role/service-role/portal"} {
		f.principal(t, resource)
	}
	longest := strings.Repeat("s", 64)
	for _, tt := range []struct {
		resource, session string
		name              string
		active            bool
		principal         string // pattern
	}{
		{"user/ana", "", "ana", true, `federated/iam/AIDA[A-Z0-9]{17}`},
		{"user/division/team/ben", "", "ben", true, `federated/iam/AIDA[A-Z0-9]{17}`},
		{"role/embed", "ana+hr=x.y_z@example.com", "embed/ana+hr=x.y_z@example.com", false,
			`federated/iam/AROA[A-Z0-9]{17}:ana\+hr=x\.y_z@example\.com`},
		{"role/service-role/portal", "ben", "portal/ben", false, `federated/iam/AROA[A-Z0-9]{17}:ben`},
		{"role/embed", "xy", "embed/xy", false, `federated/iam/AROA[A-Z0-9]{17}:xy`},
		{"role/embed", longest, "embed/" + longest, false, `federated/iam/AROA[A-Z0-9]{17}:` + longest},
		{"root", "", *f.account, true, `federated/iam/` + *f.account},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := f.RegisterUser(t.Context(), f.iam(tt.resource, tt.session))
			if err != nil {
				t.Fatal(err)
			}
			answered(t, http.StatusCreated, out.Status, out.RequestId, out.ResultMetadata)
			if out.UserInvitationUrl != nil {
				t.Errorf("invited at %q", *out.UserInvitationUrl)
			}
			want := &types.User{
				Arn:          aws.String(f.arn("user/default/" + tt.name)),
				UserName:     &tt.name,
				Email:        aws.String("ana@example.com"),
				Role:         types.UserRoleReader,
				IdentityType: types.IdentityTypeIam,
				Active:       tt.active,
				PrincipalId:  out.User.PrincipalId,
			}
			same(t, "registered", want, out.User)
			same(t, "described", want, f.describe(t, tt.name))
			if !regexp.MustCompile(`\A` + tt.principal + `\z`).MatchString(*out.User.PrincipalId) {
				t.Errorf("PrincipalId is %s, want %s", *out.User.PrincipalId, tt.principal)
			}
		})
	}
}

func TestNativeUsersOfANamespaceShareItsDirectory(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	form := regexp.MustCompile(`\Auser/(d-[0-9a-f]{10})/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\z`)
	ana, ben := f.register(t, f.native("ana")), f.register(t, f.native("ben"))
	first, second := form.FindStringSubmatch(*ana.PrincipalId), form.FindStringSubmatch(*ben.PrincipalId)
	if first == nil || second == nil || first[1] != second[1] || first[0] == second[0] {
		t.Errorf("PrincipalIds are %s and %s", *ana.PrincipalId, *ben.PrincipalId)
	}
}

func TestSessionsOfARoleShareItsID(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	f.principal(t, "role/path/embed")
	f.principal(t, "role/other")
	id := func(resource, session string) string {
		id, _, _ := strings.Cut(*f.register(t, f.iam(resource, session)).PrincipalId, ":")
		return id
	}
	ana, ben, other := id("role/path/embed", "ana"), id("role/path/embed", "ben"), id("role/other", "ana")
	if ana != ben || ana == other {
		t.Errorf("ids of the role %s, %s, of another %s", ana, ben, other)
	}
}

// A principal deleted and registered again is who it was.
func TestAnIAMPrincipalKeepsItsID(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	f.principal(t, "user/ana")
	first := f.register(t, f.iam("user/ana", ""))
	if _, err := f.DeleteUser(t.Context(), (*quicksight.DeleteUserInput)(f.named("ana"))); err != nil {
		t.Fatal(err)
	}
	same(t, "registered again", first, f.register(t, f.iam("user/ana", "")))
}

func TestADerivedNameIsAsTakenAsAGivenOne(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.register(t, f.native("ana"))
	f.register(t, f.native("embed/ana"))
	for outcome, in := range map[string]*quicksight.RegisterUserInput{
		"a user":                    f.iam("user/ana", ""),
		"a user with a path":        f.iam("user/team/ana", ""),
		"a role's session":          f.iam("role/embed", "ana"),
		"a session of role by path": f.iam("role/path/embed", "ana"),
	} {
		t.Run(outcome, func(t *testing.T) {
			_, err := f.RegisterUser(t.Context(), in)
			refused[*types.ResourceExistsException](t, err, http.StatusConflict)
		})
	}
}

func TestIdentitiesThatDoNotFitAreRefusedInTheWordsOfAWS(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	f.principal(t, "user/ana")
	f.principal(t, "user/division/ben")
	f.principal(t, "role/embed")
	const nobody = nobodyInIAM
	notApplicable := func(names string) string {
		return "The following parameters are not applicable to this identity type: " + names +
			". AWS account ID: " + *f.account + ", Namespace: default. "
	}
	cognito := func(in *quicksight.RegisterUserInput) {
		in.ExternalLoginFederationProviderType, in.ExternalLoginId = aws.String("COGNITO"), aws.String("us-east-1:1")
	}
	arn := func(arn string) func(*quicksight.RegisterUserInput) {
		return func(in *quicksight.RegisterUserInput) { in.IamArn = &arn }
	}
	for outcome, tt := range map[string]struct {
		in   *quicksight.RegisterUserInput
		want string
	}{
		"IAM with a user name": {
			f.iam("user/ana", "", func(in *quicksight.RegisterUserInput) { in.UserName = aws.String("ana") }), notApplicable("User Name")},
		"QUICKSIGHT with an ARN": {
			f.native("ana", arn("arn:aws:iam::"+*f.account+":user/ana")), notApplicable("IAM Arn")},
		"QUICKSIGHT with a session": {
			f.native("ana", func(in *quicksight.RegisterUserInput) { in.SessionName = aws.String("ana") }), notApplicable("Session Name")},
		"QUICKSIGHT with an external login": {f.native("ana", cognito), notApplicable("External Login")},
		"a user with a session":             {f.iam("user/ana", "ana"), notApplicable("Session Name")},
		"the root with a session":           {f.iam("root", "ana"), notApplicable("Session Name")},
		"a user with an external login":     {f.iam("user/ana", "", cognito), notApplicable("External Login")},
		"the root with an external login":   {f.iam("root", "", cognito), notApplicable("External Login")},

		"a role without a session": {f.iam("role/embed", ""), nobody},
		"no ARN":                   {f.iam("", "", func(in *quicksight.RegisterUserInput) { in.IamArn = nil }), nobody},
		"an empty ARN":             {f.iam("", "", arn("")), nobody},
		"a name for an ARN":        {f.iam("", "", arn("ana")), nobody},
		"a group":                  {f.iam("group/readers", ""), nobody},
		"a user without a name":    {f.iam("user/", ""), nobody},
		"another account's user":   {f.iam("", "", arn("arn:aws:iam::444455556666:user/ana")), nobody},
		"another account's role":   {f.iam("", "ana", arn("arn:aws:iam::444455556666:role/embed")), nobody},
		"another account's root":   {f.iam("", "", arn("arn:aws:iam::444455556666:root")), nobody},
		"another partition":        {f.iam("", "", arn("arn:aws-cn:iam::"+*f.account+":user/ana")), nobody},

		"a user who is not there":   {f.iam("user/cy", ""), nobody},
		"a user of another case":    {f.iam("user/Ana", ""), nobody},
		"a user without his path":   {f.iam("user/ben", ""), nobody},
		"a user under another path": {f.iam("user/division/ana", ""), nobody},
		"a role that is not there":  {f.iam("role/portal", "ana"), nobody},
		"a role under another path": {f.iam("role/path/embed", "ana"), nobody},
		"a role's name for a user":  {f.iam("user/embed", ""), nobody},
		"a user's name for a role":  {f.iam("role/ana", "ana"), nobody},
		"a session's own ARN":       {f.iam("", "ana", arn("arn:aws:sts::"+*f.account+":assumed-role/embed/ana")), nobody},
	} {
		t.Run(outcome, func(t *testing.T) {
			_, err := f.RegisterUser(t.Context(), tt.in)
			text(t, refused[*types.InvalidParameterValueException](t, err, http.StatusBadRequest), tt.want)
			same(t, "users", []types.User(nil), f.list(t))
		})
	}
}

func TestSessionNamesThatBreakTheirRulesAreRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for _, session := range []string{"x", strings.Repeat("s", 65), "ana maria", "ana/hr", "ana,hr", "josé", "ana\n"} {
		t.Run(session, func(t *testing.T) {
			_, err := f.RegisterUser(t.Context(), f.iam("role/embed", session))
			invalid(t, err, "'sessionName'", session)
		})
	}
}

// login is the part of a registration or update, and of a user, that is about
// an external login.
type login struct{ provider, url, id *string }

func (l login) register(in *quicksight.RegisterUserInput) {
	in.ExternalLoginFederationProviderType, in.CustomFederationProviderUrl, in.ExternalLoginId = l.provider, l.url, l.id
}

func (l login) update(in *quicksight.UpdateUserInput) {
	in.ExternalLoginFederationProviderType, in.CustomFederationProviderUrl, in.ExternalLoginId = l.provider, l.url, l.id
}

// of gives the user with that login.
func (l login) of(u *types.User) *types.User {
	with := *u
	with.ExternalLoginFederationProviderType, with.ExternalLoginFederationProviderUrl, with.ExternalLoginId = l.provider, l.url, l.id
	return &with
}

func TestExternalLoginsAreStoredKeptReplacedAndCleared(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	cognito := login{provider: aws.String("COGNITO"), id: aws.String("us-east-1:12345678-aaaa")}
	pool := login{cognito.provider, aws.String("cognito-identity.amazonaws.com"), cognito.id}
	oidc := login{aws.String("CUSTOM_OIDC"), aws.String("HTTPS://Login.Example.com:443/Tenant%2Fa/?b=é#c/"), aws.String("bd62c1ae-02e3")}

	user := f.register(t, f.iam("role/embed", "ana", oidc.register))
	same(t, "registered with CUSTOM_OIDC", oidc.of(user), user)
	other := f.register(t, f.iam("role/embed", "ben", cognito.register))
	same(t, "registered with COGNITO", pool.of(other), other)

	for _, step := range []struct {
		outcome string
		change  func(*quicksight.UpdateUserInput)
		want    login
	}{
		{"kept", func(*quicksight.UpdateUserInput) {}, oidc},
		{"another id", login{id: aws.String("other")}.update, login{oidc.provider, oidc.url, aws.String("other")}},
		{"replaced", cognito.update, pool},
		{"replaced again", oidc.update, oidc},
		{"cleared", login{provider: aws.String("NONE")}.update, login{}},
		{"cleared twice", login{provider: aws.String("NONE")}.update, login{}},
		{"set anew", cognito.update, pool},
	} {
		t.Run(step.outcome, func(t *testing.T) {
			out, err := f.UpdateUser(t.Context(), f.update(user, step.change))
			if err != nil {
				t.Fatal(err)
			}
			same(t, "updated", step.want.of(user), out.User)
			same(t, "described", step.want.of(user), f.describe(t, "embed/ana"))
		})
	}
}

func TestExternalLoginsThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	user := f.register(t, f.iam("role/embed", "ana"))
	given := aws.String
	for outcome, l := range map[string]login{
		"COGNITO with a URL":        {given("COGNITO"), given("https://login.example.com"), given("x")},
		"COGNITO without an id":     {given("COGNITO"), nil, nil},
		"CUSTOM_OIDC without a URL": {given("CUSTOM_OIDC"), nil, given("x")},
		"CUSTOM_OIDC without an id": {given("CUSTOM_OIDC"), given("https://login.example.com"), nil},
		"a URL without a type":      {nil, given("https://login.example.com"), nil},
		"an id without a type":      {nil, nil, given("x")},
		"another type":              {given("SAML"), given("https://login.example.com"), given("x")},
		"NONE with an id":           {given("NONE"), nil, given("x")},
	} {
		t.Run(outcome, func(t *testing.T) {
			_, err := f.RegisterUser(t.Context(), f.iam("role/embed", "ben", l.register))
			invalid(t, err, "ExternalLogin")
			_, err = f.UpdateUser(t.Context(), f.update(user, l.update))
			invalid(t, err, "ExternalLogin")
			same(t, "users", []types.User{*user}, f.list(t))
		})
	}
}
