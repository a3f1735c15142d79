package awsquery

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/internal/model"
)

var testRules = &model.Rules{
	Patterns: map[string]model.Pattern{"word": model.MustPattern(`[a-z]+`)},
	Enums:    map[string][]string{"colour": {"RED", "BLUE"}},
}

type part struct {
	Key   *string  `check:"required,len=1..3"`
	Value *string  `check:"len=..256"`
	Notes []string ``
}

type described struct {
	Arn *string `name:"arn"`
}

type input struct {
	Name     *string     `check:"required,len=2..64,match=word"`
	Size     *int        `check:"len=1..1000"`
	Good     *bool       ``
	Colour   *string     `check:"enum=colour"`
	Keys     []string    `check:"len=..3" each:"len=1..5"`
	Parts    []part      `check:"len=1..2"`
	Inner    *part       ``
	Policies []described ``
	Secret   *string     `check:"len=8..,sensitive"`
}

// called runs an operation that gives back its input.
func called(t testing.TB, body string) (*input, error) {
	t.Helper()
	form, err := Parse("", []byte(body))
	if err != nil {
		return nil, err
	}
	h := Handle(testRules, func(_ context.Context, caller string, in *input) (*input, error) {
		if caller != "me" {
			t.Errorf("caller is %q", caller)
		}
		return in, nil
	})
	in, err := h.Bind(form)
	if err != nil {
		return nil, err
	}
	out, err := h.Call(t.Context(), "me", in)
	if err != nil {
		return nil, err
	}
	return out.(*input), nil
}

