// Package e2e calls a real rollcall with the official SDKs, as its users do.
// The JavaScript and Python suites are beside it; suites_test.go runs them.
package e2e

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/quicksight"
	"github.com/aws/aws-sdk-go-v2/service/quicksight/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rollcall/rollcalltest"
)

// fixture is a server of the test's own and clients of it, which call as root.
type fixture struct {
	*quicksight.Client
	root    *caller
	srv     *rollcalltest.Server
	account *string
	http    *http.Client
	ledger  *ledger
}

// newFixture starts a server. Without options it takes any IAM principal for
// one that is there: for tests that are about something else.
func newFixture(t testing.TB, o *rollcalltest.Options) *fixture {
	t.Helper()
	if o == nil {
		o = &rollcalltest.Options{AnyIAMPrincipal: true}
	}
	srv := rollcalltest.NewServer(t, o)
	// A connection that was opened and not used would keep the server from
	// stopping for five seconds.
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	f := &fixture{srv: srv, account: &srv.AccountID, http: &http.Client{Transport: transport}, ledger: new(ledger)}
	f.root = f.as(srv.AccessKeyID, srv.SecretAccessKey, "")
	f.Client = f.root.qs
	return f
}

// client makes a client as users do, except that it never hides a failure by
// trying again.
func client(srv *rollcalltest.Server, change ...func(*quicksight.Options)) *quicksight.Client {
	return quicksight.New(quicksight.Options{
		BaseEndpoint: &srv.URL,
		Region:       srv.Region,
		Credentials:  credentials.NewStaticCredentialsProvider(srv.AccessKeyID, srv.SecretAccessKey, ""),
		Retryer:      aws.NopRetryer{},
	}, change...)
}

var defaultNamespace = aws.String("default")

// native is a registration of a native user.
func (f *fixture) native(name string, change ...func(*quicksight.RegisterUserInput)) *quicksight.RegisterUserInput {
	in := &quicksight.RegisterUserInput{
		AwsAccountId: f.account,
		Namespace:    defaultNamespace,
		IdentityType: types.IdentityTypeQuicksight,
		UserName:     &name,
		Email:        aws.String("ana@example.com"),
		UserRole:     types.UserRoleReader,
	}
	for _, c := range change {
		c(in)
	}
	return in
}

// iam is a registration of a principal of IAM, such as "user/ana"; a session
// name makes it one of a role's session.
func (f *fixture) iam(resource, session string, change ...func(*quicksight.RegisterUserInput)) *quicksight.RegisterUserInput {
	return f.native("", append([]func(*quicksight.RegisterUserInput){func(in *quicksight.RegisterUserInput) {
		in.IdentityType, in.UserName = types.IdentityTypeIam, nil
		in.IamArn = aws.String("arn:aws:iam::" + *f.account + ":" + resource)
		if session != "" {
			in.SessionName = &session
		}
	}}, change...)...)
}

func (f *fixture) arn(resource string) string {
	return "arn:aws:quicksight:" + f.srv.Region + ":" + *f.account + ":" + resource
}

func (f *fixture) register(t testing.TB, in *quicksight.RegisterUserInput) *types.User {
	t.Helper()
	out, err := f.RegisterUser(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out.User
}

func (f *fixture) describe(t testing.TB, name string) *types.User {
	t.Helper()
	out, err := f.DescribeUser(t.Context(), f.named(name))
	if err != nil {
		t.Fatal(err)
	}
	return out.User
}

func (f *fixture) named(name string) *quicksight.DescribeUserInput {
	return &quicksight.DescribeUserInput{AwsAccountId: f.account, Namespace: defaultNamespace, UserName: &name}
}

// update is an update that leaves a user alone but for the change.
func (f *fixture) update(u *types.User, change ...func(*quicksight.UpdateUserInput)) *quicksight.UpdateUserInput {
	in := &quicksight.UpdateUserInput{
		AwsAccountId: f.account, Namespace: defaultNamespace, UserName: u.UserName, Email: u.Email, Role: u.Role}
	for _, c := range change {
		c(in)
	}
	return in
}

// list gives all users of the namespace default, by the SDK's paginator.
func (f *fixture) list(t testing.TB) []types.User {
	t.Helper()
	var all []types.User
	pages := quicksight.NewListUsersPaginator(f, &quicksight.ListUsersInput{AwsAccountId: f.account, Namespace: defaultNamespace})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.UserList...)
	}
	return all
}

// sdkValues compares values of the SDK's types.
var sdkValues = cmpopts.IgnoreUnexported(
	types.User{}, types.CustomPermissions{}, types.Capabilities{}, types.Tag{},
	iamtypes.User{}, iamtypes.Role{}, iamtypes.Tag{}, iamtypes.AccessKeyMetadata{}, iamtypes.AttachedPermissionsBoundary{})

func same(t testing.TB, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, sdkValues); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// answered checks what all answers have in common.
func answered(t testing.TB, want int, status int32, id *string, meta middleware.Metadata) {
	t.Helper()
	if status != int32(want) {
		t.Errorf("Status is %d, want %d", status, want)
	}
	header, _ := awsmiddleware.GetRequestIDMetadata(meta)
	if header == "" || aws.ToString(id) != header {
		t.Errorf("RequestId is %q in the body, %q in the header", aws.ToString(id), header)
	}
}

// refused checks that err is the modelled exception E, sent with that status,
// and gives it.
func refused[E smithy.APIError](t testing.TB, err error, status int) E {
	t.Helper()
	var e E
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want %T", err, e)
	}
	var response *awshttp.ResponseError
	if !errors.As(err, &response) || response.HTTPStatusCode() != status || response.ServiceRequestID() == "" {
		t.Errorf("%v, want status %d and a request id", err, status)
	}
	return e
}

// text checks an exception's message.
func text(t testing.TB, e smithy.APIError, want string) {
	t.Helper()
	if e.ErrorMessage() != want {
		t.Errorf("message (-want +got):\n-%s\n+%s", want, e.ErrorMessage())
	}
}

// invalid checks that err is an InvalidParameterValueException whose message
// has all of these words.
func invalid(t testing.TB, err error, words ...string) {
	t.Helper()
	e := refused[*types.InvalidParameterValueException](t, err, http.StatusBadRequest)
	for _, word := range words {
		if !strings.Contains(e.ErrorMessage(), word) {
			t.Errorf("message is %q, want it to have %q", e.ErrorMessage(), word)
		}
	}
}

// noUser checks that err says that there is no such user.
func (f *fixture) noUser(t testing.TB, err error, name string) {
	t.Helper()
	e := refused[*types.ResourceNotFoundException](t, err, http.StatusNotFound)
	text(t, e, "AWS account id: "+*f.account+", Namespace: default, Username: "+name+". ")
	if e.ResourceType != types.ExceptionResourceTypeUser || aws.ToString(e.RequestId) == "" {
		t.Errorf("ResourceType %q, RequestId %q", e.ResourceType, aws.ToString(e.RequestId))
	}
}
