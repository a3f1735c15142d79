package restjson

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/model"
)

var testRules = &model.Rules{
	Patterns: map[string]model.Pattern{"word": model.MustPattern(`[\u0061-\u007A]+`, `[a-z]+`)},
	Enums:    map[string][]string{"colour": {"RED", "BLUE"}},
}

type part struct {
	Key *string `check:"required,len=1..3"`
}

type input struct {
	ID     string            `uri:"Id" json:"-" check:"required,match=word"`
	Size   *int              `query:"size" json:"-" check:"len=1..100"`
	Filter *string           `query:"filter" json:"-"`
	Name   *string           `check:"required,len=2..4"`
	Colour *string           `check:"enum=colour"`
	Good   *bool             ``
	Parts  []part            `check:"len=1..2"`
	Moods  map[string]string `check:"len=..2,keys=1..3,enum=colour"`
	Inner  *part
}

// called runs an operation that gives back its input.
func called(t *testing.T, id, query, body string) (*input, error) {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	h := Handle(testRules, func(_ context.Context, caller string, in *input) (*input, error) {
		if caller != "me" {
			t.Errorf("caller is %q", caller)
		}
		return in, nil
	})
	in, err := h.Bind(Request{Labels: Labels{{"Id", id}}, Query: values, Body: []byte(body)})
	if err != nil {
		return nil, err
	}
	out, err := h.Call(t.Context(), "me", in)
	if err != nil {
		return nil, err
	}
	return out.(*input), nil
}

