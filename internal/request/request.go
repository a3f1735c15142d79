// Package request carries what the layers of one HTTP request tell each
// other: its id, which every answer repeats, and what its log line will say.
package request

import (
	"context"

	"github.com/google/uuid"
)

// Info is about one request. The layers fill it in as they learn.
type Info struct {
	ID        string // lower-case UUID v4, as AWS's request ids are
	SourceIP  string // of the client
	UserAgent string
	Secure    bool   // came over TLS, as far as from the client to the proxy
	Operation string // name of the operation, "" until known
	Caller    string // ARN, "" until the signature has been checked
	Code      string // name of the error that was sent, "" for none
	Why       string // policy and statement that denied, "" for none
	Err       error  // its cause where the client is not told it
}

type key struct{}

// New begins a request.
func New(ctx context.Context) (context.Context, *Info) {
	info := &Info{ID: uuid.NewString()}
	return context.WithValue(ctx, key{}, info), info
}

// From gives the Info of a request's context. A context that New has not
// seen, as in a test of one layer, gets one of its own.
func From(ctx context.Context) *Info {
	if info, ok := ctx.Value(key{}).(*Info); ok {
		return info
	}
	_, info := New(ctx)
	return info
}
