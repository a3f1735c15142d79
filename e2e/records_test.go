package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/quicksight"
	"github.com/aws/aws-sdk-go-v2/service/quicksight/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"rollcall/rollcalltest"
)

// ledger keeps what became of calls, which the record has to agree with, and
// the secrets that were told in answers, which it must not have.
type ledger struct {
	mu      sync.Mutex
	calls   []called
	secrets []string
}

type called struct {
	source, operation string // as in a record
	requestID         string
	code              string // of the error; "": none
	status            int    // of the error
}

// keep makes a client write into the ledger.
func (l *ledger) keep(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Ledger", l.call), middleware.After)
}

func (l *ledger) call(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	out, meta, err := next.HandleInitialize(ctx, in)
	c := called{
		source:    strings.ToLower(awsmiddleware.GetServiceID(ctx)) + ".amazonaws.com",
		operation: awsmiddleware.GetOperationName(ctx),
	}
	c.requestID, _ = awsmiddleware.GetRequestIDMetadata(meta)
	var refused smithy.APIError
	if errors.As(err, &refused) {
		c.code = refused.ErrorCode()
	}
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		c.status, c.requestID = response.HTTPStatusCode(), response.ServiceRequestID()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, c)
	l.secrets = append(l.secrets, secrets(out.Result)...)
	return out, meta, err
}

// secrets are those of an answer.
func secrets(answer any) []string {
	switch out := answer.(type) {
	case *iam.CreateAccessKeyOutput:
		return []string{*out.AccessKey.SecretAccessKey}
	case *sts.AssumeRoleOutput:
		return []string{*out.Credentials.SecretAccessKey, *out.Credentials.SessionToken}
	case *sts.GetSessionTokenOutput:
		return []string{*out.Credentials.SecretAccessKey, *out.Credentials.SessionToken}
	case *quicksight.RegisterUserOutput:
		if out.UserInvitationUrl != nil {
			_, token, _ := strings.Cut(*out.UserInvitationUrl, "token=")
			return []string{*out.UserInvitationUrl, token}
		}
	}
	return nil
}

// kept says whether there has to be a record of a call: of changes, of
// sessions that were handed out, and of what was denied. maybe are those of
// callers who are not known (any more).
func (c *called) kept() (kept, maybe bool) {
	switch c.code {
	case "UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException", "SignatureDoesNotMatch",
		"ExpiredTokenException", "ExpiredToken":
		return false, true
	}
	reads := c.operation != "GetSessionToken" && slices.ContainsFunc([]string{"Get", "List", "Describe"},
		func(verb string) bool { return strings.HasPrefix(c.operation, verb) })
	return !reads || c.status == http.StatusForbidden, false
}

// record is a line of `rollcall audit --format json`.
type record struct {
	text    string
	members map[string]any

	UserIdentity struct {
		Type, PrincipalId, Arn, UserName, AccessKeyId string
		SessionContext                                struct {
			SessionIssuer struct{ Arn, UserName string }
		}
	}
	EventTime         time.Time
	EventSource       string
	EventName         string
	RequestID         string
	ErrorCode         string
	ErrorMessage      string
	RequestParameters map[string]any
	ResponseElements  map[string]any
	Resources         []struct{ ARN string }
}

// program is a rollcall, built once.
var program = sync.OnceValues(func() (string, error) {
	file := filepath.Join(programDir, "rollcall")
	build := exec.Command("go", "build", "-o", file, "./cmd/rollcall")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return file, nil
})

// programDir is where the program is built.
var programDir string

