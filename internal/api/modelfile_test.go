package api_test

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

// model is what AWS publishes of the operations of QuickSight's user plane:
// the service model of autumn 2026, without its documentation.
type model struct {
	Operations map[string]modelOperation
	Shapes     map[string]shape // structures, lists and maps
}

type modelOperation struct {
	Method, URI   string
	Input, Output string         // names of shapes
	Errors        map[string]int // modelled exceptions and their statuses
}

// shape is a shape, or a member of a structure.
type shape struct {
	Name         string `json:"-"` // of the member
	Shape        string // name of the member's shape
	Type         string
	Required     bool
	Location     string // uri, querystring, statusCode; "": the body
	LocationName string
	Min, Max     *int
	Pattern      string
	Enum         []string
	Members      members // of a structure
	Member       string  // shape of a list's elements
	KeyIs        *shape  // a map's keys
	Value        string  // shape of a map's values
}

// members are a structure's members in their order.
type members []shape

func (m *members) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		s := shape{}
		if err := d.Decode(&s); err != nil {
			return err
		}
		s.Name = name.(string)
		*m = append(*m, s)
	}
	return nil
}

// mapValues are the enumerations of map values, whose shapes the file leaves
// out.
// https://docs.aws.amazon.com/quicksight/latest/APIReference/API_Governance.html
var mapValues = map[string]shape{
	"DefaultCategoryEffect": {Type: "string", Enum: []string{"DENY_BY_DEFAULT"}},
}

func readModel(t testing.TB) *model {
	t.Helper()
	text, err := os.ReadFile("testdata/quicksight.json")
	if err != nil {
		t.Fatal(err)
	}
	m := new(model)
	if err := json.Unmarshal(text, m); err != nil {
		t.Fatal(err)
	}
	if len(m.Operations) != 69 {
		t.Fatalf("the model has %d operations, want 69", len(m.Operations))
	}
	return m
}

// input gives the members of an operation's input, with what their shapes say.
func (m *model) input(operation string) members {
	return m.structure(m.Operations[operation].Input)
}

func (m *model) structure(name string) members {
	var all members
	for _, member := range m.Shapes[name].Members {
		all = append(all, m.whole(member))
	}
	return all
}

// whole joins a member with its shape.
func (m *model) whole(member shape) shape {
	s, ok := m.Shapes[member.Shape]
	if !ok {
		return member
	}
	s.Name, s.Shape, s.Required = member.Name, member.Shape, member.Required
	s.Location, s.LocationName = member.Location, member.LocationName
	return s
}

// element is the shape of a list's elements.
func (m *model) element(list shape) shape { return m.whole(shape{Shape: list.Member}) }

// value is the shape of a map's values.
func (m *model) value(t testing.TB, s shape) shape {
	t.Helper()
	v, ok := mapValues[s.Value]
	if !ok {
		t.Fatalf("mapValues has no %s", s.Value)
	}
	return v
}

// body gives the members that travel in the body.
func (all members) body() members {
	var in members
	for _, s := range all {
		if s.Location == "" {
			in = append(in, s)
		}
	}
	return in
}

// javaEscape is how the model writes a character that Go writes \x{….
var javaEscape = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// matches says whether a whole value matches the shape's pattern.
func (s shape) matches(value string) bool {
	return regexp.MustCompile(`\A(?:` + javaEscape.ReplaceAllString(s.Pattern, `\x{$1}`) + `)\z`).MatchString(value)
}

// rule is the first of the shape's rules that a string breaks, in AWS's words;
// "" when it breaks none.
func (s shape) rule(value string) string {
	if rule := s.boundsRule(length(value), "length"); rule != "" {
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

// boundsRule is the rule that a length or value, as unit says, breaks.
func (s shape) boundsRule(n int, unit string) string {
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

// lowerFirst is how AWS's validation errors write a member's name.
func lowerFirst(name string) string { return strings.ToLower(name[:1]) + name[1:] }
