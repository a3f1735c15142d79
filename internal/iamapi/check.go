package iamapi

import (
	"errors"
	"net/url"
	"reflect"
	"sync"

	"rollcall/internal/access"
	"rollcall/internal/awsquery"
	"rollcall/internal/model"
)

// InputError is an input that breaks the service model.
type InputError struct {
	Member  string // that is wrong, as in "userName"; "" where none is to blame
	Message string
}

func (e *InputError) Error() string { return e.Message }

// Check checks what an operation of IAM is asked for as if it came in a
// request, for those who call the verb behind it themselves: verbs rely on it.
// Parameters are names and values in turn, of which "" is absent, but for a
// description: an empty one takes away what was there. recorded are the
// parameters as a record has them.
func Check(operation string, parameters ...string) (recorded string, err error) {
	values := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		if parameters[i+1] != "" || parameters[i] == "Description" {
			values.Set(parameters[i], parameters[i+1])
		}
	}
	form, err := awsquery.Parse("", []byte(values.Encode()))
	if err != nil {
		return "", inputError(err)
	}
	handler := handlers()[operation]
	in, err := handler.Bind(form)
	if bad := model.Check(handler.Members(), reflect.ValueOf(in).Elem()); bad != nil {
		err = &InputError{bad.Member, bad.Error()}
	}
	return handler.Parameters(in), inputError(err)
}

// handlers are those of IAM's operations, for what they say of their inputs.
var handlers = sync.OnceValue(func() map[string]*awsquery.Handler[*access.Caller] {
	all := map[string]*awsquery.Handler[*access.Caller]{}
	for _, op := range new(API).iamOperations() {
		all[op.name] = op.handler
	}
	return all
})

func inputError(err error) error {
	var bad *awsquery.Error
	if errors.As(err, &bad) {
		return &InputError{Message: bad.Message}
	}
	return err
}
