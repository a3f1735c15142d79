package mail

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

var invitation = Message{
	ID:   "0197f2a4-outbox",
	To:   "maria@example.com",
	Kind: Invitation,
	Data: Data{
		UserName:    "María",
		AccountName: "Größe & Co",
		Link:        "https://rollcall.example/sn/register?token=abc_DEF-123",
		Expires:     time.Date(2026, 7, 1, 12, 30, 0, 0, time.UTC),
	},
}

var plainConfig = Config{Address: "127.0.0.1:25", Security: "none", From: "Rollcall für alle <rollcall@example.com>"}

func mustNew(t testing.TB, c Config) *Sender {
	t.Helper()
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// parsed is a mail as a reader sees it.
type parsed struct {
	header      netmail.Header
	subject     string
	plain, html string
}

type failer interface {
	Helper()
	Fatalf(string, ...any)
}

func parse(t failer, raw []byte) (p parsed) {
	t.Helper()
	msg, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v in %q", err, raw)
	}
	p.header = msg.Header
	if p.subject, err = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil {
		t.Fatalf("%v in %q", err, raw)
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s %v, want multipart/alternative", kind, err)
	}
	r := multipart.NewReader(msg.Body, params["boundary"])
	p.plain = part(t, r, "text/plain; charset=UTF-8")
	p.html = part(t, r, "text/html; charset=UTF-8")
	if _, err := r.NextRawPart(); err != io.EOF {
		t.Fatalf("a third part: %v", err)
	}
	return p
}

func part(t failer, r *multipart.Reader, kind string) string {
	t.Helper()
	p, err := r.NextRawPart()
	if err != nil {
		t.Fatalf("no part: %v", err)
	}
	if have := p.Header.Get("Content-Type"); have != kind || p.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
		t.Fatalf("part %v, want %s", p.Header, kind)
	}
	b, err := io.ReadAll(quotedprintable.NewReader(p))
	if err != nil {
		t.Fatalf("%v", err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}

// received is a mail that the server took.
type received struct {
	from, to, user string
	data           []byte
}

// postOffice is an SMTP server. Its hooks are the replies to commands.
type postOffice struct {
	mechanism                   string // "": no authentication
	onMail, onRcpt, onData      error
	hang                        chan struct{} // waited for at the end of the data
	withoutTLS, implicit, abort bool          // abort closes the connection once a mail is taken

	mu   sync.Mutex
	took []received
}

const (
	user     = "relay"
	password = "hünter2"
)

// start gives the configuration to reach the server by.
func (o *postOffice) start(t *testing.T) Config {
	t.Helper()
	certificate, pool := newCertificate(t)
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{office: o, conn: c}, nil
	}))
	s.Domain, s.ErrorLog, s.EnableSMTPUTF8 = "localhost", log.New(io.Discard, "", 0), true
	s.AllowInsecureAuth = o.withoutTLS
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Address: l.Addr().String(), Security: "starttls", From: plainConfig.From, RootCAs: pool}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	switch {
	case o.implicit:
		l, c.Security = tls.NewListener(l, config), "tls"
	case !o.withoutTLS:
		s.TLSConfig = config
	}
	if o.mechanism != "" {
		c.UserName, c.Password = user, password
	}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return c
}

func (o *postOffice) mails() []received {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.took
}

func newCertificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, of, of, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(made)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

type session struct {
	office *postOffice
	conn   *smtp.Conn
	received
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, o *smtp.MailOptions) error {
	if s.office.mechanism != "" && s.user == "" {
		return reply(530) // and not the library's 502
	}
	if o.UTF8 {
		return errors.New("SMTPUTF8 is not for plain addresses")
	}
	s.from = from
	return s.office.onMail
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to += to
	return s.office.onRcpt
}

func (s *session) Data(r io.Reader) (err error) {
	if s.data, err = io.ReadAll(r); err != nil {
		return err
	}
	if s.office.hang != nil {
		<-s.office.hang
	}
	if s.office.onData != nil {
		return s.office.onData
	}
	s.office.mu.Lock()
	defer s.office.mu.Unlock()
	s.office.took = append(s.office.took, s.received)
	if s.office.abort {
		time.AfterFunc(50*time.Millisecond, func() { _ = s.conn.Conn().Close() })
	}
	return nil
}

func (s *session) AuthMechanisms() []string {
	if s.office.mechanism == "" {
		return nil
	}
	return []string{s.office.mechanism}
}

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	check := func(name, word string) error {
		if name != user || word != password {
			return smtp.ErrAuthFailed
		}
		s.user = name
		return nil
	}
	switch mechanism {
	case "PLAIN":
		return sasl.NewPlainServer(func(_, name, word string) error { return check(name, word) }), nil
	case "LOGIN":
		return &loginServer{check: check}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

// loginServer is LOGIN, which the library no longer has.
// https://datatracker.ietf.org/doc/html/draft-murchison-sasl-login
type loginServer struct {
	check func(name, word string) error
	name  []byte
}

func (l *loginServer) Next(answer []byte) (challenge []byte, done bool, err error) {
	switch {
	case answer == nil:
		return []byte("Username:"), false, nil
	case l.name == nil:
		l.name = answer
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(string(l.name), string(answer))
}
