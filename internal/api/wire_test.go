package api_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/google/go-cmp/cmp"

	"rollcall/internal/api"
	"rollcall/internal/apitest"
)

// requestID is the form of AWS's request ids: lower-case UUIDs of version 4.
var requestID = regexp.MustCompile(`\A[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\z`)

func (b *bench) users() string    { return "/accounts/" + b.account + "/namespaces/default/users" }
func (b *bench) profiles() string { return "/accounts/" + b.account + "/custom-permissions" }

// register makes a native user, or fails the test.
func (b *bench) register(t testing.TB, name string) {
	t.Helper()
	quoted, err := json.Marshal(name)
	if err != nil {
		t.Fatal(err)
	}
	a := b.Call(t, "POST", b.users(), fmt.Sprintf(
		`{"IdentityType":"QUICKSIGHT","UserName":%s,"Email":"x@example.com","UserRole":"READER"}`, quoted))
	if a.Status != http.StatusCreated {
		t.Fatalf("registering %q: %d %s", name, a.Status, a.Text)
	}
}

// identified checks that an answer has a request id, and takes it out of the
// body, where it is the same.
func identified(t testing.TB, a apitest.Answer) (body map[string]any) {
	t.Helper()
	id := a.Header.Get("X-Amzn-Requestid")
	if !requestID.MatchString(id) {
		t.Errorf("request id %q is no UUID", id)
	}
	if id != a.JSON["RequestId"] {
		t.Errorf("RequestId is %v in the body, want %s as in the header", a.JSON["RequestId"], id)
	}
	body = maps.Clone(a.JSON)
	delete(body, "RequestId")
	return body
}

// typed checks that an answer is a JSON error of that status and name.
func typed(t testing.TB, a apitest.Answer, status int, code string) {
	t.Helper()
	if a.Status != status || a.Code() != code {
		t.Errorf("%d %q %s, want %d %s", a.Status, a.Code(), a.Text, status, code)
	}
	if got := a.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type is %q", got)
	}
}

// framework checks an error from before the service, whose body is a message
// and nothing else.
func framework(t testing.TB, a apitest.Answer, status int, code, message string) {
	t.Helper()
	typed(t, a, status, code)
	if diff := cmp.Diff(map[string]any{"message": message}, a.JSON); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if id := a.Header.Get("X-Amzn-Requestid"); !requestID.MatchString(id) {
		t.Errorf("request id %q is no UUID", id)
	}
}

func TestSuccessHasTheRecordedStatusHeadersAndIds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, op := range api.Operations() {
		t.Run(op.Name, func(t *testing.T) {
			b.restore(t)
			a := b.do(t, op, b.valid(t, op))
			status := http.StatusOK
			if op.Name == "RegisterUser" {
				status = http.StatusCreated
			}
			if a.Status != status {
				t.Fatalf("%d %s, want %d", a.Status, a.Text, status)
			}
			headers := slices.Sorted(maps.Keys(a.Header))
			if diff := cmp.Diff([]string{"Content-Length", "Content-Type", "Date", "X-Amzn-Requestid"}, headers); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
			if got := a.Header.Get("Content-Type"); got != "application/json" {
				t.Errorf("Content-Type is %q", got)
			}
			// botocore lets a Status in the body override the status line.
			_, inBody := identified(t, a)["Status"]
			for _, s := range b.Structure(b.Operations[op.Name].Output) {
				if s.Name == "Status" && inBody != (s.Location == "") {
					t.Errorf("Status in the body: %v, but its location is %q", inBody, s.Location)
				}
			}
			if inBody && a.JSON["Status"] != float64(status) {
				t.Errorf("Status is %v, want %d", a.JSON["Status"], status)
			}
		})
	}
}

func TestEachRequestHasItsOwnID(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first, second := b.Call(t, "GET", b.users(), ""), b.Call(t, "GET", b.users(), "")
	if first.JSON["RequestId"] == second.JSON["RequestId"] {
		t.Errorf("both requests have the id %v", first.JSON["RequestId"])
	}
}

