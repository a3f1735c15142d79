package storetest

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"rollcall/internal/store"
)

// newRecord is a record of a time; those of one time are ordered by n.
func (f *fixture) newRecord(accountID string, at time.Time, n byte) store.AuditRecord {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:], uint64(at.UnixMilli())<<16|0x7000)
	id[8], id[15] = 0x80, n
	return store.AuditRecord{
		ID:        id,
		AccountID: accountID,
		Action:    "quicksight:RegisterUser",
		Region:    "us-east-1",
		Caller:    store.AuditCaller{Kind: store.IAMRoot, Name: "root", ARN: "arn:aws:iam::111122223333:root", PrincipalID: accountID, AccessKeyID: "AKIA1"},
		SourceIP:  "192.0.2.1",
		UserAgent: "aws-cli",
		RequestID: uuid.New(),
	}
}

func (f *fixture) addRecords(records ...store.AuditRecord) {
	f.Helper()
	f.update(func(tx store.Tx) error {
		for _, r := range records {
			if err := tx.CreateAuditRecord(r); err != nil {
				return err
			}
		}
		return nil
	})
}

// audit gives the records of a query, of the fixture's account if it names
// none, and of any number.
func (f *fixture) audit(q store.AuditQuery) (page []store.AuditRecord) {
	f.Helper()
	if q.AccountID == "" {
		q.AccountID = accountID
	}
	if q.Limit == 0 {
		q.Limit = 1000
	}
	f.view(func(r store.Reader) (err error) {
		page, _, err = r.AuditPage(q)
		return err
	})
	return page
}

func auditRecordsReadBackInOrder(f *fixture) {
	bare := f.newRecord(accountID, f.now(), 2)
	full := f.newRecord(accountID, f.now(), 1)
	full.ReadOnly, full.Subject = true, "ana"
	full.Caller = store.AuditCaller{
		Kind: store.IAMRole, Name: "session", ARN: "arn:aws:sts::111122223333:assumed-role/r/session",
		PrincipalID: "AROA1:session", AccessKeyID: "ASIA1",
		RoleARN: "arn:aws:iam::111122223333:role/r", SessionStart: f.now().Add(-time.Hour),
	}
	full.ErrorCode, full.ErrorMessage, full.Resource = "AccessDenied", "no <é>", "arn:aws:quicksight:…"
	full.Parameters, full.Response = `{"UserName": "ana"}`, `{"Status": 403}`
	early := f.newRecord(accountID, f.now().Add(-time.Millisecond), 3)
	other := f.newRecord("444455556666", f.now(), 1)
	f.update(func(tx store.Tx) error { return tx.CreateAccount(store.Account{ID: "444455556666"}) })
	f.addRecords(bare, full, early, other)
	f.same([]store.AuditRecord{early, full, bare}, f.audit(store.AuditQuery{}))
	f.same([]store.AuditRecord{other}, f.audit(store.AuditQuery{AccountID: "444455556666"}))
	f.view(func(r store.Reader) error {
		got, err := r.AuditRecord(accountID, full.ID) // the other account has one of this ID
		f.same(full, got)
		return err
	})
	f.missing(store.RecordAudit, func(r store.Reader) error {
		_, err := r.AuditRecord(other.AccountID, bare.ID) // which is another's
		return err
	})
	f.refusedFor(store.ErrExists, store.RecordAudit, func(tx store.Tx) error { return tx.CreateAuditRecord(bare) })
}

func auditIsFoundByTimeAndName(f *fixture) {
	at := func(ms int) time.Time { return f.now().Add(time.Duration(ms) * time.Millisecond) }
	var r []store.AuditRecord
	for i := range 6 { // two of each millisecond
		r = append(r, f.newRecord(accountID, at(i/2), byte(i)))
	}
	r[0].Caller.Name, r[1].Subject, r[2].Subject, r[3].Caller.Name = "ana", "ana", "Ana", "ana "
	f.addRecords(r...)
	half := 500 * time.Microsecond
	for name, c := range map[string]struct {
		q    store.AuditQuery
		want []store.AuditRecord
	}{
		"since":                  {store.AuditQuery{Since: at(1)}, r[2:]},
		"since within":           {store.AuditQuery{Since: at(1).Add(half)}, r[4:]},
		"since the end":          {store.AuditQuery{Since: at(3)}, nil},
		"since 1960":             {store.AuditQuery{Since: time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC)}, r},
		"until":                  {store.AuditQuery{Until: at(1)}, r[:2]},
		"until within":           {store.AuditQuery{Until: at(1).Add(half)}, r[:4]},
		"until 1960":             {store.AuditQuery{Until: time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC)}, nil},
		"until 10900":            {store.AuditQuery{Until: time.Date(10900, 1, 1, 0, 0, 0, 0, time.UTC)}, r},
		"since and until":        {store.AuditQuery{Since: at(1), Until: at(2)}, r[2:4]},
		"behind one":             {store.AuditQuery{After: r[2].ID}, r[3:]},
		"behind one, since":      {store.AuditQuery{After: r[2].ID, Since: at(0)}, r[3:]},
		"behind one, since more": {store.AuditQuery{After: r[0].ID, Since: at(2)}, r[4:]},
		"name":                   {store.AuditQuery{Name: "ana"}, r[:2]},
		"name, behind one":       {store.AuditQuery{Name: "ana", After: r[0].ID}, r[1:2]},
		"name, limit":            {store.AuditQuery{Name: "ana", Limit: 1}, r[:1]},
		"nobody's name":          {store.AuditQuery{Name: "%"}, nil},
	} {
		if got := f.audit(c.q); fmt.Sprint(got) != fmt.Sprint(c.want) {
			f.Errorf("%s: %d records: %v, want %v", name, len(got), got, c.want)
		}
	}
}

