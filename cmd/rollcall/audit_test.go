package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/client"
)

// auditLine is a record of CloudTrail with what a table shows of it.
func auditLine(identity, rest string) json.RawMessage {
	return json.RawMessage(`{"eventTime":"2026-01-02T03:04:05Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser",` +
		`"userIdentity":` + identity + rest + `}`)
}

func TestTableOfRecords(t *testing.T) {
	const root = `{"type":"Root","arn":"arn:aws:iam::111122223333:root"}`
	var out strings.Builder
	table, err := newTable(&out)
	if err != nil {
		t.Fatal(err)
	}
	err = table.print([]json.RawMessage{
		auditLine(root, `,"requestParameters":null`),
		auditLine(`{"type":"IAMUser","userName":"alice","arn":"arn:aws:iam::111122223333:user/ops/alice"}`,
			`,"errorCode":"AccessDenied","additionalEventData":{"subject":"ana"},"resources":[{"ARN":"arn:of:ana"}]`),
		auditLine(`{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/Reader/ben"}`,
			`,"requestParameters":{},"resources":[{"ARN":"arn:of:ben"}]`),
		auditLine(root, `,"additionalEventData":{"subject":"\u001b[2Ka\nb\tc\u0085\u202e\u2028\ud800é"}`),
	})
	const want = `TIME                  CALLER      ACTION          SUBJECT         RESULT
2026-01-02T03:04:05Z  root        iam:CreateUser  -               ok
2026-01-02T03:04:05Z  alice       iam:CreateUser  ana             AccessDenied
2026-01-02T03:04:05Z  Reader/ben  iam:CreateUser  arn:of:ben      ok
2026-01-02T03:04:05Z  root        iam:CreateUser  ` + "\uFFFD[2Ka\uFFFDb\uFFFDc\uFFFD\uFFFD\uFFFD\uFFFDé" + `  ok
`
	if err != nil || out.String() != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out.String(), want)
	}
}

func TestAllPagesArePrinted(t *testing.T) {
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		fmt.Fprintf(w, `{"Records":[{"eventID":"%d a"},{"eventID":"%d b"}]`, len(asked), len(asked))
		if len(asked) < 3 {
			fmt.Fprintf(w, `,"NextToken":"after %d"`, len(asked))
		}
		fmt.Fprint(w, "}")
	}))
	defer srv.Close()
	c := auditCommand{
		Since: moment{time.Date(2026, 1, 2, 3, 4, 5, 600e6, time.FixedZone("", 3600))},
		Until: moment{time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)},
		User:  "ana & ben",
	}
	var out strings.Builder
	err := c.print(t.Context(), client.New(srv.URL, "us-east-1", "id", "secret", ""), "111122223333", lineRecords{&out})
	const want = `{"eventID":"1 a"}
{"eventID":"1 b"}
{"eventID":"2 a"}
{"eventID":"2 b"}
{"eventID":"3 a"}
{"eventID":"3 b"}
`
	if err != nil || out.String() != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out.String(), want)
	}
	const (
		path   = "/v1/accounts/111122223333/audit-records?max-results=1000&name=ana%20%26%20ben"
		bounds = "&since=2026-01-02T02%3A04%3A05.6Z&until=2026-01-03T00%3A00%3A00Z"
	)
	if diff := cmp.Diff([]string{path + bounds, path + "&next-token=after%201" + bounds, path + "&next-token=after%202" + bounds}, asked); diff != "" {
		t.Error(diff)
	}
}