func TestLabelsAreDecodedAfterRouting(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, name := range []string{"role/session", "a b", "a+b", "é", "a%2Fb", "a/users/b", "users", "~x!*'()", "a?b#c", "..a", "a;b"} {
		b.register(t, name)
	}
	for wire, name := range map[string]string{
		"role%2Fsession":           "role/session",
		"role%2fsession":           "role/session",
		"a%20b":                    "a b",
		"a+b":                      "a+b",
		"a%2Bb":                    "a+b",
		"%C3%A9":                   "é",
		"%c3%a9":                   "é",
		"a%252Fb":                  "a%2Fb",
		"a%2Fusers%2Fb":            "a/users/b",
		"users":                    "users",
		"%75sers":                  "users",
		"~x!*'()":                  "~x!*'()",
		"%7Ex%21%2A%27%28%29":      "~x!*'()",
		"a%3Fb%23c":                "a?b#c",
		"..a":                      "..a",
		"%2E%2Ea":                  "..a",
		"a;b":                      "a;b",
		"a%3Bb":                    "a;b",
		"role%2Fsession?unknown=1": "role/session",
	} {
		t.Run(wire, func(t *testing.T) {
			a := b.Call(t, "GET", b.users()+"/"+wire, "")
			user, _ := a.JSON["User"].(map[string]any)
			if a.Status != http.StatusOK || user["UserName"] != name {
				t.Errorf("%d %s, want the user %q", a.Status, a.Text, name)
			}
			if arn := "arn:aws:quicksight:us-east-1:" + b.account + ":user/default/" + name; user["Arn"] != arn {
				t.Errorf("Arn is %v, want %s", user["Arn"], arn)
			}
		})
	}
}

func TestALabelMayHoldAnyBytes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, label := range []string{"%FF", "%C3", "%00", "ana%00", "%ED%A0%80"} {
		t.Run(label, func(t *testing.T) {
			violates(t, b.Call(t, "GET", b.users()+"/"+label, ""),
				"userName", `Member must satisfy regular expression pattern: [\u0020-\u00FF]+`)
			// A PrincipalId has no pattern.
			principal := strings.Replace(b.users(), "/users", "/user-principals/", 1) + label
			typed(t, b.Call(t, "DELETE", principal, ""), http.StatusNotFound, "ResourceNotFoundException")
		})
	}
}

func TestAPathThatIsNoOperationIsATyped404(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.stored(t)
	ana := b.users() + "/ana"
	for _, path := range []string{
		b.users() + "/.", b.users() + "/..", b.users() + "/%2E", b.users() + "/%2E%2E", b.users() + "/%2e.", b.users() + "/.%2E",
		b.users() + "/", b.users() + "//", ana + "/", "/" + ana, "/." + ana, ana + "/.", ana + "/..", ana + "/../ana",
		strings.Replace(ana, "/namespaces", "//namespaces", 1), strings.Replace(ana, "/default", "/", 1),
		strings.Replace(ana, "/default", "/.", 1), strings.Replace(ana, "/default", "/%2E%2E", 1),
		strings.Replace(ana, "/"+b.account, "/", 1), strings.Replace(ana, "/"+b.account, "/..", 1),
		strings.Replace(ana, "accounts", "%61ccounts", 1), strings.Replace(ana, "accounts", "Accounts", 1),
		strings.Replace(ana, "/users", "%2Fusers", 1), b.users() + "/team/ana",
		"/accounts", "/nothing", "/v1", "/accounts/" + b.account + "/nothing",
	} {
		for _, method := range []string{"GET", "DELETE"} {
			t.Run(method+" "+path, func(t *testing.T) {
				typed(t, b.Call(t, method, path, ""), http.StatusNotFound, "UnknownOperationException")
			})
		}
	}
	b.unchanged(t, before)
}

func TestAMethodThatIsNoOperationIsATyped404(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, path := range []string{b.users(), b.users() + "/ana", b.profiles(), b.profiles() + "/analysts"} {
		for _, method := range []string{"HEAD", "PATCH", "TRACE", "get", "NOTHING"} {
			t.Run(method+" "+path, func(t *testing.T) {
				typed(t, b.Call(t, method, path, ""), http.StatusNotFound, "UnknownOperationException")
			})
		}
		// As recorded of a CORS preflight, which is never signed.
		t.Run("OPTIONS "+path, func(t *testing.T) {
			typed(t, b.Call(t, "OPTIONS", path, ""), http.StatusForbidden, "MissingAuthenticationTokenException")
		})
	}
}

