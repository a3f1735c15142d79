package access

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"rollcall/internal/store"
)

// The most of each that CloudTrail keeps, in bytes.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
const (
	maxText       = 1 << 10   // user agent and error message: cut
	maxParameters = 100 << 10 // left out
)

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
		Subject:    c.subject,
		SourceIP:   c.Request.SourceIP,
		UserAgent:  clip(c.Request.UserAgent),
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
		r.Resource = call.Resource
	}
	return r
}

func clip(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), maxText)], "")
}
