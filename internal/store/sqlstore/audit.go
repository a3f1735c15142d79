package sqlstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"time"

	"github.com/google/uuid"

	"rollcall/internal/store"
)

// maxAuditPage is how many bytes of records a page holds, or one record: some
// have 100 KB of parameters.
const maxAuditPage = 1 << 20

// errPageFull ends the reading of a page.
var errPageFull = errors.New("the page is full")

// AuditPage reads a range of IDs, which begin with their times. The name is
// looked for in what is read: an index by name would cost every call that
// adds a record.
func (t *tx) AuditPage(q store.AuditQuery) (page []store.AuditRecord, more bool, err error) {
	from, to := auditRange(q)
	size := 0
	err = t.query(store.RecordAudit, `
		SELECT id, caller, subject, record FROM audit_records
		WHERE account_id = $1 AND id >= $2 AND id < $3 AND id <> $4
			AND ($5 = '' OR caller = $5 OR subject = $5)
		ORDER BY id LIMIT $6`,
		func(s *stmt) error {
			if len(page) == q.Limit || size > maxAuditPage {
				return errPageFull
			}
			r := store.AuditRecord{ID: s.uuid(0), AccountID: q.AccountID, Subject: s.ColumnText(2)}
			r.Caller.Name = s.ColumnText(1)
			packed := s.ColumnRawBlob(3)
			size += len(packed) + len(r.Caller.Name) + len(r.Subject)
			err := r.Unpack(packed)
			page = append(page, r)
			return err
		}, q.AccountID, from[:], to[:], q.After[:], q.Name, q.Limit+1)
	if err == errPageFull {
		return page, true, nil
	}
	return page, false, err
}

// auditRange is the range of IDs that a query is about, from ≤ ID < to, but
// for the ID that it begins behind.
func auditRange(q store.AuditQuery) (from, to uuid.UUID) {
	from, to = q.After, uuid.Max
	if since := leastID(q.Since); !q.Since.IsZero() && bytes.Compare(since[:], from[:]) > 0 {
		from = since
	}
	if !q.Until.IsZero() {
		to = leastID(q.Until)
	}
	return from, to
}

// leastID is below every UUIDv7 of a time and above those from before it.
func leastID(at time.Time) (id uuid.UUID) {
	ms := at.Add(time.Millisecond - time.Nanosecond).UnixMilli() // a part of one is one: IDs have whole ones
	switch {
	case ms < 0:
		return uuid.Nil
	case ms >= 1<<48:
		return uuid.Max
	}
	binary.BigEndian.PutUint64(id[:], uint64(ms)<<16)
	return id
}

func (t *tx) CreateAuditRecord(r store.AuditRecord) error {
	return t.writeOne(store.ErrExists, store.RecordAudit,
		"INSERT INTO audit_records (account_id, id, caller, subject, record) VALUES ($1, $2, $3, $4, $5)",
		r.AccountID, r.ID[:], r.Caller.Name, orNull(r.Subject), r.Pack())
}

// PruneAuditRecords goes from account to account, since records are in the
// order of their times only within one.
func (t *tx) PruneAuditRecords(before time.Time, limit int) (pruned int, err error) {
	accounts, err := t.Accounts()
	if err != nil {
		return 0, err
	}
	to := leastID(before)
	for _, a := range accounts {
		n, err := t.write(store.RecordAudit, `
			DELETE FROM audit_records WHERE (account_id, id) IN (
				SELECT account_id, id FROM audit_records WHERE account_id = $1 AND id < $2 ORDER BY id LIMIT $3)`,
			a.ID, to[:], limit-pruned)
		if err != nil {
			return pruned, err
		}
		pruned += n
	}
	return pruned, nil
}
