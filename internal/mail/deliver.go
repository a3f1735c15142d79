package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// deliver sends a message over a connection of its own.
func (s server) deliver(ctx context.Context, msg *gomail.Msg) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	policy := gomail.NoTLS
	if s.security == "starttls" {
		policy = gomail.TLSMandatory
	}
	options := []gomail.Option{
		gomail.WithPort(s.port),
		gomail.WithTLSPolicy(policy),
		gomail.WithTLSConfig(s.tls),
		gomail.WithDialContextFunc(s.dial(ctx)),
		gomail.WithTimeout(longest), // the context ends it before
		gomail.WithoutNoop(),        // the connection is new
		gomail.WithoutRset(),        // and is for one message
		gomail.WithoutSMTPUTF8(),    // a server after this one may not know it
	}
	if s.user != "" {
		options = append(options, gomail.WithSMTPAuthCustom(&auth{server: s}))
	}
	client, err := gomail.NewClient(s.host, options...)
	if err != nil {
		return err
	}
	return client.DialAndSendWithContext(ctx, msg)
}

// dial connects for as long as a context lives. The client itself heeds the
// context no further than that, and leaves connections open that fail early.
func (s server) dial(ctx context.Context) gomail.DialContextFunc {
	dialer := &net.Dialer{Timeout: time.Minute}
	dial := dialer.DialContext
	if s.security == "tls" {
		dial = (&tls.Dialer{NetDialer: dialer, Config: s.tls}).DialContext
	}
	return func(dialing context.Context, _, _ string) (net.Conn, error) {
		conn, err := dial(dialing, "tcp", s.address)
		if err == nil {
			context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
		return conn, err
	}
}

// auth proves who is sending by the mechanism that the server offers
// (RFC 4954): PLAIN (RFC 4616) or the older LOGIN.
type auth struct {
	server
	smtp.Auth
}

// Start refuses on a connection that is not encrypted, but for one to this
// machine, which New has seen to.
func (a *auth) Start(info *smtp.ServerInfo) (mechanism string, first []byte, err error) {
	bare := a.security == "none"
	switch {
	case slices.Contains(info.Auth, "PLAIN"):
		a.Auth = smtp.PlainAuth("", a.user, a.password, a.host, bare)
	case slices.Contains(info.Auth, "LOGIN"):
		a.Auth = smtp.LoginAuth(a.user, a.password, a.host, bare)
	default:
		return "", nil, errors.New("the server offers neither PLAIN nor LOGIN authentication")
	}
	return a.Auth.Start(info)
}