func TestOperationsElsewhereAreRefusedByName(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	label := regexp.MustCompile(`\{\w+\}`)
	for _, op := range api.Elsewhere() {
		t.Run(op.Name, func(t *testing.T) {
			path := strings.Replace(op.URI, "{AwsAccountId}", b.account, 1)
			a := b.Call(t, op.Method, label.ReplaceAllString(path, "x%2Fy"), "")
			framework(t, a, http.StatusNotFound, "UnknownOperationException",
				"The operation "+op.Name+" isn't supported by rollcall.")
		})
	}
}

// The bodies are those recorded of the service, and for what was not recorded
// the members that the service model gives the exception.
func TestErrorsHaveTheRecordedBodies(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	account := b.account
	elsewhere := b.Client
	elsewhere.Region = "us-west-2"
	register := func(members string) string { return `{"Email":"x@example.com","UserRole":"READER",` + members + `}` }
	fiftyOneTags := `{"Key":"k0","Value":"v"}`
	for i := range 50 {
		fiftyOneTags += fmt.Sprintf(`,{"Key":"k%d","Value":"v"}`, i+1)
	}
	for _, tt := range []struct {
		outcome            string
		client             apitest.Client
		method, path, body string
		status             int
		code               string
		want               map[string]any // beside RequestId
		noRequestID        bool
	}{
		{
			outcome: "no such user", method: "GET", path: b.users() + "/test-user",
			status: 404, code: "ResourceNotFoundException",
			want: map[string]any{
				"Message":      "AWS account id: " + account + ", Namespace: default, Username: test-user. ",
				"ResourceType": "USER",
			},
		}, {
			outcome: "no such namespace", method: "GET", path: strings.Replace(b.users(), "default", "sales", 1),
			status: 404, code: "ResourceNotFoundException",
			want: map[string]any{
				"Message": "Namespace sales not found in account " + account + ". AWS account ID: " + account + ", Namespace: sales.",
			},
			noRequestID: true,
		}, {
			outcome: "wrong region", client: elsewhere, method: "GET", path: b.users(),
			status: 401, code: "AccessDeniedException",
			want: map[string]any{
				"Message": "Operation is being called from endpoint us-west-2, but your identity region is us-east-1. Please use the us-east-1 endpoint.",
			},
			noRequestID: true,
		}, {
			outcome: "user name for IAM", method: "POST", path: b.users(),
			body:   register(`"IdentityType":"IAM","UserName":"x","IamArn":"arn:aws:iam::` + account + `:user/x"`),
			status: 400, code: "InvalidParameterValueException",
			want: map[string]any{
				"Message": "The following parameters are not applicable to this identity type: User Name. AWS account ID: " + account + ", Namespace: default. ",
			},
		}, {
			outcome: "IAM without an ARN", method: "POST", path: b.users(), body: register(`"IdentityType":"IAM"`),
			status: 400, code: "InvalidParameterValueException",
			want: map[string]any{"Message": "Invalid resource identifiers provided. Please check the documentation. "},
		}, {
			outcome: "name taken", method: "POST", path: b.users(), body: register(`"IdentityType":"QUICKSIGHT","UserName":"ana"`),
			status: 409, code: "ResourceExistsException",
			want: map[string]any{
				"Message":      "AWS account id: " + account + ", Namespace: default, Username: ana. ",
				"ResourceType": "USER",
			},
		}, {
			outcome: "too many tags", method: "POST", path: b.users(),
			body:   register(`"IdentityType":"QUICKSIGHT","UserName":"tagged","Tags":[` + fiftyOneTags + `]`),
			status: 409, code: "LimitExceededException",
			want: map[string]any{
				"Message":      "A resource can have at most 50 tags; 51 were given.",
				"ResourceType": "USER",
			},
		}, {
			outcome: "unapplied with another value than true", method: "PUT", path: b.users() + "/ana",
			body:   `{"Email":"x@example.com","Role":"AUTHOR","UnapplyCustomPermissions":false}`,
			status: 400, code: "InvalidParameterValueException",
			want: map[string]any{
				"Message": "UnapplyCustomPermissions doesn't accept any other value than true. AWS account ID: " + account + ", Namespace: default. ",
			},
		}, {
			outcome: "no such profile", method: "GET", path: b.profiles() + "/nothing",
			status: 404, code: "ResourceNotFoundException",
			want: map[string]any{"Message": "AWS account id: " + account + ", Custom permissions name: nothing. "},
		}, {
			outcome: "profile name taken", method: "POST", path: b.profiles(), body: `{"CustomPermissionsName":"analysts"}`,
			status: 409, code: "ResourceExistsException",
			want: map[string]any{"Message": "AWS account id: " + account + ", Custom permissions name: analysts. "},
		}, {
			outcome: "constraint broken", method: "GET", path: b.users() + "?max-results=101",
			status: 400, code: "InvalidParameterValueException",
			want: map[string]any{
				"Message": "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100",
			},
		}, {
			outcome: "page token of no use", method: "GET", path: b.users() + "?next-token=x",
			status: 400, code: "InvalidNextTokenException",
			want: map[string]any{"Message": "The NextToken value isn't valid."},
		}, {
			// ListCustomPermissions does not model InvalidNextTokenException.
			outcome: "page token of no use for profiles", method: "GET", path: b.profiles() + "?next-token=x",
			status: 400, code: "InvalidParameterValueException",
			want: map[string]any{"Message": "The NextToken value isn't valid."},
		},
	} {
		t.Run(tt.outcome, func(t *testing.T) {
			client := tt.client
			if client.URL == "" {
				client = b.Client
			}
			a := client.Call(t, tt.method, tt.path, tt.body)
			typed(t, a, tt.status, tt.code)
			body := a.JSON
			if !tt.noRequestID {
				body = identified(t, a)
			}
			if diff := cmp.Diff(tt.want, body); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnotherAccountIsDeniedWhicheverItIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	resources := map[string]string{
		"RegisterUser":              "arn:aws:quicksight:us-east-1:%s:user/default/newcomer",
		"DescribeUser":              "arn:aws:quicksight:us-east-1:%s:user/default/ana",
		"UpdateUser":                "arn:aws:quicksight:us-east-1:%s:user/default/ana",
		"DeleteUser":                "arn:aws:quicksight:us-east-1:%s:user/default/ana",
		"DeleteUserByPrincipalId":   "arn:aws:quicksight:us-east-1:%s:user/default/*",
		"ListUsers":                 "arn:aws:quicksight:us-east-1:%s:user/default/*",
		"CreateCustomPermissions":   "arn:aws:quicksight:us-east-1:%s:custompermissions/newcomers",
		"DescribeCustomPermissions": "arn:aws:quicksight:us-east-1:%s:custompermissions/analysts",
		"UpdateCustomPermissions":   "arn:aws:quicksight:us-east-1:%s:custompermissions/analysts",
		"DeleteCustomPermissions":   "*",
		"ListCustomPermissions":     "*",
	}
	before := b.stored(t)
	for _, op := range api.Operations() {
		t.Run(op.Name, func(t *testing.T) {
			for _, other := range []string{"000000000000", "111122223334", "999999999999"} {
				a := b.do(t, op, with(b.valid(t, op), "AwsAccountId", other))
				typed(t, a, http.StatusForbidden, "AccessDeniedException")
				want := fmt.Sprintf("User: arn:aws:iam::%[1]s:root is not authorized to perform: quicksight:%[2]s on resource: %[3]s"+
					" because no resource-based policy allows the quicksight:%[2]s action",
					b.account, op.Name, strings.Replace(resources[op.Name], "%s", other, 1))
				if diff := cmp.Diff(map[string]any{"Message": want}, identified(t, a)); diff != "" {
					t.Errorf("body (-want +got):\n%s", diff)
				}
			}
			b.unchanged(t, before)
		})
	}
}

func TestAnyOtherRegionIsRefusedByAllOperations(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.stored(t)
	for _, region := range []string{"us-west-2", "eu-central-1", "us-gov-east-1", "elsewhere"} {
		c := b.Client
		c.Region = region
		for _, op := range api.Operations() {
			request := b.valid(t, op)
			a := c.Call(t, op.Method, b.path(op, request), b.body(t, op, request))
			typed(t, a, http.StatusUnauthorized, "AccessDeniedException")
			if want := "called from endpoint " + region + ","; !strings.Contains(a.Message(), want) {
				t.Errorf("message is %q, want it to have %q", a.Message(), want)
			}
		}
	}
	b.unchanged(t, before)
}

const mismatch = "The request signature we calculated does not match the signature you provided." +
	" Check your AWS Secret Access Key and signing method. Consult the service documentation for details."

func TestARequestThatIsNotWhatWasSignedReachesNoOperation(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.stored(t)
	for _, tt := range []struct {
		outcome       string
		alter         func(*http.Request)
		code, message string
	}{
		{"unsigned", func(r *http.Request) { r.Header.Del("Authorization") },
			"MissingAuthenticationTokenException", "Missing Authentication Token"},
		{"altered body", func(r *http.Request) { setBody(r, strings.Replace(bodyOf(r), "READER", "AUTHOR", 1)) },
			"InvalidSignatureException", mismatch},
		{"body gone", func(r *http.Request) { setBody(r, "") }, "InvalidSignatureException", mismatch},
		{"altered path", func(r *http.Request) { r.URL.Path, r.URL.RawPath = b.profiles(), "" },
			"InvalidSignatureException", mismatch},
		{"added query", func(r *http.Request) { r.URL.RawQuery = "max-results=1" }, "InvalidSignatureException", mismatch},
		{"altered method", func(r *http.Request) { r.Method = "GET"; setBody(r, "") }, "InvalidSignatureException", mismatch},
		{"another host", func(r *http.Request) { r.Host = "quicksight.us-east-1.amazonaws.com" },
			"InvalidSignatureException", mismatch},
		{"altered signature", func(r *http.Request) {
			r.Header.Set("Authorization", r.Header.Get("Authorization")[:10]+strings.Replace(r.Header.Get("Authorization")[10:], "Signature=", "Signature=0", 1))
		}, "InvalidSignatureException", mismatch},
	} {
		t.Run(tt.outcome, func(t *testing.T) {
			r := b.Request(t, "POST", b.users(), `{"IdentityType":"QUICKSIGHT","UserName":"x","Email":"x@example.com","UserRole":"READER"}`)
			tt.alter(r)
			framework(t, apitest.Send(t, r), http.StatusForbidden, tt.code, tt.message)
			b.unchanged(t, before)
		})
	}
}

func TestASignatureForOneLabelDoesNotFitAnother(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.register(t, "a/b")
	b.register(t, "a%2Fb")
	for signed, sent := range map[string]string{
		"a%2Fb":   "a%252Fb",
		"a%252Fb": "a%2Fb",
		"ana":     "a%2Fb",
	} {
		t.Run(signed+" as "+sent, func(t *testing.T) {
			r := b.Request(t, "DELETE", b.users()+"/"+signed, "")
			authorization := r.Header.Get("Authorization")
			date := r.Header.Get("X-Amz-Date")
			r = b.Request(t, "DELETE", b.users()+"/"+sent, "")
			r.Header.Set("Authorization", authorization)
			r.Header.Set("X-Amz-Date", date)
			framework(t, apitest.Send(t, r), http.StatusForbidden, "InvalidSignatureException", mismatch)
		})
	}
}

func TestACallerWithoutTheKeyIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, tt := range []struct {
		outcome       string
		change        func(*apitest.Client)
		code, message string
	}{
		{"unknown key", func(c *apitest.Client) { c.AccessKeyID = "AKIAIOSFODNN7EXAMPLE" },
			"UnrecognizedClientException", "The security token included in the request is invalid."},
		{"the well-known key of --dev", func(c *apitest.Client) { c.AccessKeyID, c.SecretAccessKey = "test", "test" },
			"UnrecognizedClientException", "The security token included in the request is invalid."},
		{"another secret", func(c *apitest.Client) { c.SecretAccessKey += "x" }, "InvalidSignatureException", mismatch},
	} {
		t.Run(tt.outcome, func(t *testing.T) {
			c := b.Client
			tt.change(&c)
			framework(t, c.Call(t, "GET", b.users(), ""), http.StatusForbidden, tt.code, tt.message)
		})
	}
}

func TestASignatureTooOldOrTooNewIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for outcome, tt := range map[string]struct {
		off    time.Duration
		begins string // "": accepted
	}{
		"14 minutes old":   {-14 * time.Minute, ""},
		"16 minutes old":   {-16 * time.Minute, "Signature expired: "},
		"14 minutes early": {14 * time.Minute, ""},
		"16 minutes early": {16 * time.Minute, "Signature not yet current: "},
	} {
		t.Run(outcome, func(t *testing.T) {
			c := b.Client
			c.Now = func() time.Time { return time.Now().Add(tt.off) }
			a := c.Call(t, "GET", b.users(), "")
			if tt.begins == "" {
				if a.Status != http.StatusOK {
					t.Errorf("%d %s, want 200", a.Status, a.Text)
				}
				return
			}
			typed(t, a, http.StatusForbidden, "InvalidSignatureException")
			if !strings.HasPrefix(a.Message(), tt.begins) {
				t.Errorf("message is %q, want it to begin with %q", a.Message(), tt.begins)
			}
		})
	}
}

func TestAPresignedAddressWorksForItsPathOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r, err := http.NewRequestWithContext(t.Context(), "GET", b.URL+b.users()+"/ana", nil)
	if err != nil {
		t.Fatal(err)
	}
	nothing := "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	creds := aws.Credentials{AccessKeyID: b.AccessKeyID, SecretAccessKey: b.SecretAccessKey}
	address, _, err := v4.NewSigner().PresignHTTP(t.Context(), creds, r, nothing, "quicksight", b.Region, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if a := get(t, address); a.Status != http.StatusOK {
		t.Errorf("%d %s, want 200", a.Status, a.Text)
	}
	other := strings.Replace(address, "/users/ana?", "/users?", 1)
	framework(t, get(t, other), http.StatusForbidden, "InvalidSignatureException", mismatch)
}

func get(t testing.TB, address string) apitest.Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return apitest.Send(t, r)
}