func TestMain(m *testing.M) {
	var err error
	if programDir, err = os.MkdirTemp("", "rollcall-e2e-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(programDir)
	os.Exit(code)
}

// audit runs `rollcall audit`.
func (f *fixture) audit(t testing.TB, args ...string) string {
	t.Helper()
	return f.run(t, append([]string{"audit"}, args...)...)
}

// run runs a command of the program with the environment of a suite.
func (f *fixture) run(t testing.TB, args ...string) string {
	t.Helper()
	file, err := program()
	ok(t, err)
	command := exec.CommandContext(context.WithoutCancel(t.Context()), file, args...)
	command.Env, command.Stderr = environment(suiteEnvironment(f.srv)), t.Output()
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	return string(out)
}

func (f *fixture) records(t testing.TB) []record {
	t.Helper()
	var all []record
	for line := range strings.Lines(f.audit(t, "--since", "1h", "--format", "json")) {
		r := record{text: line}
		ok(t, json.Unmarshal([]byte(line), &r))
		ok(t, json.Unmarshal([]byte(line), &r.members))
		all = append(all, r)
	}
	return all
}

// required are the members that every record of CloudTrail has, optional those
// that some have.
var (
	required = []string{"eventTime", "eventVersion", "eventSource", "eventName", "awsRegion", "userIdentity",
		"sourceIPAddress", "requestParameters", "responseElements", "eventID", "eventType", "eventCategory"}
	optional = []string{"userAgent", "additionalEventData", "errorCode", "errorMessage", "requestID", "readOnly", "resources",
		"recipientAccountId", "managementEvent"}
)

// checkRecords compares the record with the ledger.
func (f *fixture) checkRecords(t testing.TB) {
	t.Helper()
	if t.Failed() {
		return
	}
	byID := map[string][]record{}
	for _, r := range f.records(t) {
		byID[r.RequestID] = append(byID[r.RequestID], r)
		for _, member := range required {
			if _, there := r.members[member]; !there {
				t.Errorf("a record has no %s: %s", member, r.text)
			}
			delete(r.members, member)
		}
		for member := range r.members {
			if !slices.Contains(optional, member) {
				t.Errorf("a record has the member %s, which CloudTrail's have not: %s", member, r.text)
			}
		}
		for _, secret := range append(f.ledger.secrets, f.srv.SecretAccessKey) {
			if strings.Contains(r.text, secret) {
				t.Errorf("a record has the secret %s: %s", secret, r.text)
			}
		}
	}
	for _, c := range f.ledger.calls {
		kept, maybe := c.kept()
		found := byID[c.requestID]
		switch {
		case maybe:
		case !kept && len(found) > 0, kept && len(found) != 1:
			t.Errorf("%+v has %d records", c, len(found))
		case kept:
			found[0].check(t, c)
		}
		delete(byID, c.requestID)
	}
	for _, found := range byID {
		t.Errorf("nobody made the call of the record %s", found[0].text)
	}
}

// check compares a record with its call.
func (r *record) check(t testing.TB, c called) {
	t.Helper()
	if r.EventSource != c.source || r.EventName != c.operation || r.ErrorCode != c.code || (r.ErrorMessage == "") != (c.code == "") {
		t.Errorf("the record of %+v is %s", c, r.text)
	}
	if c.code != "" && r.ResponseElements != nil || c.code == "" && r.RequestParameters == nil || r.UserIdentity.Arn == "" {
		t.Errorf("the record of %+v has other parameters, answer or caller than it may: %s", c, r.text)
	}
}

func TestTheRecordTellsWhoDidWhat(t *testing.T) {
	t.Parallel()
	for what, reads := range map[string]bool{"changes and refusals": false, "reads too": true} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, &rollcalltest.Options{AuditReads: reads})
			began := time.Now().Truncate(time.Second)
			ana := f.person(t, "ana", allow("sts:AssumeRole"))
			f.role(t, "embed", allow("quicksight:DescribeUser"))
			session := f.assume(t, ana, "embed", "ben")
			invited, err := f.RegisterUser(t.Context(), f.native("cy"))
			ok(t, err)
			_, err = session.qs.DescribeUser(t.Context(), f.named("cy"))
			ok(t, err)
			_, err = session.qs.DeleteUser(t.Context(), (*quicksight.DeleteUserInput)(f.named("cy")))
			refused[*types.AccessDeniedException](t, err, http.StatusForbidden)
			refused[*types.AccessDeniedException](t, f.listAs(t, session), http.StatusForbidden)
			_, err = f.RegisterUser(t.Context(), f.native("cy"))
			refused[*types.ResourceExistsException](t, err, http.StatusConflict)
			_, err = f.DescribeUser(t.Context(), f.named("nobody"))
			f.noUser(t, err, "nobody")
			f.unknown(t, f.as(session.key.AccessKeyID, session.key.SecretAccessKey, "token"))
			link, err := url.Parse(*invited.UserInvitationUrl)
			ok(t, err)
			const password = "Correct-Horse-7"
			page, err := f.http.PostForm(f.srv.URL+link.Path, url.Values{"token": {link.Query().Get("token")}, "password": {password}, "confirm": {password}})
			ok(t, err)
			page.Body.Close()
			if page.StatusCode != http.StatusOK {
				t.Errorf("setting the password: %s", page.Status)
			}

			const (
				root    = "arn:aws:iam::111122223333:root"
				anaARN  = "arn:aws:iam::111122223333:user/ana"
				benARN  = "arn:aws:sts::111122223333:assumed-role/embed/ben"
				embed   = "arn:aws:iam::111122223333:role/embed"
				cyARN   = "arn:aws:quicksight:us-east-1:111122223333:user/default/cy"
				nothing = ""
			)
			want := [][]string{
				{root, "iam CreateUser", anaARN, nothing},
				{root, "iam PutUserPolicy", anaARN, nothing},
				{root, "iam CreateAccessKey", anaARN, nothing},
				{root, "iam CreateRole", embed, nothing},
				{root, "iam PutRolePolicy", embed, nothing},
				{anaARN, "sts AssumeRole", embed, nothing},
				{root, "quicksight RegisterUser", cyARN, nothing},
				{benARN, "quicksight DescribeUser", nothing, nothing},
				{benARN, "quicksight DeleteUser", nothing, "AccessDeniedException"},
				{benARN, "quicksight ListUsers", nothing, "AccessDeniedException"},
				{root, "quicksight RegisterUser", nothing, "ResourceExistsException"},
				{root, "quicksight DescribeUser", nothing, "ResourceNotFoundException"},
				{nothing, "quicksight AcceptInvitation", cyARN, nothing},
				{root, "sts GetCallerIdentity", nothing, nothing}, // of `rollcall audit`
			}
			if !reads {
				want = slices.DeleteFunc(want, func(line []string) bool {
					return line[1] == "quicksight DescribeUser" || line[1] == "sts GetCallerIdentity"
				})
			}
			var got [][]string
			for _, r := range f.records(t) {
				to := nothing
				if len(r.Resources) == 1 {
					to = r.Resources[0].ARN
				}
				service := strings.TrimSuffix(r.EventSource, ".amazonaws.com")
				got = append(got, []string{r.UserIdentity.Arn, service + " " + r.EventName, to, r.ErrorCode})
				if r.EventTime.Before(began) || r.EventTime.After(time.Now()) {
					t.Errorf("the record is of another time: %s", r.text)
				}
				if strings.Contains(r.text, password) {
					t.Errorf("a record has the password: %s", r.text)
				}
				if r.UserIdentity.Arn == benARN && (r.UserIdentity.Type != "AssumedRole" || r.UserIdentity.SessionContext.SessionIssuer.Arn != embed ||
					r.UserIdentity.AccessKeyId != session.key.AccessKeyID) {
					t.Errorf("the caller of %s is %+v", r.EventName, r.UserIdentity)
				}
			}
			same(t, "record", want, got)

			table := f.audit(t, "--since", "1h", "--user", "ana", "--format", "table")
			if n := strings.Count(table, "\n"); n != 5 || strings.Contains(table, "CreateRole") {
				t.Errorf("the table about ana has %d lines, want a header and 4:\n%s", n, table)
			}
		})
	}
}
