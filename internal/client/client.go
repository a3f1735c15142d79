// Package client is how rollcall's own commands call a server: by signed
// requests, as everybody else does.
package client

import (
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

// Get reads from rollcall's own API into out, by encoding/json. The path is
// escaped already.
func (c *Client) Get(ctx context.Context, path string, query url.Values, out any) error {
	resp, err := c.get(ctx, "rollcall", path, query)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return restError(resp)
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return fmt.Errorf("reading the answer to GET %s: %w", path, err)
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
	resp, err := c.get(ctx, "sts", "/", query)
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

// get sends a request that is signed for a service.
func (c *Client) get(ctx context.Context, service, path string, query url.Values) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.endpoint+path+"?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "rollcall")
	nothing := sha256.Sum256(nil)
	err = c.signer.SignHTTP(ctx, c.credentials, r, hex.EncodeToString(nothing[:]), service, c.region, time.Now())
	if err != nil {
		return nil, err
	}
	return c.http.Do(r)
}
