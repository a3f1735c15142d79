package e2e

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/quicksight"
	"github.com/aws/aws-sdk-go-v2/service/quicksight/types"

	"rollcall/e2e/oidcop"
	"rollcall/rollcalltest"
)

// federated is a server with a role, whose sessions "eva" and "ada" are users,
// and a person who may assume it.
type federated struct {
	*fixture
	ana   *caller
	ahead atomic.Int64 // of the server's clock
}

func newFederated(t *testing.T) *federated {
	t.Helper()
	f := &federated{}
	f.fixture = newFixture(t, &rollcalltest.Options{Now: func() time.Time { return time.Now().Add(time.Duration(f.ahead.Load())) }})
	f.ana = f.person(t, "ana", allow("sts:AssumeRole", "sts:TagSession"))
	f.role(t, "reading")
	f.register(t, f.iam("role/reading", "eva"))
	f.register(t, f.iam("role/reading", "ada"))
	return f
}

// page is an answer to a browser.
type page struct {
	status   int
	text     string
	location string
	cookie   *http.Cookie // of the session; nil: none was set
	header   http.Header
}

const sessionCookie = "rollcall-session"

// send sends a request as a browser does that follows nothing.
func (f *federated) send(t testing.TB, r *http.Request, cookies ...*http.Cookie) page {
	t.Helper()
	for _, c := range cookies {
		r.AddCookie(c)
	}
	browser := &http.Client{Transport: f.http.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.Do(r.WithContext(t.Context()))
	ok(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ok(t, err)
	p := page{status: resp.StatusCode, text: string(body), location: resp.Header.Get("Location"), header: resp.Header}
	for _, c := range resp.Cookies() {
		if c.Name == sessionCookie {
			p.cookie = c
		}
	}
	return p
}

// get asks the endpoint in the query, post in a form.
func (f *federated) get(t testing.TB, q url.Values, cookies ...*http.Cookie) page {
	t.Helper()
	return f.send(t, f.request(t, http.MethodGet, "/federation?"+q.Encode(), nil), cookies...)
}

func (f *federated) post(t testing.TB, q url.Values, cookies ...*http.Cookie) page {
	t.Helper()
	r := f.request(t, http.MethodPost, "/federation", strings.NewReader(q.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site") // as forms of the caller's own sign-in page are
	r.Header.Set("Origin", "https://portal.example.com")
	return f.send(t, r, cookies...)
}

func (f *federated) request(t testing.TB, method, path string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, f.srv.URL+path, body)
	ok(t, err)
	return r
}

// asking are the parameters of getSigninToken; more are by name and value.
func asking(key aws.Credentials, more ...string) url.Values {
	session, err := json.Marshal(map[string]string{
		"sessionId": key.AccessKeyID, "sessionKey": key.SecretAccessKey, "sessionToken": key.SessionToken})
	if err != nil {
		panic(err)
	}
	return with(url.Values{"Action": {"getSigninToken"}, "Session": {string(session)}}, more...)
}

func entering(token string, more ...string) url.Values {
	return with(url.Values{"Action": {"login"}, "Issuer": {"Example.org"},
		"Destination": {"https://quicksight.aws.amazon.com/"}, "SigninToken": {token}}, more...)
}

func with(q url.Values, more ...string) url.Values {
	for i := 0; i < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return q
}

// token gives the token in an answer.
func (p page) token(t testing.TB) string {
	t.Helper()
	var answer map[string]string
	if err := json.Unmarshal([]byte(p.text), &answer); err != nil || p.status != http.StatusOK || len(answer) != 1 || answer["SigninToken"] == "" ||
		!strings.HasPrefix(p.header.Get("Content-Type"), "application/json") || p.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v %s", p.status, p.header, p.text)
	}
	return answer["SigninToken"]
}

// issue gives a token for somebody's session.
func (f *federated) issue(t testing.TB, c *caller, more ...string) string {
	t.Helper()
	return f.get(t, asking(c.key, more...)).token(t)
}

// enter signs somebody in, to the start page, and gives the cookie.
func (f *federated) enter(t testing.TB, token string) *http.Cookie {
	t.Helper()
	p := f.get(t, entering(token))
	if p.status != http.StatusSeeOther || p.location != "/sn/start" || p.cookie == nil {
		t.Fatalf("%d to %q: %s", p.status, p.location, p.text)
	}
	return p.cookie
}

// greeted gives the name that the start page greets, "" for nobody.
func (f *federated) greeted(t testing.TB, c *http.Cookie) string {
	t.Helper()
	p := f.send(t, f.request(t, http.MethodGet, "/sn/start", nil), c)
	_, name, _ := strings.Cut(p.text, "<h1>Hello, ")
	name, _, _ = strings.Cut(name, "</h1>")
	return name
}

// notIssued fails unless an answer is the small page of a refusal.
func (p page) notIssued(t testing.TB, status int) {
	t.Helper()
	if p.status != status || !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") || strings.Contains(p.text, "SigninToken\":") ||
		p.cookie != nil || len(p.text) > 500 {
		t.Errorf("%d %s, want %d", p.status, p.text, status)
	}
}

// keptOut fails unless an answer is a page that tells why somebody can't enter.
func (p page) keptOut(t testing.TB, status int, words string) {
	t.Helper()
	if p.status != status || p.cookie != nil || p.location != "" || !strings.Contains(p.text, words) ||
		!strings.Contains(p.text, `class="brand"`) || p.header.Get("Content-Security-Policy") == "" || p.header.Get("X-Frame-Options") != "DENY" {
		t.Errorf("%d %q %s, want %d %s", p.status, p.location, p.text, status, words)
	}
}

func TestFederationSignsInAsTheUserOfTheSession(t *testing.T) {
	t.Parallel()
	f := newFederated(t)
	eva := f.assume(t, f.ana, "reading", "eva", tagged("Email", "eva@corp.example.com"))
	for how, ask := range map[string]func(testing.TB, url.Values, ...*http.Cookie) page{"GET": f.get, "POST": f.post} {
		t.Run(how, func(t *testing.T) {
			token := ask(t, asking(eva.key, "SessionType", "json", "DurationSeconds", "1800")).token(t)
			p := ask(t, entering(token))
			c := p.cookie
			if p.status != http.StatusSeeOther || p.location != "/sn/start" || c == nil {
				t.Fatalf("%d to %q: %s", p.status, p.location, p.text)
			}
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 || !c.Expires.IsZero() {
				t.Errorf("the cookie is %s", c.Raw)
			}
			start := f.send(t, f.request(t, http.MethodGet, p.location, nil), c)
			if !strings.Contains(start.text, "Hello, reading/eva") || strings.Contains(start.text, "password") {
				t.Errorf("the start page is %s", start.text)
			}
			if p := f.send(t, f.request(t, http.MethodGet, "/sn/password", nil), c); p.status != http.StatusNotFound {
				t.Errorf("the page for a password is %d", p.status)
			}
			if u := f.describe(t, "reading/eva"); !u.Active || *u.Email != "ana@example.com" {
				t.Errorf("the user is %+v", u)
			}
			if p := f.send(t, f.request(t, http.MethodPost, "/sn/signout", nil), c); p.status != http.StatusSeeOther || f.greeted(t, c) != "" {
				t.Errorf("signing out: %d", p.status)
			}
		})
	}
	if f.describe(t, "reading/ada").Active {
		t.Error("somebody else is active")
	}
}

func TestFederationIsOnRecord(t *testing.T) {
	t.Parallel()
	f := newFederated(t)
	eva, eve := f.assume(t, f.ana, "reading", "eva", tagged("Email", "eva@corp.example.com")), f.assume(t, f.ana, "reading", "eve")
	token := f.issue(t, eva)
	cookie := f.enter(t, token)
	f.get(t, entering(f.issue(t, eve))).keptOut(t, http.StatusForbidden, "There is no user")
	own, err := f.ana.sts.GetSessionToken(t.Context(), nil)
	ok(t, err)
	f.get(t, asking(f.withKey(own.Credentials).key)).notIssued(t, http.StatusBadRequest)
	var got []string
	for _, r := range f.records(t) {
		if r.EventSource != "signin.amazonaws.com" {
			continue
		}
		about, _ := r.members["additionalEventData"].(map[string]any)
		got = append(got, fmt.Sprint(r.EventName, " ", r.UserIdentity.Type, " ", r.UserIdentity.Arn, " ", about["subject"], " ", r.ResponseElements, " ", r.ErrorMessage))
		if r.members["eventType"] != "AwsConsoleSignIn" {
			t.Errorf("a record is %s", r.text)
		}
		for _, secret := range append(f.ledger.secrets, token, cookie.Value) {
			if strings.Contains(r.text, secret) {
				t.Errorf("a record has a secret: %s", r.text)
			}
		}
	}
	assumed := "AssumedRole arn:aws:sts::" + *f.account + ":assumed-role/reading/"
	want := []string{
		"ConsoleLogin " + assumed + "eva reading/eva map[ConsoleLogin:Success email:eva@corp.example.com] ",
		"ConsoleLogin " + assumed + "eve reading/eve map[ConsoleLogin:Failure] There is no user for this session of the role.",
		"GetSigninToken " + assumed + "eva <nil> map[GetSigninToken:Success] ",
		"GetSigninToken " + assumed + "eve <nil> map[GetSigninToken:Success] ",
		"GetSigninToken IAMUser " + f.iamARN("user/ana") + " <nil> map[GetSigninToken:Failure] Invalid credentials parameter: these are not the credentials of a role.",
	}
	slices.Sort(got)
	same(t, "the record", want, got)
}

func TestSigninTokenIsUsedOnce(t *testing.T) {
	t.Parallel()
	f := newFederated(t)
	eva := f.assume(t, f.ana, "reading", "eva")
	token := f.issue(t, eva)
	f.enter(t, token)
	f.get(t, entering(token)).keptOut(t, http.StatusBadRequest, "used before")

	var all sync.WaitGroup
	var in atomic.Int32
	token = f.issue(t, eva)
	for range 8 {
		all.Go(func() {
			p := f.get(t, entering(token))
			if p.cookie == nil {
				p.keptOut(t, http.StatusBadRequest, "used before")
			} else {
				in.Add(1)
			}
		})
	}
	all.Wait()
	if in.Load() != 1 {
		t.Errorf("%d came in at once", in.Load())
	}
}

func TestSigninTokenIsGoodFor15Minutes(t *testing.T) {
	t.Parallel()
	f := newFederated(t)
	eva := f.assume(t, f.ana, "reading", "eva")
	early, late := f.issue(t, eva), f.issue(t, eva)
	f.ahead.Store(int64(14*time.Minute + 30*time.Second))
	f.enter(t, early)
	f.ahead.Store(int64(15 * time.Minute))
	f.get(t, entering(late)).keptOut(t, http.StatusBadRequest, "too old")
}

func TestSigninTokenIsForTheCredentialsOfARole(t *testing.T) {
	t.Parallel()
	f := newFederated(t)
	eva, ada := f.assume(t, f.ana, "reading", "eva"), f.assume(t, f.ana, "reading", "ada")
	own, err := f.ana.sts.GetSessionToken(t.Context(), nil)
	ok(t, err)
	roots, err := f.root.sts.GetSessionToken(t.Context(), nil)
	ok(t, err)
	change := func(fn func(*aws.Credentials)) aws.Credentials {
		key := eva.key
		fn(&key)
		return key
	}
	for whose, key := range map[string]aws.Credentials{
		"a user's own session":  f.withKey(own.Credentials).key,
		"root's own session":    f.withKey(roots.Credentials).key,
		"a long-term key":       f.ana.key,
		"a wrong secret":        change(func(k *aws.Credentials) { k.SecretAccessKey = ada.key.SecretAccessKey }),
		"a secret cut":          change(func(k *aws.Credentials) { k.SecretAccessKey = k.SecretAccessKey[:39] }),
		"no secret":             change(func(k *aws.Credentials) { k.SecretAccessKey = "" }),
		"another key's token":   change(func(k *aws.Credentials) { k.SessionToken = ada.key.SessionToken }),
		"another key":           change(func(k *aws.Credentials) { k.AccessKeyID = ada.key.AccessKeyID }),
		"no token":              change(func(k *aws.Credentials) { k.SessionToken = "" }),
		"a token of nonsense":   change(func(k *aws.Credentials) { k.SessionToken = "AAAA" }),
		"a long-term key and t": {AccessKeyID: f.ana.key.AccessKeyID, SecretAccessKey: f.ana.key.SecretAccessKey, SessionToken: eva.key.SessionToken},
	} {
		t.Run(whose, func(t *testing.T) {
			f.get(t, asking(key)).notIssued(t, http.StatusBadRequest)
			f.post(t, asking(key)).notIssued(t, http.StatusBadRequest)
		})
	}
	f.ahead.Store(int64(time.Hour))
	f.get(t, asking(eva.key)).notIssued(t, http.StatusBadRequest)
}

func TestSessionDurationIsThatOfTheBrowser(t *testing.T) {
	t.Parallel()
	f := newFederated(t)
	eva := f.assume(t, f.ana, "reading", "eva", lasting(30*time.Minute))
	for _, wrong := range []string{"899", "43201", "0", "-900", "+900", " 900", "900 ", "1e3", "900.0", "0x384", "x", "99999999999999999999"} {
		f.get(t, asking(eva.key, "SessionDuration", wrong)).notIssued(t, http.StatusBadRequest)
	}
	for _, duration := range []struct {
		seconds string
		lasts   time.Duration
	}{{"", 30 * time.Minute}, {"900", 15 * time.Minute}, {"2700", 45 * time.Minute}, {"43200", 12 * time.Hour}} {
		t.Run(duration.seconds, func(t *testing.T) {
			f.ahead.Store(0)
			c := f.enter(t, f.issue(t, eva, "SessionDuration", duration.seconds))
			for at := 10 * time.Minute; at < duration.lasts; at += 10 * time.Minute { // or it would be idle
				f.ahead.Store(int64(at))
				if f.greeted(t, c) == "" {
					t.Fatalf("signed out after %v", at)
				}
			}
			f.ahead.Store(int64(duration.lasts - time.Minute))
			if f.greeted(t, c) != "reading/eva" {
				t.Error("signed out before the end")
			}
			f.ahead.Store(int64(duration.lasts))
			if f.greeted(t, c) != "" {
				t.Error("signed in after the end")
			}
		})
	}
	f.ahead.Store(0)
}

func TestChainedCredentialsHaveNoSessionDuration(t *testing.T) {
	t.Parallel()
	f := newFederated(t)
	f.role(t, "chained")
	f.register(t, f.iam("role/chained", "eva"))
	f.role(t, "first", allow("sts:AssumeRole"))
	second := f.assume(t, f.assume(t, f.ana, "first", "eva"), "chained", "eva")
	f.get(t, asking(second.key, "SessionDuration", "900")).notIssued(t, http.StatusBadRequest)
	if name := f.greeted(t, f.enter(t, f.issue(t, second))); name != "chained/eva" {
		t.Errorf("signed in is %q", name)
	}
}

func TestWhatHasGoneMeanwhileDoesNotEnter(t *testing.T) {
	t.Parallel()
	f := newFederated(t)
	eva, ada := f.assume(t, f.ana, "reading", "eva"), f.assume(t, f.ana, "reading", "ada")
	evas, adas := f.issue(t, eva), f.issue(t, ada)
	in := f.enter(t, f.issue(t, ada))
	_, err := f.DeleteUser(t.Context(), &quicksight.DeleteUserInput{AwsAccountId: f.account, Namespace: defaultNamespace, UserName: aws.String("reading/eva")})
	ok(t, err)
	f.get(t, entering(evas)).keptOut(t, http.StatusForbidden, "There is no user")
	_, err = f.root.iam.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: aws.String("reading")})
	ok(t, err)
	f.get(t, entering(adas)).keptOut(t, http.StatusForbidden, "has ended")
	f.get(t, asking(ada.key)).notIssued(t, http.StatusBadRequest)
	if f.greeted(t, in) != "" {
		t.Error("still signed in without a role")
	}
	f.role(t, "reading") // which is another
	f.get(t, asking(ada.key)).notIssued(t, http.StatusBadRequest)
}

