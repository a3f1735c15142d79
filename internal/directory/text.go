package directory

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds that the service model does not have, in characters: the guesses of
// docs/divergences.md. Keys of a database have to be bounded by something.
const (
	maxUserName = 256
	maxEmail    = 1024
)

// checkText refuses text that is too long for its column, or that holds the
// one character which PostgreSQL cannot keep.
func checkText(member, text string, maxLength int) error {
	if utf8.RuneCountInString(text) > maxLength {
		return invalidMember(member, text, fmt.Sprintf("Member must have length less than or equal to %d", maxLength))
	}
	if strings.IndexByte(text, 0) >= 0 {
		return invalidMember(member, text, "Member must not contain the character U+0000")
	}
	return nil
}

// beginning is the first characters of a text.
func beginning(text string, characters int) string {
	for i := range text {
		if characters == 0 {
			return text[:i]
		}
		characters--
	}
	return text
}

// checkEmail takes any address but none: the service does not judge them.
func checkEmail(s scope, email string) error {
	if email == "" {
		return s.invalid("The following parameters are required: Email.")
	}
	return checkText("email", email, maxEmail)
}

// checkUserName refuses what cannot be a segment of a path: two of the SDKs
// normalise such a path before they sign it, and no request for that user
// could be told from one for something else. Nor are there requests for a name
// with characters that the service model does not have.
func checkUserName(name string) error {
	if name == "." || name == ".." {
		return invalidMember("userName", name, "Member must not be a relative path segment")
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return r < 0x20 || r > 0xFF }) {
		return invalidMember("userName", name, `Member must satisfy regular expression pattern: [\u0020-\u00FF]+`)
	}
	return checkText("userName", name, maxUserName)
}
