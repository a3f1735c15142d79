package restjson

import (
	"bytes"
	jsonv1 "encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rollcall/internal/model"
)

// SyntaxError is a body that is not JSON, or a value of another type than the
// member's. Err is the decoder's word for it, for the log.
type SyntaxError struct {
	Message string
	Err     error
}

func (e *SyntaxError) Error() string { return e.Message }
func (e *SyntaxError) Unwrap() error { return e.Err }

// syntaxError words what the decoder has found.
func syntaxError(err error) *SyntaxError {
	var wrongType *json.SemanticError
	if errors.As(err, &wrongType) && wrongType.JSONPointer != "" {
		return &SyntaxError{fmt.Sprintf("The value at %s has the wrong type.", model.Shorten(string(wrongType.JSONPointer))), err}
	}
	return &SyntaxError{"The request body must be a JSON object.", err}
}

// Decode reads a JSON body into an input. An empty body is an empty object. Of
// two members with one name the last counts, as for the service's own decoder.
func Decode(body []byte, in any) error {
	if len(body) == 0 {
		return nil
	}
	err := json.Unmarshal(body, in)
	if errors.Is(err, jsontext.ErrDuplicateName) {
		reflect.ValueOf(in).Elem().SetZero() // of what was read before
		err = decodeLast(body, in)
	}
	if err != nil {
		return syntaxError(err)
	}
	return nil
}

// decodeLast decodes a body in which names stand twice. The decoder would
// merge two objects of one name; encoding/json takes the last, but lets broken
// text pass, which is looked for first.
func decodeLast(body []byte, in any) error {
	if !jsontext.Value(body).IsValid(jsontext.AllowDuplicateNames(true)) {
		return errors.New("invalid JSON")
	}
	var value any
	last := jsonv1.NewDecoder(bytes.NewReader(body))
	last.UseNumber()
	if err := last.Decode(&value); err != nil {
		return err
	}
	once, err := jsonv1.Marshal(value)
	if err != nil {
		return err
	}
	return json.Unmarshal(once, in)
}

// bind fills the input from a request and checks it. Path and query come
// after the body, so that a body cannot set their members.
func (h *Handler[C]) bind(r Request, in any) error {
	if h.hasBody {
		if err := Decode(r.Body, in); err != nil {
			return err
		}
	}
	v := reflect.ValueOf(in).Elem()
	for i := range h.members {
		m := &h.members[i]
		switch m.Location {
		case model.Path:
			v.Field(m.Index).SetString(r.Labels.Get(m.Wire))
		case model.Query:
			if err := bindQuery(m, r.Query, v.Field(m.Index)); err != nil {
				return err
			}
		}
	}
	if err := model.Check(h.members, v); err != nil {
		return err
	}
	return nil
}

// bindQuery sets a member from the query; of a repeated name the first counts.
func bindQuery(m *model.Member, query url.Values, field reflect.Value) error {
	values := query[m.Wire]
	if len(values) == 0 {
		return nil
	}
	field.Set(reflect.New(field.Type().Elem()))
	switch m.Type {
	case "string":
		field.Elem().SetString(values[0])
	case "integer":
		n, err := strconv.Atoi(values[0])
		if err != nil {
			return &SyntaxError{fmt.Sprintf("The value of %s must be an integer.", m.Wire), err}
		}
		field.Elem().SetInt(int64(n))
	}
	return nil
}
