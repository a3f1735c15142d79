package e2e

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/quicksight"
	"github.com/aws/aws-sdk-go-v2/service/quicksight/types"
	"github.com/aws/smithy-go"
)

// calls has a call of every operation, on things that need not be there.
func calls(account, namespace string) map[string]func(context.Context, *quicksight.Client) error {
	a, ns, name := &account, &namespace, aws.String("nobody")
	ofUser := quicksight.DescribeUserInput{AwsAccountId: a, Namespace: ns, UserName: name}
	ofProfile := quicksight.DescribeCustomPermissionsInput{AwsAccountId: a, CustomPermissionsName: name}
	return map[string]func(context.Context, *quicksight.Client) error{
		"RegisterUser": func(ctx context.Context, c *quicksight.Client) error {
			_, err := c.RegisterUser(ctx, &quicksight.RegisterUserInput{AwsAccountId: a, Namespace: ns, UserName: name,
				IdentityType: types.IdentityTypeQuicksight, Email: name, UserRole: types.UserRoleReader})
			return err
		},
		"UpdateUser": func(ctx context.Context, c *quicksight.Client) error {
			_, err := c.UpdateUser(ctx, &quicksight.UpdateUserInput{AwsAccountId: a, Namespace: ns, UserName: name,
				Email: name, Role: types.UserRoleReader})
			return err
		},
		"DescribeUser": func(ctx context.Context, c *quicksight.Client) error {
			_, err := c.DescribeUser(ctx, &ofUser)
			return err
		},
		"DeleteUser": func(ctx context.Context, c *quicksight.Client) error {
			_, err := c.DeleteUser(ctx, (*quicksight.DeleteUserInput)(&ofUser))
			return err
		},
		"DeleteUserByPrincipalId": func(ctx context.Context, c *quicksight.Client) error {
			_, err := c.DeleteUserByPrincipalId(ctx, &quicksight.DeleteUserByPrincipalIdInput{AwsAccountId: a, Namespace: ns, PrincipalId: name})
			return err
		},
		"ListUsers": func(ctx context.Context, c *quicksight.Client) error {
			_, err := c.ListUsers(ctx, &quicksight.ListUsersInput{AwsAccountId: a, Namespace: ns})
			return err
		},
		"CreateCustomPermissions": func(ctx context.Context, c *quicksight.Client) error {
			_, err := c.CreateCustomPermissions(ctx, &quicksight.CreateCustomPermissionsInput{AwsAccountId: a, CustomPermissionsName: name})
			return err
		},
		"DescribeCustomPermissions": func(ctx context.Context, c *quicksight.Client) error {
			_, err := c.DescribeCustomPermissions(ctx, &ofProfile)
			return err
		},
		"UpdateCustomPermissions": func(ctx context.Context, c *quicksight.Client) error {
			_, err := c.UpdateCustomPermissions(ctx, &quicksight.UpdateCustomPermissionsInput{AwsAccountId: a, CustomPermissionsName: name})
			return err
		},
		"DeleteCustomPermissions": func(ctx context.Context, c *quicksight.Client) error {
			_, err := c.DeleteCustomPermissions(ctx, (*quicksight.DeleteCustomPermissionsInput)(&ofProfile))
			return err
		},
		"ListCustomPermissions": func(ctx context.Context, c *quicksight.Client) error {
			_, err := c.ListCustomPermissions(ctx, &quicksight.ListCustomPermissionsInput{AwsAccountId: a})
			return err
		},
	}
}

func TestAnotherAccountIsAccessDenied(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for operation, call := range calls("444455556666", "default") {
		t.Run(operation, func(t *testing.T) {
			e := refused[*types.AccessDeniedException](t, call(t.Context(), f.Client), http.StatusForbidden)
			want := "User: arn:aws:iam::" + *f.account + ":root is not authorized to perform: quicksight:" + operation + " on resource: "
			if !strings.HasPrefix(e.ErrorMessage(), want) {
				t.Errorf("message is %q, want it to begin with %q", e.ErrorMessage(), want)
			}
		})
	}
}

func TestAnotherRegionIsAccessDeniedAndToldTheRightOne(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	abroad := client(f.srv, func(o *quicksight.Options) { o.Region = "us-west-2" })
	for operation, call := range calls(*f.account, "default") {
		t.Run(operation, func(t *testing.T) {
			text(t, refused[*types.AccessDeniedException](t, call(t.Context(), abroad), http.StatusUnauthorized),
				"Operation is being called from endpoint us-west-2, but your identity region is us-east-1. Please use the us-east-1 endpoint.")
		})
	}
}

