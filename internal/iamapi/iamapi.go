// Package iamapi answers IAM and STS over the query protocol, on the same
// endpoint as QuickSight: the service is the one that a request was signed
// for. operations.go is its table of contents.
package iamapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/awsquery"
	"rollcall/internal/iam"
	"rollcall/internal/request"
	"rollcall/internal/sigv4"
)

// Config is what an API stands on.
type Config struct {
	IAM   *iam.IAM
	Guard *access.Guard
	Keys  *access.Keys
	Now   func() time.Time // nil: time.Now
}

// API is an http.Handler.
type API struct {
	iam      *iam.IAM
	guard    *access.Guard
	keys     *access.Keys
	now      func() time.Time
	services map[string]*service // by their names in credential scopes
}

// New makes an API. It panics when an operation's declaration makes no sense.
func New(c Config) *API {
	a := &API{iam: c.IAM, guard: c.Guard, keys: c.Keys, now: c.Now}
	if a.now == nil {
		a.now = time.Now
	}
	a.services = a.tables()
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
	info.Code, info.Why = sent.Code, access.Why(err)
	if sent.Status >= 500 || sent.Code == string(iam.IDPCommunicationError) {
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
	if form := unsigned(w, r); form != nil {
		return a.answer(r.Context(), a.services["sts"], nil, form)
	}
	signed, err := a.keys.Authenticate(w, r, a.now(), "iam", "sts")
	if err != nil {
		return reply, err
	}
	info.Caller = signed.Caller.ARN
	s := a.services[signed.Scope.Service]
	*namespace = s.namespace
	form, err := awsquery.Parse(r.URL.RawQuery, signed.Body)
	if err != nil {
		return reply, err
	}
	return a.answer(r.Context(), s, signed.Caller, form)
}

// answer finds the operation and runs it. The caller is nil for a request that
// is not signed.
func (a *API) answer(ctx context.Context, s *service, c *access.Caller, form awsquery.Form) (reply awsquery.Reply, err error) {
	op, err := s.operations.Match(form)
	if err != nil {
		return reply, err
	}
	info := request.From(ctx)
	info.Operation = op.name
	call := a.call
	if op.name == withWebIdentity {
		call = callUnsigned
	}
	out, err := call(ctx, op, c, form)
	if err != nil {
		return reply, err
	}
	return awsquery.Reply{Namespace: s.namespace, Action: op.name, RequestID: info.ID, Output: out}, nil
}

// call runs an operation. What changes records itself; what ends in an error,
// and what reads, is recorded here.
func (a *API) call(ctx context.Context, op *operation, c *access.Caller, form awsquery.Form) (out any, err error) {
	c.Request.Operation = op.name
	in, err := op.handler.Bind(form)
	if err == nil || wireError(err).Code == string(iam.ValidationError) { // else it is a part of the input
		c.Request.Parameters = op.handler.Parameters(in)
	}
	// Whose key is no good any more is told that, and not what is wrong.
	if _, gone := a.guard.Identify(ctx, c); gone != nil {
		err = gone
	}
	if err == nil && op.ofPrincipals && c.Session != nil && !c.Session.OfRole() {
		err = errOwnSession
	}
	if err == nil {
		out, err = op.handler.Call(ctx, c, in)
	}
	if err != nil || op.readOnly && !op.recorded {
		a.ended(op, c, err)
	}
	return out, err
}

// ended records the end of a call that was no change.
func (a *API) ended(op *operation, c *access.Caller, err error) {
	sent := &awsquery.Error{}
	if err != nil {
		sent = wireError(err)
	}
	denied := sent.Code == accessDenied || errors.Is(err, errOwnSession)
	gone := errors.As(err, new(*sigv4.Error))
	if !gone && sent.Status < http.StatusInternalServerError && a.guard.Keeps(op.readOnly && !op.recorded, denied) {
		a.guard.Ended(c, op.readOnly, sent.Code, sent.Message)
	}
}