func TestRevokedSessionsGetNoToken(t *testing.T) {
	t.Parallel()
	f := newFederated(t)
	eva := f.assume(t, f.ana, "reading", "eva")
	token := f.issue(t, eva)
	_, err := f.root.iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("reading"),
		PolicyName: aws.String("AWSRevokeOlderSessions"), PolicyDocument: document(
			deny("*").when("DateLessThan", "aws:TokenIssueTime", time.Now().Add(time.Minute).UTC().Format(time.RFC3339)))})
	ok(t, err)
	f.get(t, asking(eva.key)).notIssued(t, http.StatusBadRequest)
	f.get(t, entering(token)).keptOut(t, http.StatusForbidden, "policy")
}

func TestFederationReplacesWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	f := newFederated(t)
	evas := f.enter(t, f.issue(t, f.assume(t, f.ana, "reading", "eva")))
	token := f.issue(t, f.assume(t, f.ana, "reading", "ada"))
	fixed := &http.Cookie{Name: sessionCookie, Value: strings.Repeat("A", len(evas.Value))}
	for _, before := range []*http.Cookie{evas, fixed} {
		p := f.get(t, entering(token), before)
		if p.cookie == nil || p.cookie.Value == before.Value || f.greeted(t, p.cookie) != "reading/ada" || f.greeted(t, before) != "" {
			t.Errorf("%d %s", p.status, p.text)
		}
		token = f.issue(t, f.assume(t, f.ana, "reading", "ada"))
	}
}

