// Package api answers QuickSight's user-management API. operations.go is its
// table of contents; each resource has a file with the members of its
// operations' inputs and outputs and the way from them to the verbs of package
// directory, which has the rules.
package api

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"rollcall/internal/directory"
	"rollcall/internal/iam"
	"rollcall/internal/model"
	"rollcall/internal/request"
	"rollcall/internal/restjson"
	"rollcall/internal/sigv4"
)

// maxBody bounds a request's body, in bytes. The largest input of the model,
// a profile with all capabilities and 200 tags, is a tenth of it.
const maxBody = 1 << 20

// signingName is the service in the credential scope of requests.
const signingName = "quicksight"

// Config is what an API stands on.
type Config struct {
	Directory *directory.Directory
	Keys      *iam.Keys
	Now       func() time.Time // nil: time.Now
}

// API is an http.Handler.
type API struct {
	directory *directory.Directory
	keys      *iam.Keys
	now       func() time.Time
	router    restjson.Router[*operation]
}

// New makes an API. It panics when an operation's declaration makes no sense.
func New(c Config) *API {
	a := &API{directory: c.Directory, keys: c.Keys, now: c.Now}
	if a.now == nil {
		a.now = time.Now
	}
	for _, op := range a.operations() {
		op.handler.CheckURI(op.uri)
		a.router.Add(op.method, op.uri, &op)
	}
	for _, op := range operationsElsewhere() {
		a.router.Add(op.method, op.uri, &op)
	}
	return a
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	info := request.From(r.Context())
	w.Header()["X-Amzn-Requestid"] = []string{info.ID}
	reply, err := a.serve(w, r, info)
	if err == nil {
		err = reply.Write(w)
	}
	if err != nil {
		sent := wireError(err)
		info.Code = sent.Code
		if sent.Status >= 500 {
			info.Err = err
		}
		sent.Write(w, info.ID)
	}
}

// serve is the order of a request: which operation, who asks, whether here,
// and then the operation itself. The body is read only for those who name a
// key that exists.
func (a *API) serve(w http.ResponseWriter, r *http.Request, info *request.Info) (reply restjson.Reply, err error) {
	op, labels, err := a.route(r, info)
	if err != nil {
		return reply, err
	}
	key, signed, err := a.readSignature(r)
	if err != nil {
		return reply, err
	}
	body, err := readBody(w, r)
	if err != nil {
		return reply, err
	}
	scope, err := signed.Verify(body)
	if err != nil {
		return reply, err
	}
	caller := directory.Caller{
		AccountID:      key.Account.ID,
		ARN:            key.ARN(),
		IdentityRegion: key.Account.Region,
		Endpoint:       scope.Region,
	}
	info.Caller = caller.ARN
	if err := caller.CheckRegion(); err != nil {
		return reply, err
	}
	out, err := op.handler.Call(r.Context(), caller, restjson.Request{Labels: labels, Query: query(r), Body: body})
	if err != nil {
		return reply, err
	}
	return restjson.Reply{RequestID: info.ID, Status: op.status, StatusInBody: op.statusInBody, Output: out}, nil
}

// readSignature finds out who claims to have signed the request.
func (a *API) readSignature(r *http.Request) (key *iam.Key, signed *sigv4.Signed, err error) {
	signed, err = sigv4.Begin(r, a.now(), []string{signingName}, func(id, sessionToken string) (*sigv4.Secret, error) {
		if key, err = a.keys.Find(r.Context(), id, sessionToken); err != nil {
			return nil, err
		}
		return key.Secret, nil
	})
	return key, signed, err
}

// route finds the operation. Browsers may not speak to the API for another
// site, whatever the page there knows, nor ask whether they may.
func (a *API) route(r *http.Request, info *request.Info) (*operation, restjson.Labels, error) {
	if r.Method == http.MethodOptions {
		return nil, nil, errPreflight
	}
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return nil, nil, errCrossSite
	}
	path := sigv4.WirePath(r)
	op, labels, ok := a.router.Match(r.Method, path)
	if !ok {
		return nil, nil, unknownOperation(fmt.Sprintf("There is no operation at %s %s.", r.Method, model.Shorten(path)))
	}
	info.Operation = op.name
	if op.handler == nil {
		return nil, nil, unknownOperation(fmt.Sprintf("The operation %s isn't supported by rollcall.", op.name))
	}
	return op, labels, nil
}

// query is the decoded query; nil when there is none.
func query(r *http.Request) url.Values {
	if r.URL.RawQuery == "" {
		return nil
	}
	return r.URL.Query()
}

// readBody reads the body to the end, which the signature covers.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	if r.ContentLength > maxBody {
		return nil, errTooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, errTooLarge
	case err != nil:
		return nil, errAborted
	}
	return body, nil
}
