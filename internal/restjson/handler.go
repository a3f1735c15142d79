package restjson

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"rollcall/internal/model"
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
	members []model.Member
	hasBody bool
	output  reflect.Type
	input   reflect.Type
	call    func(ctx context.Context, caller C, in any) (any, error)
}

// Handle makes a Handler of a function. It panics when the declaration of the
// input makes no sense.
func Handle[C, In, Out any](rules *model.Rules, fn func(context.Context, C, *In) (*Out, error)) *Handler[C] {
	members, err := rules.Members(reflect.TypeFor[In]())
	if err == nil {
		err = checkNames(reflect.TypeFor[In](), members)
	}
	if err != nil {
		panic("restjson: " + err.Error())
	}
	h := &Handler[C]{members: members, input: reflect.TypeFor[In](), output: reflect.TypeFor[Out]()}
	for _, m := range h.members {
		h.hasBody = h.hasBody || m.Location == model.Body
	}
	h.call = func(ctx context.Context, caller C, in any) (any, error) {
		out, err := fn(ctx, caller, in.(*In))
		if err != nil {
			return nil, err
		}
		return out, nil
	}
	return h
}

// checkNames finds a field that the JSON decoder would take for another member
// than the declaration does.
func checkNames(t reflect.Type, members []model.Member) error {
	for _, m := range members {
		f := t.Field(m.Index)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case (name == "-") != (m.Location != model.Body):
			return fmt.Errorf("%s.%s: members of path and query, and only they, are tagged json:\"-\"", t, f.Name)
		case m.Location == model.Query && m.Type != "string" && m.Type != "integer":
			return fmt.Errorf("%s.%s: no way to read a %s from a query", t, f.Name, m.Type)
		case name != "-" && cmp.Or(name, f.Name) != m.Name:
			return fmt.Errorf("%s.%s: the JSON decoder has another name for it than %s", t, f.Name, m.Name)
		}
		if len(m.Members) == 0 {
			continue
		}
		if err := checkNames(f.Type.Elem(), m.Members); err != nil {
			return err
		}
	}
	return nil
}

// CheckURI panics unless the labels of a URI are the input's path members.
func (h *Handler[C]) CheckURI(uri string) {
	want := map[string]bool{}
	for _, s := range parseURI(uri) {
		if s.label {
			want[s.text] = true
		}
	}
	have := map[string]bool{}
	for _, m := range h.members {
		if m.Location == model.Path {
			have[m.Wire] = true
		}
	}
	if !maps.Equal(want, have) {
		panic(fmt.Sprintf("restjson: %s: the input has the path members %v", uri, slices.Sorted(maps.Keys(have))))
	}
}

// Bind makes the input of a request. A bad one is a *SyntaxError or a
// *model.Violation.
func (h *Handler[C]) Bind(r Request) (in any, err error) {
	v := reflect.New(h.input)
	in = v.Interface()
	return in, h.bind(r, in)
}

// Call runs the function on an input that Bind has made.
func (h *Handler[C]) Call(ctx context.Context, caller C, in any) (out any, err error) {
	return h.call(ctx, caller, in)
}

// Parameters are an input as CloudTrail writes one.
func (h *Handler[C]) Parameters(in any) string {
	return string(model.AppendJSON(nil, h.members, reflect.ValueOf(in).Elem()))
}

// Members are the members of the input in the order of their declaration.
func (h *Handler[C]) Members() []model.Member { return h.members }

// Output is the type of what the function returns.
func (h *Handler[C]) Output() reflect.Type { return h.output }
