package sqlstore

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"rollcall/internal/store"
)

// tx is one caller's part of a transaction: a store.Reader, and on the
// writer's connection a store.Tx.
type tx struct {
	*conn
	now       time.Time
	epoch     int64   // 0: of none
	epochs    *epochs // of a view that has not yet made sure of its epoch
	toldEpoch bool    // somebody has asked for it
	wrote     bool    // something has changed
	changed   bool    // what an epoch stands for has changed
	failed    error   // the write error that every later verb repeats
}

// Now is the time of the transaction.
func (t *tx) Now() time.Time { return t.now }

// exec runs a statement that has no rows and is of no record.
func (t *tx) exec(sql string, args ...any) error {
	return t.query("", sql, nil, args...)
}

// write runs a statement on a kind of record and says how many it changed.
func (t *tx) write(record store.Record, sql string, args ...any) (int, error) {
	if err := t.query(record, sql, nil, args...); err != nil {
		return 0, t.fail(err)
	}
	n := int(t.db.Changes())
	t.wrote = t.wrote || n > 0
	t.changed = t.changed || n > 0 && setsEpoch(record)
	return n, nil
}

// writeOne runs a statement that must change a record of this kind; if it
// changes none, the reason is kind.
func (t *tx) writeOne(kind error, record store.Record, sql string, args ...any) error {
	n, err := t.write(record, sql, args...)
	if err == nil && n == 0 {
		return t.fail(&store.Error{Kind: kind, Record: record})
	}
	return err
}

// fail remembers the error of a write. PostgreSQL refuses the rest of a
// transaction after a failed one, and SQLite does not: all stores behave like
// the stricter.
func (t *tx) fail(err error) error {
	if t.failed == nil {
		t.failed = err
	}
	return err
}

// query runs a statement on a kind of record and calls row for each row.
func (t *tx) query(record store.Record, sql string, row func(*stmt) error, args ...any) error {
	if t.failed != nil {
		return t.failed
	}
	s, err := t.prepare(sql)
	if err != nil {
		return translate(err, record)
	}
	if err := s.bind(args); err != nil {
		return err
	}
	for err == nil && s.Step() {
		if err = t.confirmEpoch(); err == nil {
			err = row(s)
		}
	}
	if err == nil {
		err = s.Err()
	}
	if err == nil {
		err = t.confirmEpoch()
	}
	if reset := s.Reset(); err == nil {
		err = reset
	}
	return translate(err, record)
}

// one runs a statement that should give a record of this kind.
func (t *tx) one(record store.Record, sql string, row func(*stmt) error, args ...any) error {
	found := false
	err := t.query(record, sql, func(s *stmt) error {
		found = true
		return row(s)
	}, args...)
	if err == nil && !found {
		return &store.Error{Kind: store.ErrNotFound, Record: record}
	}
	return err
}

// time reads a column of milliseconds; NULL is the zero time.
func (s *stmt) time(col int) time.Time {
	if ms := s.ColumnInt64(col); ms != 0 {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}

func (s *stmt) uuid(col int) (id uuid.UUID) {
	copy(id[:], s.ColumnRawBlob(col))
	return id
}

// object reads a column with a JSON object of strings; NULL is nil.
func (s *stmt) object(col int) (m map[string]string, err error) {
	if raw := s.ColumnRawText(col); len(raw) > 0 {
		err = json.Unmarshal(raw, &m)
	}
	return m, err
}

// object is a map as a column; nil is NULL.
func object(m map[string]string) any {
	if m == nil {
		return nil
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	return string(b)
}

// tagsColumn is object for tags, none of which are NULL too.
func tagsColumn(tags store.Tags) any {
	if len(tags) == 0 {
		return nil
	}
	return object(tags)
}

// list is a slice as a column with a JSON array; none is NULL.
func list[T any](values []T) any {
	if len(values) == 0 {
		return nil
	}
	b, err := json.Marshal(values)
	if err != nil {
		panic(err) // strings and numbers always have a JSON form
	}
	return string(b)
}

// readList reads a column that list made.
func readList[T any](s *stmt, col int) (values []T, err error) {
	if raw := s.ColumnRawText(col); len(raw) > 0 {
		err = json.Unmarshal(raw, &values)
	}
	return values, err
}

// orNull is a value whose zero means that there is none.
func orNull[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}
