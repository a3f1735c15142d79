package outbox

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestProblem(t *testing.T) {
	const link = "https://people.example.com/sn/register?token=AbCdEfGhIjKlMnOpQrStUvWxYz012345"
	for give, want := range map[string]string{
		"dial tcp: connection refused":              "dial tcp: connection refused",
		"two\r\nlines\tand\x00\x1b[2J":              "two lines and [2J",
		"see " + link + ", bad":                     "see [link] bad",
		"see people.example.com/sn/register?x":      "see [link]",
		"bad people.example.com":                    "bad people.example.com",
		"has abcdefghij in it":                      "has [link] in it",
		"has token=\"UvWxYz01\" in it":              "has [link] in it",
		"is \u202Eodd\u2028":                        "is odd",
		"not UTF-8: \xff\xfe":                       "not UTF-8: ?",
		"x, affected recipient(s): ana@example.com": "x",
	} {
		if have := problem(errors.New(give), link); have != want {
			t.Errorf("%q reads %q, want %q", give, have, want)
		}
	}
	for _, long := range []string{strings.Repeat("a ", 1000), strings.Repeat("é", 1000), "x" + strings.Repeat("é", 1000)} {
		if have := problem(errors.New(long), link); len(have) > maxProblem || len(have) < maxProblem-5 || !utf8.ValidString(have) {
			t.Errorf("%d bytes: %q", len(have), have)
		}
	}
}
