package policy

import (
	"strings"
	"unicode/utf8"
)

// Wildcards in a compiled pattern are bytes that UTF-8 does not have, so that a
// literal * or ? can stand beside them.
const (
	anyText      = '\xff'
	anyCharacter = '\xfe'
)

var wildcards = strings.NewReplacer("*", string([]byte{anyText}), "?", string([]byte{anyCharacter}))

// glob tells whether a compiled pattern matches the whole of a text. When what
// follows a wildcard for any text fails, only the last such wildcard takes more:
// an earlier one could but find the same parts further on. Therefore the time
// is at most the square of the length of the text.
func glob(pattern, text string) bool {
	p, t := 0, 0
	star, from := -1, 0 // what follows the last wildcard for any text, and where it is tried
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == text[t] && text[t] < anyCharacter:
			p++
			t++
		case p < len(pattern) && pattern[p] == anyText:
			p++
			star, from = p, t
			if p == len(pattern) {
				return true
			}
		case p < len(pattern) && pattern[p] == anyCharacter:
			p++
			t += characterLen(text[t:])
		case star >= 0:
			skip := nextTry(pattern[star], text[from:])
			if skip < 0 {
				return false
			}
			from += skip
			p, t = star, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == anyText {
		p++
	}
	return p == len(pattern)
}

// nextTry tells how far to skip in a text, at whose beginning a pattern was
// tried in vain, to where it may match; or it is -1. The pattern begins with c.
func nextTry(c byte, text string) int {
	n := characterLen(text)
	if c == anyCharacter {
		return n
	}
	i := strings.IndexByte(text[n:], c)
	if i < 0 {
		return -1
	}
	return n + i
}

func characterLen(text string) int {
	_, n := utf8.DecodeRuneInString(text)
	return n
}
