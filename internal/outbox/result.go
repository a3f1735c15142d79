package outbox

import (
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rollcall/internal/mail"
	"rollcall/internal/store"
)

// result is how a try went.
type result struct {
	err     error  // nil: the server has the mail
	problem string // err for people
}

// Pauses between tries: they double.
const (
	firstPause   = 5 * time.Second
	longestPause = 15 * time.Minute
)

func pause(tries int) time.Duration {
	p := firstPause
	for ; tries > 1 && p < longestPause; tries-- {
		p *= 2
	}
	return min(p, longestPause)
}

// of gives a mail as it is after a try.
func (r result) of(m store.Mail, now time.Time) store.Mail {
	last := m.Problem
	m.Problem = r.problem
	if r.err != errExpired && r.err != errUnreadable {
		m.Tries++
	}
	switch {
	case r.err == nil:
		m.State = store.MailSent
	case r.err == errExpired && last != "":
		m.State, m.Problem = store.MailFailed, shorten(r.problem+"; the last problem was: "+last)
	case r.err == errExpired, r.err == errUnreadable, mail.Permanent(r.err):
		m.State = store.MailFailed
	default:
		m.DueAt = now.Add(pause(m.Tries))
		if m.DueAt.After(m.ExpiresAt) {
			m.DueAt = m.ExpiresAt // to be told then that it is over
		}
		return m
	}
	m.Sealed, m.EndedAt = nil, now
	return m
}

const (
	maxProblem = 300 // bytes
	redacted   = "[link]"
)

// problem is what administrators read of an error: one line that does not have
// the mail's link, whatever the server has quoted.
func problem(err error, link string) string {
	if err == nil {
		return ""
	}
	words := strings.FieldsFunc(mail.Reason(err), func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) })
	for i, w := range words {
		if strings.Contains(w, "://") || quotes(w, secretOf(link)) {
			words[i] = redacted
		}
	}
	return shorten(strings.Join(words, " "))
}

// secretOf is the part of a link that is behind the host.
func secretOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	return u.RequestURI()
}

// quoted is how much of a secret a word must not have.
const quoted = 8

// quotes says whether a word has a piece of a secret.
func quotes(word, secret string) bool {
	word, secret = strings.ToLower(word), strings.ToLower(secret)
	for i := 0; i+quoted <= len(secret); i++ {
		if strings.Contains(word, secret[i:i+quoted]) {
			return true
		}
	}
	return false
}

func shorten(text string) string {
	const more = "…"
	text = strings.ToValidUTF8(text, "?")
	if len(text) <= maxProblem {
		return text
	}
	end := maxProblem - len(more)
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + more
}
