// Package api answers QuickSight's user-management API. operations.go is its
// table of contents; each resource has a file with the members of its
// operations' inputs and outputs and the way from them to the verbs of package
// directory, which has the rules.
package api

import (
	"fmt"
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
// and then the operation itself.
func (a *API) serve(w http.ResponseWriter, r *http.Request, info *request.Info) (reply restjson.Reply, err error) {
	op, labels, err := a.route(r, info)
	if err != nil {
		return reply, err
	}
	signed, err := a.keys.Authenticate(w, r, a.now(), signingName)
	if err != nil {
		return reply, err
	}
	caller := directory.Caller{
		AccountID:      signed.Key.Account.ID,
		ARN:            signed.Key.ARN(),
		IdentityRegion: signed.Key.Account.Region,
		Endpoint:       signed.Scope.Region,
	}
	info.Caller = caller.ARN
	if err := caller.CheckRegion(); err != nil {
		return reply, err
	}
	out, err := op.handler.Call(r.Context(), caller, restjson.Request{Labels: labels, Query: query(r), Body: signed.Body})
	if err != nil {
		return reply, err
	}
	return restjson.Reply{RequestID: info.ID, Status: op.status, StatusInBody: op.statusInBody, Output: out}, nil
}

// route finds the operation. Browsers may not speak to the API for another
// site, whatever the page there knows, nor ask whether they may.
func (a *API) route(r *http.Request, info *request.Info) (*operation, restjson.Labels, error) {
	if r.Method == http.MethodOptions {
		return nil, nil, errPreflight
	}
	if err := request.CheckSite(r); err != nil {
		return nil, nil, err
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
