// Package server puts rollcall together: the data directory, the store, the
// API and the pages behind one listener, from start to orderly stop.
package server

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"rollcall/internal/directory"
	"rollcall/internal/mail"
)

// Config is everything that can be said about a server. The comments tell
// what a zero value means.
type Config struct {
	Listen      string // address; "": 127.0.0.1:7655
	DataDir     string // "": ./rollcall-data
	Database    string // SQLite file; "": rollcall.db in the data directory
	PublicURL   string // origin in links; "": http://localhost:PORT, only for loopback
	AccountID   string // of the first start; "": 111122223333, or what the data has
	AccountName string // of the first start; "": rollcall, or what the data has
	Region      string // identity region of the first start; "": us-east-1, or what the data has
	Dev         bool   // the key test/test instead of a random one; loopback only
	KeyFile     string // master key; "": master.key in the data directory
	TLSCert     string // with TLSKey: serve https
	TLSKey      string
	BehindProxy bool // a proxy in front speaks https to the clients
	MaxUsers    int  // users an account may have; 0: any number

	OIDCCAs *x509.CertPool // who may vouch for OpenID Connect providers; nil: the system's

	AnyIAMPrincipal bool          // IAM is elsewhere: an IamArn need not exist here
	AuditReads      bool          // keep a record of reads too
	AuditKeep       time.Duration // how long records are kept; 0: 90 days

	Mail *mail.Config // the server that sends mails; nil: none are sent

	Out io.Writer        // what people are to read at start; nil: nowhere
	Log *slog.Logger     // nil: slog.Default()
	Now func() time.Time // nil: time.Now
}

// withDefaults fills in what does not depend on the listener.
func (c Config) withDefaults() Config {
	orDefault := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	orDefault(&c.Listen, "127.0.0.1:7655")
	orDefault(&c.DataDir, "rollcall-data")
	orDefault(&c.Database, filepath.Join(c.DataDir, "rollcall.db"))
	orDefault(&c.KeyFile, filepath.Join(c.DataDir, "master.key"))
	c.AuditKeep = cmp.Or(c.AuditKeep, 90*24*time.Hour)
	if c.Out == nil {
		c.Out = io.Discard
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

var (
	accountID = regexp.MustCompile(`\A[0-9]{12}\z`)
	region    = regexp.MustCompile(`\A[a-z]{2,4}(-[a-z]+)+-[0-9]\z`)
)

// check refuses what cannot be served, or not safely.
func (c Config) check() error {
	loopback, err := isLoopback(c.Listen)
	if err != nil {
		return err
	}
	switch {
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key belong together")
	case c.Dev && (!loopback || c.BehindProxy || !isLoopbackURL(c.PublicURL)):
		return errors.New("--dev has a key that everybody knows, so it listens on loopback only, without a proxy or a public URL")
	case !loopback && c.TLSCert == "" && !c.BehindProxy:
		return fmt.Errorf("passwords travel here: listening on %s needs --tls-cert and --tls-key, or --behind-proxy when a proxy in front speaks https", c.Listen)
	case !loopback && c.PublicURL == "":
		return fmt.Errorf("listening on %s needs --public-url, which invitation links begin with", c.Listen)
	case c.AccountID != "" && !accountID.MatchString(c.AccountID):
		return fmt.Errorf("--account %q: want 12 digits", c.AccountID)
	case c.AccountName != "" && !directory.ValidAccountName(c.AccountName):
		return fmt.Errorf("--account-name %q: want up to 62 letters, digits and hyphens, beginning and ending with a letter or digit, and not with d-", c.AccountName)
	case c.Region != "" && !region.MatchString(c.Region):
		return fmt.Errorf("--region %q: want a region such as us-east-1", c.Region)
	case c.AuditKeep < 0:
		return fmt.Errorf("--audit-days %d: want 1 or more", c.AuditKeep/(24*time.Hour))
	case c.MaxUsers < 0:
		return fmt.Errorf("--max-users %d: want 0 or more", c.MaxUsers)
	case strings.Contains(c.Database, "://"):
		return fmt.Errorf("--database %q: want the path of a SQLite file", c.Database)
	}
	if err := checkPublicURL(c.PublicURL); err != nil {
		return err
	}
	return c.checkMail()
}

// mailFlags are those that the fields of mail.Config come from.
var mailFlags = map[string]string{
	"Address":      "--smtp",
	"Security":     "--smtp-security",
	"UserName":     "--smtp-user",
	"Password":     "--smtp-password-file",
	"From":         "--mail-from",
	"TemplatesDir": "--mail-templates",
}

// checkMail finds now what else would be found when the first mail is due.
func (c Config) checkMail() error {
	if c.Mail == nil {
		return nil
	}
	_, err := mail.New(*c.Mail)
	if wrong, ok := errors.AsType[*mail.FieldError](err); ok && mailFlags[wrong.Field] != "" {
		return fmt.Errorf("%s %s", mailFlags[wrong.Field], wrong.Reason)
	}
	return err
}

// checkPublicURL takes an origin; "" is fine. Plain http is for loopback only,
// since passwords go there.
func checkPublicURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || strings.TrimSuffix(u.Path, "/") != "" || strings.ContainsAny(text, "?#") {
		return fmt.Errorf("--public-url %q: want scheme and host alone, such as https://directory.example.com", text)
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && loopbackHost(u.Hostname())) {
		return fmt.Errorf("--public-url %q: want https, since passwords travel there", text)
	}
	return nil
}

// origin writes a checked public URL in the one way that browsers do.
func origin(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		panic(err) // it has been checked
	}
	host := strings.ToLower(u.Host)
	if port := u.Port(); u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return u.Scheme + "://" + host
}

// isLoopbackURL says whether a public URL, if there is one, leads to this
// machine.
func isLoopbackURL(text string) bool {
	u, err := url.Parse(text)
	return text == "" || err == nil && loopbackHost(u.Hostname())
}

// isLoopback says whether an address can be reached from this machine alone.
func isLoopback(address string) (bool, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false, fmt.Errorf("--listen %q: want host:port", address)
	}
	return loopbackHost(host), nil
}

func loopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
