package sigv4

import (
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	authorizationHeader = "Authorization"
	dateHeader          = "X-Amz-Date"
	tokenHeader         = "X-Amz-Security-Token"
	contentHashHeader   = "X-Amz-Content-Sha256"

	algorithmParam     = "X-Amz-Algorithm"
	credentialParam    = "X-Amz-Credential"
	signatureParam     = "X-Amz-Signature"
	signedHeadersParam = "X-Amz-SignedHeaders"
	dateParam          = "X-Amz-Date"
	expiresParam       = "X-Amz-Expires"
	tokenParam         = "X-Amz-Security-Token"
)

const (
	// maxSkew is how far a signing time may be from ours.
	maxSkew = 15 * time.Minute

	// maxExpires is a week, in seconds.
	maxExpires = 7 * 24 * 60 * 60
)

var (
	requiredParams = []string{algorithmParam, credentialParam, signatureParam, signedHeadersParam, dateParam}
	optionalParams = []string{expiresParam, tokenParam}
)

// claim is what a request says about its signature. Nothing of it is proven.
type claim struct {
	authorization

	date       string        // ISO 8601 basic format once checkTime has passed
	dateHeader string        // where date was found; empty when presigned
	signedAt   time.Time     // set by checkTime
	validFor   time.Duration // from signedAt
	token      string
	presigned  bool
}

// readClaim finds the one place where r states its signature.
func readClaim(r *http.Request) (claim, error) {
	params, err := presignParams(r.URL.RawQuery)
	if err != nil {
		return claim{}, err
	}
	_, presigned := params[algorithmParam]
	signed := len(r.Header[authorizationHeader]) > 0
	switch {
	case signed && presigned:
		return claim{}, errBothForms()
	case signed:
		return headerClaim(r.Header)
	case presigned:
		return queryClaim(params)
	}
	return claim{}, errMissingToken()
}

func headerClaim(h http.Header) (claim, error) {
	for _, name := range []string{authorizationHeader, dateHeader, "Date", tokenHeader} {
		if len(h[name]) > 1 {
			return claim{}, errRepeatedHeader(name)
		}
	}
	header := h.Get(authorizationHeader)
	a, err := parseAuthorization(header)
	if err != nil {
		return claim{}, err
	}
	c := claim{authorization: a, token: h.Get(tokenHeader), validFor: maxSkew}
	c.date, c.dateHeader = statedDate(h)
	missing := a.missing()
	if c.date == "" {
		missing = append(missing, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	if missing != nil {
		return claim{}, errRequires(missing, header)
	}
	return c, checkNames(a.signedHeaders)
}

// statedDate gives the signing time and the header that states it. A Date
// header in one of the HTTP formats is signed as if it were in the ISO one.
func statedDate(h http.Header) (date, header string) {
	if date := h.Get(dateHeader); date != "" {
		return date, dateHeader
	}
	date = h.Get("Date")
	if t, err := http.ParseTime(date); err == nil {
		date = t.UTC().Format(isoBasic)
	}
	return date, "Date"
}

// presignParams gives the decoded parameters of a presigned address, nil when
// there are none. A name that cannot be decoded is none of ours; it is refused
// when the whole query is encoded for signing.
func presignParams(rawQuery string) (map[string]string, error) {
	var params map[string]string
	for name, value := range splitQuery(rawQuery) {
		name, err := url.QueryUnescape(name)
		if err != nil || !slices.Contains(requiredParams, name) && !slices.Contains(optionalParams, name) {
			continue
		}
		if _, repeated := params[name]; repeated {
			return nil, errRepeatedParameter(name)
		}
		if params == nil {
			params = make(map[string]string)
		}
		if params[name], err = url.QueryUnescape(value); err != nil {
			return nil, errMismatch()
		}
	}
	return params, nil
}

// splitQuery gives names and values as they are on the wire.
func splitQuery(raw string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for pair := range strings.SplitSeq(raw, "&") {
			name, value, _ := strings.Cut(pair, "=")
			if pair != "" && !yield(name, value) {
				return
			}
		}
	}
}

func queryClaim(params map[string]string) (claim, error) {
	var missing []string
	for _, name := range requiredParams {
		if params[name] == "" {
			missing = append(missing, "AWS query-string parameters must include '"+name+"'.")
		}
	}
	if missing != nil {
		return claim{}, errRequiresParameters(missing)
	}
	if len(params[credentialParam])+len(params[signedHeadersParam]) > maxAuthorization {
		return claim{}, errTooLong("X-Amz-Credential and X-Amz-SignedHeaders")
	}
	validFor, err := parseExpires(params)
	if err != nil {
		return claim{}, err
	}
	c := claim{
		authorization: authorization{
			algorithm:     params[algorithmParam],
			credential:    params[credentialParam],
			signedHeaders: params[signedHeadersParam],
			signature:     params[signatureParam],
		},
		date:      params[dateParam],
		validFor:  validFor,
		token:     params[tokenParam],
		presigned: true,
	}
	return c, checkNames(c.signedHeaders)
}

// parseExpires takes an address without X-Amz-Expires for one that holds as
// long as a signed header does. The SDKs leave it out of presigned STS calls.
func parseExpires(params map[string]string) (time.Duration, error) {
	text, given := params[expiresParam]
	if !given {
		return maxSkew, nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 1 || seconds > maxExpires || strconv.Itoa(seconds) != text {
		return 0, errExpires()
	}
	return time.Duration(seconds) * time.Second, nil
}

// checkTime counts in whole seconds, as the signing time does; otherwise the
// message could say that a time is earlier than itself.
func (c *claim) checkTime(now time.Time) error {
	// time.Parse also takes fractions of a second, which the length excludes.
	signedAt, err := time.Parse(isoBasic, c.date)
	if err != nil || len(c.date) != len(isoBasic) {
		return errDate(c.date)
	}
	c.signedAt = signedAt
	now = now.UTC().Truncate(time.Second)
	if signedAt.Before(now.Add(-c.validFor)) {
		return errExpired(signedAt, now, c.validFor)
	}
	if signedAt.After(now.Add(maxSkew)) {
		return errNotYetCurrent(signedAt, now)
	}
	return nil
}

// checkSignedHeaders refuses a request that could be sent to another host, and
// headers that this package reads and that anyone could have added.
func (c *claim) checkSignedHeaders(h http.Header) error {
	if !c.signs("Host") {
		return errUnsigned("'Host' or ':authority'")
	}
	if c.presigned {
		return nil // the query holds what counts, and is always signed
	}
	for _, name := range []string{c.dateHeader, tokenHeader, contentHashHeader} {
		if len(h[name]) > 0 && !c.signs(name) {
			return errUnsigned("'" + name + "'")
		}
	}
	return nil
}