func TestCallBindsParameters(t *testing.T) {
	name, size, yes, no := new("ana"), 7, true, false
	for body, want := range map[string]*input{
		"Action=Do&Version=1&Name=ana":                        {Name: name},
		"Name=ana&Size=7&Good=true":                           {Name: name, Size: &size, Good: &yes},
		"Name=ana&Size=%2B007&Good=false":                     {Name: name, Size: &size, Good: &no},
		"Name=ana&name=bo&NAME=bo&Other=1&Name2=bo&Name-a=b":  {Name: name},
		"Name=ana&Keys=":                                      {Name: name, Keys: []string{}},
		"Name=ana&Keys":                                       {Name: name, Keys: []string{}},
		"Name=ana&Keys.member.1=a":                            {Name: name, Keys: []string{"a"}},
		"Name=ana&Keys.member.2=b&Keys.member.1=a":            {Name: name, Keys: []string{"a", "b"}},
		"Name=ana&Keys.member.10=c&Keys.member.9=b":           {Name: name, Keys: []string{"b", "c"}},
		"Name=ana&Keys.member.2147483647=z&Keys.member.1=a":   {Name: name, Keys: []string{"a", "z"}},
		"Name=ana&Inner.Key=k&Inner.Other=1":                  {Name: name, Inner: &part{Key: new("k")}},
		"Name=ana&Inner.Key=k&Inner.Notes.member.1=":          {Name: name, Inner: &part{Key: new("k"), Notes: []string{""}}},
		"Name=ana&Parts.member.1.Key=k&Parts.member.1.Value=": {Name: name, Parts: []part{{Key: new("k"), Value: new("")}}},
		"Name=ana&Parts.member.3.Key=b&Parts.member.1.Key=a":  {Name: name, Parts: []part{{Key: new("a")}, {Key: new("b")}}},
		"Name=ana&Parts.member.1.Key=a&Parts.member.1.Notes.member.2=n&Parts.member.1.Notes.member.1=m": {Name: name,
			Parts: []part{{Key: new("a"), Notes: []string{"m", "n"}}}},
		"Name=ana&Policies.member.1.arn=a&Policies.member.1.Arn=b": {Name: name, Policies: []described{{Arn: new("a")}}},
	} {
		t.Run(body, func(t *testing.T) {
			got, err := called(t, body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestCallRefusesWhatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct{ body, message string }{
		"NoInteger":              {"Size=many", `Size: "many" is not an integer`},
		"NotANumber":             {"Size=NaN", `Size: "NaN" is not an integer`},
		"EmptyInteger":           {"Size=", `Size: "" is not an integer`},
		"Fraction":               {"Size=1.0", `Size: "1.0" is not an integer`},
		"IntegerOf33Bits":        {"Size=4294967296", `Size: "4294967296" is not an integer`},
		"LongInteger":            {"Size=" + strings.Repeat("1", 300), `Size: "` + strings.Repeat("1", 256) + `…" is not an integer`},
		"NoBoolean":              {"Good=maybe", `Good: "maybe" is not a boolean`},
		"EmptyBoolean":           {"Good=", `Good: "" is not a boolean`},
		"CapitalBoolean":         {"Good=True", `Good: "True" is not a boolean`},
		"ValueForList":           {"Keys=a", "Unexpected list element termination"},
		"EmptyAndFilledList":     {"Keys=&Keys.member.1=a", "Unexpected list element termination"},
		"ValueForStructure":      {"Inner=a", "Unexpected complex element termination"},
		"EmptyForStructure":      {"Inner=&Inner.Key=k", "Unexpected complex element termination"},
		"ValueForElement":        {"Parts.member.1=a", "Unexpected complex element termination"},
		"ListWithoutMember":      {"Keys.1=a", "Top level element may not be treated as a list"},
		"StructureForList":       {"Keys.Key=a", "Start of structure or map found where not expected"},
		"ListForValue":           {"Name.member.1=ana", "Start of list found where not expected"},
		"StructureForValue":      {"Name=ana&Name.First=ana", "Start of structure or map found where not expected"},
		"ListForElement":         {"Keys.member.1.member.1=a", "Start of list found where not expected"},
		"StructureForElement":    {"Keys.member.1=a&Keys.member.1.Key=a", "Start of structure or map found where not expected"},
		"StructureForBoolean":    {"Good.x=true", "Start of structure or map found where not expected"},
		"MemberWithoutNumber":    {"Keys.member=a", `Keys: the elements of a list are numbered from 1, not ""`},
		"ElementZero":            {"Keys.member.0=a", `Keys: the elements of a list are numbered from 1, not "0"`},
		"NegativeElement":        {"Keys.member.-1=a", `Keys: the elements of a list are numbered from 1, not "-1"`},
		"ElementInOtherSpelling": {"Parts.member.1.Key=a&Parts.member.01.Value=b", `Parts: the elements of a list are numbered from 1, not "01"`},
		"ElementBehindNumber":    {"Keys.member.1=a&Keys.member.1-x=b", `Keys: the elements of a list are numbered from 1, not "1-x"`},
		"ElementOf33Bits":        {"Keys.member.4294967297=a", `Keys: the elements of a list are numbered from 1, not "4294967297"`},
		"InsideAnElement":        {"Parts.member.1.Key=a&Parts.member.1.Notes=x", "Unexpected list element termination"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := called(t, c.body)
			wantError(t, err, Error{"MalformedInput", 400, c.message})
		})
	}
}

func TestCallNamesTheFirstViolation(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"RequiredAbsent": {"Size=5", "Value null at 'name' failed to satisfy constraint: Member must not be null"},
		"Empty":          {"Name=", "Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 2"},
		"Pattern":        {"Name=a%0A", "Value 'a\n' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+"},
		"Range":          {"Name=ana&Size=1001", "Value '1001' at 'size' failed to satisfy constraint: Member must have value less than or equal to 1000"},
		"Enum":           {"Name=ana&Colour=red", "Value 'red' at 'colour' failed to satisfy constraint: Member must satisfy enum value set: [RED, BLUE]"},
		"EmptyList":      {"Name=ana&Parts=", "Value '[0 elements]' at 'parts' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		"String":         {"Name=ana&Keys.member.1=k&Keys.member.2=", "Value '[k, ]' at 'keys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 5, Member must have length greater than or equal to 1, Member must not be null]"},
		"Element":        {"Name=ana&Parts.member.1.Key=k&Parts.member.7.Value=v", "Value null at 'parts.2.member.key' failed to satisfy constraint: Member must not be null"},
		"Structure":      {"Name=ana&Inner.Value=v", "Value null at 'inner.key' failed to satisfy constraint: Member must not be null"},
		"Sensitive":      {"Name=ana&Secret=hunter2", "Value at 'secret' failed to satisfy constraint: Member must have length greater than or equal to 8"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := called(t, c.body)
			wantError(t, err, Error{"ValidationError", 400, "1 validation error detected: " + c.want})
		})
	}
}

func TestCallGivesTheErrorOfItsFunction(t *testing.T) {
	broken := errors.New("broken")
	h := Handle(testRules, func(context.Context, int, *struct{}) (*NoOutput, error) { return &NoOutput{}, broken })
	if out, err := h.Call(t.Context(), 0, new(struct{})); out != nil || err != broken {
		t.Errorf("got %v and %v", out, err)
	}
}

// Whatever can be said in an input arrives, in whatever order it is sent.
func TestInputsArriveAsSDKsSendThem(t *testing.T) {
	members, err := testRules.Members(reflect.TypeFor[input]())
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		want := inputs.Draw(t, "input")
		sent := encode("", reflect.ValueOf(want))
		rand.Shuffle(len(sent), func(i, j int) { sent[i], sent[j] = sent[j], sent[i] })
		form, err := Parse("", []byte(strings.Join(sent, "&")))
		if err != nil {
			t.Fatal(err)
		}
		var got input
		if err := form.bind(members, reflect.ValueOf(&got).Elem(), ""); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got)\n%s", sent, diff)
		}
	})
}

