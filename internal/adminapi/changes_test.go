package adminapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/apitest"
	"rollcall/rollcalltest"
)

// history is what a whole server has recorded.
func history(t *testing.T, srv *rollcalltest.Server) []event {
	t.Helper()
	c := apitest.New(srv)
	c.Service = "rollcall"
	events, _ := all(t, c, nil)
	return events
}

// changes are those of the records whose calls changed something, or tried.
func changes(events []event) (out []event) {
	for _, e := range events {
		if e["readOnly"] == false {
			out = append(out, e)
		}
	}
	return out
}

const (
	users = "/accounts/" + account + "/namespaces/default/users"
	ana   = `{"IdentityType":"QUICKSIGHT","UserName":"ana","Email":"ana@example.com","UserRole":"AUTHOR"}`
)

func TestChangeIsRecordedWithItsParameters(t *testing.T) {
	srv := rollcalltest.NewServer(t, nil)
	c := apitest.New(srv)
	a := c.Call(t, http.MethodPost, users, ana)
	if a.Status != http.StatusCreated {
		t.Fatal(a.Text)
	}
	events := history(t, srv)
	if len(events) != 1 {
		t.Fatalf("there are %d records: %v", len(events), briefs(events))
	}
	e, arn := events[0], a.JSON["User"].(map[string]any)["Arn"]
	for name, want := range map[string]any{
		"userIdentity": map[string]any{
			"type": "Root", "principalId": account, "arn": "arn:aws:iam::" + account + ":root",
			"accountId": account, "accessKeyId": srv.AccessKeyID},
		"eventSource": "quicksight.amazonaws.com", "eventName": "RegisterUser", "awsRegion": srv.Region,
		"sourceIPAddress": "127.0.0.1", "userAgent": "Go-http-client/1.1", "readOnly": false,
		"requestParameters": map[string]any{
			"awsAccountId": account, "namespace": "default", "userName": "ana", "email": "ana@example.com",
			"userRole": "AUTHOR", "identityType": "QUICKSIGHT"},
		"requestID": a.Header.Get("X-Amzn-Requestid"),
		"resources": []any{map[string]any{"accountId": account, "ARN": arn}},
		"errorCode": nil, "recipientAccountId": account,
	} {
		if diff := cmp.Diff(want, e[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestRecordsHoldNoSecret(t *testing.T) {
	srv := rollcalltest.NewServer(t, &rollcalltest.Options{AuditReads: true})
	c := apitest.New(srv)
	a := c.Call(t, http.MethodPost, users, ana)
	link, err := url.Parse(a.JSON["UserInvitationUrl"].(string))
	if err != nil {
		t.Fatal(err)
	}
	token := link.Query().Get("token")
	if token == "" {
		t.Fatalf("no token in %s", link)
	}
	presigned := c.Request(t, http.MethodGet, users+"/ana", "")
	signature := presigned.Header.Get("Authorization")
	apitest.Send(t, presigned)
	c.Service = "rollcall"
	text := c.Call(t, http.MethodGet, path, "").Text
	if n := strings.Count(text, `"eventID"`); n != 2 {
		t.Fatalf("there are %d records: %s", n, text)
	}
	for what, secret := range map[string]string{
		"the token of the invitation": token,
		"the key's secret":            srv.SecretAccessKey,
		"a signature":                 signature[strings.LastIndex(signature, "=")+1:],
	} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is in %s", what, text)
		}
	}
}

func TestRefusedChangesAreRecorded(t *testing.T) {
	srv := rollcalltest.NewServer(t, nil)
	c := apitest.New(srv)
	c.Call(t, http.MethodPost, users, ana)
	c.Call(t, http.MethodPost, users, ana)
	c.Call(t, http.MethodPost, users, strings.Replace(ana, "AUTHOR", "EMPEROR", 1))
	c.Call(t, http.MethodDelete, strings.Replace(users, account, "444455556666", 1)+"/ana", "")
	wrong := c
	wrong.SecretAccessKey = "wrong" // whoever this is: it is for the log alone
	wrong.Call(t, http.MethodPost, users, ana)
	want := []string{
		"root RegisterUser false <nil>",
		"root RegisterUser false ResourceExistsException",
		"root RegisterUser false InvalidParameterValueException",
		"root DeleteUser false AccessDeniedException",
	}
	if diff := cmp.Diff(want, briefs(changes(history(t, srv)))); diff != "" {
		t.Error(diff)
	}
}

func TestReadsOfQuickSightAreRecordedWhenAskedFor(t *testing.T) {
	for name, tt := range map[string]struct {
		reads bool
		want  []string
	}{
		"Off": {false, nil},
		"On": {true, []string{
			"root ListUsers true <nil>",
			"root DescribeUser true ResourceNotFoundException",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			srv := rollcalltest.NewServer(t, &rollcalltest.Options{AuditReads: tt.reads})
			c := apitest.New(srv)
			c.Call(t, http.MethodGet, users, "")
			c.Call(t, http.MethodGet, users+"/nobody", "")
			if diff := cmp.Diff(tt.want, briefs(history(t, srv))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
