package outbox

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"rollcall/internal/store"
)

const (
	pollEvery  = time.Second // which also finds what is due again
	afterError = 10 * time.Second
	atOnce     = 4 // mails: one that hangs must not hold up others
)

// work starts what is due, until ctx ends.
func (o *Outbox) work(ctx context.Context) {
	poll, renew := time.NewTicker(pollEvery), time.NewTicker(renewEvery)
	defer poll.Stop()
	defer renew.Stop()
	for ctx.Err() == nil {
		pause := pollEvery
		if err := o.startDue(ctx); err != nil && ctx.Err() == nil {
			o.config.Log.Error("looking for mails to send", "err", err)
			pause = afterError
		}
		poll.Reset(pause)
		select {
		case <-poll.C:
		case <-o.wake:
		case <-renew.C:
			o.keepLease(ctx)
		case <-ctx.Done():
		}
	}
}

// keepLease extends the lease while something is under way.
func (o *Outbox) keepLease(ctx context.Context) {
	if len(o.busy()) == 0 {
		return
	}
	if _, err := o.hold(ctx, func(store.Tx) error { return nil }); err != nil && ctx.Err() == nil {
		o.config.Log.Error("extending the lease on sending mails", "err", err)
	}
}

// busy lists what is under way, and maybe some that has ended just now.
func (o *Outbox) busy() map[uuid.UUID]bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return maps.Clone(o.underway)
}

// startDue starts as many of the mails that are due as may be under way.
func (o *Outbox) startDue(ctx context.Context) error {
	busy := o.busy() // first: what has ended since is not due any more when the store is asked
	var due []store.Mail
	var now time.Time
	list := func(r store.Reader) (err error) {
		now = r.Now()
		due, err = r.DueMails(now, 2*atOnce) // of which atOnce may be under way
		due = slices.DeleteFunc(due, func(m store.Mail) bool { return busy[m.ID] })
		due = due[:min(len(due), atOnce-len(busy))]
		return err
	}
	// A look costs little, and taking the lease a flush of the disk. Others may
	// have sent until it is taken, so the list is made again with it.
	if err := o.config.Store.View(ctx, list); err != nil || len(due) == 0 {
		return err
	}
	held, err := o.hold(ctx, func(tx store.Tx) error { return list(tx) })
	if err != nil || held == nil {
		return err
	}
	for _, m := range due {
		o.start(held, m, now)
	}
	return nil
}

// start tries a mail in the background.
func (o *Outbox) start(held context.Context, m store.Mail, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.underway[m.ID] = true
	o.done.Go(func() {
		o.try(held, m, now)
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.underway, m.ID)
		o.Wake() // there is room for another
	})
}

// errExpired is the end of a mail whose link opens nothing any more.
var errExpired = errors.New("the link expired before the mail could be sent")

// try sends a mail and makes a note of how that went. It makes the note
// afterwards: a crash before it means that the mail is sent again, and not
// that it is lost.
func (o *Outbox) try(ctx context.Context, m store.Mail, now time.Time) {
	letter, err := o.open(&m)
	switch {
	case !now.Before(m.ExpiresAt):
		err = errExpired
	case err != nil:
		o.config.Log.Error("a mail cannot be read", "user", m.UserID, "mail", m.ID, "err", err)
		err = errUnreadable
	default:
		// For as long as a server may take: who gives up before it answers sends
		// the mail twice.
		err = o.config.Sender.Send(ctx, letter)
	}
	if err != nil && ctx.Err() != nil {
		return // it stays due, for the next who has the lease
	}
	r := result{err: err, problem: problem(err, letter.Data.Link)}
	o.note(m, r)
}

var errUnreadable = errors.New("the mail could not be read from the database")

// noteEvery is how often a note is tried to be made. Until it is, the mail
// counts as under way, so that one that has been sent is not sent again just
// because the disk is full.
const noteEvery = time.Second

// note keeps a result. That the mail is not there any more, as another took
// its place or the user is gone, is fine.
func (o *Outbox) note(m store.Mail, r result) {
	for {
		var after store.Mail
		err := o.config.Store.Update(context.Background(), func(tx store.Tx) error {
			after = r.of(m, tx.Now())
			return tx.UpdateMail(after)
		})
		if err == nil || store.Missing(err, store.RecordMail) {
			o.log(after, err != nil)
			return
		}
		o.config.Log.Error("noting what became of a mail", "user", m.UserID, "mail", m.ID, "sent", r.err == nil, "err", err)
		select {
		case <-time.After(noteEvery):
		case <-o.sends.Done():
			return
		}
	}
}

// log says what became of a mail, without its link.
func (o *Outbox) log(m store.Mail, gone bool) {
	l := o.config.Log.With("user", m.UserID, "mail", m.ID, "kind", m.Kind, "tries", m.Tries)
	switch {
	case m.State == store.MailSent:
		l.Info("mail sent")
	case gone:
		l.Info("mail dropped: another took its place, or the user is gone")
	case m.State == store.MailFailed:
		l.Warn("mail given up", "problem", m.Problem)
	default:
		l.Warn("mail not sent yet", "problem", m.Problem, "next", m.DueAt)
	}
}
