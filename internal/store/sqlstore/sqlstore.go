// Package sqlstore keeps rollcall's records in SQLite. All writing is done by
// one goroutine that commits waiting updates in groups, behind one flush to
// disk; reading is done on a few connections, each on its own snapshot.
package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/ncruces/go-sqlite3"

	"rollcall/internal/store"
)

// readers is the number of connections that read. More than the cores give
// nothing and each holds a page cache.
const readers = 4

// pragmas make what is acknowledged survive a power cut (synchronous=FULL) and
// bound a connection's page cache to 16 MB. The write-ahead log is folded back
// from 40 MB on; under readers that never pause it was seen to grow to 220 MB,
// and it is cut to 40 MB again when they do.
var pragmas = []string{
	"PRAGMA journal_mode = WAL",
	"PRAGMA synchronous = FULL",
	"PRAGMA foreign_keys = ON",
	"PRAGMA wal_autocheckpoint = 10000",
	"PRAGMA journal_size_limit = 41943040",
	"PRAGMA busy_timeout = 5000",
	"PRAGMA cache_size = -16384",
}

// Options are what a Store needs to know beside its file. The zero value is
// good.
type Options struct {
	Now func() time.Time // nil: time.Now
}

// Store is a store.Store on a SQLite file.
type Store struct {
	now     func() time.Time
	readers chan *conn // those at rest
	opened  int        // how many readers there are
	writer  *writer

	closing sync.Once
	closed  chan struct{}
}

var _ store.Store = (*Store)(nil)

// Open opens the database in the file at path, which it makes when it is not
// there, and brings its schema up to date.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	s := &Store{now: o.Now, readers: make(chan *conn, readers), closed: make(chan struct{})}
	if s.now == nil {
		s.now = time.Now
	}
	if err := touch(path); err != nil {
		return nil, err
	}
	w, err := openConn(ctx, path)
	if err != nil {
		return nil, err
	}
	if err := migrate(w, s.timestamp()); err != nil {
		return nil, errors.Join(err, w.close())
	}
	s.writer = newWriter(w, s.timestamp)
	s.writer.open = func() (*conn, error) { return openConn(context.Background(), path) }
	go s.writer.run()
	for range readers {
		r, err := openConn(ctx, path)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		r.namespaces = w.namespaces
		s.readers <- r
		s.opened++
	}
	return s, nil
}

// touch makes the database readable by its owner alone, and with it the shared
// memory beside it; the log takes its permissions from the database (modeof).
func touch(path string) error {
	for _, name := range []string{path, path + "-shm"} {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return fmt.Errorf("opening database: %w", err)
		}
		if err := f.Close(); err != nil {
			return fmt.Errorf("opening database: %w", err)
		}
	}
	return nil
}

// uri is the database's name for SQLite, whose URIs have no + for a space.
// https://sqlite.org/uri.html
func uri(path string) string {
	escaped := strings.ReplaceAll(url.QueryEscape(path), "+", "%20")
	return "file:" + escaped + "?modeof=" + escaped
}

func openConn(ctx context.Context, path string) (*conn, error) {
	c, err := sqlite3.OpenContext(ctx, uri(path))
	if err != nil {
		return nil, fmt.Errorf("opening database %q: %w", path, err)
	}
	// The context of opening must not end the connection's later statements.
	c.SetInterrupt(context.Background())
	for _, p := range pragmas {
		if err := c.Exec(p); err != nil {
			return nil, fmt.Errorf("opening database %q: %s: %w", path, p, errors.Join(err, c.Close()))
		}
	}
	return &conn{db: c, stmts: map[string]*stmt{}, namespaces: new(namespaces)}, nil
}

// timestamp is the time as the store keeps it.
func (s *Store) timestamp() time.Time {
	return s.now().UTC().Truncate(time.Millisecond)
}

// View runs fn on a snapshot.
func (s *Store) View(ctx context.Context, fn func(store.Reader) error) error {
	c, err := s.reader(ctx)
	if err != nil {
		return err
	}
	defer func() { s.readers <- c }()
	return c.snapshot(ctx, s.timestamp(), s.writer.epochs, fn)
}

func (s *Store) reader(ctx context.Context) (*conn, error) {
	select {
	case <-s.closed:
		return nil, errClosed
	default:
	}
	select {
	case c := <-s.readers:
		return c, nil
	case <-s.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Update runs fn in a transaction of the writer's next group.
func (s *Store) Update(ctx context.Context, fn func(store.Tx) error) error {
	return s.writer.do(ctx, fn)
}

// Ready reads, and writes if the last writing failed: there may be room again,
// and nobody else would find out while no traffic comes.
func (s *Store) Ready(ctx context.Context) error {
	err := s.View(ctx, func(store.Reader) error { return nil })
	if err != nil || !s.writer.failing.Load() {
		return err
	}
	return s.Update(ctx, func(tx store.Tx) error {
		return tx.PutSetting("ready", []byte(tx.Now().Format(time.RFC3339)))
	})
}

// Close waits for what is under way, folds the write-ahead log into the
// database so that the next start need not, and closes all connections.
func (s *Store) Close() (err error) {
	s.closing.Do(func() {
		close(s.closed)
		for range s.opened {
			err = errors.Join(err, (<-s.readers).close())
		}
		err = errors.Join(err, s.writer.close())
	})
	return err
}
