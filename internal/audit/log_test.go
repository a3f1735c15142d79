package audit_test

import (
	"context"
	"encoding/binary"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"rollcall/internal/audit"
	"rollcall/internal/store"
	"rollcall/internal/store/sqlstore"
)

const account = "111122223333"

// openStore opens a store with an account and a clock.
func openStore(t *testing.T, now func() time.Time) store.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "rollcall.db"), sqlstore.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	update(t, s, func(tx store.Tx) error {
		return tx.CreateAccount(store.Account{ID: account, Name: "acme", Region: "us-east-1", CreatedAt: tx.Now()})
	})
	return s
}

func update(t *testing.T, s store.Store, fn func(store.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func config(t *testing.T, s store.Store) audit.Config {
	return audit.Config{Store: s, Keep: time.Hour, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
}

// record is a record of a time.
func record(at time.Time) store.AuditRecord {
	id := uuid.Must(uuid.NewV7())
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	copy(id[:6], ms[2:])
	return store.AuditRecord{ID: id, AccountID: account, Action: "test:Do", Caller: store.AuditCaller{Kind: store.IAMRoot}}
}

func count(t *testing.T, s store.Store) (n int) {
	t.Helper()
	err := s.View(t.Context(), func(r store.Reader) error {
		all, _, err := r.AuditPage(store.AuditQuery{AccountID: account, Limit: 1 << 20})
		n = len(all)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFlushWaitsForWhatWasAdded(t *testing.T) {
	s := openStore(t, nil)
	l := audit.NewLog(config(t, s))
	defer l.Close()
	for range 1000 {
		l.Add(record(time.Now()))
	}
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s); n != 1000 || l.Dropped() != 0 {
		t.Errorf("%d records are there, %d were dropped", n, l.Dropped())
	}
}

// slow is a store whose updates take their time.
type slow struct{ store.Store }

func (s slow) Update(ctx context.Context, fn func(store.Tx) error) error {
	time.Sleep(3 * time.Millisecond)
	return s.Store.Update(ctx, fn)
}

func TestFlushEndsThoughRecordsKeepComing(t *testing.T) {
	l := audit.NewLog(config(t, slow{openStore(t, nil)}))
	defer l.Close()
	ctx, stop := context.WithCancel(t.Context())
	var adding sync.WaitGroup
	adding.Go(func() {
		for ctx.Err() == nil {
			l.Add(record(time.Now()))
			time.Sleep(100 * time.Microsecond)
		}
	})
	flushed, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for range 5 {
		if err := l.Flush(flushed); err != nil {
			t.Error(err)
		}
	}
	stop()
	adding.Wait()
}

func TestWhatComesAfterTheEndIsCounted(t *testing.T) {
	l := audit.NewLog(config(t, openStore(t, nil)))
	l.Close()
	l.Add(record(time.Now()))
	if l.Dropped() != 1 {
		t.Errorf("%d were dropped", l.Dropped())
	}
}

func TestLargeRecordsAreDroppedSooner(t *testing.T) {
	s := &stuck{Store: openStore(t, nil), waiting: make(chan struct{}), release: make(chan struct{})}
	l := audit.NewLog(config(t, s))
	large := record(time.Now())
	large.Parameters = `"` + strings.Repeat("x", 100<<10) + `"`
	for range 1000 {
		l.Add(large)
	}
	<-s.waiting
	if l.Dropped() < 500 {
		t.Errorf("%d of 1000 records of 100 KB were dropped", l.Dropped())
	}
	close(s.release)
	l.Close()
}

func TestCloseWritesWhatWaits(t *testing.T) {
	s := openStore(t, nil)
	l := audit.NewLog(config(t, s))
	for range 1000 {
		l.Add(record(time.Now()))
	}
	l.Close()
	if n := count(t, s); n != 1000 {
		t.Errorf("%d records are there", n)
	}
}

// stuck is a store whose updates wait.
type stuck struct {
	store.Store
	begun   sync.Once
	waiting chan struct{} // closed when one waits
	release chan struct{}
}

func (s *stuck) Update(ctx context.Context, fn func(store.Tx) error) error {
	s.begun.Do(func() { close(s.waiting) })
	<-s.release
	return s.Store.Update(ctx, fn)
}

func TestTooManyAreDroppedAndCounted(t *testing.T) {
	real := openStore(t, nil)
	s := &stuck{Store: real, waiting: make(chan struct{}), release: make(chan struct{})}
	l := audit.NewLog(config(t, s))
	const added = 10_000
	for range added {
		l.Add(record(time.Now())) // must not wait
	}
	<-s.waiting
	dropped := l.Dropped()
	close(s.release)
	l.Close()
	if dropped == 0 || count(t, real)+int(dropped) != added {
		t.Errorf("%d of %d were dropped, %d are there", dropped, added, count(t, real))
	}
}

// Whoever has no key of the account fills no record, and hides no others'.
func TestThoseWithoutAKeyArePaced(t *testing.T) {
	s := openStore(t, nil)
	l := audit.NewLog(config(t, s))
	add := func(kind store.IAMKind, n int) {
		for range n {
			r := record(time.Now())
			r.Caller.Kind = kind
			l.AddPaced(r)
		}
	}
	add("", 2000)
	kept := 2000 - int(l.Dropped())
	if kept < 100 || kept > 1000 {
		t.Errorf("%d of 2000 were kept", kept)
	}
	before := l.Dropped()
	add(store.WebIdentity, 100)
	if n := l.Dropped() - before; n != 0 {
		t.Errorf("%d of another kind were dropped", n)
	}
	l.Close()
	if n := count(t, s); n != kept+100 {
		t.Errorf("%d records, want %d", n, kept+100)
	}
}

func TestOldRecordsGo(t *testing.T) {
	var now atomic.Int64
	now.Store(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli())
	clock := func() time.Time { return time.UnixMilli(now.Load()) }
	s := openStore(t, clock)
	const old, young = 2500, 3
	update(t, s, func(tx store.Tx) error {
		for range old {
			if err := tx.CreateAuditRecord(record(clock())); err != nil {
				return err
			}
		}
		return nil
	})
	now.Add(time.Hour.Milliseconds() + 1)
	update(t, s, func(tx store.Tx) error {
		for range young {
			if err := tx.CreateAuditRecord(record(clock())); err != nil {
				return err
			}
		}
		_, err := tx.Lease("prune audit records", "another server", tx.Now().Add(time.Minute))
		return err
	})
	l := audit.NewLog(config(t, s))
	defer l.Close()
	if err := l.Prune(t.Context(), "us"); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s); n != old+young {
		t.Fatalf("%d records are there, though another server is at it", n)
	}
	now.Add(time.Minute.Milliseconds())
	// The log itself may be at it first.
	for deadline := time.Now().Add(10 * time.Second); count(t, s) != young; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d records are there, want %d", count(t, s), young)
		}
		if err := l.Prune(t.Context(), "us"); err != nil {
			t.Fatal(err)
		}
	}
}