// encode spells a struct as SDKs do.
func encode(prefix string, v reflect.Value) (sent []string) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return encode(prefix, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			name := model.Name(v.Type().Field(i))
			if prefix != "" {
				name = prefix + "." + name
			}
			sent = append(sent, encode(name, v.Field(i))...)
		}
		return sent
	case reflect.Slice:
		if v.IsNil() {
			return nil
		}
		if v.Len() == 0 {
			return []string{prefix + "="}
		}
		for i := range v.Len() {
			sent = append(sent, encode(fmt.Sprintf("%s.member.%d", prefix, i+1), v.Index(i))...)
		}
		return sent
	}
	return []string{prefix + "=" + url.QueryEscape(fmt.Sprint(v))}
}

// The structures of a list have a key each: one without members leaves nothing
// to send.
var (
	texts = rapid.String().Filter(utf8.ValidString)
	lists = rapid.OneOf(rapid.Just[[]string](nil), rapid.SliceOfN(texts, 0, 12))
	parts = rapid.Custom(func(t *rapid.T) part {
		return part{rapid.Ptr(texts, false).Draw(t, "key"), maybe(t, texts), lists.Draw(t, "notes")}
	})
	inputs = rapid.Custom(func(t *rapid.T) input {
		return input{
			Name:     maybe(t, texts),
			Size:     maybe(t, rapid.IntRange(-1<<31, 1<<31-1)),
			Good:     maybe(t, rapid.Bool()),
			Colour:   maybe(t, texts),
			Keys:     lists.Draw(t, "keys"),
			Parts:    rapid.OneOf(rapid.Just[[]part](nil), rapid.SliceOfN(parts, 0, 12)).Draw(t, "parts"),
			Inner:    maybe(t, parts),
			Policies: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) described { return described{new(texts.Draw(t, "arn"))} }), 0, 3).Draw(t, "policies"),
			Secret:   maybe(t, texts),
		}
	})
)

func maybe[T any](t *rapid.T, g *rapid.Generator[T]) *T { return rapid.Ptr(g, true).Draw(t, "maybe") }

func TestHandleRefusesSenselessDeclarations(t *testing.T) {
	for name, fn := range map[string]func(){
		"MemberOfThePath": func() {
			Handle(testRules, func(context.Context, int, *struct {
				ID string `uri:"Id"`
			}) (*NoOutput, error) {
				return nil, nil
			})
		},
		"MemberOfTheQueryInAList": func() {
			Handle(testRules, func(context.Context, int, *struct {
				All []struct {
					Size *int `query:"size"`
				}
			}) (*NoOutput, error) {
				return nil, nil
			})
		},
		"Map": func() {
			Handle(testRules, func(context.Context, int, *struct{ All map[string]string }) (*NoOutput, error) { return nil, nil })
		},
		"UnknownPattern": func() {
			Handle(testRules, func(context.Context, int, *struct {
				Name *string `check:"match=nothing"`
			}) (*NoOutput, error) {
				return nil, nil
			})
		},
		"OutputOfMaps": func() {
			Handle(testRules, func(context.Context, int, *struct{}) (*struct{ All map[string]string }, error) { return nil, nil })
		},
		"OutputOfListsOfLists": func() {
			Handle(testRules, func(context.Context, int, *struct{}) (*struct{ All [][]string }, error) { return nil, nil })
		},
		"OutputThatHides": func() {
			Handle(testRules, func(context.Context, int, *struct{}) (*struct{ All []struct{ name string } }, error) { return nil, nil })
		},
		"OutputThatEmbeds": func() {
			Handle(testRules, func(context.Context, int, *struct{}) (*struct{ part }, error) { return nil, nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				text, ok := recover().(string)
				if !ok || !strings.HasPrefix(text, "awsquery: ") {
					t.Errorf("panic with %v, want one that names type and field", text)
				}
			}()
			fn()
		})
	}
}

