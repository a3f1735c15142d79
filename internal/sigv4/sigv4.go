// Package sigv4 verifies AWS Signature Version 4 on incoming requests, in the
// Authorization header and in the query string of presigned addresses.
//
// It owns reading what a request says about its signature, the time window,
// the credential scope, the canonical request and the comparison. It is pure:
// the clock and the secrets are arguments, the body has been read by the
// caller. It leaves to others where secrets are kept, which regions exist, the
// names and status codes of errors on the wire, and refusing paths with dot
// segments, which SDKs do not agree how to sign.
//
// The rules are those of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
// for services other than S3: the path is encoded once more, the body is always
// hashed.
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"

	// isoBasic is the only form of X-Amz-Date.
	isoBasic = "20060102T150405Z"

	// maxRegion is far above the longest region name there is.
	maxRegion = 64
)

// Scope says who signed a request, and for what. Verify gives it only for
// requests whose signature is right, so every field can be trusted.
type Scope struct {
	AccessKeyID  string
	SessionToken string // empty for a long-term key
	Date         string // YYYYMMDD, the UTC day of SignedAt
	Region       string // well-formed; whether it exists is for the caller to say
	Service      string // one of the services given to Verify
	SignedAt     time.Time
}

// Lookup finds the secret of an access key, which is not nil when the error is.
// The session token is what the request carries, empty when it carries none;
// whether it belongs to the key is for Lookup to say. ErrUnknownKey and
// ErrExpiredToken, bare or wrapped, become an *Error; any other error comes out
// of Verify wrapped.
//
// Lookup is called before the signature is checked: its arguments are claims.
type Lookup func(accessKeyID, sessionToken string) (*Secret, error)

// What a Lookup says about a key that it has no secret for.
var (
	ErrUnknownKey   = errors.New("unknown access key or session token")
	ErrExpiredToken = errors.New("expired session token")
)

// Verify checks that r, with this body, was signed for one of the services by
// the holder of the secret that lookup finds. The body is everything that r
// carried; r.Body is not touched.
//
// A defect of the request is an *Error. When several things are wrong, the one
// AWS would name first is named: syntax, time, signed headers, algorithm,
// credential, scope, key, signature.
func Verify(r *http.Request, body []byte, now time.Time, services []string, lookup Lookup) (Scope, error) {
	signed, err := Begin(r, now, services, lookup)
	if err != nil {
		return Scope{}, err
	}
	return signed.Verify(body)
}

// Signed is a request whose signature is all that has not been checked yet.
type Signed struct {
	request *http.Request
	claim   claim
	scope   Scope
	secret  *Secret
}

// Begin is the part of Verify that needs no body: everything but the signature
// itself. It keeps strangers from having their bodies read.
func Begin(r *http.Request, now time.Time, services []string, lookup Lookup) (*Signed, error) {
	c, err := readClaim(r)
	if err != nil {
		return nil, err
	}
	if err := c.checkTime(now); err != nil {
		return nil, err
	}
	if err := c.checkSignedHeaders(r.Header); err != nil {
		return nil, err
	}
	if c.algorithm != algorithm {
		return nil, errAlgorithm(c.algorithm)
	}
	scope, err := c.scope(services)
	if err != nil {
		return nil, err
	}
	secret, err := find(lookup, &scope)
	if err != nil {
		return nil, err
	}
	return &Signed{r, c, scope, secret}, nil
}

// Verify checks the signature over the body.
func (s *Signed) Verify(body []byte) (Scope, error) {
	if !s.claim.signatureMatches(s.request, body, &s.scope, s.secret) {
		return Scope{}, errMismatch()
	}
	return s.scope, nil
}

// ClaimedService is the service that a request claims to be signed for, "" when
// it claims none: enough to choose who answers, and in whose words.
func ClaimedService(r *http.Request) string {
	c, err := readClaim(r)
	if err != nil {
		return ""
	}
	if parts := strings.Split(c.credential, "/"); len(parts) == 5 {
		return parts[3]
	}
	return ""
}

