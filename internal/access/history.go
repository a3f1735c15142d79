package access

import (
	"context"

	"github.com/google/uuid"

	"rollcall/internal/store"
)

// History lists the audit records of the caller's account, up to this moment.
func (g *Guard) History(ctx context.Context, c *Caller, q store.AuditQuery) (page []store.AuditRecord, more bool, err error) {
	q.AccountID = c.Account.ID
	call := historyCall(c)
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

// HistoryRecord finds one of the records that History lists.
func (g *Guard) HistoryRecord(ctx context.Context, c *Caller, id uuid.UUID) (record store.AuditRecord, err error) {
	err = g.Read(ctx, c, historyCall(c), func(r store.Reader) error {
		record, err = r.AuditRecord(c.Account.ID, id)
		return err
	})
	return record, err
}

func historyCall(c *Caller) Call {
	return Call{Action: "rollcall:ListAuditRecords", AccountID: c.Account.ID, Resource: "*"}
}
