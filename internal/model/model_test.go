package model

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var testRules = &Rules{
	Patterns: map[string]Pattern{"word": MustPattern(`[\u0061-\u007A]+`, `[a-z]+`)},
	Enums:    map[string][]string{"colour": {"RED", "BLUE"}},
}

type part struct {
	Key *string `check:"required,len=1..3"`
}

func TestMembersReadsTheDeclaration(t *testing.T) {
	type input struct {
		ID    string            `uri:"Id" check:"required,match=word"`
		Size  *int              `query:"size" check:"len=1..100"`
		Good  *bool             ``
		Arn   *string           `name:"arn" check:"sensitive"`
		Keys  []string          `check:"len=..50" each:"len=1..128,enum=colour"`
		Plain []string          ``
		Parts []part            ``
		Inner *part             ``
		Moods map[string]string `check:"keys=1..,enum=colour"`
	}
	got, err := testRules.Members(reflect.TypeFor[input]())
	if err != nil {
		t.Fatal(err)
	}
	colours := []string{"RED", "BLUE"}
	key := []Member{{Name: "Key", Location: Body, Wire: "Key", Type: "string", Constraint: Constraint{Required: true, Bounds: &Bounds{new(1), new(3)}}}}
	want := []Member{
		{Name: "ID", Location: Path, Wire: "Id", Type: "string", Constraint: Constraint{Required: true, Pattern: &Pattern{Model: `[\u0061-\u007A]+`}}},
		{Name: "Size", Location: Query, Wire: "size", Type: "integer", Constraint: Constraint{Bounds: &Bounds{new(1), new(100)}}, Index: 1},
		{Name: "Good", Location: Body, Wire: "Good", Type: "boolean", Index: 2},
		{Name: "arn", Location: Body, Wire: "arn", Type: "string", Constraint: Constraint{Sensitive: true}, Index: 3},
		{Name: "Keys", Location: Body, Wire: "Keys", Type: "list", Constraint: Constraint{Bounds: &Bounds{Max: new(50)}},
			Each: &Constraint{Bounds: &Bounds{new(1), new(128)}, Enum: colours}, Index: 4},
		{Name: "Plain", Location: Body, Wire: "Plain", Type: "list", Each: &Constraint{}, Index: 5},
		{Name: "Parts", Location: Body, Wire: "Parts", Type: "list", Members: key, Index: 6},
		{Name: "Inner", Location: Body, Wire: "Inner", Type: "structure", Members: key, Index: 7},
		{Name: "Moods", Location: Body, Wire: "Moods", Type: "map", Constraint: Constraint{Keys: &Bounds{Min: new(1)}, Enum: colours}, Index: 8},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Pattern{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestMembersRefusesSenselessDeclarations(t *testing.T) {
	for name, c := range map[string]struct {
		input any
		field string
	}{
		"PlainStringInBody": {struct{ Name string }{}, "Name"},
		"PointerInPath": {struct {
			*string `uri:"Id"`
		}{}, "string"},
		"PlainInteger":   {struct{ Size int }{}, "Size"},
		"PlainBoolean":   {struct{ Good bool }{}, "Good"},
		"PlainStructure": {struct{ Inner part }{}, "Inner"},
		"NoType":         {struct{ Size *float64 }{}, "Size"},
		"ListOfIntegers": {struct{ Sizes []int }{}, "Sizes"},
		"InsideAList":    {struct{ Parts []struct{ Name string } }{}, "Name"},
		"UnknownPattern": {struct {
			Name *string `check:"match=nothing"`
		}{}, "Name"},
		"UnknownEnumeration": {struct {
			Name *string `check:"enum=nothing"`
		}{}, "Name"},
		"UnknownRule": {struct {
			Name *string `check:"requird"`
		}{}, "Name"},
		"BoundsWithoutDots": {struct {
			Name *string `check:"len=5"`
		}{}, "Name"},
		"BoundsWithoutNumber": {struct {
			Name *string `check:"len=a..b"`
		}{}, "Name"},
		"EachOfAString": {struct {
			Name *string `each:"len=1..5"`
		}{}, "Name"},
		"EachOfStructures": {struct {
			Parts []part `each:"len=1..5"`
		}{}, "Parts"},
		"EachRequired": {struct {
			Keys []string `each:"required"`
		}{}, "Keys"},
		"EachUnknown": {struct {
			Keys []string `each:"match=nothing"`
		}{}, "Keys"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := testRules.Members(reflect.TypeOf(c.input)); err == nil || !strings.Contains(err.Error(), "."+c.field+":") {
				t.Errorf("error is %v, want one that names %s", err, c.field)
			}
		})
	}
}

func TestCheckFindsTheFirstViolation(t *testing.T) {
	type input struct {
		Name   *string  `check:"required,len=..9,match=word"`
		Secret *string  `check:"len=2..,sensitive"`
		Keys   []string `check:"len=..2" each:"len=1..3,match=word"`
		Moods  []string `each:"enum=colour"`
		Parts  []part   `check:"sensitive"`

		Weights map[string]string `check:"len=..2,keys=2..5"`
		States  map[string]string `check:"enum=colour"`
	}
	members, err := testRules.Members(reflect.TypeFor[input]())
	if err != nil {
		t.Fatal(err)
	}
	const each = "Member must satisfy constraint: ["
	for name, c := range map[string]struct {
		in   input
		want string // "" for none
	}{
		"None":             {input{Name: new("ana"), Secret: new("ab"), Keys: []string{"a", "abc"}, Moods: []string{"RED"}, Parts: []part{{new("a")}}}, ""},
		"EmptyLists":       {input{Name: new("ana"), Keys: []string{}, Moods: []string{}, Parts: []part{}}, ""},
		"First":            {input{Secret: new("a")}, "Value null at 'name' failed to satisfy constraint: Member must not be null"},
		"Pattern":          {input{Name: new("A")}, `Value 'A' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\u0061-\u007A]+`},
		"Sensitive":        {input{Name: new("a"), Secret: new("a")}, "Value at 'secret' failed to satisfy constraint: Member must have length greater than or equal to 2"},
		"InSensitive":      {input{Name: new("a"), Parts: []part{{new("long")}}}, "Value at 'parts.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 3"},
		"TooManyStrings":   {input{Name: new("a"), Keys: []string{"a", "b", "c"}}, "Value '[3 elements]' at 'keys' failed to satisfy constraint: Member must have length less than or equal to 2"},
		"LongString":       {input{Name: new("a"), Keys: []string{"a", "abcd"}}, "Value '[a, abcd]' at 'keys' failed to satisfy constraint: " + each + "Member must have length less than or equal to 3, Member must have length greater than or equal to 1, " + `Member must satisfy regular expression pattern: [\u0061-\u007A]+, Member must not be null]`},
		"StringOfNoEnum":   {input{Name: new("a"), Moods: []string{"RED", ""}}, "Value '[RED, ]' at 'moods' failed to satisfy constraint: " + each + "Member must satisfy enum value set: [RED, BLUE], Member must not be null]"},
		"LongListIsCut":    {input{Name: new("a"), Moods: []string{strings.Repeat("x", 300)}}, "Value '[" + strings.Repeat("x", 255) + "…' at 'moods' failed to satisfy constraint: " + each + "Member must satisfy enum value set: [RED, BLUE], Member must not be null]"},
		"TooManyEntries":   {input{Name: new("a"), Weights: map[string]string{"aa": "", "bb": "", "cc": ""}}, "Value '{3 entries}' at 'weights' failed to satisfy constraint: Member must have length less than or equal to 2"},
		"KeyOfAMap":        {input{Name: new("a"), Weights: map[string]string{"aa": "", "B": ""}}, "Value 'B' at 'weights' failed to satisfy constraint: Member must have length greater than or equal to 2"},
		"FirstOfAMap":      {input{Name: new("a"), States: map[string]string{"C": "c", "A": "RED", "B": "b"}}, "Value 'b' at 'states.b' failed to satisfy constraint: Member must satisfy enum value set: [RED, BLUE]"},
		"NoUTF8":           {input{Name: new("a\xff")}, "Value 'a\ufffd' at 'name' failed to satisfy constraint: " + `Member must satisfy regular expression pattern: [\u0061-\u007A]+`},
		"LengthIsOfUTF16s": {input{Name: new("💡💡💡💡💡")}, "Value '💡💡💡💡💡' at 'name' failed to satisfy constraint: Member must have length less than or equal to 9"},
	} {
		t.Run(name, func(t *testing.T) {
			v := Check(members, reflect.ValueOf(c.in))
			if c.want == "" {
				if v != nil {
					t.Errorf("violation %v, want none", v)
				}
				return
			}
			if v == nil {
				t.Fatal("no violation")
			}
			if want := "1 validation error detected: " + c.want; v.Error() != want {
				t.Errorf("got  %s\nwant %s", v, want)
			}
		})
	}
}
