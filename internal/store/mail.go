package store

import (
	"time"

	"github.com/google/uuid"
)

// MailState is what has become of a mail.
type MailState string

// The states of a mail.
const (
	MailWaiting MailState = "waiting"
	MailSent    MailState = "sent"
	MailFailed  MailState = "failed" // and given up
)

// Mail is a mail to a user. There is at most one of a kind for each: a new one
// takes the place of the one before, whose link is worth nothing any more.
type Mail struct {
	NamespaceID int64
	UserID      uuid.UUID
	Kind        string    // such as invitation
	ID          uuid.UUID // of this very mail; all tries have the same
	Sealed      []byte    // what is to be sent; nil once it has ended
	State       MailState
	Tries       int    // that have been made
	Problem     string // of the last try; "": none
	CreatedAt   time.Time
	DueAt       time.Time // when it is to be tried
	ExpiresAt   time.Time // after which there is no use in it
	EndedAt     time.Time // when it was sent or given up; zero: it waits
}

// MailReader reads mails.
type MailReader interface {
	// Mail gives the last mail of a kind to a user.
	Mail(namespaceID int64, userID uuid.UUID, kind string) (Mail, error)
	// DueMails lists up to limit mails that wait and are due at a time, the one
	// due longest first.
	DueMails(at time.Time, limit int) ([]Mail, error)
}

// MailWriter changes mails, which go with their users.
type MailWriter interface {
	// PutMail adds a mail, in place of the one of its kind and user. For a user
	// who is not there it ends in ErrConflict.
	PutMail(Mail) error
	// UpdateMail stores content, state, tries, problem, and all times but that of
	// its making, of the mail with
	// that ID. One that another has taken the place of is ErrNotFound.
	UpdateMail(Mail) error
	// DeleteMail takes back a mail to a user, if there is one.
	DeleteMail(namespaceID int64, userID uuid.UUID, kind string) error
}