// scope splits the credential and checks each part of its scope. All that is
// wrong with the scope is said at once.
func (c *claim) scope(services []string) (Scope, error) {
	if strings.Count(c.credential, "/") != 4 {
		return Scope{}, errCredential(c.credential)
	}
	key, rest, _ := strings.Cut(c.credential, "/")
	date, rest, _ := strings.Cut(rest, "/")
	region, rest, _ := strings.Cut(rest, "/")
	service, end, _ := strings.Cut(rest, "/")

	var wrong []string
	if !regionWellFormed(region) {
		wrong = append(wrong, fmt.Sprintf("Credential should be scoped to a valid region, not '%s'.", clip(region)))
	}
	if !slices.Contains(services, service) {
		wrong = append(wrong, fmt.Sprintf("Credential should be scoped to correct service: '%s'.", strings.Join(services, "' or '")))
	}
	if end != terminator {
		wrong = append(wrong, fmt.Sprintf("Credential should be scoped with a valid terminator: '%s', not '%s'.", terminator, clip(end)))
	}
	if day := c.date[:8]; date != day {
		wrong = append(wrong, fmt.Sprintf("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.", clip(date), day, c.date))
	}
	if wrong != nil {
		return Scope{}, &Error{KindInvalidSignature, strings.Join(wrong, " ")}
	}
	return Scope{key, c.token, date, region, service, c.signedAt}, nil
}

func regionWellFormed(region string) bool {
	notOfRegion := func(c rune) bool { return !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-') }
	return region != "" && len(region) <= maxRegion && !strings.ContainsFunc(region, notOfRegion)
}

func find(lookup Lookup, scope *Scope) (*Secret, error) {
	secret, err := lookup(scope.AccessKeyID, scope.SessionToken)
	if err != nil {
		return nil, LookupError(err)
	}
	return secret, nil
}

// LookupError words what a Lookup says. It is for those who find out later that
// a key is no good.
func LookupError(err error) error {
	switch {
	case errors.Is(err, ErrUnknownKey):
		return &Error{KindUnknownKey, "The security token included in the request is invalid."}
	case errors.Is(err, ErrExpiredToken):
		return &Error{KindExpiredToken, "The security token included in the request is expired"}
	}
	return fmt.Errorf("looking up access key: %w", err)
}

func (c *claim) signatureMatches(r *http.Request, body []byte, scope *Scope, secret *Secret) bool {
	payload := hexSHA256(body)
	if !payloadHashAgrees(r.Header, payload[:]) {
		return false
	}
	var space [2048]byte // most requests fit: no allocation
	canonical, ok := appendCanonicalRequest(space[:0], r, c, payload[:])
	if !ok {
		return false
	}
	mac := secret.sign(scope, c.stringToSign(scope, canonical))

	// A signature of any other length or in upper case cannot be equal.
	var want [2 * sha256.Size]byte
	hex.Encode(want[:], mac)
	return hmac.Equal(want[:], []byte(c.signature))
}

// payloadHashAgrees is false for a header that names another body, and for
// UNSIGNED-PAYLOAD and STREAMING-…, which only S3 accepts.
func payloadHashAgrees(h http.Header, payload []byte) bool {
	for _, stated := range h[contentHashHeader] {
		if stated != string(payload) {
			return false
		}
	}
	return true
}

func (c *claim) stringToSign(scope *Scope, canonical []byte) []byte {
	hash := hexSHA256(canonical)
	b := make([]byte, 0, 256)
	b = append(b, algorithm+"\n"...)
	b = append(b, c.date...)
	b = append(b, '\n')
	b = append(b, scope.Date...)
	b = append(b, '/')
	b = append(b, scope.Region...)
	b = append(b, '/')
	b = append(b, scope.Service...)
	b = append(b, "/"+terminator+"\n"...)
	return append(b, hash[:]...)
}

func hexSHA256(data []byte) (text [2 * sha256.Size]byte) {
	sum := sha256.Sum256(data)
	hex.Encode(text[:], sum[:])
	return text
}
