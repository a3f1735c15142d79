// Package audit keeps the record of what was done: a queue for what happens
// outside transactions, the removal of what is old, and the form in which
// records are read, that of CloudTrail.
package audit

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"rollcall/internal/store"
)

const (
	maxQueue   = 4096     // records that wait to be written; more are dropped
	maxWaiting = 32 << 20 // bytes that they take; likewise
	maxBatch   = 256      // written in one transaction

	paceRate  = 10 // records of a kind of caller that has no key, in a second
	paceBurst = 200
)

// Config is what a Log stands on.
type Config struct {
	Store store.Store
	Reads bool          // keep a record of reads too
	Keep  time.Duration // how long records are kept
	Log   *slog.Logger
}

// Log writes records that belong to no change. It never makes a caller wait:
// when too many are waiting already, it counts those it drops.
type Log struct {
	config  Config
	queue   chan store.AuditRecord
	flush   chan chan struct{}
	waiting atomic.Int64 // bytes in the queue
	dropped atomic.Int64
	paces   map[store.IAMKind]*rate.Limiter
	closed  atomic.Bool

	stop context.CancelFunc
	done sync.WaitGroup
}

// NewLog starts a Log, which the caller closes before the store.
func NewLog(c Config) *Log {
	l := &Log{config: c, queue: make(chan store.AuditRecord, maxQueue), flush: make(chan chan struct{}),
		paces: map[store.IAMKind]*rate.Limiter{
			"": rate.NewLimiter(paceRate, paceBurst), store.WebIdentity: rate.NewLimiter(paceRate, paceBurst)}}
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	l.done.Go(func() { l.write(ctx) })
	l.done.Go(func() { l.prune(ctx) })
	return l
}

// Close writes what waits and ends the Log.
func (l *Log) Close() {
	l.stop()
	l.done.Wait()
}

// Reads says whether reads are recorded.
func (l *Log) Reads() bool { return l.config.Reads }

// Add records a call that belongs to no change. The record gets its ID when it
// is written, so that records come in the order in which they can be read.
func (l *Log) Add(r store.AuditRecord) {
	n := size(&r)
	if waiting := l.waiting.Add(n); l.closed.Load() || waiting > maxWaiting {
		l.drop(n)
		return
	}
	select {
	case l.queue <- r:
	default:
		l.drop(n)
	}
}

// AddPaced is Add for callers whom nobody has given a key of the account: users
// in a browser, and whoever has a provider's token. They cause as many records as
// they like, so what is too much of a kind is dropped.
func (l *Log) AddPaced(r store.AuditRecord) {
	if !l.paces[r.Caller.Kind].Allow() {
		l.dropped.Add(1)
		return
	}
	l.Add(r)
}

func (l *Log) drop(n int64) {
	l.waiting.Add(-n)
	l.dropped.Add(1)
}

// Dropped is how many records have been lost since the start.
func (l *Log) Dropped() int64 { return l.dropped.Load() }

// Flush returns when all that was added before is written, or ctx has ended.
func (l *Log) Flush(ctx context.Context) error {
	written := make(chan struct{})
	select {
	case l.flush <- written:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-written:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write takes records from the queue until the Log is closed.
func (l *Log) write(ctx context.Context) {
	for {
		select {
		case r := <-l.queue:
			l.writeBatch(r)
		case written := <-l.flush:
			l.drain()
			close(written)
		case <-ctx.Done():
			l.closed.Store(true)
			l.drain()
			return
		}
	}
}

// drain writes what is waiting now, and not what comes meanwhile: that may
// never end.
func (l *Log) drain() {
	for waiting := len(l.queue); waiting > 0; {
		waiting -= l.writeBatch(<-l.queue)
	}
}

// writeBatch writes a record and those that wait behind it, and says how many.
func (l *Log) writeBatch(first store.AuditRecord) int {
	batch := append(make([]store.AuditRecord, 0, maxBatch), first)
gather:
	for len(batch) < maxBatch {
		select {
		case r := <-l.queue:
			batch = append(batch, r)
		default:
			break gather
		}
	}
	err := l.config.Store.Update(context.Background(), func(tx store.Tx) error {
		for _, r := range batch {
			r.ID = NewID(tx.Now())
			if err := tx.CreateAuditRecord(r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		l.dropped.Add(int64(len(batch)))
		l.config.Log.Error("audit records lost", "records", len(batch), "lost", l.Dropped(), "err", err)
	}
	for i := range batch {
		l.waiting.Add(-size(&batch[i]))
	}
	return len(batch)
}

// size is about what a record takes in memory, in bytes.
func size(r *store.AuditRecord) int64 {
	return int64(512 + len(r.Parameters) + len(r.Resource) + len(r.ErrorMessage) + len(r.UserAgent))
}

const (
	pruneEvery = time.Hour
	pruneBatch = 1000 // records in one transaction: others must not wait long
	lease      = "prune audit records"
)

// prune removes records that are too old, once now and then every hour.
func (l *Log) prune(ctx context.Context) {
	owner := rand.Text()
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		if err := l.Prune(ctx, owner); err != nil && ctx.Err() == nil {
			l.config.Log.Error("pruning audit records", "err", err)
		}
		if n := l.Dropped(); n > 0 {
			l.config.Log.Warn("audit records were dropped since the start", "records", n)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Prune removes all records that are too old, unless another server is at it.
func (l *Log) Prune(ctx context.Context, owner string) error {
	for {
		n, mine := 0, false
		err := l.config.Store.Update(ctx, func(tx store.Tx) (err error) {
			if mine, err = tx.Lease(lease, owner, tx.Now().Add(time.Minute)); err != nil || !mine {
				return err
			}
			n, err = tx.PruneAuditRecords(tx.Now().Add(-l.config.Keep), pruneBatch)
			return err
		})
		if err != nil || !mine || n < pruneBatch {
			return err
		}
	}
}
