package mail

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	netmail "net/mail"
	"net/netip"
	"strconv"
	"strings"
)

// Config is where mail goes, and what it looks like.
type Config struct {
	Address      string // host:port of the SMTP server
	Security     string // "starttls", "tls", or, to this machine only, "none"
	UserName     string // "": no authentication
	Password     Password
	From         string         // as in the header: an address, with a name or without
	TemplatesDir string         // has files that replace the templates; "": none
	RootCAs      *x509.CertPool // of the server's certificate; nil: the system's
}

// Password prints as a word, never as itself.
type Password string

const redacted = "[password]"

// Format keeps the password out of every verb.
func (Password) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText keeps it out of JSON, and so out of logs.
func (Password) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// server is what a checked configuration says of the SMTP server.
type server struct {
	address, host  string
	port           int
	security       string
	user, password string
	tls            *tls.Config
}

func (c Config) server() (s server, err error) {
	s = server{address: c.Address, security: c.Security, user: c.UserName, password: string(c.Password)}
	if s.host, s.port, err = splitAddress(c.Address); err != nil {
		return s, err
	}
	if err := checkSecurity(c.Security, s.host); err != nil {
		return s, err
	}
	s.tls = &tls.Config{ServerName: s.host, RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12}
	return s, c.checkCredentials()
}

func splitAddress(address string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(address)
	n, noPort := strconv.ParseUint(text, 10, 16)
	if err != nil || noPort != nil || n == 0 || host == "" || strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || control(r) }) {
		return "", 0, &FieldError{"Address", fmt.Sprintf("%q: want host:port", address)}
	}
	return host, int(n), nil
}

// checkSecurity lets nothing leave the machine unencrypted: a link in a mail
// is as good as a password.
func checkSecurity(security, host string) error {
	switch security {
	case "starttls", "tls":
		return nil
	case "none":
		if ip, _ := netip.ParseAddr(host); host == "localhost" || ip.IsLoopback() {
			return nil
		}
		return &FieldError{"Security", `"none" is for a server on this machine only`}
	}
	return &FieldError{"Security", fmt.Sprintf(`%q is not "starttls", "tls" or "none"`, security)}
}

func (c Config) checkCredentials() error {
	if c.UserName == "" && c.Password == "" {
		return nil
	}
	if err := checkText("UserName", c.UserName, maxText); err != nil {
		return err
	}
	return checkText("Password", string(c.Password), maxText)
}

// sender is whom mail is from.
type sender struct {
	address *netmail.Address
	domain  string
}

func parseSender(from string) (s sender, err error) {
	if s.address, err = netmail.ParseAddress(from); err != nil {
		return s, &FieldError{"From", fmt.Sprintf("%q is not an e-mail address", from)}
	}
	if err := checkAddress("From", s.address.Address); err != nil {
		return s, err
	}
	if name := s.address.Name; name != "" { // parsed: it may have been encoded
		if err := checkText("From", name, maxText); err != nil {
			return s, err
		}
	}
	s.address.Name = oneLine(s.address.Name)
	_, s.domain, _ = strings.Cut(s.address.Address, "@")
	return s, nil
}