// Who has a link that does not work stays who he is.
func TestRefusedLinkLeavesTheBrowserAlone(t *testing.T) {
	t.Parallel()
	f := newFederated(t)
	c := f.enter(t, f.issue(t, f.assume(t, f.ana, "reading", "eva")))
	for _, token := range []string{"x", strings.Repeat("A", 43), c.Value, strings.Repeat("A", 10_000)} {
		f.get(t, entering(token), c).keptOut(t, http.StatusBadRequest, "can&#39;t be signed in")
	}
	f.get(t, entering(f.issue(t, f.assume(t, f.ana, "reading", "eve"))), c).keptOut(t, http.StatusForbidden, "There is no user")
	if f.greeted(t, c) != "reading/eva" {
		t.Error("signed out")
	}
}

func TestFederationLeadsToPagesOfThisServer(t *testing.T) {
	t.Parallel()
	f := newFederated(t)
	eva := f.assume(t, f.ana, "reading", "eva")
	for destination, want := range map[string]string{
		"/sn/console/users?Role=READER":                         "/sn/console/users?Role=READER",
		f.srv.URL + "/sn/console":                               "/sn/console",
		"https://quicksight.aws.amazon.com/":                    "/sn/start",
		"https://us-east-1.quicksight.aws.amazon.com/sn/start":  "/sn/start",
		"https://us-east-1.quicksight.aws.amazon.com.evil.com":  "/sn/start",
		"//evil.com/sn/start":                                   "/sn/start",
		`/\evil.com`:                                            "/sn/start",
		"https://evil.com/sn/start":                             "/sn/start",
		strings.Replace(f.srv.URL, "//", "//a@", 1) + "/sn/x":   "/sn/start",
		f.srv.URL + "@evil.com/sn/start":                        "/sn/start",
		"javascript:alert(1)":                                   "/sn/start",
		"/sn/x\r\nSet-Cookie: a=b":                              "/sn/start",
		"/federation?Action=login&SigninToken=x&Destination=/x": "/sn/start",
	} {
		p := f.get(t, entering(f.issue(t, eva), "Destination", destination))
		if p.status != http.StatusSeeOther || p.location != want || p.cookie == nil {
			t.Errorf("%q leads to %d %q", destination, p.status, p.location)
		}
	}
}

