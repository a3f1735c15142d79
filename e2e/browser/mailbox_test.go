package browser

import (
	"testing"
	"time"

	"rollcall/internal/mailtest"
)

// mailbox is a mail server that can be down and up again. Its Wait gives the
// mails that have come, each with its Subject, Text, HTML and Link.
type mailbox = mailtest.Box

// newMailbox starts a mail server for newMailSite.
func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	return mailtest.New(t)
}

// Who registers users through the API gets the link in the answer, and sees to
// the mail himself.
func TestTheAPISendsNoMail(t *testing.T) {
	t.Parallel()
	box := newMailbox(t)
	s := newMailSite(t, box)
	s.register("ana")
	time.Sleep(1500 * time.Millisecond) // longer than mails wait
	if n := box.Count(); n != 0 {
		t.Errorf("%d mails came: %+v", n, box.Mails())
	}
}
