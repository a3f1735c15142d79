// Package outbox sends the mails that are kept in the store: whoever changes
// something puts the mail about it into the same transaction, and a worker
// hands it to the mail server, however often that takes.
//
// Every mail is sent at least once, unless it expires or is refused for good.
// It is sent once, but for one case that SMTP has no answer to: when a server
// has taken a mail and rollcall is killed, or cut off from it, before it has
// made a note of that, the mail is sent again. Both have the same Message-ID,
// by which many mailboxes drop the second.
package outbox

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"rollcall/internal/mail"
	"rollcall/internal/seal"
	"rollcall/internal/store"
)

// Config is what an Outbox stands on.
type Config struct {
	Store  store.Store
	Key    *seal.Key
	Sender *mail.Sender
	Log    *slog.Logger

	// Owner is who holds the lease on sending. A server that has the store to
	// itself always gives the same name: after a crash it goes on at once, and
	// need not wait until what it held itself is over. "": a new name.
	Owner string
}

// Outbox keeps mails and sends them. It is safe for concurrent use.
type Outbox struct {
	config Config
	box    *seal.Box
	wake   chan struct{}
	lease  lease

	mu       sync.Mutex
	underway map[uuid.UUID]bool

	stop   context.CancelFunc // ends the worker
	cutOff context.CancelFunc // ends what is under way
	sends  context.Context    // until then
	done   sync.WaitGroup
}

// New starts an Outbox, which the caller closes before the store.
func New(c Config) *Outbox {
	if c.Owner == "" {
		c.Owner = rand.Text()
	}
	o := &Outbox{
		config:   c,
		box:      c.Key.Box("mail"),
		wake:     make(chan struct{}, 1),
		underway: map[uuid.UUID]bool{},
	}
	ctx, stop := context.WithCancel(context.Background())
	o.stop = stop
	o.sends, o.cutOff = context.WithCancel(context.Background())
	o.done.Go(func() { o.work(ctx) })
	return o
}

// grace is how long a mail under way may take when the Outbox is closed. Who
// is cut off in the middle may have sent it and not know.
const grace = 3 * time.Second

// Close lets mails under way end, if they are quick, and ends the Outbox. What
// has not been sent is sent after the next start.
func (o *Outbox) Close() {
	if o == nil {
		return
	}
	o.stop()
	late := time.AfterFunc(grace, o.cutOff)
	defer late.Stop()
	o.done.Wait()
	o.cutOff()
	o.lease.end()
}

// On says whether there is a mail server. All else is of no use without.
func (o *Outbox) On() bool { return o != nil }

// Put keeps a mail to a user, in the place of one of the same kind. It goes
// out after the transaction's commit, of which Wake tells, until its link
// expires.
func (o *Outbox) Put(tx store.Tx, to *store.User, kind mail.Kind, data mail.Data) error {
	if o == nil {
		return errors.New("outbox: no mail server is configured")
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	letter, err := json.Marshal(mail.Message{ID: id.String(), To: to.Email, Kind: kind, Data: data})
	if err != nil {
		return err
	}
	return tx.PutMail(store.Mail{
		NamespaceID: to.NamespaceID,
		UserID:      to.ID,
		Kind:        string(kind),
		ID:          id,
		Sealed:      o.box.Seal(letter, id.String()),
		State:       store.MailWaiting,
		CreatedAt:   tx.Now(),
		DueAt:       tx.Now(),
		ExpiresAt:   data.Expires,
	})
}

// open gives what Put has sealed.
func (o *Outbox) open(m *store.Mail) (letter mail.Message, err error) {
	b, err := o.box.Open(m.Sealed, m.ID.String())
	if err != nil {
		return letter, err
	}
	return letter, json.Unmarshal(b, &letter)
}

// Wake has the worker look what is due now rather than at its next turn. It
// never waits.
func (o *Outbox) Wake() {
	if o == nil {
		return
	}
	select {
	case o.wake <- struct{}{}:
	default: // it will look anyway
	}
}
