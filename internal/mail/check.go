package mail

import (
	"fmt"
	netmail "net/mail"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FieldError is about a value that no mail is made with.
type FieldError struct {
	Field  string // as Message, Data or Config calls it
	Reason string
}

func (e *FieldError) Error() string { return fmt.Sprintf("mail: %s %s", e.Field, e.Reason) }

// Bounds of values, in octets.
const (
	maxText    = 1024
	maxLink    = 2048
	maxAddress = 254 // a path of 256 less its angle brackets, RFC 5321 section 4.5.3.1.3
	maxID      = 64
)

// check refuses what could be more than a value in a header or a body. It
// comes before all encoding, which would hide it.
func (m Message) check() error {
	for _, f := range []func() error{
		func() error { return checkID(m.ID) },
		func() error { return checkAddress("To", m.To) },
		func() error { return checkKind(m.Kind) },
		func() error { return checkText("UserName", m.Data.UserName, maxText) },
		func() error { return checkText("AccountName", m.Data.AccountName, maxText) },
		func() error { return checkLink(m.Data.Link) },
	} {
		if err := f(); err != nil {
			return err
		}
	}
	if m.Data.Expires.IsZero() {
		return &FieldError{"Expires", "is missing"}
	}
	return nil
}

// checkText takes any text of one line.
func checkText(field, value string, longest int) error {
	switch {
	case value == "":
		return &FieldError{field, "is empty"}
	case len(value) > longest:
		return &FieldError{field, fmt.Sprintf("has more than %d octets", longest)}
	case !utf8.ValidString(value):
		return &FieldError{field, "is not UTF-8"}
	case strings.ContainsFunc(value, control):
		return &FieldError{field, "has a control character"}
	}
	return nil
}

// control tells the characters that end a line or a string somewhere, and
// those that make text read otherwise than it is written (Unicode TR 36).
func control(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) ||
		'\u202A' <= r && r <= '\u202E' || '\u2066' <= r && r <= '\u2069'
}

// checkID takes what can stand left of the @ in a Message-ID (RFC 5322
// section 3.6.4) in any program's opinion.
func checkID(id string) error {
	if err := checkText("ID", id, maxID); err != nil {
		return err
	}
	if strings.ContainsFunc(id, func(r rune) bool { return !letterOrDigit(r) && r != '-' && r != '_' }) {
		return &FieldError{"ID", "has more than letters, digits, - and _"}
	}
	return nil
}

func letterOrDigit(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// checkAddress takes a bare address of the plain form. Addresses beyond ASCII
// need a server, and all after it, that know SMTPUTF8 (RFC 6531); quoted ones
// and literals have no users.
func checkAddress(field, value string) error {
	if err := checkText(field, value, maxAddress); err != nil {
		return err
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return &FieldError{field, "has more than ASCII characters"}
	}
	a, err := netmail.ParseAddress(value)
	if err != nil || a.Address != value || strings.ContainsAny(value, `"[]<>(),;:\`) {
		return &FieldError{field, "is not an e-mail address"}
	}
	return nil
}

func checkKind(k Kind) error {
	if k != Invitation && k != Reset {
		return &FieldError{"Kind", "is unknown"}
	}
	return nil
}

// checkLink takes absolute web addresses, as a browser would show them.
func checkLink(link string) error {
	if err := checkText("Link", link, maxLink); err != nil {
		return err
	}
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" ||
		strings.ContainsFunc(link, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return &FieldError{"Link", "is not an http or https address"}
	}
	return nil
}