func bodyOf(r *http.Request) string {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err) // it is a string's
	}
	return string(body)
}

func setBody(r *http.Request, body string) {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	r.GetBody = nil
	if body == "" {
		r.Body = http.NoBody
	}
}

func TestCookiesMakeNoDifference(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.Request(t, "GET", b.users(), "")
	r.Header.Set("Cookie", "session=somebody; x=y")
	if a := apitest.Send(t, r); a.Status != http.StatusOK || a.Header.Get("Set-Cookie") != "" {
		t.Errorf("%d %s %v, want 200 and no cookie", a.Status, a.Text, a.Header)
	}
	r.Header.Del("Authorization")
	framework(t, apitest.Send(t, r), http.StatusForbidden, "MissingAuthenticationTokenException", "Missing Authentication Token")
}

func TestBrowsersMayNotCallForAnotherSite(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for site, allowed := range map[string]bool{"cross-site": false, "same-site": true, "same-origin": true, "none": true} {
		t.Run(site, func(t *testing.T) {
			r := b.Request(t, "GET", b.users(), "")
			r.Header.Set("Sec-Fetch-Site", site)
			a := apitest.Send(t, r)
			if allowed {
				if a.Status != http.StatusOK {
					t.Errorf("%d %s, want 200", a.Status, a.Text)
				}
				return
			}
			framework(t, a, http.StatusForbidden, "AccessDeniedException", "Cross-site requests are not allowed.")
		})
	}
}

