package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"rollcall/internal/mail"
	"rollcall/internal/server"
)

type serveCommand struct {
	Listen      string `placeholder:"127.0.0.1:7655" help:"Address to listen on. Anything but loopback needs TLS or --behind-proxy."`
	Data        string `placeholder:"./rollcall-data" type:"path" help:"Data directory."`
	Database    string `placeholder:"DATA/rollcall.db" help:"SQLite database file."`
	PublicURL   string `name:"public-url" placeholder:"http://localhost:PORT" help:"What links begin with. Required unless listening on loopback."`
	Account     string `placeholder:"111122223333" help:"AWS account id (first start)."`
	AccountName string `placeholder:"rollcall" help:"QuickSight account name, which people type to sign in (first start)."`
	Region      string `placeholder:"us-east-1" help:"Identity region: where users live (first start)."`
	Dev         bool   `help:"Use the access key test/test. Loopback only."`
	KeyFile     string `placeholder:"DATA/master.key" help:"Master key that secrets in the database are sealed with."`
	TLSCert     string `name:"tls-cert" help:"Certificate file, to serve https."`
	TLSKey      string `name:"tls-key" help:"Key file of the certificate."`
	BehindProxy bool   `help:"A proxy in front speaks https to clients and passes the Host header on."`
	MaxUsers    int    `help:"Users an account may have; 0 means any number."`
	IAM         string `name:"iam-principals" enum:"own,any" default:"own" help:"own: an IamArn has to exist in rollcall's IAM. any: IAM is elsewhere, so form and account are checked."`
	AuditReads  bool   `help:"Record reads too."`
	AuditDays   int    `default:"90" help:"Days that audit records are kept."`

	SMTP             string `name:"smtp" placeholder:"HOST:PORT" help:"Mail server that sends the links of invitations and of forgotten passwords. Without one no mails are sent."`
	SMTPSecurity     string `name:"smtp-security" enum:"starttls,tls,none" default:"starttls" help:"How to speak to it: starttls, tls from the beginning, or none, on this machine only."`
	SMTPUser         string `name:"smtp-user" help:"User name at the mail server."`
	SMTPPasswordFile string `name:"smtp-password-file" type:"path" help:"File with the password at the mail server. It can be in ROLLCALL_SMTP_PASSWORD instead."`
	SMTPCA           string `name:"smtp-ca" type:"path" help:"Certificates, in PEM, that the mail server's is checked against, instead of the system's."`
	MailFrom         string `placeholder:"ADDRESS" help:"Sender of the mails, with a name or without."`
	MailTemplates    string `type:"path" placeholder:"DIR" help:"Directory with files that take the place of the mails' templates."`

	OIDCCA string `name:"oidc-ca" type:"path" help:"Certificates, in PEM, of authorities that may vouch for OpenID Connect providers, beside the system's."`

	LogFormat string `enum:"text,json" default:"text" help:"Format of the log on stderr: text or json."`
}

// maxAuditDays is a century, far from where a time.Duration ends.
const maxAuditDays = 36500

func (c *serveCommand) Run(ctx context.Context, s streams) error {
	if c.AuditDays < 1 || c.AuditDays > maxAuditDays {
		return fmt.Errorf("--audit-days %d: want 1 to %d", c.AuditDays, maxAuditDays)
	}
	mails, err := c.mail()
	if err != nil {
		return err
	}
	authorities, err := c.oidcCA()
	if err != nil {
		return err
	}
	spareTheCollector()
	log := newLines(s.err)
	defer log.flush()
	return server.Run(ctx, server.Config{
		Listen:      c.Listen,
		DataDir:     c.Data,
		Database:    c.Database,
		PublicURL:   c.PublicURL,
		AccountID:   c.Account,
		AccountName: c.AccountName,
		Region:      c.Region,
		Dev:         c.Dev,
		KeyFile:     c.KeyFile,
		TLSCert:     c.TLSCert,
		TLSKey:      c.TLSKey,
		BehindProxy: c.BehindProxy,
		MaxUsers:    c.MaxUsers,
		AuditReads:  c.AuditReads,
		AuditKeep:   time.Duration(c.AuditDays) * 24 * time.Hour,
		Mail:        mails,
		OIDCCAs:     authorities,
		Out:         s.out,
		Log:         newLog(log, c.LogFormat),

		AnyIAMPrincipal: c.IAM == "any",
	})
}

