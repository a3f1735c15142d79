package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/quicksight"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"rollcall/e2e/oidcop"
	"rollcall/rollcalltest"
)

// webFixture is a server with a provider that its role "web" trusts, and a user
// of QuickSight who signs in there as "ana-1".
type webFixture struct {
	*fixture
	op   *oidcop.Provider
	role *string // ARN
}

func newWebFixture(t testing.TB, o *oidcop.Options) *webFixture {
	t.Helper()
	op := oidcop.New(t, o)
	f := &webFixture{newFixture(t, &rollcalltest.Options{OIDCCAs: op.CAs}), op, nil}
	made, err := f.root.iam.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{Url: &op.Issuer, ClientIDList: []string{op.ClientID}})
	ok(t, err)
	f.role = f.roleFor(t, "web", *made.OpenIDConnectProviderArn, "sub", "ana-1")
	f.register(t, f.iam("role/web", "ana", func(in *quicksight.RegisterUserInput) {
		in.ExternalLoginFederationProviderType = aws.String("CUSTOM_OIDC")
		in.CustomFederationProviderUrl, in.ExternalLoginId = &op.Issuer, aws.String("ana-1")
	}))
	return f
}

// roleFor makes a role that trusts whom a provider gives a claim, and gives its
// ARN.
func (f *webFixture) roleFor(t testing.TB, name, provider, claim, value string) *string {
	t.Helper()
	trust := allow("sts:AssumeRoleWithWebIdentity", "sts:TagSession").with("Principal", map[string]string{"Federated": provider}).
		when("StringEquals", f.key(claim), value)
	delete(trust, "Resource")
	role := f.roleWith(t, name, func(in *iam.CreateRoleInput) { in.AssumeRolePolicyDocument = document(trust) }, allow("quicksight:ListUsers"))
	return role.Arn
}

// key is a condition key of the provider's.
func (f *webFixture) key(claim string) string { return f.op.Issuer[len("https://"):] + ":" + claim }

// nobody calls STS without a key.
func (f *webFixture) nobody() *sts.Client {
	return sts.New(sts.Options{BaseEndpoint: &f.srv.URL, Region: f.srv.Region, Retryer: aws.NopRetryer{}, HTTPClient: f.http})
}

func (f *webFixture) assumeWeb(t testing.TB, token string) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	return f.nobody().AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: f.role, RoleSessionName: aws.String("ana"), WebIdentityToken: &token})
}

func (f *webFixture) session() string {
	return "arn:aws:sts::" + *f.account + ":assumed-role/web/ana"
}

func TestWebIdentityOfARealProvider(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"", "/realms/sales"} {
		f := newWebFixture(t, &oidcop.Options{Path: path})
		out, err := f.assumeWeb(t, f.op.Token(t, "ana-1"))
		ok(t, err)
		same(t, "answer", []string{"ana-1", f.op.ClientID, f.op.Issuer, f.session()},
			[]string{*out.SubjectFromWebIdentityToken, *out.Audience, *out.Provider, *out.AssumedRoleUser.Arn})
		ana := f.withKey(out.Credentials)
		same(t, "caller", f.session(), *ana.identity(t).Arn)
		ok(t, f.listAs(t, ana))
		u := f.describe(t, "web/ana")
		same(t, "external login", []string{"CUSTOM_OIDC", f.op.Issuer, "ana-1"},
			[]string{*u.ExternalLoginFederationProviderType, *u.ExternalLoginFederationProviderUrl, *u.ExternalLoginId})

		_, err = f.assumeWeb(t, f.op.Token(t, "ben-1"))
		unmodelled(t, err, http.StatusForbidden, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
	}
}

