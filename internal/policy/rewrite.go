package policy

import (
	"errors"
	"io"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// awsPrincipals is where the AWS principals of a document stand. A list of one
// needs no brackets, neither of statements nor of names.
var awsPrincipals = regexp.MustCompile(`\A/Statement(/[0-9]+)?/Principal/AWS(/[0-9]+)?\z`)

// RewritePrincipals gives another name to each AWS principal in a document that
// Parse has accepted. All else of it stays byte for byte what it was. The error
// is rename's.
func RewritePrincipals(text string, rename func(name string) (string, error)) (string, error) {
	var b strings.Builder
	dec, done := jsontext.NewDecoder(strings.NewReader(text)), 0
	for {
		raw, err := nextString(dec)
		if errors.Is(err, io.EOF) {
			return b.String() + text[done:], nil
		}
		if err != nil {
			return "", err
		}
		if raw == nil || !awsPrincipals.MatchString(string(dec.StackPointer())) {
			continue
		}
		renamed, err := renameQuoted(raw, rename)
		if err != nil {
			return "", err
		}
		end := int(dec.InputOffset())
		b.WriteString(text[done : end-len(raw)])
		b.Write(renamed)
		done = end
	}
}

// nextString reads on by one token. It gives strings as they are written, and
// nil for all else, names of members too.
func nextString(dec *jsontext.Decoder) (jsontext.Value, error) {
	kind, length := dec.StackIndex(dec.StackDepth())
	isName := kind == '{' && length%2 == 0
	if isName || dec.PeekKind() != '"' {
		_, err := dec.ReadToken()
		return nil, err
	}
	return dec.ReadValue()
}

// renameQuoted leaves a name alone that stays the same: it may be written with
// escapes.
func renameQuoted(raw jsontext.Value, rename func(string) (string, error)) ([]byte, error) {
	old, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		return nil, err
	}
	renamed, err := rename(string(old))
	if err != nil || renamed == string(old) {
		return raw, err
	}
	return jsontext.AppendQuote(nil, renamed)
}
