// Package apitest makes single signed calls in tests, for requests that no SDK
// would send.
package apitest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"rollcall/rollcalltest"
)

// Client signs with a server's root key. Change a copy to sign with another.
type Client struct {
	URL             string
	Service         string // in the credential scope; "": quicksight
	Region          string
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string
	Now             func() time.Time
}

// New makes a client for a server.
func New(srv *rollcalltest.Server) Client {
	return Client{
		URL:             srv.URL,
		Region:          srv.Region,
		AccessKeyID:     srv.AccessKeyID,
		SecretAccessKey: srv.SecretAccessKey,
		Now:             time.Now,
	}
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Text   string
	JSON   map[string]any // nil when the text is no JSON object
}

// Code is the name of the error, "" for none.
func (a Answer) Code() string { return a.Header.Get("X-Amzn-Errortype") }

// Message is the text of the error.
func (a Answer) Message() string {
	for _, name := range []string{"Message", "message"} {
		if s, ok := a.JSON[name].(string); ok {
			return s
		}
	}
	return ""
}

// Call sends a signed request. The path is as on the wire, escaped and with
// its query.
func (c Client) Call(t testing.TB, method, path, body string) Answer {
	t.Helper()
	return Send(t, c.Request(t, method, path, body))
}

// Request makes a signed request.
func (c Client) Request(t testing.TB, method, path, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, c.URL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	// The path goes out byte for byte.
	escaped, query, _ := strings.Cut(path, "?")
	r.URL.RawQuery = query
	r.URL.RawPath = escaped
	if r.URL.Path, err = url.PathUnescape(escaped); err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	c.sign(t, r, body)
	return r
}

func (c Client) sign(t testing.TB, r *http.Request, body string) {
	t.Helper()
	hash := sha256.Sum256([]byte(body))
	creds := aws.Credentials{AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken}
	err := v4.NewSigner().SignHTTP(context.Background(), creds, r, hex.EncodeToString(hash[:]), cmp.Or(c.Service, "quicksight"), c.Region, c.Now())
	if err != nil {
		t.Fatal(err)
	}
}

// Send sends a request as it is.
func Send(t testing.TB, r *http.Request) Answer {
	t.Helper()
	noRedirect := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := noRedirect.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := Answer{Status: resp.StatusCode, Header: resp.Header, Text: string(text)}
	_ = json.NewDecoder(bytes.NewReader(text)).Decode(&a.JSON)
	return a
}
