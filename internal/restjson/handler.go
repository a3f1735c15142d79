package restjson

import (
	"context"
	"net/url"
	"reflect"
)

// Request is what an operation reads of an HTTP request.
type Request struct {
	Labels Labels
	Query  url.Values
	Body   []byte
}

// Handler is an operation's function with the way to its input. C is what the
// function is told of the caller.
type Handler[C any] struct {
	members []Member
	hasBody bool
	output  reflect.Type
	call    func(ctx context.Context, caller C, r Request) (any, error)
}

// Handle makes a Handler of a function. It panics when the declaration of the
// input makes no sense.
func Handle[C, In, Out any](rules *Rules, fn func(context.Context, C, *In) (*Out, error)) *Handler[C] {
	h := &Handler[C]{
		members: rules.members(reflect.TypeFor[In]()),
		output:  reflect.TypeFor[Out](),
	}
	for _, m := range h.members {
		h.hasBody = h.hasBody || m.Location == Body
	}
	h.call = func(ctx context.Context, caller C, r Request) (any, error) {
		in := new(In)
		if err := h.bind(r, in); err != nil {
			return nil, err
		}
		out, err := fn(ctx, caller, in)
		if err != nil {
			return nil, err
		}
		return out, nil
	}
	return h
}

// Call binds and checks the input and runs the function. A bad input is a
// *SyntaxError or a *Violation; all other errors are the function's.
func (h *Handler[C]) Call(ctx context.Context, caller C, r Request) (any, error) {
	return h.call(ctx, caller, r)
}

// Members are the members of the input in the order of their declaration.
func (h *Handler[C]) Members() []Member { return h.members }

// Output is the type of what the function returns.
func (h *Handler[C]) Output() reflect.Type { return h.output }

// labels are the names of the path members.
func (h *Handler[C]) labels() map[string]bool {
	names := map[string]bool{}
	for _, m := range h.members {
		if m.Location == Path {
			names[m.Wire] = true
		}
	}
	return names
}