func TestFederationRefusesWhatIsNoRequest(t *testing.T) {
	t.Parallel()
	f := newFederated(t)
	eva := f.assume(t, f.ana, "reading", "eva")
	good := asking(eva.key).Get("Session")
	for what, q := range map[string]url.Values{
		"nothing":          {},
		"no action":        {"Session": {good}},
		"another action":   {"Action": {"logout"}},
		"another case":     {"Action": {"GetSigninToken"}, "Session": {good}},
		"two actions":      {"Action": {"getSigninToken", "login"}, "Session": {good}},
		"two sessions":     {"Action": {"getSigninToken"}, "Session": {good, good}},
		"no session":       {"Action": {"getSigninToken"}},
		"no JSON":          {"Action": {"getSigninToken"}, "Session": {"x"}},
		"an array":         {"Action": {"getSigninToken"}, "Session": {"[" + good + "]"}},
		"two objects":      {"Action": {"getSigninToken"}, "Session": {good + good}},
		"null":             {"Action": {"getSigninToken"}, "Session": {"null"}},
		"a member more":    {"Action": {"getSigninToken"}, "Session": {strings.Replace(good, "{", `{"a":"b",`, 1)}},
		"a doubled member": {"Action": {"getSigninToken"}, "Session": {strings.Replace(good, "{", `{"sessionId":"AKIA",`, 1)}},
		"wrong case":       {"Action": {"getSigninToken"}, "Session": {strings.Replace(good, "sessionId", "SessionId", 1)}},
		"a number":         {"Action": {"getSigninToken"}, "Session": {`{"sessionId":1,"sessionKey":"a","sessionToken":"b"}`}},
	} {
		t.Run(what, func(t *testing.T) {
			f.get(t, q).notIssued(t, http.StatusBadRequest)
			f.post(t, q).notIssued(t, http.StatusBadRequest)
		})
	}
	for _, missing := range []string{"Destination", "SigninToken"} {
		token := f.issue(t, eva)
		q := entering(token)
		q.Del(missing)
		f.get(t, q).keptOut(t, http.StatusBadRequest, missing)
		f.enter(t, token) // it was not used up
	}
	f.post(t, asking(eva.key, "Padding", strings.Repeat("x", 100_000))).notIssued(t, http.StatusRequestEntityTooLarge)
	f.send(t, f.request(t, http.MethodGet, "/federation?Action=%zz", nil)).notIssued(t, http.StatusBadRequest)
	token := f.issue(t, eva)
	if p := f.send(t, f.request(t, http.MethodHead, "/federation?"+entering(token).Encode(), nil)); p.status != http.StatusMethodNotAllowed || p.cookie != nil {
		t.Errorf("HEAD is %d", p.status)
	}
	f.enter(t, token)
}