func newTable() *Table[string] {
	table := &Table[string]{Version: "2010-05-08"}
	table.Add("GetUser", "get")
	table.Add("DeleteUser", "delete")
	return table
}

func TestTableMatchesActionAndVersion(t *testing.T) {
	for body, want := range map[string]struct {
		value, code, message string
	}{
		"Action=GetUser&Version=2010-05-08":     {"get", "", ""},
		"Action=DeleteUser&Version=2010-05-08":  {"delete", "", ""},
		"Version=2010-05-08":                    {"", "MissingAction", "Missing Action"},
		"":                                      {"", "MissingAction", "Missing Action"},
		"Action=GetUser":                        {"", "InvalidAction", "Could not find operation GetUser for version NO_VERSION_SPECIFIED"},
		"Action=GetUser&Version=2011-06-15":     {"", "InvalidAction", "Could not find operation GetUser for version 2011-06-15"},
		"Action=getUser&Version=2010-05-08":     {"", "InvalidAction", "Could not find operation getUser for version 2010-05-08"},
		"Action=AssumeRole&Version=2010-05-08":  {"", "InvalidAction", "Could not find operation AssumeRole for version 2010-05-08"},
		"Action=&Version=2010-05-08":            {"", "InvalidAction", "Could not find operation  for version 2010-05-08"},
		"Action.member.1=G&Version=2010-05-08":  {"", "MissingAction", "Missing Action"},
		"action=GetUser&Version=2010-05-08":     {"", "MissingAction", "Missing Action"},
		"Action=GetUser&Version=2010-05-08&X=1": {"get", "", ""},
	} {
		t.Run(body, func(t *testing.T) {
			form, err := Parse(body, nil)
			if err != nil {
				t.Fatal(err)
			}
			value, err := newTable().Match(form)
			if value != want.value {
				t.Errorf("value is %q, want %q", value, want.value)
			}
			if want.code == "" && err == nil {
				return
			}
			wantError(t, err, Error{want.code, 400, want.message})
		})
	}
}

func TestTableRefusesAnActionDeclaredTwice(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic, want one that names the action")
		}
	}()
	newTable().Add("GetUser", "again")
}

// FuzzCall: a form either is refused in words that a client gets, or its input
// is checked; a list has no more elements than the form has parameters.
func FuzzCall(f *testing.F) {
	for _, body := range []string{"Name=ana", "Name=ana&Keys=", "Name=ana&Keys.member.1=a&Keys.member.3=b", "Name=ana&Parts.member.1.Key=k&Parts.member.1.Notes.member.1=n",
		"Name=ana&Inner.Key=k&Size=5&Good=true", "Keys.1=a", "Keys.member.4294967297=", "Name.member.1=a", "Parts.member.1.=", "Name=ana&Policies.member.1.arn=a"} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, err := called(t, body)
		if err != nil {
			var sent *Error
			if !errors.As(err, &sent) || sent.Message == "" || sent.Status < 400 || sent.Status > 499 {
				t.Errorf("error is %#v", err)
			}
			return
		}
		if got.Name == nil || len(*got.Name) < 2 || len(*got.Name) > 64 || strings.Trim(*got.Name, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("Name is %q", *got.Name)
		}
		parameters := strings.Count(body, "&") + 1
		if len(got.Keys) > min(3, parameters) || len(got.Parts) > min(2, parameters) || len(got.Policies) > parameters {
			t.Errorf("%d keys, %d parts, %d policies", len(got.Keys), len(got.Parts), len(got.Policies))
		}
		for _, p := range got.Parts {
			if p.Key == nil {
				t.Error("a part has no key")
			}
		}
	})
}
