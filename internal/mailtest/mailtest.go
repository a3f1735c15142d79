// Package mailtest is a mail server for tests. It can be down and up again at
// one address, and gives what it took as a reader would see it.
package mailtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// Mail is one that the server took.
type Mail struct {
	To        string // as in the envelope
	From      string
	Subject   string
	Text      string
	HTML      string
	MessageID string // with its angle brackets
	Link      string // the first address of the web in the text
}

// Hook says what the server answers about a recipient; nil: yes.
type Hook func(to string) error

// Box is the server and all that it took.
type Box struct {
	t       testing.TB
	address string

	mu       sync.Mutex
	server   *smtp.Server // nil: down
	listener net.Listener
	asked    int // recipients
	took     []Mail
	rcpt     Hook
	accepted Hook
}

// New starts a server that ends with the test.
func New(t testing.TB) *Box {
	t.Helper()
	b := &Box{t: t, address: ownAddress()}
	b.Start()
	t.Cleanup(b.Stop)
	return b
}

// ownAddress is a loopback address that nobody else takes while the server is
// down, where the system has more than one.
func ownAddress() string {
	own := fmt.Sprintf("127.%d.%d.%d:0", 1+rand.IntN(254), rand.IntN(256), 1+rand.IntN(254))
	l, err := net.Listen("tcp", own)
	if err != nil {
		return "127.0.0.1:0"
	}
	l.Close()
	return own
}

// Down makes a server that is not started yet. Nobody listens on its address.
func Down(t testing.TB) *Box {
	t.Helper()
	b := New(t)
	b.Stop()
	return b
}

// Address is the server's host:port, also while it is down.
func (b *Box) Address() string { return b.address }

// Start brings the server up, always at the same address.
func (b *Box) Start() {
	b.t.Helper()
	l, err := net.Listen("tcp", b.address)
	if err != nil {
		b.t.Fatal(err)
	}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{box: b}, nil }))
	s.Domain, s.ErrorLog = "localhost", log.New(io.Discard, "", 0)
	b.mu.Lock()
	b.address, b.server, b.listener = l.Addr().String(), s, l
	b.mu.Unlock()
	go func() { _ = s.Serve(l) }()
}

// Stop takes the server down with all its connections.
func (b *Box) Stop() {
	b.mu.Lock()
	s, l := b.server, b.listener
	b.server = nil
	b.mu.Unlock()
	if s != nil {
		_ = l.Close() // which the server may not know yet
		_ = s.Close()
	}
}

// OnRcpt is asked about each recipient.
func (b *Box) OnRcpt(h Hook) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rcpt = h
}

// OnData is asked when a whole mail is there. It may take its time.
func (b *Box) OnData(h Hook) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.accepted = h
}

// Refusal is an answer for hooks, such as 451 for later or 550 for never.
func Refusal(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: text}
}

// Count is how many mails there are.
func (b *Box) Count() int { return len(b.Mails()) }

// Asked is how many recipients have been named, of whatever was answered.
func (b *Box) Asked() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.asked
}

// Mails gives all mails in the order of their coming.
func (b *Box) Mails() []Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Mail(nil), b.took...)
}

// patience is far beyond the longest pause between two of the first tries.
const patience = 30 * time.Second

// Wait waits until there are n mails, and gives them all. One more than that
// fails the test.
func (b *Box) Wait(n int) []Mail {
	b.t.Helper()
	for deadline := time.Now().Add(patience); b.Count() < n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("mailtest: %d mails came, want %d", b.Count(), n)
		}
	}
	mails := b.Mails()
	if len(mails) > n {
		b.t.Fatalf("mailtest: %d mails came, want %d: %+v", len(mails), n, mails)
	}
	return mails
}

type session struct {
	box *Box
	to  string
}

func (s *session) Reset()                               { s.to = "" }
func (s *session) Logout() error                        { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.box.mu.Lock()
	s.box.asked++
	ask := s.box.rcpt
	s.box.mu.Unlock()
	s.to = to
	return answer(ask, to)
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := parse(raw)
	if err != nil {
		s.box.t.Errorf("mailtest: %v in %q", err, raw)
		return err
	}
	m.To = s.to
	s.box.mu.Lock()
	ask := s.box.accepted
	s.box.mu.Unlock()
	if err := answer(ask, s.to); err != nil {
		return err
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.took = append(s.box.took, m)
	return nil
}

func answer(h Hook, to string) error {
	if h == nil {
		return nil
	}
	return h(to)
}

var link = regexp.MustCompile(`https?://\S+`)

// parse reads a mail that has a text and the same in HTML.
func parse(raw []byte) (m Mail, err error) {
	msg, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return m, err
	}
	m.From, m.MessageID = msg.Header.Get("From"), msg.Header.Get("Message-Id")
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil {
		return m, err
	}
	_, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		return m, err
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	text, problem := part(parts)
	html, other := part(parts)
	m.Text, m.HTML, m.Link = text, html, link.FindString(text)
	return m, errors.Join(problem, other)
}

func part(r *multipart.Reader) (string, error) {
	p, err := r.NextRawPart()
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(quotedprintable.NewReader(p))
	return strings.ReplaceAll(string(b), "\r\n", "\n"), err
}