// The SDKs' own way, which renews sessions by a file with the token.
func TestWebIdentityByTheCredentialsOfAnSDK(t *testing.T) {
	t.Parallel()
	f := newWebFixture(t, nil)
	provider := stscreds.NewWebIdentityRoleProvider(f.nobody(), *f.role, stscreds.IdentityTokenFile(f.tokenFile(t)),
		func(o *stscreds.WebIdentityRoleOptions) { o.RoleSessionName = "ana" })
	key, err := provider.Retrieve(t.Context())
	ok(t, err)
	same(t, "caller", f.session(), *f.as(key.AccessKeyID, key.SecretAccessKey, key.SessionToken).identity(t).Arn)
}

func (f *webFixture) tokenFile(t testing.TB) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "token")
	ok(t, os.WriteFile(file, []byte(f.op.Token(t, "ana-1")), 0o600))
	return file
}

func TestWebIdentityByTheAWSCLI(t *testing.T) {
	t.Parallel()
	const cli = "/usr/bin/aws"
	if _, err := os.Stat(cli); err != nil {
		needed(t, "the AWS CLI (Debian's package awscli)")
	}
	f := newWebFixture(t, nil)
	command := exec.CommandContext(t.Context(), cli, "sts", "assume-role-with-web-identity", "--endpoint-url", f.srv.URL, "--output", "json",
		"--role-arn", *f.role, "--role-session-name", "ana", "--web-identity-token", f.op.Token(t, "ana-1"))
	command.Env = environment(map[string]string{"AWS_DEFAULT_REGION": f.srv.Region, "AWS_EC2_METADATA_DISABLED": "true", "HOME": t.TempDir()})
	command.Stderr = t.Output()
	text, err := command.Output()
	ok(t, err)
	var out sts.AssumeRoleWithWebIdentityOutput
	ok(t, json.Unmarshal(text, &out))
	same(t, "caller", f.session(), *f.withKey(out.Credentials).identity(t).Arn)
}

func TestWebIdentityTagsOfARealProvider(t *testing.T) {
	t.Parallel()
	f := newWebFixture(t, &oidcop.Options{Claims: map[string]any{
		"https://aws.amazon.com/tags": map[string]any{"principal_tags": map[string][]string{"Email": {"ana@example.com"}}}}})
	token := f.op.Token(t, "ana-1", "email")
	_, err := f.assumeWeb(t, token)
	ok(t, err)
	f.role = f.roleFor(t, "methods", f.iamARN("oidc-provider/"+f.op.Issuer[len("https://"):]), "amr", "pwd")
	out, err := f.assumeWeb(t, token)
	ok(t, err)
	_, err = f.root.iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("methods"), PolicyName: aws.String("inline"),
		PolicyDocument: document(allow("quicksight:ListUsers").when("StringEquals", "aws:PrincipalTag/Email", "ana@example.com"))})
	ok(t, err)
	ok(t, f.listAs(t, f.withKey(out.Credentials)))
}

func TestWebIdentityKeysAreRotated(t *testing.T) {
	t.Parallel()
	f := newWebFixture(t, nil)
	old := f.op.Token(t, "ana-1")
	_, err := f.assumeWeb(t, old)
	ok(t, err)
	f.op.Rotate(t)
	token := f.op.Token(t, "ana-1")
	_, err = f.assumeWeb(t, token)
	ok(t, err)
	_, err = f.assumeWeb(t, old)
	refused[*ststypes.InvalidIdentityTokenException](t, err, http.StatusBadRequest)
	f.op.Stop() // its keys are known
	_, err = f.assumeWeb(t, token)
	ok(t, err)
}

func TestWebIdentityOfAProviderThatIsDown(t *testing.T) {
	t.Parallel()
	f := newWebFixture(t, nil)
	token := f.op.Token(t, "ana-1")
	f.op.Stop()
	_, err := f.assumeWeb(t, token)
	refused[*ststypes.IDPCommunicationErrorException](t, err, http.StatusBadRequest)
	_, err = f.assumeWeb(t, "opaque")
	refused[*ststypes.InvalidIdentityTokenException](t, err, http.StatusBadRequest)
}
