package awsquery

import (
	"context"
	"fmt"
	"net/http"
	"reflect"

	"rollcall/internal/model"
)

// Handler is an operation's function with the way to its input. C is what the
// function is told of the caller.
type Handler[C any] struct {
	members []model.Member
	input   reflect.Type
	output  reflect.Type
	call    func(ctx context.Context, caller C, in any) (any, error)
}

// Handle makes a Handler of a function. It panics when the declaration of the
// input or of the output makes no sense.
func Handle[C, In, Out any](rules *model.Rules, fn func(context.Context, C, *In) (*Out, error)) *Handler[C] {
	h := &Handler[C]{input: reflect.TypeFor[In](), output: reflect.TypeFor[Out]()}
	var err error
	if h.members, err = rules.Members(reflect.TypeFor[In]()); err == nil {
		err = checkInput(reflect.TypeFor[In](), h.members)
	}
	if err == nil {
		err = checkOutput(h.output)
	}
	if err != nil {
		panic("awsquery: " + err.Error())
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

// bind fills the input from the parameters and checks it. AWS's framework
// answers a bad input in the same words for each service of this protocol.
func (h *Handler[C]) bind(form Form, in reflect.Value) error {
	if err := form.bind(h.members, in, ""); err != nil {
		return err
	}
	if v := model.Check(h.members, in); v != nil {
		return &Error{Code: "ValidationError", Status: http.StatusBadRequest, Message: v.Error()}
	}
	return nil
}

// checkInput finds a member that no parameter can carry.
func checkInput(t reflect.Type, members []model.Member) error {
	for _, m := range members {
		if m.Location != model.Body || m.Type == "map" {
			return fmt.Errorf("%s.%s: no parameter can be a %s of the %s", t, t.Field(m.Index).Name, m.Type, m.Location)
		}
		if len(m.Members) == 0 {
			continue
		}
		if err := checkInput(t.Field(m.Index).Type.Elem(), m.Members); err != nil {
			return err
		}
	}
	return nil
}

// Bind makes the input of a request. A bad one is an *Error with the code
// MalformedInput or ValidationError.
func (h *Handler[C]) Bind(form Form) (in any, err error) {
	v := reflect.New(h.input)
	return v.Interface(), h.bind(form, v.Elem())
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

// Table finds the operation of a service for a request's Action and Version.
type Table[T any] struct {
	Version  string // of the service's API
	byAction map[string]T
}

// Add registers a value under an action. It panics when the action is taken.
func (t *Table[T]) Add(action string, value T) {
	if t.byAction == nil {
		t.byAction = map[string]T{}
	}
	if _, taken := t.byAction[action]; taken {
		panic(fmt.Sprintf("awsquery: %s is declared twice", action))
	}
	t.byAction[action] = value
}

// Match finds the value for a request; without one, the error is an *Error in
// AWS's words.
func (t *Table[T]) Match(form Form) (value T, err error) {
	action, ok := form.Get("Action")
	if !ok {
		return value, &Error{Code: "MissingAction", Status: http.StatusBadRequest, Message: "Missing Action"}
	}
	version, ok := form.Get("Version")
	if !ok {
		version = "NO_VERSION_SPECIFIED"
	}
	value, ok = t.byAction[action]
	if !ok || version != t.Version {
		// https://github.com/aws/aws-cli/issues/37
		return *new(T), &Error{Code: "InvalidAction", Status: http.StatusBadRequest,
			Message: fmt.Sprintf("Could not find operation %s for version %s", model.Shorten(action), model.Shorten(version))}
	}
	return value, nil
}
