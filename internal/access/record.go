package access

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"rollcall/internal/audit"
	"rollcall/internal/request"
	"rollcall/internal/store"
)

// The most of each that CloudTrail keeps, in bytes.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
const (
	maxText       = 1 << 10   // user agent, error message, names: cut
	maxParameters = 100 << 10 // left out
)

// Person is a user of QuickSight who acts by himself and not through IAM: he
// has a PrincipalId and a name.
func Person(ctx context.Context, a store.Account, name, principalID string) *Caller {
	info := request.From(ctx)
	return &Caller{
		Identity: Identity{Name: name, UserID: principalID},
		Account:  a,
		Request:  Request{ID: info.ID, Region: a.Region, SourceIP: info.SourceIP, UserAgent: clip(info.UserAgent), Secure: info.Secure},
		subject:  name,
	}
}

// Record adds the record of a call to the transaction that carries it out.
func Record(tx store.Tx, c *Caller, call *Call, response string) error {
	record := newRecord(c, call)
	record.ID, record.Response = audit.NewID(tx.Now()), response
	return tx.CreateAuditRecord(record)
}

// NoteFailure records a call that has failed, without making the caller wait.
func NoteFailure(log *audit.Log, c *Caller, call *Call, response, message string) {
	record := newRecord(c, call)
	record.Response, record.ErrorMessage = response, message
	keep(log, c, record)
}

// keep adds a record of something that was no change.
func keep(log *audit.Log, c *Caller, record store.AuditRecord) {
	if c.federation != nil {
		log.AddPaced(record)
		return
	}
	log.Add(record)
}

// newRecord is the record of a call, but for its ID.
func newRecord(c *Caller, call *Call) store.AuditRecord {
	requestID, _ := uuid.Parse(c.Request.ID) // ours, and so it is one
	r := store.AuditRecord{
		AccountID: c.Account.ID,
		Action:    call.Action,
		Region:    c.Request.Region,
		ReadOnly:  call.ReadOnly,
		Caller: store.AuditCaller{
			Kind:        c.Kind,
			Name:        c.Name,
			ARN:         c.ARN,
			PrincipalID: c.UserID,
			AccessKeyID: c.AccessKeyID,
			RoleARN:     c.RoleARN,
		},
		Subject:    clip(c.subject),
		SourceIP:   c.Request.SourceIP,
		UserAgent:  c.Request.UserAgent,
		RequestID:  requestID,
		Parameters: c.Request.Parameters,
	}
	if len(r.Parameters) > maxParameters {
		r.Parameters = ""
	}
	if c.Session != nil {
		r.Caller.SessionStart = time.Unix(c.Session.IssuedAt, 0).UTC()
	}
	if call.Resource != "*" && !strings.HasSuffix(call.Resource, "/*") {
		r.Resource = clip(call.Resource)
	}
	return r
}

// clip gives a text of its own, which does not keep a request in memory.
func clip(s string) string {
	return strings.Clone(strings.ToValidUTF8(s[:min(len(s), maxText)], ""))
}
