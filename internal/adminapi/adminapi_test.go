package adminapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/apitest"
)

const (
	mayRead    = `{"Statement": {"Effect": "Allow", "Action": "rollcall:ListAuditRecords", "Resource": "*"}}`
	mayElse    = `{"Statement": {"Effect": "Allow", "Action": "quicksight:*", "Resource": "*"}}`
	mayNothing = `{"Statement": {"Effect": "Deny", "Action": "rollcall:*", "Resource": "*"}}`
)

func TestPagesComeInOrderAndLoseNothing(t *testing.T) {
	k := newKit(t, false)
	var calls []call
	for i := range 250 { // several in each millisecond
		calls = append(calls, call{at: k.now().Add(time.Duration(i/10) * time.Millisecond), caller: "alice"})
	}
	want := k.record(t, calls...)
	for size, pages := range map[int]int{0: 3, 1: 250, 7: 36, 125: 2, 249: 2, 250: 1, 1000: 1} {
		t.Run(strconv.Itoa(size), func(t *testing.T) {
			query := url.Values{}
			if size > 0 {
				query.Set("max-results", strconv.Itoa(size))
			}
			events, n := all(t, k.Client, query)
			if diff := cmp.Diff(want, ids(events)); diff != "" || n != pages {
				t.Errorf("%d pages, want %d: %s", n, pages, diff)
			}
		})
	}
}

