package outbox_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/internal/mail"
	"rollcall/internal/mailtest"
	"rollcall/internal/outbox"
	"rollcall/internal/seal"
	"rollcall/internal/store"
)

func TestAMailIsSent(t *testing.T) {
	t.Parallel()
	k := newKit(t, mailtest.New(t))
	o, ana := k.open(), k.user("ana")
	k.put(o, ana, 1)
	id := k.mail(ana).ID
	o.Wake()
	have := k.box.Wait(1)[0]
	if have.To != "ana@example.com" || have.Link != link(1) || have.MessageID != "<"+id.String()+"@example.com>" {
		t.Errorf("%+v", have)
	}
	if m := k.untilState(ana, store.MailSent); m.Tries != 1 || m.Problem != "" || m.ID != id {
		t.Errorf("%+v", m)
	}
}

func TestAMailIsFoundWithoutWake(t *testing.T) {
	t.Parallel()
	k := newKit(t, mailtest.New(t))
	k.put(k.open(), k.user("ana"), 1)
	k.box.Wait(1)
}

func TestNoOutbox(t *testing.T) {
	t.Parallel()
	var o *outbox.Outbox
	o.Wake()
	o.Close()
	k := newKit(t, mailtest.Down(t))
	if o.On() || !k.open().On() {
		t.Error("On is wrong")
	}
	if err := put(k.store, o, k.user("ana"), 1, life); err == nil {
		t.Error("a mail was put nowhere")
	}
}

func TestADownServerIsTriedAgain(t *testing.T) {
	t.Parallel()
	k := newKit(t, mailtest.Down(t))
	o, ana := k.open(), k.user("ana")
	k.put(o, ana, 1)
	o.Wake()
	for i, pause := range []time.Duration{5, 10, 20, 40, 80, 160, 320, 640, 900, 900} {
		m := k.untilTries(ana, i+1)
		if want := k.now().Add(pause * time.Second); m.State != store.MailWaiting || !m.DueAt.Equal(want) {
			t.Fatalf("try %d: %s and due at %s, want %s", i+1, m.State, m.DueAt, want)
		}
		if !strings.Contains(m.Problem, "refused") || len(m.Sealed) == 0 {
			t.Errorf("try %d: %q with %d bytes", i+1, m.Problem, len(m.Sealed))
		}
		k.advance(o, pause*time.Second)
	}
	k.untilTries(ana, 11)
	k.box.Start()
	k.advance(o, 900*time.Second)
	have := k.box.Wait(1)[0]
	if m := k.untilState(ana, store.MailSent); m.Problem != "" || !strings.Contains(have.MessageID, m.ID.String()) {
		t.Errorf("%+v sent as %s", m, have.MessageID)
	}
}

func TestARefusalIsForGood(t *testing.T) {
	t.Parallel()
	k := newKit(t, mailtest.New(t))
	k.box.OnRcpt(func(string) error { return mailtest.Refusal(550, "no such user, see https://help.example.com") })
	o, ana := k.open(), k.user("ana")
	k.put(o, ana, 1)
	o.Wake()
	m := k.untilState(ana, store.MailFailed)
	if m.Tries != 1 || !strings.Contains(m.Problem, "550") || !strings.Contains(m.Problem, "no such user, see [link]") {
		t.Errorf("%+v", m)
	}
}

func TestWhatCannotBeAMailIsGivenUp(t *testing.T) {
	t.Parallel()
	k := newKit(t, mailtest.New(t))
	o, ana := k.open(), k.user("ana")
	ana.Email = "not an address"
	k.put(o, ana, 1)
	o.Wake()
	if m := k.untilState(ana, store.MailFailed); !strings.Contains(m.Problem, "To ") {
		t.Errorf("%+v", m)
	}
}

// One recipient is put off, the server hangs on another and refuses a third.
func TestOthersAreNotHeldUp(t *testing.T) {
	t.Parallel()
	k := newKit(t, mailtest.New(t))
	hang := make(chan struct{})
	defer close(hang)
	k.box.OnRcpt(func(to string) error {
		switch to {
		case "later@example.com":
			return mailtest.Refusal(451, "greylisted")
		case "never@example.com":
			return mailtest.Refusal(550, "never")
		case "hangs@example.com":
			<-hang
		}
		return nil
	})
	o := k.open()
	later := k.user("later")
	k.put(o, later, 1)
	k.put(o, k.user("never"), 2)
	k.put(o, k.user("hangs"), 3)
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
		k.put(o, k.user(name), 4)
	}
	o.Wake()
	k.box.Wait(10)
	if m := k.untilTries(later, 1); m.State != store.MailWaiting || !strings.Contains(m.Problem, "greylisted") {
		t.Errorf("%+v", m)
	}
	k.box.OnRcpt(nil)
	k.advance(o, 5*time.Second)
	k.box.Wait(11)
	k.untilState(later, store.MailSent)
}

