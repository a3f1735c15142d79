// Package client is how rollcall's own commands call a server: by signed
// requests, as everybody else does.
package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	timeout  = 2 * time.Minute // of a call: the server itself takes no longer than one
	maxError = 1 << 20         // of an error's body, in bytes
)

// Client calls one server. It is safe for concurrent use.
type Client struct {
	endpoint    string
	region      string
	credentials aws.Credentials
	signer      *v4.Signer
	http        *http.Client
}

// New makes a client for a server's URL. The session token is "" for long-term
// keys.
func New(endpoint, region, accessKeyID, secret, sessionToken string) *Client {
	return &Client{
		endpoint:    strings.TrimSuffix(endpoint, "/"),
		region:      region,
		credentials: aws.Credentials{AccessKeyID: accessKeyID, SecretAccessKey: secret, SessionToken: sessionToken},
		signer:      v4.NewSigner(),
		http:        &http.Client{Timeout: timeout, CheckRedirect: stay},
	}
}

// stay keeps to the endpoint: a signature is no good elsewhere.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Error is what a server answers that does not do what it was asked.
type Error struct {
	Status  int
	Code    string // such as AccessDeniedException; "": the answer is not rollcall's
	Message string
}

func (e *Error) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("the server answered %d %s", e.Status, http.StatusText(e.Status))
	}
	return e.Code + ": " + e.Message
}

// The services that Call calls.
const (
	Rollcall   = "rollcall" // our own API
	QuickSight = "quicksight"
)

// Get reads from rollcall's own API into out, by encoding/json. The path is
// escaped already.
func (c *Client) Get(ctx context.Context, path string, query url.Values, out any) error {
	return c.Call(ctx, Rollcall, http.MethodGet, path+"?"+query.Encode(), nil, out)
}

// Call calls an operation of a rest-json service: in becomes the body, nil is
// none, and the answer goes into out. The path is escaped already.
func (c *Client) Call(ctx context.Context, service, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	resp, err := c.send(ctx, service, method, path, body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return restError(resp)
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		path, _, _ := strings.Cut(path, "?")
		return fmt.Errorf("reading the answer to %s %s: %w", method, path, err)
	}
	return nil
}

// restError reads an error of a rest-json service.
func restError(resp *http.Response) error {
	e := &Error{Status: resp.StatusCode, Code: resp.Header.Get("X-Amzn-Errortype")}
	var body struct{ Message string } // or message
	if json.NewDecoder(io.LimitReader(resp.Body, maxError)).Decode(&body) == nil {
		e.Message = body.Message
	}
	return e
}

// AccountID asks the server whose account the credentials belong to, which
// takes no permission.
func (c *Client) AccountID(ctx context.Context) (string, error) {
	query := url.Values{"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"}}
	resp, err := c.send(ctx, "sts", http.MethodGet, "/?"+query.Encode(), nil)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", queryError(resp)
	}
	var answer struct {
		Account string `xml:"GetCallerIdentityResult>Account"`
	}
	if err := xml.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return "", fmt.Errorf("reading the answer to GetCallerIdentity: %w", err)
	}
	return answer.Account, nil
}

// queryError reads an error of a service of the query protocol.
func queryError(resp *http.Response) error {
	e := &Error{Status: resp.StatusCode}
	var body struct {
		Error struct{ Code, Message string }
	}
	if xml.NewDecoder(io.LimitReader(resp.Body, maxError)).Decode(&body) == nil {
		e.Code, e.Message = body.Error.Code, body.Error.Message
	}
	return e
}

// send sends a request that is signed for a service.
func (c *Client) send(ctx context.Context, service, method, path string, body []byte) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.endpoint+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "rollcall")
	if len(body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	hash := sha256.Sum256(body)
	if err := c.signer.SignHTTP(ctx, c.credentials, r, hex.EncodeToString(hash[:]), service, c.region, time.Now()); err != nil {
		return nil, err
	}
	return c.http.Do(r)
}
