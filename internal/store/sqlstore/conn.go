package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ncruces/go-sqlite3"

	"rollcall/internal/store"
)

// conn is a connection with its prepared statements. One goroutine uses it at
// a time.
type conn struct {
	db         *sqlite3.Conn
	stmts      map[string]*stmt
	namespaces *namespaces // that all connections have found
}

// stmt is a prepared statement. SQLite takes the $2 of the common dialect for
// a name, so args says which argument stands at which of its positions.
type stmt struct {
	*sqlite3.Stmt
	args []int
}

func (c *conn) close() error {
	for _, s := range c.stmts {
		if err := s.Close(); err != nil {
			return err
		}
	}
	return c.db.Close()
}

// snapshot runs fn in a transaction that only reads and ends with ctx. It
// begins again when the epoch that fn was told turns out not to be that of the
// snapshot, which fn has seen nothing of then.
func (c *conn) snapshot(ctx context.Context, now time.Time, epochs *epochs, fn func(store.Reader) error) error {
	defer c.db.SetInterrupt(context.Background())
	for range 3 {
		err := c.read(ctx, &tx{conn: c, now: now, epoch: epochs.now(), epochs: epochs}, fn)
		if !errors.Is(err, errEpochMoved) {
			return c.ended(ctx, err)
		}
	}
	return c.ended(ctx, c.read(ctx, &tx{conn: c, now: now}, fn)) // of no epoch
}

func (c *conn) read(ctx context.Context, t *tx, fn func(store.Reader) error) error {
	c.db.SetInterrupt(ctx)
	if err := (&tx{conn: c}).exec("BEGIN"); err != nil {
		return err
	}
	defer c.rollback()
	return fn(t)
}

// ended puts the reason of the context in the place of SQLite's word that it
// was interrupted.
func (c *conn) ended(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// rollback leaves the transaction, whatever state it is in: SQLite has left
// it by itself after some errors.
func (c *conn) rollback() {
	c.db.SetInterrupt(context.Background())
	if !c.db.GetAutocommit() {
		_ = (&tx{conn: c}).exec("ROLLBACK")
	}
}

// prepare gives the statement for a text, which it keeps for the next time.
func (c *conn) prepare(sql string) (*stmt, error) {
	if s, ok := c.stmts[sql]; ok {
		return s, nil
	}
	prepared, _, err := c.db.Prepare(sql)
	if err != nil {
		return nil, fmt.Errorf("preparing %q: %w", sql, err)
	}
	s := &stmt{Stmt: prepared}
	for i := range prepared.BindCount() {
		n, err := strconv.Atoi(prepared.BindName(i + 1)[1:])
		if err != nil {
			return nil, fmt.Errorf("preparing %q: parameter %d is not numbered", sql, i+1)
		}
		s.args = append(s.args, n-1)
	}
	c.stmts[sql] = s
	return s, nil
}

// bind gives the statement its arguments.
func (s *stmt) bind(args []any) error {
	for i, arg := range s.args {
		if err := s.bindOne(i+1, args[arg]); err != nil {
			return err
		}
	}
	return nil
}

func (s *stmt) bindOne(i int, arg any) error {
	switch v := arg.(type) {
	case nil:
		return s.BindNull(i)
	case string:
		return s.BindText(i, v)
	case int64:
		return s.BindInt64(i, v)
	case int:
		return s.BindInt(i, v)
	case bool:
		return s.BindBool(i, v)
	case []byte:
		return s.BindBlob(i, v)
	case time.Time:
		return s.BindInt64(i, v.UnixMilli())
	default:
		return fmt.Errorf("parameter %d: no way to store a %T", i, arg)
	}
}

// translate gives an error of SQLite its kind.
func translate(err error, record store.Record) error {
	var e *sqlite3.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.ExtendedCode() {
	case sqlite3.CONSTRAINT_UNIQUE, sqlite3.CONSTRAINT_PRIMARYKEY:
		return &store.Error{Kind: store.ErrExists, Record: record, Err: err}
	case sqlite3.CONSTRAINT_FOREIGNKEY:
		return &store.Error{Kind: store.ErrConflict, Record: record, Err: err}
	}
	switch e.Code() {
	case sqlite3.FULL, sqlite3.IOERR, sqlite3.CANTOPEN, sqlite3.CORRUPT, sqlite3.NOTADB,
		sqlite3.READONLY, sqlite3.BUSY, sqlite3.LOCKED, sqlite3.NOMEM, sqlite3.PROTOCOL:
		return &store.Error{Kind: store.ErrUnavailable, Err: err}
	}
	return err
}
