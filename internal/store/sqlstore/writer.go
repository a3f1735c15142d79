package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
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
	conn   *conn
	now    func() time.Time
	epochs *epochs
	queue  chan *update
	done   chan struct{} // closed when run has ended

	failing  atomic.Bool // the last group could not be committed
	open     func() (*conn, error)
	panicked bool // an update of the group

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
	return &writer{
		conn:   c,
		now:    now,
		epochs: newEpochs(),
		queue:  make(chan *update, maxQueue),
		done:   make(chan struct{}),
	}
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

// errLost means that there is no transaction any more: what came behind would
// commit by itself.
var errLost = errors.New("the transaction was lost")

// errSpoiled means that an update has failed after it had written, with no
// savepoint to go back to.
var errSpoiled = errors.New("a failed update has written")

// commit runs the updates of a group in one transaction and gives the end of
// each. Savepoints cost a sixth of the work and few updates fail after they
// have written, so the group is run without them, and again with them when it
// turns out that they were needed.
//
// When the transaction fails, so do all updates, also those that had ended in
// an error of their own: they may have seen what is not there now.
func (w *writer) commit(group []*update) []error {
	errs := make([]error, len(group))
	err := w.transaction(group, errs, false)
	if errors.Is(err, errSpoiled) {
		w.conn.rollback()
		err = w.transaction(group, errs, true)
	}
	w.failing.Store(err != nil)
	if w.panicked {
		defer w.renew()
	}
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

// renew replaces the connection after a panic, which may have been SQLite's and
// have left it in any state. Where that fails, the old one has to do.
func (w *writer) renew() {
	w.panicked = false
	fresh, err := w.open()
	if err != nil {
		return
	}
	fresh.namespaces = w.conn.namespaces
	old := w.conn
	w.conn = fresh
	defer func() { _ = recover() }() // it may not even close
	_ = old.close()
}

func (w *writer) transaction(group []*update, errs []error, savepoints bool) error {
	t := &tx{conn: w.conn}
	if err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("beginning a group: %w", err)
	}
	apply := w.applyBare
	if savepoints {
		apply = w.applySaved
	}
	changed, err := w.applyAll(group, errs, apply)
	if err != nil {
		return err
	}
	end := func() error { return t.exec("COMMIT") }
	if changed {
		err = w.epochs.change(end)
	} else {
		err = end()
	}
	if err != nil {
		err = fmt.Errorf("committing a group: %w", err)
	}
	return err
}

// applyAll runs the updates of a group and says whether they have changed
// what callers may do. Those behind the first that has are of no epoch: what
// they read may yet be rolled back.
func (w *writer) applyAll(group []*update, errs []error, apply func(*update, *tx) (result, err error)) (changed bool, err error) {
	now, epoch := w.now(), w.epochs.now()
	for i, u := range group {
		if errs[i] = u.ctx.Err(); errs[i] != nil {
			continue
		}
		t := &tx{conn: w.conn, now: now, epoch: epoch}
		if errs[i], err = apply(u, t); err != nil {
			return false, err
		}
		if w.conn.db.GetAutocommit() { // after some errors SQLite has rolled back by itself
			return false, errLost
		}
		if errs[i] == nil && t.changed {
			changed, epoch = true, 0
		}
	}
	return changed, nil
}

// applyBare runs one update. Its own end is result; err means that the whole
// transaction is lost.
func (w *writer) applyBare(u *update, t *tx) (result, err error) {
	result = w.call(u, t)
	switch {
	case errors.Is(result, store.ErrUnavailable):
		return nil, result
	case result != nil && t.wrote:
		return nil, errSpoiled
	}
	return result, nil
}

// applySaved is applyBare under a savepoint.
func (w *writer) applySaved(u *update, t *tx) (result, err error) {
	own := &tx{conn: w.conn}
	if err := own.exec("SAVEPOINT one"); err != nil {
		return nil, fmt.Errorf("beginning an update: %w", err)
	}
	result = w.call(u, t)
	if errors.Is(result, store.ErrUnavailable) {
		return nil, result
	}
	if result != nil {
		if err := own.exec("ROLLBACK TO one"); err != nil {
			return nil, fmt.Errorf("undoing an update: %w", err)
		}
	}
	if err := own.exec("RELEASE one"); err != nil {
		return nil, fmt.Errorf("ending an update: %w", err)
	}
	return result, nil
}

// call calls the caller's function, which must not make a failed write look
// done. A panic is its error: the other callers in its group have nothing to do
// with it.
func (w *writer) call(u *update, t *tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.panicked = true
			err = fmt.Errorf("panic in an update: %v\n%s", p, debug.Stack())
		}
	}()
	if err := u.fn(t); err != nil {
		return err
	}
	return t.failed
}