// hold makes a mail server take its time over each mail, and tells of those
// that it has.
func hold(b *mailtest.Box) (has <-chan string, release func()) {
	came, free := make(chan string, 10), make(chan struct{})
	b.OnData(func(to string) error {
		came <- to
		<-free
		return nil
	})
	return came, sync.OnceFunc(func() { close(free) })
}

func TestReplacedWhileBeingSent(t *testing.T) {
	t.Parallel()
	k := newKit(t, mailtest.New(t))
	has, release := hold(k.box)
	defer release()
	o, ana := k.open(), k.user("ana")
	k.put(o, ana, 1)
	o.Wake()
	<-has
	k.put(o, ana, 2)
	second := k.mail(ana)
	o.Wake()
	<-has // the second does not wait for the first
	release()
	mails := k.box.Wait(2)
	if m := k.untilState(ana, store.MailSent); m.ID != second.ID || m.Tries != 1 {
		t.Errorf("%+v, want that of %s", m, second.ID)
	}
	if links := []string{mails[0].Link, mails[1].Link}; !(links[0] == link(1) || links[1] == link(1)) || links[0] == links[1] {
		t.Errorf("the links are %q", links)
	}
}

func TestDeletedWhileBeingSent(t *testing.T) {
	t.Parallel()
	k := newKit(t, mailtest.New(t))
	has, release := hold(k.box)
	defer release()
	o, ana, ben := k.open(), k.user("ana"), k.user("ben")
	k.put(o, ana, 1)
	o.Wake()
	<-has
	err := k.store.Update(t.Context(), func(tx store.Tx) error { return tx.DeleteUser(ana.NamespaceID, ana.ID) })
	if err != nil {
		t.Fatal(err)
	}
	release()
	k.box.Wait(1)
	k.put(o, ben, 2)
	o.Wake()
	k.untilState(ben, store.MailSent)
}

func TestExpired(t *testing.T) {
	t.Parallel()
	k := newKit(t, mailtest.Down(t))
	o, ana, ben := k.open(), k.user("ana"), k.user("ben")
	if err := errors.Join(put(k.store, o, ana, 1, 7*time.Second), put(k.store, o, ben, 2, -time.Second)); err != nil {
		t.Fatal(err)
	}
	o.Wake()
	if m := k.untilState(ben, store.MailFailed); m.Tries != 0 || m.Problem != "the link expired before the mail could be sent" {
		t.Errorf("%+v", m)
	}
	k.untilTries(ana, 1)
	k.advance(o, 5*time.Second)
	if m := k.untilTries(ana, 2); !m.DueAt.Equal(m.ExpiresAt) {
		t.Errorf("due at %s, want when it expires at %s", m.DueAt, m.ExpiresAt)
	}
	k.advance(o, 2*time.Second)
	m := k.untilState(ana, store.MailFailed)
	if m.Tries != 2 || !strings.HasPrefix(m.Problem, "the link expired before the mail could be sent; the last problem was: ") {
		t.Errorf("%+v", m)
	}
}

