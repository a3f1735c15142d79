// Package rollcalltest starts a real rollcall for the length of a test: the
// same server that `rollcall serve` runs, on a database of its own, with every
// signature checked and every write made durable.
//
//	srv := rollcalltest.NewServer(t, nil)
//	client := quicksight.New(quicksight.Options{
//		BaseEndpoint: &srv.URL,
//		Region:       srv.Region,
//		Credentials:  credentials.NewStaticCredentialsProvider(srv.AccessKeyID, srv.SecretAccessKey, ""),
//	})
package rollcalltest

import (
	"cmp"
	"context"
	"crypto/x509"
	"log/slog"
	"testing"
	"time"

	"rollcall/internal/mail"
	"rollcall/internal/server"
)

// Options change how a server is made. The zero value is good.
type Options struct {
	MaxUsers int              // users an account may have; 0: any number
	Now      func() time.Time // the server's clock; nil: the real one
	DataDir  string           // "": a directory that goes with the test

	// AnyIAMPrincipal: users may be registered for principals that are not in
	// rollcall's own IAM.
	AnyIAMPrincipal bool
	AuditReads      bool // keep a record of reads too

	// OIDCCAs may vouch for OpenID Connect providers; nil: the system's.
	OIDCCAs *x509.CertPool

	// SMTP is the host:port of a mail server on this machine, which needs no
	// encryption; "": no mails are sent.
	SMTP     string
	MailFrom string // the sender; "": rollcall@example.com
}

// Server is a running server.
type Server struct {
	URL             string // endpoint of the API and of the pages
	AccountID       string
	Region          string // identity region
	AccessKeyID     string // of the account's root
	SecretAccessKey string
	DataDir         string
}

// NewServer starts a server that ends with the test. Its warnings and errors
// go to the test's log; the lines for ordinary requests would drown the rest.
func NewServer(t testing.TB, o *Options) *Server {
	t.Helper()
	if o == nil {
		o = &Options{}
	}
	dir := o.DataDir
	if dir == "" {
		dir = t.TempDir()
	}
	ctx, stop := context.WithCancel(context.Background())
	srv, err := server.Open(ctx, server.Config{
		Listen:   "127.0.0.1:0",
		DataDir:  dir,
		MaxUsers: o.MaxUsers,
		Now:      o.Now,

		AnyIAMPrincipal: o.AnyIAMPrincipal,
		AuditReads:      o.AuditReads,

		OIDCCAs: o.OIDCCAs,
		Mail:    o.mail(),

		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		stop()
		t.Fatalf("rollcalltest: %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("rollcalltest: stopping: %v", err)
		}
	})
	key, err := server.ReadCredentials(dir)
	if err != nil {
		t.Fatalf("rollcalltest: %v", err)
	}
	return &Server{
		URL:             srv.URL(),
		AccountID:       srv.Account().ID,
		Region:          srv.Account().Region,
		AccessKeyID:     key.ID,
		SecretAccessKey: key.Secret,
		DataDir:         dir,
	}
}

func (o *Options) mail() *mail.Config {
	if o.SMTP == "" {
		return nil
	}
	return &mail.Config{
		Address:  o.SMTP,
		Security: "none",
		From:     cmp.Or(o.MailFrom, "rollcall@example.com"),
	}
}
