package webidentity

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
)

// maxToken is the longest WebIdentityToken.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
const maxToken = 20000

// unverified is a token that is well-formed, and nothing else.
type unverified struct {
	jws    *jose.JSONWebSignature
	claims claims
}

// Issuer tells who is said to have issued a token that nobody has checked. It
// is good for finding the provider to check it with.
func Issuer(token string) (string, error) {
	u, err := parse(token)
	if err != nil {
		return "", err
	}
	return u.claims.Issuer, nil
}

func parse(token string) (*unverified, error) {
	if err := checkSpelling(token); err != nil {
		return nil, err
	}
	jws, err := jose.ParseSignedCompact(token, algorithms)
	if wrong, ok := errors.AsType[*jose.ErrUnexpectedSignatureAlgorithm](err); ok {
		return nil, refuse(ErrAlgorithm, "%.20q", wrong.Got)
	}
	if err != nil {
		return nil, refuse(ErrMalformed, "%v", err)
	}
	u := &unverified{jws: jws}
	if err := u.checkHeader(); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(jws.UnsafePayloadWithoutVerification(), &u.claims); err != nil {
		return nil, refuse(ErrMalformed, "%v", err)
	}
	if u.claims.Issuer == "" {
		return nil, refuse(ErrMissingClaim, "iss")
	}
	return u, nil
}

// checkSpelling lets one spelling of a token through. The decoder of base64
// that go-jose uses skips line ends and does not look at unused bits.
func checkSpelling(token string) error {
	if len(token) > maxToken {
		return refuse(ErrMalformed, "longer than %d characters", maxToken)
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return refuse(ErrMalformed, "%d parts instead of 3", len(parts)) // 5 when encrypted
	}
	for _, part := range parts {
		_, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil || strings.ContainsAny(part, "\r\n") {
			return refuse(ErrMalformed, "not base64url")
		}
	}
	return nil
}

// checkHeader refuses every extension, of which go-jose knows "b64" that a
// token must not use (RFC 7797 section 7). Keys that a token brings itself, as
// "jwk", "jku", "x5c" and "x5u" do, are not looked at.
func (u *unverified) checkHeader() error {
	for _, name := range []jose.HeaderKey{"crit", "b64"} {
		if _, has := u.header().ExtraHeaders[name]; has {
			return refuse(ErrMalformed, "the header has %q", name)
		}
	}
	return nil
}

func (u *unverified) header() jose.Header { return u.jws.Signatures[0].Protected }
