package access

import (
	"context"

	"rollcall/internal/store"
)

// History lists the audit records of the caller's account, in the order of
// their making and up to this moment.
func (g *Guard) History(ctx context.Context, c *Caller, q store.AuditQuery) (page []store.AuditRecord, more bool, err error) {
	q.AccountID = c.Account.ID
	call := Call{Action: "rollcall:ListAuditRecords", AccountID: q.AccountID, Resource: "*"}
	if err := g.Read(ctx, c, call, nil); err != nil { // who may not read has no need to wait
		return nil, false, err
	}
	if err := g.audit.Flush(ctx); err != nil {
		return nil, false, err
	}
	err = g.Read(ctx, c, call, func(r store.Reader) error {
		page, more, err = r.AuditPage(q)
		return err
	})
	return page, more, err
}