func TestTwoOutboxesSendEachMailOnce(t *testing.T) {
	t.Parallel()
	k := newKit(t, mailtest.New(t))
	const users = 40
	a, b := k.open(), k.open()
	var wg sync.WaitGroup
	for i := range users {
		u := k.user("u" + string(rune('a'+i/10)) + string(rune('0'+i%10)))
		wg.Go(func() {
			if err := put(k.store, a, u, i, life); err != nil {
				t.Error(err)
			}
			a.Wake()
			b.Wake()
			if m := k.untilState(u, store.MailSent); m.Tries != 1 {
				t.Errorf("%+v", m)
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, m := range k.box.Wait(users) {
		if seen[m.To] {
			t.Errorf("two mails to %s", m.To)
		}
		seen[m.To] = true
	}
}

// A server that has lost its lease stops in the middle, and the one that has
// got it sends.
func TestALostLeaseStopsSending(t *testing.T) {
	t.Parallel()
	k := newKit(t, mailtest.New(t))
	has, release := hold(k.box)
	defer release()
	var said bytes.Buffer
	a := k.open(func(c *outbox.Config) { c.Log = slog.New(slog.NewTextHandler(&said, nil)) })
	ana := k.user("ana")
	k.put(a, ana, 1)
	a.Wake()
	<-has
	k.ahead.Add(int64(15 * time.Second))
	b := k.open()
	b.Wake()
	<-has // b has taken the lease, which a will see
	time.Sleep(5 * time.Second)
	release()
	if m := k.untilState(ana, store.MailSent); m.Tries != 1 {
		t.Errorf("%+v", m)
	}
	if a.Close(); said.Len() != 0 {
		t.Errorf("the one that lost its lease says %s", &said)
	}
}

func TestClosedInTheMiddle(t *testing.T) {
	t.Parallel()
	k := newKit(t, mailtest.New(t))
	has, release := hold(k.box)
	defer release()
	o, ana := k.open(func(c *outbox.Config) { c.Owner = "me" }), k.user("ana")
	k.put(o, ana, 1)
	o.Wake()
	<-has
	began := time.Now()
	o.Close()
	if took := time.Since(began); took < 2*time.Second || took > 10*time.Second {
		t.Errorf("Close took %s", took)
	}
	if m := k.mail(ana); m.State != store.MailWaiting || m.Tries != 0 {
		t.Errorf("%+v", m)
	}
	k.box.OnData(nil)
	k.open(func(c *outbox.Config) { c.Owner = "me" })
	k.untilState(ana, store.MailSent) // at once: the clock stands still, and so does the lease
}

// What is quick may end.
func TestCloseWaitsForWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	k := newKit(t, mailtest.New(t))
	has, release := hold(k.box)
	o, ana := k.open(), k.user("ana")
	k.put(o, ana, 1)
	o.Wake()
	<-has
	time.AfterFunc(200*time.Millisecond, release)
	o.Close()
	k.box.Wait(1)
	if m := k.mail(ana); m.State != store.MailSent {
		t.Errorf("%+v", m)
	}
}

// failing is a store that cannot write at times.
type failing struct {
	store.Store
	now atomic.Bool
}

func (f *failing) Update(ctx context.Context, fn func(store.Tx) error) error {
	if f.now.Load() {
		return &store.Error{Kind: store.ErrUnavailable, Err: errors.New("the disk is full")}
	}
	return f.Store.Update(ctx, fn)
}

func TestWhatCannotBeNotedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	k := newKit(t, mailtest.New(t))
	s := &failing{Store: k.store}
	k.box.OnData(func(string) error {
		s.now.Store(true)
		return nil
	})
	o, ana := k.open(func(c *outbox.Config) { c.Store = s }), k.user("ana")
	k.put(o, ana, 1)
	o.Wake()
	k.box.Wait(1)
	for range 20 {
		o.Wake()
		time.Sleep(100 * time.Millisecond)
	}
	s.now.Store(false)
	if m := k.untilState(ana, store.MailSent); m.Tries != 1 {
		t.Errorf("%+v", m)
	}
	k.box.Wait(1)
}

func TestSealedAtRest(t *testing.T) {
	t.Parallel()
	k := newKit(t, mailtest.Down(t))
	o, ana := k.open(), k.user("ana")
	k.put(o, ana, 1)
	o.Wake()
	m := k.untilTries(ana, 1)
	k.box.OnData(func(string) error { return mailtest.Refusal(451, "do not like "+link(1)+" and "+token) })
	k.box.Start()
	k.advance(o, 5*time.Second)
	second := k.untilTries(ana, 2)
	if want := "do not like [link] and [link]"; !strings.Contains(second.Problem, want) {
		t.Errorf("the problem is %q, want %q in it", second.Problem, want)
	}
	for _, b := range [][]byte{m.Sealed, second.Sealed, read(t, k.path), read(t, k.path+"-wal")} {
		if bytes.Contains(b, []byte(token)) || bytes.Contains(b, []byte("sn/register")) {
			t.Error("the link can be read")
		}
	}
	if !bytes.Contains(read(t, k.path+"-wal"), []byte("do not like")) {
		t.Error("this is not where it is kept")
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhatCannotBeOpenedIsGivenUp(t *testing.T) {
	t.Parallel()
	k := newKit(t, mailtest.New(t))
	o, ana, ben := k.open(), k.user("ana"), k.user("ben")
	err := k.store.Update(t.Context(), func(tx store.Tx) error {
		return tx.PutMail(store.Mail{
			NamespaceID: ana.NamespaceID, UserID: ana.ID, Kind: string(mail.Invitation), ID: ana.ID, State: store.MailWaiting,
			Sealed:    seal.NewKey().Box("mail").Seal([]byte("{}"), ana.ID.String()),
			CreatedAt: tx.Now(), DueAt: tx.Now(), ExpiresAt: tx.Now().Add(life),
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	k.put(o, ben, 2)
	o.Wake()
	if m := k.untilState(ana, store.MailFailed); m.Problem != "the mail could not be read from the database" {
		t.Errorf("%+v", m)
	}
	k.untilState(ben, store.MailSent)
}
