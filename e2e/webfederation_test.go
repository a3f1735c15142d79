package e2e

import (
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/quicksight"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"rollcall/e2e/oidcop"
	"rollcall/rollcalltest"
)

const unauthorizedLogin = "The external login used for federation is unauthorized for the Quick Sight user."

// comes shows a provider's token for somebody to STS, takes the session of the
// role "any" under the name ana to the federation endpoint, and gives what the
// browser is answered.
func (f *webFixture) comes(t testing.TB, subject string) page {
	t.Helper()
	return f.comesWith(t, f.op.Token(t, subject))
}

func (f *webFixture) comesWith(t testing.TB, token string) page {
	t.Helper()
	out, err := f.nobody().AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: aws.String(f.iamARN("role/any")), RoleSessionName: aws.String("ana"), WebIdentityToken: &token})
	ok(t, err)
	endpoint := &federated{fixture: f.fixture}
	return endpoint.get(t, entering(endpoint.issue(t, f.withKey(out.Credentials))))
}

// newAnybodysFixture has a role that trusts all tokens for a client, whoever they
// are about, and a user any/ana whose external login is ana-1.
func newAnybodysFixture(t testing.TB) *webFixture {
	t.Helper()
	f := newWebFixture(t, nil)
	f.roleFor(t, "any", f.iamARN("oidc-provider/"+f.op.Issuer[len("https://"):]), "aud", f.op.ClientID)
	f.register(t, f.iam("role/any", "ana", func(in *quicksight.RegisterUserInput) {
		in.ExternalLoginFederationProviderType = aws.String("CUSTOM_OIDC")
		in.CustomFederationProviderUrl, in.ExternalLoginId = &f.op.Issuer, aws.String("ana-1")
	}))
	return f
}

// login gives the user any/ana another external login.
func (f *webFixture) login(t testing.TB, kind, url, id string) {
	t.Helper()
	_, err := f.UpdateUser(t.Context(), f.update(f.describe(t, "any/ana"), func(in *quicksight.UpdateUserInput) {
		in.ExternalLoginFederationProviderType = &kind
		if kind != "NONE" {
			in.CustomFederationProviderUrl, in.ExternalLoginId = &url, &id
		}
	}))
	ok(t, err)
}

// From a provider's token to the start page, by program.
func TestWebIdentityOnToTheStartPage(t *testing.T) {
	t.Parallel()
	f := newAnybodysFixture(t)
	if f.describe(t, "any/ana").Active {
		t.Error("active before anybody has come")
	}
	p := f.comes(t, "ana-1")
	if p.status != http.StatusSeeOther || p.location != "/sn/start" || p.cookie == nil {
		t.Fatalf("%d %q %s", p.status, p.location, p.text)
	}
	if !f.describe(t, "any/ana").Active {
		t.Error("not active after she has come")
	}
	// Who chooses her name for his session is not she.
	f.comes(t, "mallory").keptOut(t, http.StatusForbidden, unauthorizedLogin)
}

func TestWebIdentityIsBoundByUpdateUserAlone(t *testing.T) {
	t.Parallel()
	f := newAnybodysFixture(t)
	f.login(t, "NONE", "", "")
	for range 2 { // coming in first binds nobody
		f.comes(t, "ana-1").keptOut(t, http.StatusForbidden, unauthorizedLogin)
	}
	f.login(t, "CUSTOM_OIDC", f.op.Issuer, "ana-2")
	f.comes(t, "ana-1").keptOut(t, http.StatusForbidden, unauthorizedLogin)
	if p := f.comes(t, "ana-2"); p.cookie == nil {
		t.Errorf("the new login: %d %s", p.status, p.text)
	}
	f.login(t, "CUSTOM_OIDC", "https://other.example.com", "ana-2")
	f.comes(t, "ana-2").keptOut(t, http.StatusForbidden, unauthorizedLogin)
}

// Whoever has a web identity is it still when he assumes another role.
func TestWebIdentityIsKeptOverRoles(t *testing.T) {
	t.Parallel()
	f := newAnybodysFixture(t)
	f.fixture.role(t, "reading")
	f.register(t, f.iam("role/reading", "eva"))
	_, err := f.root.iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String("any"), PolicyName: aws.String("chain"), PolicyDocument: document(allow("sts:AssumeRole"))})
	ok(t, err)
	token := f.op.Token(t, "mallory")
	out, err := f.nobody().AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: aws.String(f.iamARN("role/any")), RoleSessionName: aws.String("x1"), WebIdentityToken: &token})
	ok(t, err)
	eva := f.assume(t, f.withKey(out.Credentials), "reading", "eva")
	endpoint := &federated{fixture: f.fixture}
	endpoint.get(t, entering(endpoint.issue(t, eva))).keptOut(t, http.StatusForbidden, unauthorizedLogin)
}

// A stand-in for Cognito: a provider of its own, whose tokens count as those of
// Cognito's identity pools because the administrator has said so.
func TestWebIdentityOfCognito(t *testing.T) {
	t.Parallel()
	pool := oidcop.New(t, nil)
	other := oidcop.New(t, nil)
	authorities := pool.CAs.Clone()
	authorities.AddCert(other.Certificate)
	f := &webFixture{newFixture(t, &rollcalltest.Options{OIDCCAs: authorities}), pool, nil}
	f.run(t, "provider", "add", "--cognito", "--issuer", pool.Issuer, "--jwks", pool.Issuer+"/keys")
	trust := allow("sts:AssumeRoleWithWebIdentity").with("Principal", map[string]string{"Federated": "cognito-identity.amazonaws.com"}).
		when("StringEquals", "cognito-identity.amazonaws.com:aud", pool.ClientID)
	delete(trust, "Resource")
	f.roleWith(t, "any", func(in *iam.CreateRoleInput) { in.AssumeRolePolicyDocument = document(trust) })
	const identity = "us-east-1:12345678-1234-1234-1234-123456789012"
	f.register(t, f.iam("role/any", "ana", func(in *quicksight.RegisterUserInput) {
		in.ExternalLoginFederationProviderType, in.ExternalLoginId = aws.String("COGNITO"), aws.String(identity)
	}))
	same(t, "provider", "cognito-identity.amazonaws.com", *f.describe(t, "any/ana").ExternalLoginFederationProviderUrl)

	f.comes(t, "us-east-1:87654321-1234-1234-1234-123456789012").keptOut(t, http.StatusForbidden, unauthorizedLogin)
	if p := f.comes(t, identity); p.cookie == nil || !f.describe(t, "any/ana").Active {
		t.Errorf("%d %s", p.status, p.text)
	}
	token := other.Token(t, identity)
	_, err := f.nobody().AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: aws.String(f.iamARN("role/any")), RoleSessionName: aws.String("ana"), WebIdentityToken: &token})
	if refused := new(ststypes.InvalidIdentityTokenException); !errors.As(err, &refused) ||
		refused.ErrorMessage() != "No OpenIDConnect provider found in your account for "+other.Issuer {
		t.Errorf("another provider's token: %v", err)
	}
}
