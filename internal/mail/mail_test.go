package mail

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func compose(t *testing.T, m Message) ([]byte, parsed) {
	t.Helper()
	raw, err := mustNew(t, plainConfig).Compose(m)
	if err != nil {
		t.Fatal(err)
	}
	return raw, parse(t, raw)
}

func TestCompose(t *testing.T) {
	_, p := compose(t, invitation)
	for name, want := range map[string]string{
		"To":             "<maria@example.com>",
		"Message-Id":     "<0197f2a4-outbox@example.com>",
		"Auto-Submitted": "auto-generated",
		"Mime-Version":   "1.0",
	} {
		if have := p.header[name]; len(have) != 1 || have[0] != want {
			t.Errorf("%s is %q, want %q", name, have, want)
		}
	}
	from, err := p.header.AddressList("From")
	if err != nil || len(from) != 1 || *from[0] != (netmail.Address{Name: "Rollcall für alle", Address: "rollcall@example.com"}) {
		t.Errorf("From is %v %v", from, err)
	}
	if date, err := p.header.Date(); err != nil || time.Since(date).Abs() > time.Minute {
		t.Errorf("Date is %s %v", date, err)
	}
	if want := "Your invitation to QuickSight in Größe & Co"; p.subject != want {
		t.Errorf("Subject is %q, want %q", p.subject, want)
	}
	if len(p.header) != len(headers) {
		t.Errorf("headers %v, want %v", p.header, headers)
	}
	bodyHas(t, p.plain, "María", "Größe & Co", invitation.Data.Link, "1 July 2026, 12:30 UTC")
	bodyHas(t, p.html, "María", "Größe &amp; Co", `href="`+invitation.Data.Link+`"`, "1 July 2026, 12:30 UTC")
}

func bodyHas(t *testing.T, body string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in %s", want, body)
		}
	}
}

func TestTheLinkIsInTheBodyOnly(t *testing.T) {
	raw, _ := compose(t, invitation)
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	if bytes.Contains(head, []byte("token")) {
		t.Errorf("the link is in %s", head)
	}
}

func TestARetryIsTheSameMail(t *testing.T) {
	_, first := compose(t, invitation)
	_, again := compose(t, invitation)
	if a, b := first.header.Get("Message-ID"), again.header.Get("Message-ID"); a != b {
		t.Errorf("Message-ID %s and then %s", a, b)
	}
}

func TestHTMLIsEscaped(t *testing.T) {
	m := invitation
	m.Data.UserName, m.Data.AccountName = `<script>alert(1)</script>`, `"><img src=x>`
	_, p := compose(t, m)
	if strings.Contains(p.html, "<script") || strings.Contains(p.html, "<img") {
		t.Errorf("not escaped: %s", p.html)
	}
	bodyHas(t, p.plain, m.Data.UserName, m.Data.AccountName)
}

var roleNames = regexp.MustCompile(`(?i)\b(ADMIN|AUTHOR|READER)(_PRO)?\b|\bRESTRICTED_(AUTHOR|READER)\b`)

func TestNoMailNamesARole(t *testing.T) {
	for _, kind := range []Kind{Invitation, Reset} {
		m := invitation
		m.Kind = kind
		_, p := compose(t, m)
		if role := roleNames.FindString(p.subject + p.plain + p.html); role != "" {
			t.Errorf("%s names %s", kind, role)
		}
	}
}

func TestLinesAreShort(t *testing.T) {
	for _, name := range []string{
		strings.Repeat("x", maxText), strings.Repeat("é", maxText/2), strings.Repeat("a ", maxText/2),
		strings.Repeat("word ", 20) + strings.Repeat(" ", 200) + "end",
	} {
		m := invitation
		m.Data.UserName, m.Data.AccountName = name, name
		m.Data.Link += strings.Repeat("y", 1500)
		raw, p := compose(t, m)
		for line := range strings.SplitSeq(string(raw), "\r\n") {
			if len(line) > 78 || strings.ContainsAny(line, "\r\n") {
				t.Errorf("a line of %d octets: %q", len(line), line)
			}
		}
		if want := "Your invitation to QuickSight in " + oneLine(name); p.subject != want {
			t.Errorf("Subject is %q, want %q", p.subject, want)
		}
		bodyHas(t, p.plain, name, m.Data.Link)
	}
}

func TestASubjectIsNotDecodedTwice(t *testing.T) {
	m := invitation
	m.Data.AccountName = "=?utf-8?q?=0D=0ABcc:_x@example.com?="
	_, p := compose(t, m)
	if !strings.HasSuffix(p.subject, m.Data.AccountName) {
		t.Errorf("Subject reads %q", p.subject)
	}
}

// fields sets each text of a message, by the name that an error gives it.
var fields = map[string]func(*Message, string){
	"ID":          func(m *Message, s string) { m.ID += s },
	"To":          func(m *Message, s string) { m.To += s },
	"Kind":        func(m *Message, s string) { m.Kind += Kind(s) },
	"UserName":    func(m *Message, s string) { m.Data.UserName += s },
	"AccountName": func(m *Message, s string) { m.Data.AccountName += s },
	"Link":        func(m *Message, s string) { m.Data.Link += s },
}

func TestInjectionIsRefused(t *testing.T) {
	s := mustNew(t, plainConfig)
	for field, add := range fields {
		for _, end := range []string{
			"\r\nBcc: x@example.com", "\nBcc: x@example.com", "\rx", "\r\n\r\nbody", "\x00", "\x1b[2J", "\x7f",
			"\u0085x", "\u2028x", "\u202egpj.exe", "\xff", strings.Repeat("x", 3000),
		} {
			m := invitation
			add(&m, end)
			_, err := s.Compose(m)
			var refused *FieldError
			if !errors.As(err, &refused) || refused.Field != field {
				t.Errorf("%s with %.20q: %v, want an error of that field", field, end, err)
			}
			if err := s.Send(t.Context(), m); !errors.As(err, &refused) {
				t.Errorf("Send of %s with %.20q: %v", field, end, err)
			}
		}
	}
}

