package outbox

import (
	"context"
	"time"

	"rollcall/internal/store"
)

const (
	leaseName  = "send mails"
	leaseFor   = 15 * time.Second
	renewEvery = 4 * time.Second
)

// lease is the right to send, for one of the servers on a store at a time. It
// is lost when the store says so, and when the store has said nothing until
// it ends.
type lease struct {
	held  context.Context // nil, or ended: not held
	lose  context.CancelFunc
	timer *time.Timer
}

// hold takes or extends the lease, and then runs fn in the same transaction.
// What is sent under the lease is sent in its context, which ends with it; nil
// means that another has it.
func (o *Outbox) hold(ctx context.Context, fn func(store.Tx) error) (held context.Context, err error) {
	asked, mine := time.Now(), false
	err = o.config.Store.Update(ctx, func(tx store.Tx) (err error) {
		if mine, err = tx.Lease(leaseName, o.config.Owner, tx.Now().Add(leaseFor)); err != nil || !mine {
			return err
		}
		return fn(tx)
	})
	if err != nil {
		return nil, err // and maybe it is still held, until the timer says no
	}
	if !mine {
		o.lease.end()
		return nil, nil
	}
	return o.lease.until(o.sends, asked.Add(leaseFor)), nil
}

// until gives the lease's context, which is to end at that time.
func (l *lease) until(parent context.Context, end time.Time) context.Context {
	if l.held == nil || l.held.Err() != nil {
		l.held, l.lose = context.WithCancel(parent)
		l.timer = time.AfterFunc(time.Until(end), l.lose)
	} else {
		l.timer.Reset(time.Until(end)) // if it has ended just now, it is taken again next time
	}
	return l.held
}

func (l *lease) end() {
	if l.held != nil {
		l.timer.Stop()
		l.lose()
	}
}
