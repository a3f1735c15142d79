package adminapi

import (
	"context"
	"fmt"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/audit"
	"rollcall/internal/model"
	"rollcall/internal/restjson"
	"rollcall/internal/store"
)

// ListAuditRecordsRequest is the input of ListAuditRecords.
type ListAuditRecordsRequest struct {
	AccountId  string  `uri:"AccountId" json:"-" check:"required,match=accountID"`
	Since      *string `query:"since" json:"-"` // a time in the form of RFC 3339
	Until      *string `query:"until" json:"-"` // not itself
	Name       *string `query:"name" json:"-"`  // of the caller, or of the user whom the call was about
	MaxResults *int    `query:"max-results" json:"-" check:"len=1..1000"`
	NextToken  *string `query:"next-token" json:"-"`
}

// ListAuditRecordsResponse is the output of ListAuditRecords. Records are as
// in a log file of CloudTrail, the oldest first.
type ListAuditRecordsResponse struct {
	Records   [][]byte // JSON
	NextToken string   // "": there are no more
}

// AppendJSON implements restjson.Appender.
func (o *ListAuditRecordsResponse) AppendJSON(b []byte) []byte {
	b = append(b, `{"Records":[`...)
	for i, r := range o.Records {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, r...)
	}
	b = append(b, ']')
	if o.NextToken != "" {
		b = restjson.AppendString(b, "NextToken", o.NextToken)
	}
	return append(b, '}')
}

func (a *api) listAuditRecords(ctx context.Context, c *access.Caller, in *ListAuditRecordsRequest) (*ListAuditRecordsResponse, error) {
	if err := own(c, in.AccountId, "rollcall:ListAuditRecords"); err != nil {
		return nil, err
	}
	q, err := a.auditQuery(in)
	if err != nil {
		return nil, err
	}
	records, more, err := a.guard.History(ctx, c, q)
	if err != nil {
		return nil, err
	}
	out := new(ListAuditRecordsResponse)
	if more {
		out.NextToken = a.tokens.Seal(in.list(), records[len(records)-1].ID[:])
	}
	for i := range records {
		out.Records = append(out.Records, audit.Render(&records[i]))
	}
	return out, nil
}

// defaultPageSize is the size of a page when none is asked for.
const defaultPageSize = 100

func (a *api) auditQuery(in *ListAuditRecordsRequest) (q store.AuditQuery, err error) {
	q = store.AuditQuery{Name: value(in.Name), Limit: defaultPageSize}
	if in.MaxResults != nil {
		q.Limit = *in.MaxResults
	}
	if q.Since, err = parseTime("since", in.Since); err != nil {
		return q, err
	}
	if q.Until, err = parseTime("until", in.Until); err != nil {
		return q, err
	}
	position, err := a.tokens.Open(in.list(), value(in.NextToken))
	if err != nil {
		return q, err
	}
	copy(q.After[:], position)
	return q, nil
}

// list is what a page token is good for.
func (in *ListAuditRecordsRequest) list() string {
	return fmt.Sprintf("audit records %s %q %q %q", in.AccountId, value(in.Since), value(in.Until), value(in.Name))
}

// parseTime reads an optional time; zero is none.
func parseTime(member string, text *string) (t time.Time, err error) {
	if text == nil {
		return t, nil
	}
	if t, err = time.Parse(time.RFC3339, *text); err != nil {
		return t, &model.Violation{
			Member: member,
			Value:  "'" + model.Shorten(*text) + "'",
			Rule:   "Member must be a time in the form of RFC 3339, such as 2026-01-02T03:04:05Z",
		}
	}
	return t, nil
}

// value is an optional member's value, "" when it is absent.
func value(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}
