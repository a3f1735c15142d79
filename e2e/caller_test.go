package e2e

import (
	"encoding/json"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/quicksight"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"rollcall/rollcalltest"
)

// administratorAccess is the policy of AWS's that allows everything.
const administratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess"

// newStrictFixture starts a server whose IAM is its own: who is registered has
// to be in it. When the test is over, the record is read and has to have what
// was called.
func newStrictFixture(t testing.TB, o *rollcalltest.Options) *fixture {
	t.Helper()
	if o == nil {
		o = &rollcalltest.Options{}
	}
	f := newFixture(t, o)
	t.Cleanup(func() { f.checkRecords(t) })
	return f
}

// caller is somebody with credentials, and clients that sign with them.
type caller struct {
	qs  *quicksight.Client
	iam *iam.Client
	sts *sts.Client
	key aws.Credentials
}

func (f *fixture) as(id, secret, token string) *caller {
	key := credentials.NewStaticCredentialsProvider(id, secret, token)
	return &caller{
		key: key.Value,
		qs: client(f.srv, func(o *quicksight.Options) {
			o.HTTPClient, o.Credentials = f.http, key
			o.APIOptions = append(o.APIOptions, f.ledger.keep)
		}),
		iam: iam.New(iam.Options{BaseEndpoint: &f.srv.URL, Region: f.srv.Region, Credentials: key,
			Retryer: aws.NopRetryer{}, HTTPClient: f.http}, func(o *iam.Options) { o.APIOptions = append(o.APIOptions, f.ledger.keep) }),
		sts: sts.New(sts.Options{BaseEndpoint: &f.srv.URL, Region: f.srv.Region, Credentials: key,
			Retryer: aws.NopRetryer{}, HTTPClient: f.http}, func(o *sts.Options) { o.APIOptions = append(o.APIOptions, f.ledger.keep) }),
	}
}

// withKey calls with credentials as STS gives them.
func (f *fixture) withKey(c *ststypes.Credentials) *caller {
	return f.as(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
}

func (f *fixture) iamARN(resource string) string {
	return "arn:aws:iam::" + *f.account + ":" + resource
}

// ok ends a test that a call has failed.
func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// statement is a statement of a policy.
type statement map[string]any

func allow(actions ...string) statement {
	return statement{"Effect": "Allow", "Action": actions, "Resource": "*"}
}

func deny(actions ...string) statement {
	return statement{"Effect": "Deny", "Action": actions, "Resource": "*"}
}

// with is the statement with another element, or another value of it.
func (s statement) with(element string, value any) statement {
	s = maps.Clone(s)
	s[element] = value
	return s
}

// on names the resources of a statement.
func (s statement) on(resources ...string) statement { return s.with("Resource", resources) }

// when gives a statement a condition; those that it has stay.
func (s statement) when(operator, key string, values ...string) statement {
	all := map[string]map[string][]string{}
	if had, ok := s["Condition"].(map[string]map[string][]string); ok {
		maps.Copy(all, had)
	}
	all[operator] = map[string][]string{key: values}
	return s.with("Condition", all)
}

// document is a policy.
func document(all ...statement) *string {
	b, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": all})
	if err != nil {
		panic(err)
	}
	return aws.String(string(b))
}

// trusting is a statement of a trust policy that lets principals of AWS assume
// the role, with tags.
func trusting(principals ...string) statement {
	s := allow("sts:AssumeRole", "sts:TagSession").with("Principal", map[string][]string{"AWS": principals})
	delete(s, "Resource")
	return s
}

// user makes an IAM user with an inline policy, if there are statements.
func (f *fixture) user(t testing.TB, name string, policy ...statement) *iamtypes.User {
	t.Helper()
	out, err := f.root.iam.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name})
	ok(t, err)
	if policy != nil {
		f.grant(t, name, policy...)
	}
	return out.User
}

// grant replaces the inline policy of an IAM user.
func (f *fixture) grant(t testing.TB, name string, policy ...statement) {
	t.Helper()
	_, err := f.root.iam.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{
		UserName: &name, PolicyName: aws.String("inline"), PolicyDocument: document(policy...)})
	ok(t, err)
}

// person makes an IAM user with an inline policy and an access key.
func (f *fixture) person(t testing.TB, name string, policy ...statement) *caller {
	t.Helper()
	f.user(t, name, policy...)
	out, err := f.root.iam.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &name})
	ok(t, err)
	return f.as(*out.AccessKey.AccessKeyId, *out.AccessKey.SecretAccessKey, "")
}