func TestComposeRefuses(t *testing.T) {
	s := mustNew(t, plainConfig)
	for want, change := range map[string]func(*Message){
		"ID is empty":                       func(m *Message) { m.ID = "" },
		"To is empty":                       func(m *Message) { m.To = "" },
		"To is not an e-mail address":       func(m *Message) { m.To = "a@b.example,c@d.example" },
		"To is not an e-mail address.":      func(m *Message) { m.To = "a@[127.0.0.1]" },
		"To is not an e-mail address..":     func(m *Message) { m.To = `"a"@b.example` },
		"To has more than ASCII characters": func(m *Message) { m.To = "Maria <maria@example.com>" },
		"To has more than ASCII":            func(m *Message) { m.To = "maría@example.com" },
		"Kind is unknown":                   func(m *Message) { m.Kind = "newsletter" },
		"UserName is empty":                 func(m *Message) { m.Data.UserName = "" },
		"Link is not":                       func(m *Message) { m.Data.Link = "javascript:alert(1)" },
		"Link is not an http":               func(m *Message) { m.Data.Link = "/sn/register" },
		"Expires is missing":                func(m *Message) { m.Data.Expires = time.Time{} },
	} {
		m := invitation
		change(&m)
		if _, err := s.Compose(m); err == nil || !strings.Contains(err.Error(), strings.TrimRight(want, ".")) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for want, change := range map[string]func(*Config){
		`Address "localhost": w`:  func(c *Config) { c.Address = "localhost" },
		`Address ":25": want`:     func(c *Config) { c.Address = ":25" },
		`Address "localhost:0"`:   func(c *Config) { c.Address = "localhost:0" },
		`Address "a\nb:25"`:       func(c *Config) { c.Address = "a\nb:25" },
		`Security ""`:             func(c *Config) { c.Security = "" },
		"this machine only":       func(c *Config) { c.Address = "mail.example.com:25" },
		"Password is empty":       func(c *Config) { c.UserName = "relay" },
		"UserName is empty":       func(c *Config) { c.Password = "secret" },
		"Password has a control":  func(c *Config) { c.UserName, c.Password = "relay", "a\x00b" },
		`From "" is not an`:       func(c *Config) { c.From = "" },
		"From has a control":      func(c *Config) { c.From = "=?utf-8?q?=0D=0ABcc?= <a@example.com>" },
		"From has more than":      func(c *Config) { c.From = "ü@example.com" },
		"TemplatesDir cannot be":  func(c *Config) { c.TemplatesDir = "testdata/nowhere" },
		`"STARTTLS" is not "star`: func(c *Config) { c.Security = "STARTTLS" },
	} {
		c := plainConfig
		change(&c)
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for _, address := range []string{"localhost:25", "127.0.0.2:25", "[::1]:25"} {
		c := plainConfig
		c.Address = address
		mustNew(t, c)
	}
}

func TestThePasswordDoesNotPrint(t *testing.T) {
	c := plainConfig
	c.Password = "hunter2"
	var b bytes.Buffer
	fmt.Fprintf(&b, "%v %+v %#v %s %q %x", c, c, c, c.Password, c.Password, c.Password)
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "config", c, "password", c.Password)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "password", c.Password)
	_ = json.NewEncoder(&b).Encode(map[string]any{"password": c.Password})
	if s := b.String(); strings.Contains(s, "hunter2") || strings.Contains(s, "68756e7465723") {
		t.Error(s)
	}
}

func withTemplate(t *testing.T, name, text string) Config {
	t.Helper()
	c := plainConfig
	c.TemplatesDir = t.TempDir()
	if err := os.WriteFile(filepath.Join(c.TemplatesDir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTemplatesAreReplaced(t *testing.T) {
	c := withTemplate(t, "invitation.txt", "{{define \"subject\"}}\nHallo\n {{.UserName}}{{end}}Hier entlang: {{.Link}}")
	raw, err := mustNew(t, c).Compose(invitation)
	if err != nil {
		t.Fatal(err)
	}
	p := parse(t, raw)
	if p.subject != "Hallo María" || p.plain != "Hier entlang: "+invitation.Data.Link+"\n" {
		t.Errorf("%q %q", p.subject, p.plain)
	}
	bodyHas(t, p.html, "You are invited")
}

func TestBrokenTemplatesAreFoundAtOnce(t *testing.T) {
	for text, want := range map[string]string{
		"{{.Link": "unclosed action",
		`{{define "subject"}}x{{end}}{{.Role}} {{.Link}}`: "Role",
		`{{.Link}}`:                                     `no template "subject"`,
		`{{define "subject"}} {{end}}{{.Link}}`:         "subject is empty",
		`{{define "subject"}}{{.Link}}{{end}}{{.Link}}`: "subject has the link",
		"{{define \"subject\"}}a\x00{{end}}{{.Link}}":   "control character",
		`{{define "subject"}}x{{end}}welcome`:           "link is missing",
	} {
		_, err := New(withTemplate(t, "reset.txt", text))
		if err == nil || !strings.Contains(err.Error(), "reset.txt") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	for text, want := range map[string]string{
		"{{if}}":                     "missing value",
		"<p>":                        "link is missing",
		"<a href='{{.Link}}'>{{.X}}": "X",
	} {
		_, err := New(withTemplate(t, "invitation.html", text))
		if err == nil || !strings.Contains(err.Error(), "invitation.html") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
