package browser

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskeys "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/quicksight"
	"github.com/aws/aws-sdk-go-v2/service/quicksight/types"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"

	"rollcall/e2e/oidcop"
	"rollcall/internal/apitest"
	"rollcall/rollcalltest"
)

const unauthorizedLogin = "The external login used for federation is unauthorized for the Quick Sight user."

// providerSite is a site whose people continue with a real provider. Its user
// web/ana manages the account, and is there by her login, ana-1.
type providerSite struct {
	*site
	op *oidcop.Provider
	qs *quicksight.Client
}

func newProviderSite(t *testing.T) *providerSite {
	t.Helper()
	op := oidcop.New(t, nil)
	s := &providerSite{site: openSite(t, &rollcalltest.Options{OIDCCAs: op.CAs}), op: op}
	op.Redirect(t, s.url+"/sn/signin/callback")
	keys := awskeys.NewStaticCredentialsProvider(s.client.AccessKeyID, s.client.SecretAccessKey, "")
	s.qs = quicksight.New(quicksight.Options{BaseEndpoint: &s.url, Region: s.client.Region, Credentials: keys})
	s.tell(op, "Example ID")
	trust := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}`
	role, err := iam.New(iam.Options{BaseEndpoint: &s.url, Region: s.client.Region, Credentials: keys}).CreateRole(
		t.Context(), &iam.CreateRoleInput{RoleName: aws.String("web"), AssumeRolePolicyDocument: &trust})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.qs.RegisterUser(t.Context(), &quicksight.RegisterUserInput{
		AwsAccountId: aws.String("111122223333"), Namespace: aws.String("default"), Email: aws.String("ana@example.com"),
		IdentityType: types.IdentityTypeIam, UserRole: types.UserRoleAdmin, IamArn: role.Role.Arn, SessionName: aws.String("ana"),
		ExternalLoginFederationProviderType: aws.String("CUSTOM_OIDC"), CustomFederationProviderUrl: &op.Issuer, ExternalLoginId: aws.String("ana-1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// tell does what `rollcall provider add` does.
func (s *providerSite) tell(op *oidcop.Provider, label string) {
	s.t.Helper()
	body, err := json.Marshal(map[string]string{"Issuer": op.Issuer, "ClientId": op.ClientID, "ClientSecret": op.ClientSecret, "Label": label})
	if err != nil {
		s.t.Fatal(err)
	}
	admin := s.client
	admin.Service = "rollcall"
	if a := admin.Call(s.t, http.MethodPut, "/v1/accounts/111122223333/identity-providers", string(body)); a.Status != http.StatusOK {
		s.t.Fatalf("telling of the provider: %d %s", a.Status, a.Text)
	}
}

// gives changes ana's login; "" is none.
func (s *providerSite) gives(id string) {
	s.t.Helper()
	in := &quicksight.UpdateUserInput{
		AwsAccountId: aws.String("111122223333"), Namespace: aws.String("default"), UserName: aws.String("web/ana"),
		Email: aws.String("ana@example.com"), Role: types.UserRoleAdmin, ExternalLoginFederationProviderType: aws.String("NONE")}
	if id != "" {
		in.ExternalLoginFederationProviderType, in.CustomFederationProviderUrl, in.ExternalLoginId = aws.String("CUSTOM_OIDC"), &s.op.Issuer, &id
	}
	if _, err := s.qs.UpdateUser(s.t.Context(), in); err != nil {
		s.t.Fatal(err)
	}
}

// withProvider is a tab that takes the provider's certificate.
func withProvider(t *testing.T) *tab {
	t.Helper()
	b := newTab(t)
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
		return err
	}))
	return b
}

// goOn clicks on the only button for a provider, and signs in there.
func (b *tab) goOn(s *providerSite, subject string) (status int) {
	b.t.Helper()
	if texts := b.texts("a.button"); !slices.Equal(texts, []string{"Continue with Example ID"}) {
		b.t.Fatalf("the buttons are %q", texts)
	}
	b.follow(chromedp.Click(chromedp.CSS("a.button")))
	if at := eval[string](b, "location.origin"); at != s.op.Issuer {
		b.t.Fatalf("the button leads to %s, %q", at, b.texts("body"))
	}
	return b.follow(signsInThere(subject)...)
}

// signsInThere fills in the provider's form.
func signsInThere(subject string) []step {
	return []step{
		chromedp.SendKeys(chromedp.CSS("[name=username]"), subject), chromedp.SendKeys(chromedp.CSS("[name=password]"), oidcop.Password), save}
}

func (b *tab) location() string {
	b.t.Helper()
	return eval[string](b, "location.href")
}

func TestContinueWithAProvider(t *testing.T) {
	s, b := newProviderSite(t), withProvider(t)
	b.open(s.url + "/sn/signin")
	if status := b.goOn(s, "ana-1"); status != http.StatusOK || b.heading() != "Hello, web/ana" || b.location() != s.url+"/sn/start" {
		t.Fatalf("%d %q at %s", status, b.heading(), b.location())
	}
	if script := eval[string](b, "document.cookie"); script != "" {
		t.Errorf("scripts can read the cookie %q", script)
	}
	b.open(s.url + "/sn/start")
	if b.heading() != "Hello, web/ana" {
		t.Errorf("afterwards: %q", b.heading())
	}
}

func TestAProviderLeadsBackToThePageAskedFor(t *testing.T) {
	s, b := newProviderSite(t), withProvider(t)
	page := s.url + "/sn/console/users?prefix=web"
	b.open(page)
	if b.heading() != "Sign in" {
		t.Fatalf("asked for is %q", b.heading())
	}
	if status := b.goOn(s, "ben"); status != http.StatusForbidden { // by mistake
		t.Fatalf("ben: %d %q", status, b.heading())
	}
	b.follow(chromedp.Click(chromedp.CSS("a.button")))
	b.follow(chromedp.Click(chromedp.CSS("a.button")))
	if status := b.follow(signsInThere("ana-1")...); status != http.StatusOK || b.location() != page {
		t.Errorf("%d %q at %s", status, b.heading(), b.location())
	}
}

// Nobody is bound by coming in: neither the first time nor the second.
func TestAnotherLoginIsKeptOut(t *testing.T) {
	s := newProviderSite(t)
	refused := func(subject string) {
		t.Helper()
		for range 2 {
			b := withProvider(t)
			b.open(s.url + "/sn/signin")
			status := b.goOn(s, subject)
			if text := strings.Join(b.texts("main p"), "\n"); status != http.StatusForbidden || !strings.Contains(text, unauthorizedLogin) {
				t.Errorf("%s: %d %q", subject, status, text)
			}
			if b.open(s.url + "/sn/start"); b.heading() != "rollcall is running" {
				t.Errorf("%s is signed in: %q", subject, b.heading())
			}
		}
	}
	let := func(subject string) {
		t.Helper()
		b := withProvider(t)
		b.open(s.url + "/sn/signin")
		if status := b.goOn(s, subject); status != http.StatusOK || b.heading() != "Hello, web/ana" {
			t.Errorf("%s: %d %q", subject, status, b.heading())
		}
	}
	let("ana-1")
	refused("eve")
	s.gives("")
	refused("ana-1")
	s.gives("ana-2")
	refused("ana-1")
	let("ana-2")
}

// The sign-in belongs to the browser that has begun it: whoever is given the
// address that the provider leads back to is not signed in by it.
func TestAddressOfAReturnIsOfOneBrowser(t *testing.T) {
	s, b := newProviderSite(t), withProvider(t)
	b.open(s.url + "/sn/signin")
	begun := apitest.Send(t, s.request(http.MethodGet, eval[string](b, `document.querySelector("a.button").getAttribute("href")`), nil))
	c, address := cookie(t, begun), begun.Header.Get("Location")
	if begun.Status != http.StatusSeeOther || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.MaxAge <= 0 || c.Path != "/" {
		t.Fatalf("%d, cookie %v", begun.Status, c)
	}
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := at.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("redirect_uri") != s.url+"/sn/signin/callback" || len(q.Get("nonce")) < 43 || strings.Contains(address, c.Value) {
		t.Errorf("it leads to %s", address)
	}
	b.open(address) // the attacker's own sign-in, to the address that only he knows
	if status := b.follow(signsInThere("ana-1")...); status != http.StatusBadRequest || b.heading() != "You are not signed in" {
		t.Errorf("%d %q", status, b.heading())
	}
	back := strings.TrimPrefix(b.location(), s.url)
	for _, times := range []int{http.StatusSeeOther, http.StatusBadRequest} { // and a code once
		r := s.request(http.MethodGet, back, nil)
		r.AddCookie(c)
		if a := apitest.Send(t, r); a.Status != times {
			t.Errorf("%d %s, want %d", a.Status, a.Text, times)
		}
	}
	twice := apitest.Send(t, s.request(http.MethodGet, back+"&state=x", nil))
	if twice.Status != http.StatusBadRequest {
		t.Errorf("two states: %d", twice.Status)
	}
}

func TestOtherSitesBeginNoSignIn(t *testing.T) {
	s := newProviderSite(t)
	link := "/sn/signin/provider?" + url.Values{"account": {"111122223333"}, "provider": {strings.TrimPrefix(s.op.Issuer, "https://")}}.Encode()
	for site, want := range map[string]string{"cross-site": "/sn/signin", "same-origin": s.op.Issuer, "none": s.op.Issuer, "": s.op.Issuer} {
		r := s.request(http.MethodGet, link, nil)
		r.Header.Set("Sec-Fetch-Site", site)
		if a := apitest.Send(t, r); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), want) {
			t.Errorf("%q: %d %s", site, a.Status, a.Header.Get("Location"))
		}
	}
}

func TestProviderThatIsDown(t *testing.T) {
	s, b := newProviderSite(t), withProvider(t)
	s.op.Stop()
	b.open(s.url + "/sn/signin")
	if status := b.follow(chromedp.Click(chromedp.CSS("a.button"))); status != http.StatusBadGateway || b.heading() != "You are not signed in" {
		t.Errorf("%d %q", status, b.heading())
	}
	if b.follow(chromedp.Click(chromedp.CSS("a.button"))); b.heading() != "Sign in" {
		t.Errorf("it leads back to %q", b.heading())
	}
}