func auditIsReadBackwards(f *fixture) {
	at := func(ms int) time.Time { return f.now().Add(time.Duration(ms) * time.Millisecond) }
	var r []store.AuditRecord // the newest first
	for i := range 6 {        // two of each millisecond
		record := f.newRecord(accountID, at(i/2), byte(i))
		f.addRecords(record)
		r = append([]store.AuditRecord{record}, r...)
	}
	for name, c := range map[string]struct {
		q    store.AuditQuery
		want []store.AuditRecord
	}{
		"all":                    {store.AuditQuery{}, r},
		"limit":                  {store.AuditQuery{Limit: 4}, r[:4]},
		"since":                  {store.AuditQuery{Since: at(1)}, r[:4]},
		"until":                  {store.AuditQuery{Until: at(1)}, r[4:]},
		"behind one":             {store.AuditQuery{After: r[1].ID}, r[2:]},
		"behind one, limit":      {store.AuditQuery{After: r[1].ID, Limit: 3}, r[2:5]},
		"behind one, since":      {store.AuditQuery{After: r[1].ID, Since: at(1)}, r[2:4]},
		"behind one, until":      {store.AuditQuery{After: r[4].ID, Until: at(2)}, r[5:]},
		"behind one, until less": {store.AuditQuery{After: r[0].ID, Until: at(1)}, r[4:]},
		"behind the last":        {store.AuditQuery{After: r[5].ID}, nil},
	} {
		c.q.Backwards = true
		if got := f.audit(c.q); fmt.Sprint(got) != fmt.Sprint(c.want) {
			f.Errorf("%s: %d records: %v, want %v", name, len(got), got, c.want)
		}
	}
}

func auditPagesMissNothing(f *fixture) {
	var want, got []store.AuditRecord
	for i := range 25 {
		want = append(want, f.newRecord(accountID, f.now().Add(time.Duration(i/4)*time.Millisecond), byte(i)))
	}
	f.addRecords(want...)
	var after uuid.UUID
	for len(got) <= len(want) {
		page := f.audit(store.AuditQuery{After: after, Limit: 10})
		if len(page) == 0 {
			break
		}
		f.same(min(10, len(want)-len(got)), len(page))
		got = append(got, page...)
		after = page[len(page)-1].ID
	}
	f.same(want, got)
}

func oldAuditRecordsArePruned(f *fixture) {
	old, kept := f.now(), f.now().Add(time.Millisecond)
	f.update(func(tx store.Tx) error { return tx.CreateAccount(store.Account{ID: "444455556666"}) })
	var left []store.AuditRecord
	for i := range byte(5) {
		f.addRecords(f.newRecord(accountID, old, i), f.newRecord("444455556666", old, i))
		left = append(left, f.newRecord(accountID, kept, i))
	}
	f.addRecords(left...)
	for i, want := range []int{0, 3, 3, 3, 1, 0} {
		f.update(func(tx store.Tx) error {
			got, err := tx.PruneAuditRecords(kept, min(i, 1)*3)
			f.same(want, got)
			return err
		})
		f.same(true, len(f.audit(store.AuditQuery{})) >= 5)
	}
	f.same(left, f.audit(store.AuditQuery{}))
	f.same([]store.AuditRecord{}, f.audit(store.AuditQuery{AccountID: "444455556666"}))
	f.update(func(tx store.Tx) error {
		got, err := tx.PruneAuditRecords(kept.Add(time.Microsecond), 10)
		f.same(5, got)
		return err
	})
}

func leaseHasOneOwner(f *fixture) {
	lease := func(name, owner string, until time.Time) (got bool) {
		f.Helper()
		f.update(func(tx store.Tx) (err error) {
			got, err = tx.Lease(name, owner, until)
			return err
		})
		return got
	}
	end := f.now().Add(time.Minute)
	f.same(true, lease("prune", "a", end))
	f.same(false, lease("prune", "b", end.Add(time.Hour)))
	f.same(true, lease("other", "b", end)) // each name has its own
	end = end.Add(time.Minute)
	f.same(true, lease("prune", "a", end))
	f.clock = end.Add(-time.Millisecond)
	f.same(false, lease("prune", "b", end.Add(time.Hour)))
	f.clock = end
	f.same(true, lease("prune", "b", end.Add(time.Hour)))
	f.same(false, lease("prune", "a", end.Add(time.Hour)))
}

func auditPagesOfLargeRecordsAreShort(f *fixture) {
	const records = 30
	large := `{"a":"` + strings.Repeat("x", 100<<10) + `"}`
	for i := range records {
		r := f.newRecord(accountID, f.now(), byte(i))
		r.Parameters = large
		f.addRecords(r)
	}
	pages, q := 0, store.AuditQuery{AccountID: accountID, Limit: 1000}
	for seen, more := 0, true; more; pages++ {
		f.view(func(r store.Reader) (err error) {
			var page []store.AuditRecord
			page, more, err = r.AuditPage(q)
			if len(page) == 0 || len(page) > 12 {
				f.Fatalf("a page has %d records of 100 KB", len(page))
			}
			q.After = page[len(page)-1].ID
			seen += len(page)
			return err
		})
		if !more && seen != records {
			f.Errorf("%d records, want %d", seen, records)
		}
	}
	if pages < 3 {
		f.Errorf("%d pages", pages)
	}
}
