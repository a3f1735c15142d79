// Package restface answers for a service of the rest-json protocol: which
// operation is asked for, who asks, what becomes of it, and what goes on
// record. The operations and the names of their errors are the service's own.
package restface

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/model"
	"rollcall/internal/request"
	"rollcall/internal/restjson"
	"rollcall/internal/sigv4"
)

// Operation is a row of a service's table.
type Operation struct {
	Name   string
	Method string
	URI    string // with labels in braces
	Status int    // of success

	// StatusInBody: the model makes Status a member of the body instead of
	// binding it to the status line.
	StatusInBody bool

	ReadOnly bool // changes nothing

	Handler *restjson.Handler[*access.Caller] // nil: refused by name
}

// Config is what a Face stands on.
type Config struct {
	Service    string // in the credential scope of requests
	Operations []Operation
	Guard      *access.Guard
	Keys       *access.Keys
	Now        func() time.Time // nil: time.Now

	// Check refuses callers before any operation; nil refuses nobody.
	Check func(*access.Caller) error
	// Refusal names the service's own errors; nil for all others.
	Refusal func(error) *restjson.Error
}

// Face is an http.Handler.
type Face struct {
	config Config
	router restjson.Router[*Operation]
}

// New makes a Face. It panics when an operation's declaration makes no sense.
func New(c Config) *Face {
	if c.Now == nil {
		c.Now = time.Now
	}
	f := &Face{config: c}
	for _, op := range c.Operations {
		if op.Handler != nil {
			op.Handler.CheckURI(op.URI)
		}
		f.router.Add(op.Method, op.URI, &op)
	}
	return f
}

// ServeHTTP answers one request.
func (f *Face) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	info := request.From(r.Context())
	w.Header()["X-Amzn-Requestid"] = []string{info.ID}
	reply, err := f.serve(w, r, info)
	if err == nil {
		err = reply.Write(w)
	}
	if err != nil {
		sent := f.wireError(err)
		info.Code, info.Why = sent.Code, access.Why(err)
		if sent.Status >= http.StatusInternalServerError {
			info.Err = err
		}
		sent.Write(w, info.ID)
	}
}

// serve is the order of a request: which operation, who asks, and then the
// operation itself.
func (f *Face) serve(w http.ResponseWriter, r *http.Request, info *request.Info) (reply restjson.Reply, err error) {
	op, labels, err := f.route(r, info)
	if err != nil {
		return reply, err
	}
	signed, err := f.config.Keys.Authenticate(w, r, f.config.Now(), f.config.Service)
	if err != nil {
		return reply, err
	}
	info.Caller = signed.Caller.ARN
	out, err := f.call(r.Context(), op, signed.Caller, restjson.Request{Labels: labels, Query: query(r), Body: signed.Body})
	if err != nil {
		return reply, err
	}
	return restjson.Reply{RequestID: info.ID, Status: op.Status, StatusInBody: op.StatusInBody, Output: out}, nil
}

// route finds the operation. Browsers may not speak to the API for another
// site, whatever the page there knows, nor ask whether they may.
func (f *Face) route(r *http.Request, info *request.Info) (*Operation, restjson.Labels, error) {
	if r.Method == http.MethodOptions {
		return nil, nil, errPreflight
	}
	if err := request.CheckSite(r); err != nil {
		return nil, nil, err
	}
	path := sigv4.WirePath(r)
	op, labels, ok := f.router.Match(r.Method, path)
	if !ok {
		return nil, nil, unknownOperation(fmt.Sprintf("There is no operation at %s %s.", r.Method, model.Shorten(path)))
	}
	info.Operation = op.Name
	if op.Handler == nil {
		return nil, nil, unknownOperation(fmt.Sprintf("The operation %s isn't supported by rollcall.", op.Name))
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

// call runs an operation. What changes records itself; what ends in an error,
// and what reads, is recorded here.
func (f *Face) call(ctx context.Context, op *Operation, c *access.Caller, r restjson.Request) (out any, err error) {
	c.Request.Operation = op.Name
	in, err := op.Handler.Bind(r)
	if errors.As(err, new(*restjson.SyntaxError)) {
		in = nil // or a part of it
	}
	if in != nil && !op.ReadOnly {
		c.Request.Parameters = op.Handler.Parameters(in)
	}
	if f.config.Check != nil {
		err = cmp.Or(f.config.Check(c), err)
	}
	if err != nil {
		// Whose key is no good any more is told that, and not what is wrong.
		_, gone := f.config.Guard.Identify(ctx, c)
		err = cmp.Or(gone, err)
	}
	if err == nil {
		out, err = op.Handler.Call(ctx, c, in)
	}
	if err != nil || op.ReadOnly {
		f.ended(op, c, in, err)
	}
	return out, err
}

// ended records the end of a call that was no change.
func (f *Face) ended(op *Operation, c *access.Caller, in any, err error) {
	sent := &restjson.Error{}
	if err != nil {
		sent = f.wireError(err)
	}
	denied := errors.As(err, new(*access.Denied))
	gone := errors.As(err, new(*sigv4.Error))
	if gone || sent.Status >= http.StatusInternalServerError || !f.config.Guard.Keeps(op.ReadOnly, denied) {
		return
	}
	if op.ReadOnly && in != nil {
		c.Request.Parameters = op.Handler.Parameters(in)
	}
	f.config.Guard.Ended(c, op.ReadOnly, sent.Code, sent.Message)
}
