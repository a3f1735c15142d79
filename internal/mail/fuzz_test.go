package mail

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// headers are all that a mail has, each once.
var headers = []string{
	"From", "To", "Subject", "Date", "Message-Id", "Auto-Submitted", "Mime-Version", "Content-Type",
}

// wholeOrRefused checks that a message either fails or has just these headers
// and its two bodies, whatever is in it.
func wholeOrRefused(t failer, s *Sender, m Message) bool {
	t.Helper()
	raw, err := s.Compose(m)
	if err != nil {
		return false
	}
	p := parse(t, raw)
	for _, name := range headers {
		if n := len(p.header[name]); n != 1 {
			t.Fatalf("%d times %s in %q", n, name, raw)
		}
	}
	if len(p.header) != len(headers) {
		t.Fatalf("more headers than wanted in %q", raw)
	}
	if to, err := p.header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != m.To {
		t.Fatalf("To is %v %v, want %s", to, err, m.To)
	}
	if want := "Your invitation to QuickSight in " + m.Data.AccountName; m.Kind == Invitation && p.subject != oneLine(want) {
		t.Fatalf("Subject is %q, want %q", p.subject, want)
	}
	if !strings.Contains(p.plain, m.Data.Link) || !strings.Contains(p.plain, m.Data.UserName) {
		t.Fatalf("no %q or %q in %q", m.Data.Link, m.Data.UserName, p.plain)
	}
	return true
}

// pieces are what injections are made of.
var pieces = []string{
	"\r\n", "\n", "\r", "\x00", "Bcc: x@example.com", ":", " ", "  ", "\t", "=?utf-8?q?", "=0D=0A", "?=", "<", ">", "@",
	"\"", ",", ";", "--", "ü", "é", "漢字", "\u202e", "\u00a0", "a", "word", "&", "{{.Link}}", ".", "\xff", "𝒳",
}

func TestNothingIsInjected(t *testing.T) {
	s := mustNew(t, plainConfig)
	text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 30),
		func(all []string) string { return strings.Join(all, "") }))
	composed := 0
	rapid.Check(t, func(t *rapid.T) {
		m := invitation
		m.Kind = rapid.SampledFrom([]Kind{Invitation, Reset}).Draw(t, "kind")
		for _, field := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"ID", "To", "UserName", "AccountName", "Link"}), rapid.ID[string]).Draw(t, "fields") {
			fields[field](&m, text.Draw(t, field))
		}
		if wholeOrRefused(t, s, m) {
			composed++
		}
	})
	if composed == 0 {
		t.Error("everything was refused")
	}
}

func FuzzCompose(f *testing.F) {
	d := invitation.Data
	f.Add(invitation.ID, invitation.To, d.UserName, d.AccountName, d.Link)
	for _, p := range pieces {
		f.Add(invitation.ID+p, invitation.To+p, d.UserName+p, d.AccountName+p, d.Link+p)
		f.Add(invitation.ID, invitation.To, p+"x", p+strings.Repeat("y ", 40)+p+"x", d.Link)
	}
	s := mustNew(f, plainConfig)
	f.Fuzz(func(t *testing.T, id, to, userName, accountName, link string) {
		wholeOrRefused(t, s, Message{ID: id, To: to, Kind: Invitation,
			Data: Data{UserName: userName, AccountName: accountName, Link: link, Expires: d.Expires}})
	})
}
