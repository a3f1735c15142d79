package store

import "time"

// SigninToken is the right to one sign-in, given to whoever has shown the
// credentials of a session.
type SigninToken struct {
	TokenHash []byte
	Sealed    []byte // what the token stands for
	ExpiresAt time.Time
}

// SigninTokenWriter makes tokens and uses them up.
type SigninTokenWriter interface {
	// CreateSigninToken adds a token, and removes those that have expired.
	CreateSigninToken(SigninToken) error
	// UseSigninToken removes a token and gives what it was, whatever its time is.
	UseSigninToken(tokenHash []byte) (SigninToken, error)
}
