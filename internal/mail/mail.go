// Package mail composes rollcall's mails and hands them to an SMTP server.
// When a mail is due, and how often it is tried, is other packages' business.
package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Kind says which mail it is, and so which templates make it.
type Kind string

// The kinds of mail.
const (
	Invitation Kind = "invitation"
	Reset      Kind = "reset"
)

// Message is one mail to one person.
type Message struct {
	ID   string // names the mail: whoever tries again gives the same
	To   string // the bare address
	Kind Kind
	Data Data
}

// Data is what the templates are filled in with. A role is not part of it:
// people are never shown what AWS calls theirs.
type Data struct {
	UserName    string
	AccountName string
	Link        string
	Expires     time.Time // when the link stops working
}

// Sender sends mail. It is safe for concurrent use.
type Sender struct {
	server
	from    sender
	letters map[Kind]*letter
}

// New checks all of a configuration, so that nothing of it can fail later.
func New(c Config) (*Sender, error) {
	srv, err := c.server()
	if err != nil {
		return nil, err
	}
	from, err := parseSender(c.From)
	if err != nil {
		return nil, err
	}
	letters, err := loadLetters(c.TemplatesDir)
	if err != nil {
		return nil, err
	}
	return &Sender{server: srv, from: from, letters: letters}, nil
}

// Compose gives a mail as it is sent (RFC 5322).
func (s *Sender) Compose(m Message) ([]byte, error) {
	msg, err := s.compose(m)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = msg.WriteTo(&b)
	return b.Bytes(), err
}

func (s *Sender) compose(m Message) (*gomail.Msg, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	text, err := s.letters[m.Kind].render(m.Data)
	if err != nil {
		return nil, &FieldError{"Data", "does not go into its template: " + err.Error()}
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(s.from.address)
	if err := msg.To(m.To); err != nil {
		return nil, err
	}
	msg.SetDate()
	msg.SetMessageIDWithValue(m.ID + "@" + s.from.domain)
	msg.Subject(encodeSubject(text.subject))
	// So that nobody's absence is answered to (RFC 3834 section 5).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, text.plain)
	msg.AddAlternativeString(gomail.TypeTextHTML, text.html)
	return msg, nil
}

// longest bounds the sending of one mail. A server may take as long over the
// end of the data (RFC 5321 section 4.5.3.2.6), and who gives up before it
// answers sends the mail twice.
const longest = 10 * time.Minute

// Send sends a mail, for as long as the context allows. No error means that
// the server has it.
func (s *Sender) Send(ctx context.Context, m Message) error {
	msg, err := s.compose(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	err = s.deliver(ctx, msg)
	switch {
	case msg.IsDelivered():
		return nil // it is accepted, however the connection ended
	case ctx.Err() != nil:
		return fmt.Errorf("sending mail: %w: %w", ctx.Err(), err)
	default:
		return fmt.Errorf("sending mail: %w", err)
	}
}

// Permanent says that trying again is no use: the server refused this mail
// with a 5xx reply (RFC 5321 section 4.2.1), or it cannot be composed. What a
// server says of us and not of the mail, such as that our password is wrong,
// is put right by whoever runs it, and the mail waits for that.
func Permanent(err error) bool {
	var field *FieldError
	var send *gomail.SendError
	switch {
	case errors.As(err, &field):
		return true
	case errors.As(err, &send):
		return send.ErrorCode()/100 == 5 && send.ErrorCode() != authenticationRequired
	}
	return false
}

// authenticationRequired answers a mail of somebody who has not said who he
// is (RFC 4954 section 6).
const authenticationRequired = 530

// Reason is an error of Send in words for an administrator: without the
// recipient and the Message-ID that the client ends its own with.
func Reason(err error) string {
	text, _, _ := strings.Cut(err.Error(), ", affected ")
	return strings.TrimPrefix(strings.TrimPrefix(text, "sending mail: "), "send failed: ")
}
