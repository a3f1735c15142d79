package sigv4

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// appendCanonicalRequest appends the text whose hash is signed. It is false
// when no such text exists: a signed header is not there, or the query is not
// percent-encoded text.
func appendCanonicalRequest(b []byte, r *http.Request, c *claim, payloadHash []byte) ([]byte, bool) {
	b = append(b, r.Method...)
	b = append(b, '\n')
	b = appendEncoded(b, WirePath(r), '/')
	b = append(b, '\n')
	b, ok := appendQuery(b, r.URL.RawQuery, c.presigned)
	if !ok {
		return nil, false
	}
	b = append(b, '\n')
	for name := range strings.SplitSeq(c.signedHeaders, ";") {
		if b, ok = appendHeader(b, r, name); !ok {
			return nil, false
		}
	}
	b = append(b, '\n')
	b = append(b, c.signedHeaders...)
	b = append(b, '\n')
	return append(b, payloadHash...), true
}

// WirePath is the path as the client sent it: role%2Fsession stays so, and is
// signed as role%252Fsession. Who routes by another idea of the path routes
// what nobody has signed.
func WirePath(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		path, _, _ := strings.Cut(r.RequestURI, "?")
		return path
	}
	return cmp.Or(r.URL.EscapedPath(), "/")
}

// appendQuery appends the parameters in order of encoded name, then encoded
// value. The signature of a presigned address is not part of what it signs.
func appendQuery(b []byte, raw string, presigned bool) ([]byte, bool) {
	type parameter struct{ name, value string }
	var parameters []parameter
	for name, value := range splitQuery(raw) {
		name, nameErr := url.QueryUnescape(name)
		value, valueErr := url.QueryUnescape(value)
		if nameErr != nil || valueErr != nil {
			return nil, false
		}
		if !presigned || name != signatureParam {
			parameters = append(parameters, parameter{encoded(name), encoded(value)})
		}
	}
	slices.SortFunc(parameters, func(x, y parameter) int {
		return cmp.Or(strings.Compare(x.name, y.name), strings.Compare(x.value, y.value))
	})
	for i, p := range parameters {
		if i > 0 {
			b = append(b, '&')
		}
		b = append(b, p.name...)
		b = append(b, '=')
		b = append(b, p.value...)
	}
	return b, true
}

// appendHeader appends a line for a signed header, which must be there: empty
// and absent would otherwise be signed alike.
func appendHeader(b []byte, r *http.Request, name string) ([]byte, bool) {
	b = append(b, name...)
	b = append(b, ':')
	if name == "host" { // net/http moves it out of the header
		b = appendCollapsed(b, r.Host)
		return append(b, '\n'), r.Host != ""
	}
	var space [64]byte
	values := r.Header[string(appendHeaderKey(space[:0], name))]
	if len(values) == 0 {
		if name != "content-length" || r.ContentLength < 0 {
			return nil, false
		}
		b = strconv.AppendInt(b, r.ContentLength, 10)
	}
	for i, value := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendCollapsed(b, value)
	}
	return append(b, '\n'), true
}

// appendHeaderKey is http.CanonicalHeaderKey for lower-case names, without the
// allocation.
func appendHeaderKey(b []byte, name string) []byte {
	start := true
	for _, c := range []byte(name) {
		if start && 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		b = append(b, c)
		start = c == '-'
	}
	return b
}

// appendCollapsed appends a header value without the spaces around it, and with
// one space for each run inside.
func appendCollapsed(b []byte, value string) []byte {
	value = strings.Trim(value, " ")
	for i, c := range []byte(value) {
		if c != ' ' || value[i-1] != ' ' {
			b = append(b, c)
		}
	}
	return b
}

// encoded is s percent-encoded as RFC 3986 has it, without a copy when there is
// nothing to encode.
func encoded(s string) string {
	for i := range len(s) {
		if !unreserved(s[i]) {
			return string(appendEncoded(make([]byte, 0, len(s)+32), s, 0))
		}
	}
	return s
}

// appendEncoded appends s with each byte that is neither unreserved nor kept
// percent-encoded.
func appendEncoded(b []byte, s string, kept byte) []byte {
	const digits = "0123456789ABCDEF"
	for _, c := range []byte(s) {
		if unreserved(c) || c == kept && kept != 0 {
			b = append(b, c)
		} else {
			b = append(b, '%', digits[c>>4], digits[c&15])
		}
	}
	return b
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}
