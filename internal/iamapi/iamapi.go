// Package iamapi answers IAM and STS over the query protocol, on the same
// endpoint as QuickSight: the service is the one that a request was signed
// for. operations.go is its table of contents.
package iamapi

import (
	"net/http"
	"time"

	"rollcall/internal/awsquery"
	"rollcall/internal/iam"
	"rollcall/internal/request"
)

// Config is what an API stands on.
type Config struct {
	Keys *iam.Keys
	Now  func() time.Time // nil: time.Now
}

// API is an http.Handler.
type API struct {
	keys     *iam.Keys
	now      func() time.Time
	services map[string]*service // by their names in credential scopes
}

// New makes an API. It panics when an operation's declaration makes no sense.
func New(c Config) *API {
	a := &API{keys: c.Keys, now: c.Now, services: services()}
	if a.now == nil {
		a.now = time.Now
	}
	return a
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	info := request.From(r.Context())
	w.Header()["X-Amzn-Requestid"] = []string{info.ID}
	// An answer to somebody who has not shown what it is for is STS's, whose
	// operations are the only ones that may come unsigned.
	namespace := stsNamespace
	reply, err := a.serve(w, r, info, &namespace)
	if err == nil {
		reply.Write(w)
		return
	}
	sent := wireError(err)
	info.Code = sent.Code
	if sent.Status >= 500 {
		info.Err = err
	}
	sent.Write(w, namespace, info.ID)
}

// serve is the order of a request: who asks, which operation, and then the
// operation itself.
func (a *API) serve(w http.ResponseWriter, r *http.Request, info *request.Info, namespace *string) (reply awsquery.Reply, err error) {
	if err := request.CheckSite(r); err != nil {
		return reply, err
	}
	signed, err := a.keys.Authenticate(w, r, a.now(), "iam", "sts")
	if err != nil {
		return reply, err
	}
	info.Caller = signed.Key.ARN()
	s := a.services[signed.Scope.Service]
	*namespace = s.namespace
	form, err := awsquery.Parse(r.URL.RawQuery, signed.Body)
	if err != nil {
		return reply, err
	}
	op, err := s.operations.Match(form)
	if err != nil {
		return reply, err
	}
	info.Operation = op.name
	out, err := op.handler.Call(r.Context(), signed.Key, form)
	if err != nil {
		return reply, err
	}
	return awsquery.Reply{Namespace: s.namespace, Action: op.name, RequestID: info.ID, Output: out}, nil
}
