package webidentity

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// What is wrong with a token, beside *ExpiredError. These, with what they are
// wrapped in, are fit to be told to whoever sent the token.
var (
	ErrMalformed    = errors.New("not a signed JSON Web Token")
	ErrAlgorithm    = errors.New("the token is not signed with an algorithm that is accepted")
	ErrIssuer       = errors.New("the token is of another issuer")
	ErrNoKey        = errors.New("the provider has no key that fits the token")
	ErrSignature    = errors.New("the signature of the token is wrong")
	ErrMissingClaim = errors.New("the token lacks a claim")
	ErrNotYetValid  = errors.New("the token is not valid yet")
	ErrTags         = errors.New("the session tags or the source identity in the token are wrong")
)

// What is wrong with a provider. What these are wrapped in tells where it is
// and how it failed, which is for whoever runs rollcall to read.
var (
	ErrProvider  = errors.New("the provider cannot be reached, or does not answer as it should")
	ErrDiscovery = errors.New("the provider says that it is another issuer")
)

// ExpiredError is of a token that is right but for its age.
type ExpiredError struct {
	Now, Expires time.Time
}

func (e *ExpiredError) Error() string {
	return fmt.Sprintf("the token expired at %s, and now it is %s", e.Expires.Format(time.RFC3339), e.Now.Format(time.RFC3339))
}

// maxEcho bounds, in bytes, what an error repeats of a token.
const maxEcho = 600

func refuse(kind error, detail string, args ...any) error {
	return fmt.Errorf("%w: %s", kind, clip(fmt.Sprintf(detail, args...)))
}

func clip(s string) string {
	return strings.Map(func(c rune) rune {
		if c == utf8.RuneError || !unicode.IsPrint(c) {
			return '?'
		}
		return c
	}, s[:min(len(s), maxEcho)])
}

// blame makes a fault of the provider's of an error.
func blame(err error) error { return fmt.Errorf("%w: %w", ErrProvider, err) }
