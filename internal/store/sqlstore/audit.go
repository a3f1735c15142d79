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
	err = t.query(store.RecordAudit, auditPage(q.Backwards),
		func(s *stmt) error {
			if len(page) == q.Limit || size > maxAuditPage {
				return errPageFull
			}
			r, packed, err := s.auditRecord(q.AccountID)
			size += packed + len(r.Caller.Name) + len(r.Subject)
			page = append(page, r)
			return err
		}, q.AccountID, from[:], to[:], q.After[:], q.Name, q.Limit+1)
	if err == errPageFull {
		return page, true, nil
	}
	return page, false, err
}

const selectAudit = "SELECT id, caller, subject, record FROM audit_records "

// auditPage is the statement of AuditPage.
func auditPage(backwards bool) string {
	order := "ASC"
	if backwards {
		order = "DESC"
	}
	return selectAudit + `
		WHERE account_id = $1 AND id >= $2 AND id < $3 AND id <> $4
			AND ($5 = '' OR caller = $5 OR subject = $5)
		ORDER BY id ` + order + ` LIMIT $6`
}

// auditRecord reads a row of selectAudit; packed is how many bytes it has but
// for the names.
func (s *stmt) auditRecord(accountID string) (r store.AuditRecord, packed int, err error) {
	r = store.AuditRecord{ID: s.uuid(0), AccountID: accountID, Subject: s.ColumnText(2)}
	r.Caller.Name = s.ColumnText(1)
	record := s.ColumnRawBlob(3)
	return r, len(record), r.Unpack(record)
}

func (t *tx) AuditRecord(accountID string, id uuid.UUID) (r store.AuditRecord, err error) {
	err = t.one(store.RecordAudit, selectAudit+"WHERE account_id = $1 AND id = $2", func(s *stmt) error {
		r, _, err = s.auditRecord(accountID)
		return err
	}, accountID, id[:])
	return r, err
}

// auditRange is the range of IDs that a query is about, from ≤ ID < to, but
// for the ID that it begins behind.
func auditRange(q store.AuditQuery) (from, to uuid.UUID) {
	to = uuid.Max
	if !q.Since.IsZero() {
		from = leastID(q.Since)
	}
	if !q.Until.IsZero() {
		to = leastID(q.Until)
	}
	switch {
	case q.After == uuid.Nil:
	case q.Backwards && bytes.Compare(q.After[:], to[:]) < 0:
		to = q.After
	case !q.Backwards && bytes.Compare(q.After[:], from[:]) > 0:
		from = q.After
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