func TestRecordsAreSelected(t *testing.T) {
	k := newKit(t, false)
	at := k.now()
	made := k.record(t,
		call{at: at, caller: "alice"},
		call{at: at.Add(time.Second), caller: "bob", subject: "alice"},
		call{at: at.Add(time.Second + time.Millisecond), caller: "bob", subject: "ana & <ben>"},
		call{at: at.Add(time.Minute), caller: "Alice"},
	)
	stamp := func(after time.Duration) string { return at.Add(after).Format(time.RFC3339Nano) }
	for _, tt := range []struct {
		name  string
		query url.Values
		want  []string
	}{
		{"All", nil, made},
		{"SinceIsIncluded", url.Values{"since": {stamp(time.Second)}}, made[1:]},
		{"UntilIsNot", url.Values{"until": {stamp(time.Second)}}, made[:1]},
		{"PartsOfASecond", url.Values{"since": {stamp(time.Second + time.Microsecond)}, "until": {stamp(time.Minute)}}, made[2:3]},
		{"AnotherZone", url.Values{"since": {at.Add(time.Minute).In(time.FixedZone("", 7200)).Format(time.RFC3339)}}, made[3:]},
		{"NameOfCallerOrSubject", url.Values{"name": {"alice"}}, made[:2]},
		{"AnyName", url.Values{"name": {"ana & <ben>"}}, made[2:3]},
		{"EmptyNameIsNone", url.Values{"name": {""}}, made},
		{"NobodysName", url.Values{"name": {"carol"}}, nil},
		{"NameAndTime", url.Values{"name": {"alice"}, "since": {stamp(time.Second)}}, made[1:2]},
		{"SinceBehindUntil", url.Values{"since": {stamp(time.Minute)}, "until": {stamp(0)}}, nil},
		{"BeforeTheirTime", url.Values{"since": {"0001-01-01T00:00:00Z"}, "until": {"1969-12-31T23:59:59Z"}}, nil},
		{"AfterAllTime", url.Values{"since": {"9999-12-31T23:59:59Z"}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			events, _ := all(t, k.Client, tt.query)
			if diff := cmp.Diff(tt.want, ids(events)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnswerIsWhatCloudTrailWrites(t *testing.T) {
	k := newKit(t, false)
	k.record(t, call{at: k.now(), caller: "alice"})
	a := k.Call(t, http.MethodGet, path, "")
	if !strings.HasPrefix(a.Text, `{"Records":[{"eventVersion":"1.11","userIdentity":{"type":"IAMUser",`) {
		t.Errorf("it is %s", a.Text)
	}
	if id := a.Header.Get("X-Amzn-Requestid"); id == "" || a.JSON["RequestId"] != id {
		t.Errorf("RequestId is %v, the header has %q", a.JSON["RequestId"], id)
	}
	if a.Header.Get("Content-Type") != "application/json" {
		t.Errorf("Content-Type is %q", a.Header.Get("Content-Type"))
	}
	empty := newKit(t, false).Call(t, http.MethodGet, path, "")
	if !strings.HasPrefix(empty.Text, `{"Records":[],"RequestId":"`) {
		t.Errorf("without records it is %s", empty.Text)
	}
}

func TestBadInputIsRefused(t *testing.T) {
	k := newKit(t, false)
	const rule = "Member must be a time in the form of RFC 3339, such as 2026-01-02T03:04:05Z"
	violation := func(value, member, rule string) string {
		return fmt.Sprintf("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s", value, member, rule)
	}
	for _, tt := range []struct{ path, code, message string }{
		{path + "?since=yesterday", "InvalidParameterValueException", violation("yesterday", "since", rule)},
		{path + "?until=2026-02-30T00:00:00Z", "InvalidParameterValueException", violation("2026-02-30T00:00:00Z", "until", rule)},
		{path + "?since=", "InvalidParameterValueException", violation("", "since", rule)},
		{path + "?max-results=0", "InvalidParameterValueException",
			violation("0", "maxResults", "Member must have value greater than or equal to 1")},
		{path + "?max-results=1001", "InvalidParameterValueException",
			violation("1001", "maxResults", "Member must have value less than or equal to 1000")},
		{path + "?max-results=all", "SerializationException", "The value of max-results must be an integer."},
		{"/v1/accounts/11112222333/audit-records", "InvalidParameterValueException",
			violation("11112222333", "accountId", "Member must satisfy regular expression pattern: [0-9]{12}")},
		{path + "?next-token=bm9uZQ", "InvalidNextTokenException", "The NextToken value isn't valid."},
	} {
		t.Run(tt.path, func(t *testing.T) {
			a := k.Call(t, http.MethodGet, tt.path, "")
			if a.Status != http.StatusBadRequest || a.Code() != tt.code || a.Message() != tt.message {
				t.Errorf("%d %s %q, want 400 %s %q", a.Status, a.Code(), a.Message(), tt.code, tt.message)
			}
		})
	}
}

func TestTokenIsGoodForOneListAndADay(t *testing.T) {
	k := newKit(t, false)
	k.record(t, call{at: k.now(), caller: "alice"}, call{at: k.now(), caller: "alice"})
	list := url.Values{"since": {"2026-01-01T00:00:00Z"}, "until": {"2027-01-01T00:00:00Z"}, "name": {"alice"}, "max-results": {"1"}}
	_, token := page(t, k.Client, list)
	list.Set("next-token", token)
	if events, more := page(t, k.Client, list); len(events) != 1 || more != "" {
		t.Fatalf("the second page has %d records, token %q", len(events), more)
	}
	refused := func(t *testing.T) {
		t.Helper()
		a := k.Call(t, http.MethodGet, path+"?"+list.Encode(), "")
		if a.Status != http.StatusBadRequest || a.Code() != "InvalidNextTokenException" {
			t.Errorf("%d %s %s", a.Status, a.Code(), a.Text)
		}
	}
	for name, value := range map[string]string{"since": "2026-01-01T00:00:01Z", "until": "2027-01-01T00:00:01Z", "name": "bob"} {
		t.Run(name, func(t *testing.T) {
			before := list.Get(name)
			defer list.Set(name, before)
			list.Set(name, value)
			refused(t)
		})
	}
	t.Run("time", func(t *testing.T) {
		k.clock.Add((24 * time.Hour).Milliseconds())
		refused(t)
	})
}

func TestOnlyWhoMayReadsRecords(t *testing.T) {
	k := newKit(t, false)
	with := func(change func(*apitest.Client)) apitest.Client {
		c := k.Client
		change(&c)
		return c
	}
	unsigned, err := http.NewRequestWithContext(t.Context(), http.MethodGet, k.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	crossSite := k.Request(t, http.MethodGet, path, "")
	crossSite.Header.Set("Sec-Fetch-Site", "cross-site")
	const user = "User: arn:aws:iam::" + account + ":user/"
	for _, tt := range []struct {
		name    string
		answer  apitest.Answer
		status  int
		code    string
		message string // "": any
	}{
		{"Auditor", k.user(t, "auditor", mayRead).Call(t, "GET", path, ""), 200, "", ""},
		{"Stranger", k.user(t, "mallory", mayElse).Call(t, "GET", path, ""), 403, "AccessDeniedException", user +
			"mallory is not authorized to perform: rollcall:ListAuditRecords on resource: *" +
			" because no identity-based policy allows the rollcall:ListAuditRecords action"},
		{"Denied", k.user(t, "eve", mayNothing).Call(t, "GET", path, ""), 403, "AccessDeniedException", ""},
		{"OtherAccount", k.Call(t, "GET", "/v1/accounts/444455556666/audit-records", ""), 403, "AccessDeniedException",
			"User: arn:aws:iam::" + account + ":root is not authorized to perform: rollcall:ListAuditRecords on resource: *" +
				" because no resource-based policy allows the rollcall:ListAuditRecords action"},
		{"OtherService", with(func(c *apitest.Client) { c.Service = "quicksight" }).Call(t, "GET", path, ""), 403, "InvalidSignatureException", ""},
		{"WrongSecret", with(func(c *apitest.Client) { c.SecretAccessKey = "wrong" }).Call(t, "GET", path, ""), 403, "InvalidSignatureException", ""},
		{"UnknownKey", with(func(c *apitest.Client) { c.AccessKeyID = "AKIAAAAAAAAAAAAAAAAA" }).Call(t, "GET", path, ""), 403, "UnrecognizedClientException", ""},
		{"Unsigned", apitest.Send(t, unsigned), 403, "MissingAuthenticationTokenException", "Missing Authentication Token"},
		{"CrossSite", apitest.Send(t, crossSite), 403, "AccessDeniedException", "Cross-site requests are not allowed."},
		{"Preflight", k.Call(t, "OPTIONS", path, ""), 403, "MissingAuthenticationTokenException", "Missing Authentication Token"},
		{"UnknownPath", k.Call(t, "GET", "/v1/accounts/"+account+"/secrets", ""), 404, "UnknownOperationException",
			"There is no operation at GET /v1/accounts/" + account + "/secrets."},
		{"UnknownMethod", k.Call(t, "DELETE", path, ""), 404, "UnknownOperationException", ""},
		{"LargeBody", k.Call(t, "GET", path, strings.Repeat(" ", 1<<20+1)), 413, "RequestEntityTooLargeException", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := tt.answer
			if a.Status != tt.status || a.Code() != tt.code || a.JSON == nil {
				t.Errorf("%d %s %s, want %d %s", a.Status, a.Code(), a.Text, tt.status, tt.code)
			}
			if tt.message != "" && a.Message() != tt.message {
				t.Errorf("it says %q, want %q", a.Message(), tt.message)
			}
		})
	}
}

func TestUnavailableStoreIsSaidSo(t *testing.T) {
	k := newKit(t, false)
	k.Call(t, http.MethodGet, path, "") // the key is known from here on
	if err := k.store.Close(); err != nil {
		t.Fatal(err)
	}
	if a := k.Call(t, http.MethodGet, path, ""); a.Status != http.StatusServiceUnavailable || a.Code() != "ResourceUnavailableException" {
		t.Errorf("%d %s %s", a.Status, a.Code(), a.Text)
	}
}

// brief is a record in a few words.
func brief(e event) string {
	who := e["userIdentity"].(map[string]any)["arn"].(string)
	return fmt.Sprint(who[strings.LastIndex(who, ":")+1:], " ", e["eventName"], " ", e["readOnly"], " ", e["errorCode"])
}

func briefs(events []event) (out []string) {
	for _, e := range events {
		out = append(out, brief(e))
	}
	return out
}

func TestRefusalsAreRecorded(t *testing.T) {
	k := newKit(t, false)
	k.user(t, "mallory", mayNothing).Call(t, "GET", path+"?name=ana", "")
	k.Call(t, "GET", "/v1/accounts/444455556666/audit-records", "")
	k.Call(t, "GET", path+"?since=yesterday", "") // a read, and no denial
	events, _ := all(t, k.Client, nil)
	want := []string{
		"user/mallory ListAuditRecords true AccessDeniedException",
		"root ListAuditRecords true AccessDeniedException",
	}
	if diff := cmp.Diff(want, briefs(events)); diff != "" {
		t.Fatal(diff)
	}
	if diff := cmp.Diff(map[string]any{"accountId": account, "name": "ana"}, events[0]["requestParameters"]); diff != "" {
		t.Error(diff)
	}
	if got := events[0]["eventSource"]; got != "rollcall.amazonaws.com" {
		t.Errorf("eventSource is %v", got)
	}
}

func TestReadsAreRecordedWhenAskedFor(t *testing.T) {
	k := newKit(t, true)
	k.Call(t, "GET", path+"?since=yesterday", "")
	k.Call(t, "GET", path, "")
	events, _ := all(t, k.Client, nil)
	want := []string{"root ListAuditRecords true InvalidParameterValueException", "root ListAuditRecords true <nil>"}
	if diff := cmp.Diff(want, briefs(events)); diff != "" {
		t.Error(diff)
	}
}
