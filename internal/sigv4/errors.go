package sigv4

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// Kind of defect. Each protocol has its own name and status code for it.
type Kind int

// The kinds, with the name that rest-json services give them.
const (
	KindMissingToken     Kind = iota + 1 // MissingAuthenticationTokenException
	KindIncomplete                       // IncompleteSignatureException
	KindInvalidSignature                 // InvalidSignatureException
	KindUnknownKey                       // UnrecognizedClientException
	KindExpiredToken                     // ExpiredTokenException
)

var kindNames = map[Kind]string{
	KindMissingToken:     "MissingToken",
	KindIncomplete:       "Incomplete",
	KindInvalidSignature: "InvalidSignature",
	KindUnknownKey:       "UnknownKey",
	KindExpiredToken:     "ExpiredToken",
}

func (k Kind) String() string {
	if name, ok := kindNames[k]; ok {
		return name
	}
	return fmt.Sprintf("Kind(%d)", int(k))
}

// Error is a request that is not rightly signed. Verify returns it as *Error.
type Error struct {
	Kind Kind

	// Message is the text AWS gives, where it is known. It holds no secret and
	// no signature, and is of bounded length, so it may be sent and logged.
	Message string
}

func (e *Error) Error() string { return e.Message }

// maxEcho bounds, in bytes, each part of a request that a message repeats.
const maxEcho = 128

func incomplete(format string, args ...any) *Error {
	return &Error{KindIncomplete, fmt.Sprintf(format, args...)}
}

func errMissingToken() error {
	return &Error{KindMissingToken, "Missing Authentication Token"}
}

// errBothForms has the text AWS gives. Kinesis and DynamoDB send it under the
// name of KindInvalidSignature; here it counts as a defect of form.
func errBothForms() error {
	return incomplete("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
}

func errRepeatedHeader(name string) error {
	return incomplete("HTTP header '%s' must be given once.", name)
}

func errRepeatedParameter(name string) error {
	return incomplete("AWS query-string parameter '%s' must be given once. Re-examine the query-string parameters.", name)
}

func errTooLong(what string) error {
	return incomplete("%s must not be longer than %d bytes.", what, maxAuthorization)
}

// errNoEqualSign and errRequires show the header hashed, as AWS does now: it may
// hold a secret that was meant for somebody else.
func errNoEqualSign(header string) error {
	return incomplete("Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '%s'.", digest(header))
}

func errRequires(missing []string, header string) error {
	return incomplete("%s (Hashed with SHA-256 and encoded with Base64) Authorization=%s", strings.Join(missing, " "), digest(header))
}

func errTooManyParts() error {
	return incomplete("Authorization header must have the parameters 'Credential', 'SignedHeaders' and 'Signature', each once, and no others.")
}

func errRequiresParameters(missing []string) error {
	return incomplete("%s Re-examine the query-string parameters.", strings.Join(missing, " "))
}

func errExpires() error {
	return incomplete("X-Amz-Expires must be a number of seconds between 1 and %d. Re-examine the query-string parameters.", maxExpires)
}

func errSignedHeaders() error {
	return incomplete("SignedHeaders must be at most %d lower-case header names, in order, each once, separated by ';'.", maxSignedHeaders)
}

func errDate(text string) error {
	return incomplete("Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", clip(text))
}

func errExpired(signedAt, now time.Time, validFor time.Duration) error {
	return &Error{KindInvalidSignature, fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - %s.)",
		signedAt.Format(isoBasic), now.Add(-validFor).Format(isoBasic), now.Format(isoBasic), span(validFor))}
}

func errNotYetCurrent(signedAt, now time.Time) error {
	return &Error{KindInvalidSignature, fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + %s.)",
		signedAt.Format(isoBasic), now.Add(maxSkew).Format(isoBasic), now.Format(isoBasic), span(maxSkew))}
}

func errUnsigned(header string) error {
	return &Error{KindInvalidSignature, fmt.Sprintf("%s must be a 'SignedHeader' in the AWS Authorization.", header)}
}

// errAlgorithm ends in a space, as the real message does.
func errAlgorithm(got string) error {
	return incomplete("Unsupported AWS 'algorithm': '%s' (only AWS4-HMAC-SHA256 for now). ", clip(got))
}

// errCredential leaves out what stands where the key ID should: too many
// slashes most often mean that the secret was put there
// (https://github.com/boto/boto3/issues/1752).
func errCredential(credential string) error {
	parts := strings.Split(credential, "/")
	shown := strings.Join(parts[max(1, len(parts)-4):], "/")
	return incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '.../%s'", clip(shown))
}

func errMismatch() error {
	return &Error{KindInvalidSignature, "The request signature we calculated does not match the signature you provided." +
		" Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}
}

// clip makes request text fit for a message.
func clip(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), maxEcho)], "?")
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// span writes a duration as AWS does, without the final dot.
func span(d time.Duration) string {
	if d%time.Minute == 0 {
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d sec", d/time.Second)
}
