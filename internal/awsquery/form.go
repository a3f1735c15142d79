package awsquery

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"rollcall/internal/model"
)

// MaxBytes bounds the query and the body of a request together. The longest
// document that IAM takes, percent-encoded, is three quarters of it.
const MaxBytes = 1 << 20

// maxParameters is ten times what a list of 50 tags takes.
const maxParameters = 1000

// Parameter is a decoded parameter of a request.
type Parameter struct{ Name, Value string }

// Form are the parameters of a request in the order of their names, no two of
// one name.
type Form []Parameter

// Parse reads the parameters of a request from its query and its body, which
// is form-encoded as well. SDKs send a body; presigned requests have all in
// the query.
//
// A parameter that is given twice is refused. No client sends one, AWS does
// not say which of the two counts, and who reads the other of them in a log or
// a proxy would believe another request than the one that is carried out.
func Parse(query string, body []byte) (Form, error) {
	if len(query)+len(body) > MaxBytes {
		return nil, tooLarge("%d bytes", MaxBytes)
	}
	var form Form
	for _, encoded := range []string{query, string(body)} {
		for piece := range strings.SplitSeq(encoded, "&") {
			if piece == "" {
				continue
			}
			if len(form) == maxParameters {
				return nil, tooLarge("%d parameters", maxParameters)
			}
			p, err := parseParameter(piece)
			if err != nil {
				return nil, err
			}
			form = append(form, p)
		}
	}
	slices.SortFunc(form, func(a, b Parameter) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(form); i++ {
		if form[i].Name == form[i-1].Name {
			return nil, malformed("The parameter %q is given more than once", model.Shorten(form[i].Name))
		}
	}
	return form, nil
}

func parseParameter(piece string) (p Parameter, err error) {
	name, value, _ := strings.Cut(piece, "=")
	if p.Name, err = unescape(name); err != nil {
		return p, err
	}
	p.Value, err = unescape(value)
	return p, err
}

func unescape(s string) (string, error) {
	decoded, err := url.QueryUnescape(s)
	if err != nil || !utf8.ValidString(decoded) {
		// The status is the one that AWS documents:
		// https://docs.aws.amazon.com/cloudsearch/latest/developerguide/CommonErrors.html
		return "", &Error{Code: "MalformedQueryString", Status: http.StatusNotFound,
			Message: fmt.Sprintf("The query string contains a syntax error: %q is not percent-encoded UTF-8", model.Shorten(s))}
	}
	return decoded, nil
}

func tooLarge(format string, limit int) *Error {
	return &Error{Code: "RequestEntityTooLargeException", Status: http.StatusRequestEntityTooLarge,
		Message: "Request is too large. It may have at most " + fmt.Sprintf(format, limit) + "."}
}

// Get gives the value of a parameter.
func (f Form) Get(name string) (value string, ok bool) {
	i, ok := f.find(name)
	if !ok {
		return "", false
	}
	return f[i].Value, true
}

// under are the parameters whose names begin with a prefix; they stand side
// by side.
func (f Form) under(prefix string) Form {
	first, _ := f.find(prefix)
	n := 0
	for _, p := range f[first:] {
		if !strings.HasPrefix(p.Name, prefix) {
			break
		}
		n++
	}
	return f[first : first+n]
}

func (f Form) find(name string) (int, bool) {
	return slices.BinarySearchFunc(f, name, func(p Parameter, name string) int { return strings.Compare(p.Name, name) })
}