// passwordVariable has the password at the mail server. There is no flag for
// it, since everybody on the machine can read the command lines of programs.
const passwordVariable = "ROLLCALL_SMTP_PASSWORD"

// mail is how mails are sent; nil: they are not.
func (c *serveCommand) mail() (m *mail.Config, err error) {
	if c.SMTP == "" {
		return nil, c.withoutSMTP()
	}
	if c.MailFrom == "" {
		return nil, errors.New("--smtp needs --mail-from, the sender of the mails")
	}
	m = &mail.Config{
		Address:      c.SMTP,
		Security:     c.SMTPSecurity,
		UserName:     c.SMTPUser,
		From:         c.MailFrom,
		TemplatesDir: c.MailTemplates,
	}
	if m.Password, err = c.smtpPassword(); err != nil {
		return nil, err
	}
	m.RootCAs, err = c.smtpCA()
	return m, err
}

// withoutSMTP refuses settings that nothing would come of.
func (c *serveCommand) withoutSMTP() error {
	for _, f := range []struct{ flag, value string }{
		{"--smtp-user", c.SMTPUser},
		{"--smtp-password-file", c.SMTPPasswordFile},
		{"--smtp-ca", c.SMTPCA},
		{"--mail-from", c.MailFrom},
		{"--mail-templates", c.MailTemplates},
	} {
		if f.value != "" {
			return fmt.Errorf("%s needs --smtp, the mail server", f.flag)
		}
	}
	return nil
}

func (c *serveCommand) smtpPassword() (mail.Password, error) {
	password := os.Getenv(passwordVariable)
	switch {
	case c.SMTPUser == "" && c.SMTPPasswordFile == "" && password == "":
		return "", nil
	case c.SMTPUser == "":
		return "", errors.New("a password at the mail server needs --smtp-user")
	case c.SMTPPasswordFile == "" && password == "":
		return "", fmt.Errorf("--smtp-user needs --smtp-password-file or %s", passwordVariable)
	case c.SMTPPasswordFile == "":
		return mail.Password(password), nil
	case password != "":
		return "", fmt.Errorf("--smtp-password-file and %s: want one of them", passwordVariable)
	}
	text, err := os.ReadFile(c.SMTPPasswordFile)
	if err != nil {
		return "", fmt.Errorf("reading --smtp-password-file: %w", err)
	}
	return mail.Password(strings.TrimRight(string(text), "\r\n")), nil
}

func (c *serveCommand) smtpCA() (*x509.CertPool, error) {
	if c.SMTPCA == "" {
		return nil, nil
	}
	return certificates(x509.NewCertPool(), "--smtp-ca", c.SMTPCA)
}

// oidcCA are the authorities that vouch for OpenID Connect providers; nil are
// the system's.
func (c *serveCommand) oidcCA() (*x509.CertPool, error) {
	if c.OIDCCA == "" {
		return nil, nil
	}
	system, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("reading the system's certificates: %w", err)
	}
	return certificates(system, "--oidc-ca", c.OIDCCA)
}

// certificates adds those of a flag's file to others.
func certificates(to *x509.CertPool, flag, file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", flag, err)
	}
	if !to.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s %q: want certificates in PEM", flag, file)
	}
	return to, nil
}

// spareTheCollector lets the heap grow to five times what is in use before it
// is collected, unless GOGC and GOMEMLIMIT say otherwise. A quiet server has a
// few megabytes in use beside SQLite's caches, which are of a fixed size; the
// memory limit brings the collector back when it is more.
func spareTheCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(256 << 20)
	}
}