func TestCallBindsPathQueryAndBody(t *testing.T) {
	got, err := called(t, "abc", "size=7&size=8&filter=", `{"Name":"ana","Good":false,"Parts":[{"Key":"k"}],"Moods":{"a":"RED"},"Colour":null,"Extra":[1],"ID":"xyz","Size":3}`)
	if err != nil {
		t.Fatal(err)
	}
	size, filter, name, good, key := 7, "", "ana", false, "k"
	want := &input{ID: "abc", Size: &size, Filter: &filter, Name: &name, Good: &good, Parts: []part{{&key}}, Moods: map[string]string{"a": "RED"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestCallNamesTheFirstViolation(t *testing.T) {
	long := strings.Repeat("x", 300)
	for name, c := range map[string]struct{ id, query, body, want string }{
		"PathPattern":    {"a1", "", `{"Name":"ana"}`, `Value 'a1' at 'iD' failed to satisfy constraint: Member must satisfy regular expression pattern: [\u0061-\u007A]+`},
		"PatternOfLine":  {"a\n", "", `{"Name":"ana"}`, "Value 'a\n' at 'iD' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\u0061-\\u007A]+"},
		"QueryRange":     {"a", "size=101", `{"Name":"ana"}`, "Value '101' at 'size' failed to satisfy constraint: Member must have value less than or equal to 100"},
		"RequiredAbsent": {"a", "", `{}`, "Value null at 'name' failed to satisfy constraint: Member must not be null"},
		"RequiredNull":   {"a", "", `{"Name":null}`, "Value null at 'name' failed to satisfy constraint: Member must not be null"},
		"NoBody":         {"a", "", ``, "Value null at 'name' failed to satisfy constraint: Member must not be null"},
		"NullBody":       {"a", "", `null`, "Value null at 'name' failed to satisfy constraint: Member must not be null"},
		"WrongCase":      {"a", "", `{"name":"ana"}`, "Value null at 'name' failed to satisfy constraint: Member must not be null"},
		"TooShort":       {"a", "", `{"Name":"a"}`, "Value 'a' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 2"},
		"TooLongInUTF16": {"a", "", `{"Name":"💡💡💡"}`, "Value '💡💡💡' at 'name' failed to satisfy constraint: Member must have length less than or equal to 4"},
		"LongValueIsCut": {"a", "", `{"Name":"` + long + `"}`, "Value '" + long[:256] + "…' at 'name' failed to satisfy constraint: Member must have length less than or equal to 4"},
		"Enum":           {"a", "", `{"Name":"ana","Colour":"red"}`, "Value 'red' at 'colour' failed to satisfy constraint: Member must satisfy enum value set: [RED, BLUE]"},
		"EmptyList":      {"a", "", `{"Name":"ana","Parts":[]}`, "Value '[0 elements]' at 'parts' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		"ListElement":    {"a", "", `{"Name":"ana","Parts":[{"Key":"k"},{"Key":"long"}]}`, "Value 'long' at 'parts.2.member.key' failed to satisfy constraint: Member must have length less than or equal to 3"},
		"MapKey":         {"a", "", `{"Name":"ana","Moods":{"long":"RED"}}`, "Value 'long' at 'moods' failed to satisfy constraint: Member must have length less than or equal to 3"},
		"MapValue":       {"a", "", `{"Name":"ana","Moods":{"Sad":"GREY"}}`, "Value 'GREY' at 'moods.Sad' failed to satisfy constraint: Member must satisfy enum value set: [RED, BLUE]"},
		"MapLength":      {"a", "", `{"Name":"ana","Moods":{"a":"RED","b":"RED","c":"RED"}}`, "Value '{3 entries}' at 'moods' failed to satisfy constraint: Member must have length less than or equal to 2"},
		"Structure":      {"a", "", `{"Name":"ana","Inner":{}}`, "Value null at 'inner.key' failed to satisfy constraint: Member must not be null"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := called(t, c.id, c.query, c.body)
			var v *model.Violation
			if !errors.As(err, &v) {
				t.Fatalf("error is %v, want a *model.Violation", err)
			}
			if want := "1 validation error detected: " + c.want; v.Error() != want {
				t.Errorf("got  %s\nwant %s", v, want)
			}
		})
	}
}

func TestCallRefusesWhatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct{ query, body string }{
		"BrokenJSON":      {"", `{"Name":"ana"`},
		"NoJSON":          {"", `Name=ana`},
		"TrailingText":    {"", `{"Name":"ana"}{}`},
		"Array":           {"", `[]`},
		"NumberForString": {"", `{"Name":5}`},
		"StringForBool":   {"", `{"Name":"ana","Good":"true"}`},
		"ObjectForList":   {"", `{"Name":"ana","Parts":{}}`},
		"InvalidUTF8":     {"", "{\"Name\":\"\xff\xff\"}"},
		"DoubledThenText": {"", `{"Name":"ana","Name":"ben"}{}`},
		"LoneSurrogate":   {"", `{"Name":"\ud800xx"}`},
		"QueryNoInteger":  {"size=many", `{"Name":"ana"}`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := called(t, "a", c.query, c.body)
			var s *SyntaxError
			if !errors.As(err, &s) {
				t.Errorf("error is %v, want a *SyntaxError", err)
			}
		})
	}
}

func TestOfTwoMembersOfOneNameTheLastCounts(t *testing.T) {
	got, err := called(t, "a", "", `{"Colour":"RED","Moods":{"a":"RED"},"Name":"first","Moods":{"b":"BLUE"},"Name":"last","Colour":null}`)
	if err != nil {
		t.Fatal(err)
	}
	name := "last"
	want := &input{ID: "a", Name: &name, Moods: map[string]string{"b": "BLUE"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestHandleRefusesSenselessDeclarations(t *testing.T) {
	type none struct{}
	declare := func(fn func()) (text any) {
		defer func() { text = recover() }()
		fn()
		return nil
	}
	for name, fn := range map[string]func(){
		"PathMemberInBody": func() {
			Handle(testRules, func(context.Context, int, *struct {
				ID string `uri:"Id"`
			}) (*none, error) {
				return nil, nil
			})
		},
		"HiddenBodyMember": func() {
			Handle(testRules, func(context.Context, int, *struct {
				Name *string `json:"-"`
			}) (*none, error) {
				return nil, nil
			})
		},
		"NameThatJSONDoesNotKnow": func() {
			Handle(testRules, func(context.Context, int, *struct {
				Parts []struct {
					Arn *string `name:"arn"`
				}
			}) (*none, error) {
				return nil, nil
			})
		},
		"PlainBodyString": func() {
			Handle(testRules, func(context.Context, int, *struct{ Name string }) (*none, error) { return nil, nil })
		},
		"UnknownPattern": func() {
			Handle(testRules, func(context.Context, int, *struct {
				Name *string `check:"match=nothing"`
			}) (*none, error) {
				return nil, nil
			})
		},
		"UnknownRule": func() {
			Handle(testRules, func(context.Context, int, *struct {
				Name *string `check:"requird"`
			}) (*none, error) {
				return nil, nil
			})
		},
		"BoundsWithoutDots": func() {
			Handle(testRules, func(context.Context, int, *struct {
				Name *string `check:"len=5"`
			}) (*none, error) {
				return nil, nil
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			text, ok := declare(fn).(string)
			if !ok || !strings.HasPrefix(text, "restjson: ") {
				t.Errorf("panic with %v, want one that names type and field", text)
			}
		})
	}
}

// FuzzCall: a body either is refused or is checked; nothing panics and no
// unchecked value reaches the function.
func FuzzCall(f *testing.F) {
	for _, body := range []string{`{"Name":"ana"}`, `{"Name":"a","Parts":[{}]}`, `{"Moods":{"":""}}`, `null`, `{`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, err := called(t, "a", "", body)
		if err != nil {
			return
		}
		if n := len(utf16.Encode([]rune(*got.Name))); n < 2 || n > 4 {
			t.Errorf("Name has length %d", n)
		}
		for _, p := range got.Parts {
			if p.Key == nil {
				t.Error("a part has no key")
			}
		}
	})
}
