// Package modeltest holds tests against what AWS publishes of a service: it reads
// service models, compares declarations of inputs with them, and makes values
// at, inside and beyond each of their bounds.
package modeltest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// Model is the service model of autumn 2026 of some operations of a service,
// without its documentation.
type Model struct {
	Operations map[string]Operation
	Shapes     map[string]Shape // structures, lists and maps

	// Values are the shapes of maps' values, which the files leave out.
	Values map[string]Shape `json:"-"`

	// Maps are structures whose members are all of one type, which the code has
	// as maps, with the values that a member may have.
	Maps map[string][]string `json:"-"`

	// Affixes are what values of a shape begin and end with, for patterns that
	// not just any text matches.
	Affixes map[string][2]string `json:"-"`
}

// Operation is an operation of the service.
type Operation struct {
	Method, URI   string
	Input, Output string         // names of shapes
	Errors        map[string]int // modelled exceptions and their statuses
}

// Shape is a shape, or a member of a structure.
type Shape struct {
	Name         string `json:"-"` // of the member
	Shape        string // name of the member's shape
	Type         string
	Required     bool
	Location     string // uri, querystring, statusCode; "": the body
	LocationName string
	Min, Max     *int
	Pattern      string
	Enum         []string
	Members      Members // of a structure
	Member       string  // shape of a list's elements
	Of           *Shape  // a list's elements that are no structures
	KeyIs        *Shape  // a map's keys
	Value        string  // shape of a map's values
}

// Members are a structure's members in their order.
type Members []Shape

// UnmarshalJSON keeps the order.
func (m *Members) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		s := Shape{}
		if err := d.Decode(&s); err != nil {
			return err
		}
		s.Name = name.(string)
		*m = append(*m, s)
	}
	return nil
}

// Read reads the model in some files, which have to have so many operations
// together.
func Read(t testing.TB, operations int, files ...string) *Model {
	t.Helper()
	m := new(Model)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, m); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	if len(m.Operations) != operations {
		t.Fatalf("the model has %d operations, want %d", len(m.Operations), operations)
	}
	return m
}

// Input gives the members of an operation's input, with what their shapes say.
func (m *Model) Input(operation string) Members {
	return m.Structure(m.Operations[operation].Input)
}

// Structure gives the members of a structure, with what their shapes say.
func (m *Model) Structure(name string) Members {
	var all Members
	for _, member := range m.Shapes[name].Members {
		all = append(all, m.Whole(member))
	}
	return all
}

// Whole joins a member with its shape.
func (m *Model) Whole(member Shape) Shape {
	s, ok := m.Shapes[member.Shape]
	if !ok {
		return member
	}
	s.Name, s.Shape, s.Required = member.Name, member.Shape, member.Required
	s.Location, s.LocationName = member.Location, member.LocationName
	return s
}

// Element is the shape of a list's elements.
func (m *Model) Element(list Shape) Shape {
	if list.Of != nil {
		return *list.Of
	}
	return m.Whole(Shape{Shape: list.Member})
}

// ValueOf is the shape of a map's values.
func (m *Model) ValueOf(t testing.TB, s Shape) Shape {
	t.Helper()
	v, ok := m.Values[s.Value]
	if !ok {
		t.Fatalf("Values has no %s", s.Value)
	}
	return v
}

// Body gives the members that travel in the body.
func (all Members) Body() Members {
	var in Members
	for _, s := range all {
		if s.Location == "" {
			in = append(in, s)
		}
	}
	return in
}

// javaEscape is how the model writes a character that Go writes \x{…}. Java
// would read four digits of those that have more, which are meant as a whole.
var javaEscape = regexp.MustCompile(`\\u(10000|10FFFF|[0-9A-Fa-f]{4})`)

// matches says whether a whole value matches the shape's pattern.
func (s Shape) matches(value string) bool {
	return regexp.MustCompile(`\A(?:` + javaEscape.ReplaceAllString(s.Pattern, `\x{$1}`) + `)\z`).MatchString(value)
}

// Rule is the first of the shape's rules that a string breaks, in AWS's words;
// "" when it breaks none.
func (s Shape) Rule(value string) string {
	if rule := s.BoundsRule(length(value), "length"); rule != "" {
		return rule
	}
	switch {
	case s.Pattern != "" && !s.matches(value):
		return "Member must satisfy regular expression pattern: " + s.Pattern
	case s.Enum != nil && !slices.Contains(s.Enum, value):
		return "Member must satisfy enum value set: [" + strings.Join(s.Enum, ", ") + "]"
	}
	return ""
}

// BoundsRule is the rule that a length or value, as unit says, breaks.
func (s Shape) BoundsRule(n int, unit string) string {
	switch {
	case s.Min != nil && n < *s.Min:
		return fmt.Sprintf("Member must have %s greater than or equal to %d", unit, *s.Min)
	case s.Max != nil && n > *s.Max:
		return fmt.Sprintf("Member must have %s less than or equal to %d", unit, *s.Max)
	}
	return ""
}

// length is a string's length in UTF-16 units, by which the service counts.
func length(text string) int { return len(utf16.Encode([]rune(text))) }

// LowerFirst is how AWS's validation errors write a member's name.
func LowerFirst(name string) string { return strings.ToLower(name[:1]) + name[1:] }
