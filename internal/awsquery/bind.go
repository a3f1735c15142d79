package awsquery

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"rollcall/internal/model"
)

// malformed is the refusal of parameters that do not fit the input's types.
func malformed(format string, args ...any) *Error {
	return &Error{Code: "MalformedInput", Status: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}

// What AWS answers to a parameter of another shape than the member's, which
// names neither.
//
// https://github.com/boto/boto/pull/872
// https://github.com/boto/boto/issues/37
// https://github.com/aws-beam/aws-elixir/pull/199
// https://github.com/bhushankummar/amazon-mws/issues/75
var (
	errListWanted      = malformed("Unexpected list element termination")
	errStructureWanted = malformed("Unexpected complex element termination")
	errNoMember        = malformed("Top level element may not be treated as a list")
	errList            = malformed("Start of list found where not expected")
	errStructure       = malformed("Start of structure or map found where not expected")
)

// bind fills a struct from the parameters whose names begin with the prefix.
// It ignores parameters that the struct has no member for.
func (f Form) bind(members []model.Member, v reflect.Value, prefix string) error {
	for i := range members {
		m := &members[i]
		if err := f.bindMember(m, v.Field(m.Index), prefix+m.Wire); err != nil {
			return err
		}
	}
	return nil
}

func (f Form) bindMember(m *model.Member, field reflect.Value, name string) error {
	value, plain := f.Get(name)
	inside := f.under(name + ".")
	switch {
	case m.Type == "list":
		return inside.bindList(m, field, name, value, plain)
	case m.Type == "structure" && plain:
		return errStructureWanted
	case m.Type == "structure" && len(inside) > 0:
		field.Set(reflect.New(field.Type().Elem()))
		return inside.bind(m.Members, field.Elem(), name+".")
	case m.Type != "structure" && len(inside) > 0:
		return inside.unexpected(name)
	case plain:
		return bindValue(m, field, name, value)
	}
	return nil
}

// unexpected names what stands where a single value is expected.
func (f Form) unexpected(name string) error {
	if len(f.under(name+".member.")) > 0 {
		return errList
	}
	return errStructure
}

func bindValue(m *model.Member, field reflect.Value, name, value string) error {
	field.Set(reflect.New(field.Type().Elem()))
	switch m.Type {
	case "integer":
		n, err := strconv.ParseInt(value, 10, 32)
		if err != nil {
			return malformed("%s: %q is not an integer", name, model.Shorten(value))
		}
		field.Elem().SetInt(n)
	case "boolean":
		if value != "true" && value != "false" {
			return malformed("%s: %q is not a boolean", name, model.Shorten(value))
		}
		field.Elem().SetBool(value == "true")
	default:
		field.Elem().SetString(value)
	}
	return nil
}

// bindList sets a list from the parameters inside it. SDKs send an empty list
// as an empty value of the list itself.
func (f Form) bindList(m *model.Member, field reflect.Value, name, value string, plain bool) error {
	if plain && (value != "" || len(f) > 0) {
		return errListWanted
	}
	if !plain && len(f) == 0 {
		return nil
	}
	all, err := f.elements(name)
	if err != nil {
		return err
	}
	list := reflect.MakeSlice(field.Type(), len(all), len(all))
	for i, e := range all {
		if err := e.bind(m, list.Index(i)); err != nil {
			return err
		}
	}
	field.Set(list)
	return nil
}

// element is a list's element and the parameters that make it.
type element struct {
	number int
	name   string
	form   Form
}

// elements sorts a list's parameters into its elements. Numbers order the
// elements, and gaps between them close: SDKs leave one where an element is a
// structure without members.
func (f Form) elements(name string) ([]element, error) {
	var all []element
	for len(f) > 0 {
		number, err := elementNumber(name, f[0].Name)
		if err != nil {
			return nil, err
		}
		e := element{number: number, name: name + ".member." + strconv.Itoa(number)}
		n := 1
		for n < len(f) && strings.HasPrefix(f[n].Name, e.name+".") {
			n++
		}
		e.form, f = f[:n], f[n:]
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b element) int { return a.number - b.number })
	return all, nil
}

// elementNumber reads the N of Name.member.N, which has one spelling.
func elementNumber(list, parameter string) (int, error) {
	kind, rest, _ := strings.Cut(parameter[len(list)+1:], ".")
	if kind != "member" {
		if _, err := strconv.Atoi(kind); err == nil {
			return 0, errNoMember
		}
		return 0, errStructure
	}
	text, _, _ := strings.Cut(rest, ".")
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != text {
		return 0, malformed("%s: the elements of a list are numbered from 1, not %q", list, model.Shorten(text))
	}
	return int(n), nil
}

func (e *element) bind(m *model.Member, v reflect.Value) error {
	value, plain := e.form.Get(e.name)
	switch {
	case m.Each == nil && plain:
		return errStructureWanted
	case m.Each == nil:
		return e.form.bind(m.Members, v, e.name+".")
	case !plain || len(e.form) > 1:
		return e.form.unexpected(e.name)
	}
	v.SetString(value)
	return nil
}
