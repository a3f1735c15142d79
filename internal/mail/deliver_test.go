package mail

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

func TestSendReachesTheServer(t *testing.T) {
	for name, office := range map[string]*postOffice{
		"STARTTLS":                    {},
		"STARTTLS, PLAIN":             {mechanism: "PLAIN"},
		"STARTTLS, LOGIN":             {mechanism: "LOGIN"},
		"implicit TLS":                {implicit: true},
		"implicit TLS, PLAIN":         {implicit: true, mechanism: "PLAIN"},
		"unencrypted":                 {withoutTLS: true},
		"unencrypted, LOGIN":          {withoutTLS: true, mechanism: "LOGIN"},
		"cut off after its last word": {abort: true},
	} {
		t.Run(name, func(t *testing.T) {
			c := office.start(t)
			if office.withoutTLS {
				c.Security = "none"
			}
			if err := mustNew(t, c).Send(t.Context(), invitation); err != nil {
				t.Fatal(err)
			}
			mails := office.mails()
			if len(mails) != 1 {
				t.Fatalf("%d mails, want 1", len(mails))
			}
			m := mails[0]
			if m.from != "rollcall@example.com" || m.to != invitation.To || (m.user != "") != (office.mechanism != "") {
				t.Errorf("from %s to %s as %q", m.from, m.to, m.user)
			}
			if p := parse(t, m.data); !strings.Contains(p.plain, invitation.Data.Link) {
				t.Errorf("no link in %s", p.plain)
			}
		})
	}
}

func reply(code int) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: "so it is"}
}

func TestSendTellsWhetherTryingAgainIsOfUse(t *testing.T) {
	for name, c := range map[string]struct {
		office    *postOffice
		change    func(*Config)
		permanent bool
	}{
		"sender refused":         {office: &postOffice{onMail: reply(550)}, permanent: true},
		"sender put off":         {office: &postOffice{onMail: reply(451)}},
		"recipient refused":      {office: &postOffice{onRcpt: reply(550)}, permanent: true},
		"recipient put off":      {office: &postOffice{onRcpt: reply(450)}},
		"content refused":        {office: &postOffice{onData: reply(554)}, permanent: true},
		"content put off":        {office: &postOffice{onData: reply(452)}},
		"wrong password, PLAIN":  {&postOffice{mechanism: "PLAIN"}, func(c *Config) { c.Password = "x" }, false},
		"wrong password, LOGIN":  {&postOffice{mechanism: "LOGIN"}, func(c *Config) { c.Password = "x" }, false},
		"password missing":       {&postOffice{mechanism: "PLAIN"}, func(c *Config) { c.UserName, c.Password = "", "" }, false},
		"no authentication":      {office: &postOffice{}, change: func(c *Config) { c.UserName, c.Password = user, password }},
		"unknown authentication": {office: &postOffice{mechanism: "GSSAPI"}},
		"no STARTTLS":            {office: &postOffice{withoutTLS: true}},
		"unknown certificate":    {office: &postOffice{}, change: func(c *Config) { c.RootCAs = nil }},
		"unknown, implicit TLS":  {office: &postOffice{implicit: true}, change: func(c *Config) { c.RootCAs = nil }},
		"nobody there":           {office: &postOffice{}, change: func(c *Config) { c.Address = "127.0.0.1:1" }},
	} {
		t.Run(name, func(t *testing.T) {
			config := c.office.start(t)
			if c.change != nil {
				c.change(&config)
			}
			err := mustNew(t, config).Send(t.Context(), invitation)
			if err == nil || Permanent(err) != c.permanent {
				t.Errorf("%v, want an error with permanent %v", err, c.permanent)
			}
			if len(c.office.mails()) != 0 {
				t.Error("the server has the mail")
			}
			if err == nil {
				return
			}
			if strings.Contains(err.Error(), password) {
				t.Errorf("the password is in %v", err)
			}
			if r := Reason(err); r == "" || strings.Contains(r, invitation.To) || strings.Contains(r, invitation.ID) {
				t.Errorf("the reason is %q", r)
			}
		})
	}
}

func TestPermanent(t *testing.T) {
	_, err := mustNew(t, plainConfig).Compose(Message{})
	if !Permanent(err) {
		t.Errorf("%v is not permanent", err)
	}
	if Permanent(nil) || Permanent(errors.New("550")) {
		t.Error("no reply is permanent")
	}
}

func TestSendEndsWithItsContext(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	hanging := &postOffice{hang: make(chan struct{})}
	defer close(hanging.hang)
	for name, c := range map[string]Config{
		"silent":               {Address: silent.Addr().String(), Security: "starttls", From: plainConfig.From},
		"silent, implicit TLS": {Address: silent.Addr().String(), Security: "tls", From: plainConfig.From},
		"hanging":              hanging.start(t),
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		start := time.Now()
		err := mustNew(t, c).Send(ctx, invitation)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || Permanent(err) {
			t.Errorf("%s: %v, want that time is up", name, err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: took %s", name, took)
		}
		if err := mustNew(t, c).Send(ctx, invitation); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v with a context that is over", name, err)
		}
	}
}
