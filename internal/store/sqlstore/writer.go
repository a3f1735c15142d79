package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/ncruces/go-sqlite3"

	"rollcall/internal/store"
)

const (
	maxGroup = 512  // updates behind one flush
	maxQueue = 4096 // updates that wait for a group; more are turned away
)

// errClosed answers updates that come after Close.
var errClosed = &store.Error{Kind: store.ErrUnavailable, Err: errors.New("store is closed")}

// errQueueFull answers updates that find too many before them.
var errQueueFull = &store.Error{Kind: store.ErrUnavailable, Err: errors.New("too many updates are waiting")}

// writer owns the connection that writes. What waits while a group is being
// flushed makes up the next group, so that the number of flushes follows the
// disk and not the number of callers.
type writer struct {
	conn  *conn
	now   func() time.Time
	queue chan *update
	done  chan struct{} // closed when run has ended

	mu     sync.RWMutex // guards closing against sending
	closed bool
}

// update is one caller's function and its end.
type update struct {
	ctx context.Context
	fn  func(store.Tx) error
	err chan error
}

func newWriter(c *conn, now func() time.Time) *writer {
	return &writer{conn: c, now: now, queue: make(chan *update, maxQueue), done: make(chan struct{})}
}

// do hands fn to the writer and waits for its end. It does not leave before
// that when ctx ends, since the update may still happen: the writer passes
// over updates whose context has ended before their turn.
func (w *writer) do(ctx context.Context, fn func(store.Tx) error) error {
	u := &update{ctx: ctx, fn: fn, err: make(chan error, 1)}
	if err := w.send(u); err != nil {
		return err
	}
	return <-u.err
}

func (w *writer) send(u *update) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.queue <- u:
		return nil
	default:
		return errQueueFull
	}
}

// close ends the writer, once, after all that waits has been written.
func (w *writer) close() error {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	close(w.queue)
	<-w.done
	_, _, err := w.conn.db.WALCheckpoint("main", sqlite3.CHECKPOINT_TRUNCATE)
	return errors.Join(err, w.conn.close())
}

// run commits groups until the queue is closed and empty.
func (w *writer) run() {
	defer close(w.done)
	group := make([]*update, 0, maxGroup)
	for first := range w.queue {
		group = w.gather(append(group[:0], first))
		errs := w.commit(group)
		for i, u := range group {
			u.err <- errs[i]
		}
		clear(group) // let go of the callers' functions
	}
}

// gather adds what waits already.
func (w *writer) gather(group []*update) []*update {
	for len(group) < maxGroup {
		select {
		case u, ok := <-w.queue:
			if !ok {
				return group
			}
			group = append(group, u)
		default:
			return group
		}
	}
	return group
}

// commit runs the updates of a group in one transaction and gives the end of
// each. When the transaction fails, so do all of them, also those that had
// ended in an error of their own: they may have seen what is not there now.
func (w *writer) commit(group []*update) []error {
	errs := make([]error, len(group))
	err := w.transaction(group, errs)
	if err == nil {
		return errs
	}
	w.conn.rollback()
	err = &store.Error{Kind: store.ErrUnavailable, Err: err}
	for i := range errs {
		errs[i] = err
	}
	return errs
}

func (w *writer) transaction(group []*update, errs []error) error {
	t := &tx{conn: w.conn}
	if err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("beginning a group: %w", err)
	}
	now := w.now()
	for i, u := range group {
		if err := u.ctx.Err(); err != nil {
			errs[i] = err
			continue
		}
		var err error
		if errs[i], err = w.apply(u, now); err != nil {
			return err
		}
	}
	if err := t.exec("COMMIT"); err != nil {
		return fmt.Errorf("committing a group: %w", err)
	}
	return nil
}

// apply runs one update under its savepoint. Its own end is result; err
// means that the whole transaction is lost.
func (w *writer) apply(u *update, now time.Time) (result, err error) {
	t := &tx{conn: w.conn, now: now}
	if err := t.exec("SAVEPOINT one"); err != nil {
		return nil, fmt.Errorf("beginning an update: %w", err)
	}
	result = guard(t, u.fn)
	if result == nil {
		result = t.failed // fn must not make a failed write look done
	}
	if errors.Is(result, store.ErrUnavailable) {
		return nil, result
	}
	end := &tx{conn: w.conn}
	if result != nil {
		if err := end.exec("ROLLBACK TO one"); err != nil {
			return nil, fmt.Errorf("undoing an update: %w", err)
		}
	}
	if err := end.exec("RELEASE one"); err != nil {
		return nil, fmt.Errorf("ending an update: %w", err)
	}
	return result, nil
}

// guard turns a panic of fn into its error: the other callers in its group
// have nothing to do with it.
func guard(t store.Tx, fn func(store.Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in an update: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(t)
}
