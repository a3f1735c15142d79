package restjson

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// Rules are the patterns and enumerations that check tags name.
type Rules struct {
	Patterns map[string]Pattern
	Enums    map[string][]string
}

// Pattern is a pattern of the service model.
type Pattern struct {
	Model string // as the model has it; shown in errors
	re    *regexp.Regexp
}

// MustPattern makes a pattern that a whole value has to match. Go's spelling
// of the expression may be given when it differs from the model's.
func MustPattern(model string, goSpelling ...string) Pattern {
	text := model
	if len(goSpelling) > 0 {
		text = goSpelling[0]
	}
	return Pattern{Model: model, re: regexp.MustCompile(`\A(?:` + text + `)\z`)}
}

// Location says where in a request a member travels.
type Location string

// The locations of members.
const (
	Body  Location = "body"
	Path  Location = "path"
	Query Location = "query"
)

// Member is a member of an input as declared by its field's tags.
type Member struct {
	Name     string   // as in the service model
	Location Location // where it travels
	Wire     string   // its name there
	Type     string   // string, integer, boolean, list, map or structure
	Constraint
	Members []Member // of a structure, or of a list's structures

	index int
}

// Constraint is what the service model demands of a value. The zero value
// demands nothing.
type Constraint struct {
	Required bool
	Bounds   *Bounds
	Pattern  *Pattern
	Enum     []string
	Keys     *Bounds // of a map
}

// Bounds are the least and the greatest value or length; nil means none.
type Bounds struct{ Min, Max *int }

// members reads the declaration of a struct.
func (r *Rules) members(t reflect.Type) []Member {
	var all []Member
	for i := range t.NumField() {
		f := t.Field(i)
		m, err := r.member(f)
		if err != nil {
			panic(fmt.Sprintf("restjson: %s.%s: %v", t, f.Name, err))
		}
		m.index = i
		all = append(all, m)
	}
	return all
}

func (r *Rules) member(f reflect.StructField) (Member, error) {
	m := Member{Name: f.Name, Location: Body, Wire: f.Name}
	if wire, ok := f.Tag.Lookup("uri"); ok {
		m.Location, m.Wire = Path, wire
	}
	if wire, ok := f.Tag.Lookup("query"); ok {
		m.Location, m.Wire = Query, wire
	}
	if hidden := f.Tag.Get("json") == "-"; hidden != (m.Location != Body) {
		return m, fmt.Errorf("members of path and query, and only they, are tagged json:\"-\"")
	}
	if err := m.setType(r, f.Type); err != nil {
		return m, err
	}
	return m, m.setConstraint(r, f.Tag.Get("check"))
}

func (m *Member) setType(r *Rules, t reflect.Type) error {
	if (m.Location == Path) != (t.Kind() == reflect.String) {
		return fmt.Errorf("path members, and only they, are plain strings")
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		m.Type = "string"
	case reflect.Int:
		m.Type = "integer"
	case reflect.Bool:
		m.Type = "boolean"
	case reflect.Map:
		m.Type = "map"
	case reflect.Struct:
		m.Type, m.Members = "structure", r.members(t)
	case reflect.Slice:
		m.Type, m.Members = "list", r.members(t.Elem())
	default:
		return fmt.Errorf("no member can be a %s", t)
	}
	return nil
}

func (m *Member) setConstraint(r *Rules, tag string) error {
	for rule := range strings.SplitSeq(tag, ",") {
		name, value, _ := strings.Cut(rule, "=")
		if err := m.setRule(r, name, value); err != nil {
			return err
		}
	}
	return nil
}

func (m *Member) setRule(r *Rules, name, value string) (err error) {
	switch name {
	case "":
	case "required":
		m.Required = true
	case "len":
		m.Bounds, err = parseBounds(value)
	case "keys":
		m.Keys, err = parseBounds(value)
	case "match":
		p, ok := r.Patterns[value]
		if !ok {
			return fmt.Errorf("no pattern %q", value)
		}
		m.Pattern = &p
	case "enum":
		if m.Enum = r.Enums[value]; m.Enum == nil {
			return fmt.Errorf("no enumeration %q", value)
		}
	default:
		return fmt.Errorf("no rule %q", name)
	}
	return err
}

// parseBounds reads "2..64", "..64" or "1..".
func parseBounds(text string) (*Bounds, error) {
	low, high, ok := strings.Cut(text, "..")
	if !ok {
		return nil, fmt.Errorf("bounds %q: want a..b", text)
	}
	var b Bounds
	for _, end := range []struct {
		text string
		to   **int
	}{{low, &b.Min}, {high, &b.Max}} {
		if end.text == "" {
			continue
		}
		n, err := strconv.Atoi(end.text)
		if err != nil {
			return nil, fmt.Errorf("bounds %q: %w", text, err)
		}
		*end.to = &n
	}
	return &b, nil
}