func TestABodyMayHaveOneMebibyte(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const most = 1 << 20
	const begin = `{"IdentityType":"QUICKSIGHT","UserName":"large","Email":"x@example.com","UserRole":"READER","Padding":"`
	ofSize := func(n int) string { return begin + strings.Repeat("x", n-len(begin)-len(`"}`)) + `"}` }
	before := b.stored(t)

	const tooLarge = "Request is too large. The body may have at most 1048576 bytes."
	framework(t, b.Call(t, "POST", b.users(), ofSize(most+1)), http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", tooLarge)
	chunked := b.Request(t, "POST", b.users(), ofSize(most+1))
	chunked.ContentLength = -1
	framework(t, apitest.Send(t, chunked), http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", tooLarge)
	b.unchanged(t, before)

	if a := b.Call(t, "POST", b.users(), ofSize(most)); a.Status != http.StatusCreated {
		t.Errorf("a body of %d bytes: %d %s, want 201", most, a.Status, a.Text)
	}
}

func TestOfTwoMembersWithOneNameTheLastCounts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a := b.Call(t, "PUT", b.users()+"/ana", `{"Email":"first@example.com","Role":"READER","Email":"last@example.com","Role":"ADMIN"}`)
	user, _ := a.JSON["User"].(map[string]any)
	if user["Email"] != "last@example.com" || user["Role"] != "ADMIN" {
		t.Errorf("%d %s, want the last of each", a.Status, a.Text)
	}
	violates(t, b.Call(t, "PUT", b.users()+"/ana", `{"Role":"ADMIN","Email":"first@example.com","Email":null}`),
		"email", "Member must not be null")

	violates(t, b.Call(t, "POST", b.profiles(), `{"CustomPermissionsName":"x","Tags":[{"Key":"k","Value":"v"}],"Tags":[{"Key":"k"}]}`),
		"tags.1.member.value", "Member must not be null")

	for name, tt := range map[string]struct{ body, want string }{
		"capability": {
			`{"Capabilities":{"ExportToCsv":"DENY","ExportToCsv":"ALLOW"}}`,
			`{"Capabilities":{"ExportToCsv":"ALLOW"}}`,
		},
		"capabilities": {
			`{"Capabilities":{"ExportToCsv":"DENY"},"Capabilities":{"ExportToPdf":"DENY"}}`,
			`{"Capabilities":{"ExportToPdf":"DENY"}}`,
		},
		"governance": {
			`{"Governance":{"DefaultCategoryEffects":{"AI":"DENY_BY_DEFAULT"}},"Governance":{"DefaultCategoryEffects":{"ML":"DENY_BY_DEFAULT"}}}`,
			`{"Capabilities":{},"Governance":{"DefaultCategoryEffects":{"ML":"DENY_BY_DEFAULT"}}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if a := b.Call(t, "PUT", b.profiles()+"/analysts", tt.body); a.Status != http.StatusOK {
				t.Fatalf("%d %s", a.Status, a.Text)
			}
			var want map[string]any
			if err := json.Unmarshal([]byte(tt.want), &want); err != nil {
				t.Fatal(err)
			}
			want["Arn"] = "arn:aws:quicksight:us-east-1:" + b.account + ":custompermissions/analysts"
			want["CustomPermissionsName"] = "analysts"
			got := b.Call(t, "GET", b.profiles()+"/analysts", "").JSON["CustomPermissions"]
			if diff := cmp.Diff(any(want), got); diff != "" {
				t.Errorf("profile (-want +got):\n%s", diff)
			}
		})
	}
}

// A stranger must not be able to fill the memory with bodies, so nobody is
// waited for before the key is known. The bodies here are never sent.
func TestTheBodyOfAStrangerIsNotReadAtAll(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stranger := b.Client
	stranger.AccessKeyID = "AKIAAAAAAAAAAAAAAAAA"
	for name, tt := range map[string]struct {
		request *http.Request
		code    string
	}{
		"Unsigned":   {httptest.NewRequest("POST", b.URL+b.users(), nil), "MissingAuthenticationTokenException"},
		"UnknownKey": {stranger.Request(t, "POST", b.users(), "{}"), "UnrecognizedClientException"},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", tt.request.URL.Host)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(20 * time.Second)) // under the server's patience with slow bodies
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 1000000\r\n", b.users(), tt.request.URL.Host)
			for _, name := range []string{"Authorization", "X-Amz-Date"} {
				if value := tt.request.Header.Get(name); value != "" {
					fmt.Fprintf(conn, "%s: %s\r\n", name, value)
				}
			}
			io.WriteString(conn, "\r\n{")
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusForbidden || resp.Header.Get("X-Amzn-Errortype") != tt.code {
				t.Errorf("%d %v, want 403 %s", resp.StatusCode, resp.Header, tt.code)
			}
		})
	}
}
