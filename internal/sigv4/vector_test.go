package sigv4

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A vector is a file in testdata/vectors: comments, then "key: value" lines,
// then "---", then a request as it is on the wire, but with bare newlines and
// one newline after the body. The keys are those of set.
//
// The signatures were not made by this package. They are those of the AWS
// documentation, of the AWS test suite, or of another implementation, compared
// with botocore 1.43.11.
type vector struct {
	now      time.Time
	services []string
	secrets  map[string]*Secret
	expired  map[string]bool

	expect  string // "ok" or a kind
	message string // when expect is a kind
	scope   Scope  // when expect is "ok"

	head string // with bare newlines
	body []byte
}

func TestVectors(t *testing.T) {
	kinds := make(map[string]bool)
	for name, v := range vectors(t) {
		kinds[v.expect] = true
		t.Run(name, v.run)
	}
	for kind, name := range kindNames {
		if !kinds[name] {
			t.Errorf("no vector expects kind %v", kind)
		}
	}
}

func (v *vector) run(t *testing.T) {
	r, body, err := receive(v.wire())
	if err != nil {
		t.Fatal(err)
	}
	got, err := Verify(r, body, v.now, v.services, v.lookup)
	outcome, message := "ok", ""
	if err != nil {
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("Verify: %v", err)
		}
		outcome, message = e.Kind.String(), e.Message
	}
	if outcome != v.expect || message != v.message {
		t.Errorf("got  %s %q\nwant %s %q", outcome, message, v.expect, v.message)
	}
	if diff := cmp.Diff(v.scope, got); diff != "" {
		t.Errorf("scope (-want +got):\n%s", diff)
	}
}

func (v *vector) lookup(accessKeyID, _ string) (*Secret, error) {
	if v.expired[accessKeyID] {
		return nil, ErrExpiredToken
	}
	if s, ok := v.secrets[accessKeyID]; ok {
		return s, nil
	}
	return nil, ErrUnknownKey
}

func (v *vector) wire() []byte {
	return append([]byte(strings.ReplaceAll(v.head, "\n", "\r\n")+"\r\n\r\n"), v.body...)
}

// vectors reads all vectors, of which there must be some.
func vectors(t testing.TB) map[string]*vector {
	t.Helper()
	files, err := filepath.Glob("testdata/vectors/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	all := make(map[string]*vector)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		if all[name], err = parseVector(string(data)); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	return all
}

func parseVector(text string) (*vector, error) {
	fields, request, ok := strings.Cut(text, "---\n")
	if !ok {
		return nil, errors.New("no request")
	}
	head, body, _ := strings.Cut(request, "\n\n")
	v := &vector{
		secrets: make(map[string]*Secret),
		expired: make(map[string]bool),
		head:    strings.TrimSuffix(head, "\n"),
		body:    []byte(strings.TrimSuffix(body, "\n")),
	}
	for line := range strings.Lines(fields) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if err := v.set(key, value); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	if v.expect == "" || (v.expect == "ok") != (v.message == "") || (v.expect == "ok") == (v.scope == Scope{}) {
		return nil, errors.New("not a complete expectation")
	}
	return v, nil
}

func (v *vector) set(key, value string) (err error) {
	switch key {
	case "now": // our clock
		v.now, err = time.Parse(isoBasic, value)
	case "services": // the argument of Verify
		v.services = strings.Fields(value)
	case "secret": // an access key and its secret; may be repeated
		id, secret, _ := strings.Cut(value, " ")
		v.secrets[id] = NewSecret(secret)
	case "expired": // an access key
		v.expired[value] = true
	case "expect":
		v.expect = value
	case "message":
		v.message, err = strconv.Unquote(value)
	case "key":
		v.scope.AccessKeyID = value
	case "scope":
		parts := strings.Split(value, "/")
		if len(parts) != 3 {
			return errors.New("want date/region/service")
		}
		v.scope.Date, v.scope.Region, v.scope.Service = parts[0], parts[1], parts[2]
	case "signed-at":
		v.scope.SignedAt, err = time.Parse(isoBasic, value)
	case "token":
		v.scope.SessionToken = value
	default:
		return errors.New("unknown key")
	}
	return err
}

func TestVectorsUnknownKeyFails(t *testing.T) {
	const text = "expect: ok\nkey: AKID\nsurprise: 1\n---\nGET / HTTP/1.1\n"
	if _, err := parseVector(text); err == nil {
		t.Error("a vector with an unknown key was parsed")
	}
}

// receive gives a request and its body as the server sees them.
func receive(wire []byte) (*http.Request, []byte, error) {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(wire)))
	if err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(r.Body)
	return r, body, err
}