// A user who is given another login is signed out: he may be somebody else.
func TestAnotherExternalLoginSignsOut(t *testing.T) {
	t.Parallel()
	f := newFederated(t)
	c := f.enter(t, f.issue(t, f.assume(t, f.ana, "reading", "eva")))
	user := f.describe(t, "reading/eva")
	_, err := f.UpdateUser(t.Context(), f.update(user))
	ok(t, err)
	if f.greeted(t, c) == "" {
		t.Error("signed out by a change of nothing")
	}
	_, err = f.UpdateUser(t.Context(), f.update(user, func(in *quicksight.UpdateUserInput) {
		in.ExternalLoginFederationProviderType = aws.String("CUSTOM_OIDC")
		in.CustomFederationProviderUrl, in.ExternalLoginId = aws.String("https://id.example.com"), aws.String("eva")
	}))
	ok(t, err)
	if f.greeted(t, c) != "" {
		t.Error("still signed in")
	}
	// By IAM alone he comes in whatever the login is.
	f.enter(t, f.issue(t, f.assume(t, f.ana, "reading", "eva")))
}

func TestAdministratorOfARoleHasTheConsole(t *testing.T) {
	t.Parallel()
	f := newFederated(t)
	f.register(t, f.iam("role/reading", "boss", func(in *quicksight.RegisterUserInput) { in.UserRole = types.UserRoleAdmin }))
	c := f.enter(t, f.issue(t, f.assume(t, f.ana, "reading", "boss")))
	if p := f.send(t, f.request(t, http.MethodGet, "/sn/console/users", nil), c); p.status != http.StatusOK || !strings.Contains(p.text, "reading/eva") {
		t.Errorf("%d %s", p.status, p.text)
	}
	// Disabled in the console, a user has no way in.
	form := url.Values{"PrincipalId": {*f.describe(t, "reading/eva").PrincipalId}}
	r := f.request(t, http.MethodPost, "/sn/console/user/disable", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	token := f.issue(t, f.assume(t, f.ana, "reading", "eva"))
	if p := f.send(t, r, c); p.status != http.StatusSeeOther {
		t.Fatalf("%d %s", p.status, p.text)
	}
	f.get(t, entering(token)).keptOut(t, http.StatusForbidden, "Your user is disabled.")
}

// The sessions of docs/federation.md, as printed, in one shell beside a server:
// the address that they print signs in.
func TestFederationSessionsRun(t *testing.T) {
	t.Parallel()
	file, err := program()
	ok(t, err)
	dir := t.TempDir()
	op := oidcop.New(t, nil)
	authority := filepath.Join(dir, "authority.pem")
	ok(t, os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: op.Certificate.Raw}), 0o600))
	env := append(sessionEnvironment(t), "PATH="+filepath.Dir(file)+":/usr/bin:"+os.Getenv("PATH"),
		"issuer="+op.Issuer, "client="+op.ClientID, "subject=cleo-1", "id_token="+op.Token(t, "cleo-1"))
	start(t, "cd "+dir+" && exec rollcall serve --oidc-ca "+authority, env)
	session := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", strings.Join(sessions(t, "../docs/federation.md"), ""))
	session.Dir, session.Env = dir, env
	out, err := session.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	addresses := regexp.MustCompile(`(?m)^http://localhost:\d+/federation\?Action=login\S+$`).FindAllString(string(out), -1)
	users := []string{"embed/team-ana", "web/cleo"}
	if len(addresses) != len(users) {
		t.Fatalf("%d addresses:\n%s", len(addresses), out)
	}
	for i, address := range addresses {
		if text := opened(t, address); !strings.Contains(text, "/sn/start") || !strings.Contains(text, "Hello, "+users[i]) {
			t.Errorf("%s leads to %s", address, text)
		}
	}
}

// opened is the path and the text of the page that an address leads a new
// browser to.
func opened(t testing.TB, address string) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	ok(t, err)
	resp, err := (&http.Client{Jar: jar}).Get(address)
	ok(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ok(t, err)
	return resp.Request.URL.Path + " " + string(body)
}