// role makes a role that trusts the account, with an inline policy if there
// are statements.
func (f *fixture) role(t testing.TB, name string, policy ...statement) *iamtypes.Role {
	t.Helper()
	return f.roleWith(t, name, func(*iam.CreateRoleInput) {}, policy...)
}

func (f *fixture) roleWith(t testing.TB, name string, change func(*iam.CreateRoleInput), policy ...statement) *iamtypes.Role {
	t.Helper()
	in := &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: document(trusting(*f.account))}
	change(in)
	out, err := f.root.iam.CreateRole(t.Context(), in)
	ok(t, err)
	if policy != nil {
		_, err := f.root.iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
			RoleName: &name, PolicyName: aws.String("inline"), PolicyDocument: document(policy...)})
		ok(t, err)
	}
	return out.Role
}

// managed makes a managed policy and gives its ARN.
func (f *fixture) managed(t testing.TB, name string, policy ...statement) *string {
	t.Helper()
	out, err := f.root.iam.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: document(policy...)})
	ok(t, err)
	return out.Policy.Arn
}

// unmade deletes a role and its inline policy.
func (f *fixture) unmade(t testing.TB, role string) {
	t.Helper()
	_, err := f.root.iam.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{RoleName: &role, PolicyName: aws.String("inline")})
	ok(t, err)
	_, err = f.root.iam.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: &role})
	ok(t, err)
}

// assuming is a call of AssumeRole.
func (f *fixture) assuming(role, session string, change ...func(*sts.AssumeRoleInput)) *sts.AssumeRoleInput {
	in := &sts.AssumeRoleInput{RoleArn: aws.String(f.iamARN("role/" + role)), RoleSessionName: &session}
	for _, c := range change {
		c(in)
	}
	return in
}

// assume gives a session of a role to somebody.
func (f *fixture) assume(t testing.TB, by *caller, role, session string, change ...func(*sts.AssumeRoleInput)) *caller {
	t.Helper()
	out, err := by.sts.AssumeRole(t.Context(), f.assuming(role, session, change...))
	ok(t, err)
	return f.withKey(out.Credentials)
}

func lasting(d time.Duration) func(*sts.AssumeRoleInput) {
	return func(in *sts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(int32(d / time.Second)) }
}

// tagged gives a session tags, by key and value in turn.
func tagged(pairs ...string) func(*sts.AssumeRoleInput) {
	return func(in *sts.AssumeRoleInput) {
		for i := 0; i < len(pairs); i += 2 {
			in.Tags = append(in.Tags, ststypes.Tag{Key: &pairs[i], Value: &pairs[i+1]})
		}
	}
}

// limited gives a session a policy.
func limited(policy ...statement) func(*sts.AssumeRoleInput) {
	return func(in *sts.AssumeRoleInput) { in.Policy = document(policy...) }
}

// identity is what GetCallerIdentity says of somebody.
func (c *caller) identity(t testing.TB) *sts.GetCallerIdentityOutput {
	t.Helper()
	out, err := c.sts.GetCallerIdentity(t.Context(), nil)
	ok(t, err)
	return out
}

// listAs is a call of quicksight:ListUsers.
func (f *fixture) listAs(t testing.TB, c *caller) error {
	t.Helper()
	_, err := c.qs.ListUsers(t.Context(), &quicksight.ListUsersInput{AwsAccountId: f.account, Namespace: defaultNamespace})
	return err
}

const (
	invalidToken = "The security token included in the request is invalid."
	expiredToken = "The security token included in the request is expired"
)

// refusedEverywhere checks that credentials are good for no service.
func (f *fixture) refusedEverywhere(t testing.TB, c *caller, restCode, queryCode, message string) {
	t.Helper()
	unmodelled(t, f.listAs(t, c), http.StatusForbidden, restCode, message)
	_, err := c.sts.GetCallerIdentity(t.Context(), nil)
	unmodelled(t, err, http.StatusForbidden, queryCode, message)
	_, err = c.iam.ListUsers(t.Context(), nil)
	unmodelled(t, err, http.StatusForbidden, queryCode, message)
}

// unknown checks that credentials are nobody's.
func (f *fixture) unknown(t testing.TB, c *caller) {
	t.Helper()
	f.refusedEverywhere(t, c, "UnrecognizedClientException", "InvalidClientTokenId", invalidToken)
}
