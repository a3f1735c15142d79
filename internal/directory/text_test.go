package directory

import (
	"strings"
	"testing"
)

func TestTextThatTheModelDoesNotBound(t *testing.T) {
	for _, tt := range []struct {
		outcome string
		err     error
		refused string
	}{
		{"a name of 256 characters", checkUserName(strings.Repeat("é", 256)), ""},
		{"a name of 257 characters", checkUserName(strings.Repeat("é", 257)), "1 validation error detected: Value '" + strings.Repeat("é", 128) + "…' at 'userName'"},
		{"a dot for a name", checkUserName("."), "1 validation error detected: Value '.' at 'userName'"},
		{"two dots for a name", checkUserName(".."), "1 validation error detected: Value '..' at 'userName'"},
		{"three dots for a name", checkUserName("..."), ""},
		{"a name from both ends of Latin-1", checkUserName(" ~\u00a0ÿ"), ""},
		{"a name with a character beyond", checkUserName("aĀ"), "1 validation error detected: Value 'aĀ' at 'userName'"},
		{"a name with a line's end", checkUserName("a\nb"), "1 validation error detected: Value 'a\nb' at 'userName'"},
		{"a name that is not UTF-8", checkUserName("a\xff"), "1 validation error detected: Value 'a\ufffd' at 'userName'"},
		{"an address of 1024 characters", checkEmail(here, strings.Repeat("😀", 1024)), ""},
		{"an address of 1025 characters", checkEmail(here, strings.Repeat("x", 1025)), "1 validation error detected: Value '" + strings.Repeat("x", 256) + "…' at 'email'"},
		{"an address with NUL", checkEmail(here, "a\x00b"), "1 validation error detected: Value 'a\x00b' at 'email'"},
		{"an address that is none", checkEmail(here, "nottarealemailbutworks"), ""},
		{"an empty address", checkEmail(here, ""), "The following parameters are required: Email. AWS account ID: 111122223333, Namespace: default. "},
	} {
		t.Run(tt.outcome, func(t *testing.T) { refused(t, tt.err, Invalid, tt.refused) })
	}
}