func TestAnUnknownNamespaceIsResourceNotFound(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for operation, call := range calls(*f.account, "nope") {
		if strings.Contains(operation, "CustomPermissions") {
			continue // profiles are the account's
		}
		t.Run(operation, func(t *testing.T) {
			text(t, refused[*types.ResourceNotFoundException](t, call(t.Context(), f.Client), http.StatusNotFound),
				"Namespace nope not found in account "+*f.account+". AWS account ID: "+*f.account+", Namespace: nope.")
		})
	}
}

func TestCallersWhoAreNotWhoTheySayReachNoOperation(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	const unknown = "The security token included in the request is invalid."
	const mismatch = "The request signature we calculated does not match the signature you provided." +
		" Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
	for outcome, tt := range map[string]struct {
		key, secret, token string
		code, message      string
	}{
		"a wrong secret":   {f.srv.AccessKeyID, "wrong", "", "InvalidSignatureException", mismatch},
		"an unknown key":   {"AKIAIOSFODNN7EXAMPLE", f.srv.SecretAccessKey, "", "UnrecognizedClientException", unknown},
		"a made-up token":  {f.srv.AccessKeyID, f.srv.SecretAccessKey, "token", "UnrecognizedClientException", unknown},
		"the key of --dev": {"test", "test", "", "UnrecognizedClientException", unknown},
	} {
		t.Run(outcome, func(t *testing.T) {
			c := client(f.srv, func(o *quicksight.Options) {
				o.Credentials = credentials.NewStaticCredentialsProvider(tt.key, tt.secret, tt.token)
			})
			for _, call := range calls(*f.account, "default") {
				unmodelled(t, call(t.Context(), c), http.StatusForbidden, tt.code, tt.message)
			}
		})
	}
	same(t, "users", []types.User(nil), f.list(t))
	same(t, "profiles", []string(nil), f.profileNames(t, 100))
}

// unmodelled checks for an error that the service model does not have.
func unmodelled(t testing.TB, err error, status int, code, message string) {
	t.Helper()
	var e *smithy.GenericAPIError
	if !errors.As(err, &e) || e.Code != code || e.Message != message {
		t.Errorf("got %v, want %s: %s", err, code, message)
	}
	var response *awshttp.ResponseError
	if !errors.As(err, &response) || response.HTTPStatusCode() != status || response.ServiceRequestID() == "" {
		t.Errorf("%v, want status %d and a request id", err, status)
	}
}

func TestOperationsThatAreNotServedAreNamed(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	id := aws.String("sales")
	for operation, call := range map[string]func() error{
		"ListDashboards": func() error {
			_, err := f.ListDashboards(t.Context(), &quicksight.ListDashboardsInput{AwsAccountId: f.account})
			return err
		},
		"DescribeDataSet": func() error {
			_, err := f.DescribeDataSet(t.Context(), &quicksight.DescribeDataSetInput{AwsAccountId: f.account, DataSetId: id})
			return err
		},
		"CreateFolder": func() error {
			_, err := f.CreateFolder(t.Context(), &quicksight.CreateFolderInput{AwsAccountId: f.account, FolderId: id, Name: id})
			return err
		},
		"DeleteTheme": func() error {
			_, err := f.DeleteTheme(t.Context(), &quicksight.DeleteThemeInput{AwsAccountId: f.account, ThemeId: id})
			return err
		},
	} {
		t.Run(operation, func(t *testing.T) {
			unmodelled(t, call(), http.StatusNotFound, "UnknownOperationException",
				"The operation "+operation+" isn't supported by rollcall.")
		})
	}
}

// A name of dots is refused in a way that the client understands, wherever in
// the path it stands.
func TestANameOfDotsIsNoRedirect(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for _, name := range []string{".", ".."} {
		t.Run(name, func(t *testing.T) {
			_, err := f.DescribeUser(t.Context(), f.named(name))
			var e smithy.APIError
			if !errors.As(err, &e) || e.ErrorCode() != "UnknownOperationException" {
				t.Errorf("got %v, want UnknownOperationException", err)
			}
		})
	}
}
