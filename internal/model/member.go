package model

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
	Members []Member    // of a structure, or of a list's structures
	Each    *Constraint // on a list's strings; nil for all that is no list of strings
	Index   int         // of the field in its struct
}

// Constraint is what the service model demands of a value. The zero value
// demands nothing.
type Constraint struct {
	Required  bool
	Bounds    *Bounds
	Pattern   *Pattern
	Enum      []string
	Keys      *Bounds // of a map
	Sensitive bool
}

// Bounds are the least and the greatest value or length; nil means none.
type Bounds struct{ Min, Max *int }

// Members reads the declaration of a struct. An error names type and field.
func (r *Rules) Members(t reflect.Type) ([]Member, error) {
	var all []Member
	for i := range t.NumField() {
		f := t.Field(i)
		m, err := r.member(f)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t, f.Name, err)
		}
		m.Index = i
		all = append(all, m)
	}
	return all, nil
}

// Name is a field's name in the service model.
func Name(f reflect.StructField) string {
	if name, ok := f.Tag.Lookup("name"); ok {
		return name
	}
	return f.Name
}

func (r *Rules) member(f reflect.StructField) (Member, error) {
	m := Member{Name: Name(f), Location: Body, Wire: Name(f)}
	if wire, ok := f.Tag.Lookup("uri"); ok {
		m.Location, m.Wire = Path, wire
	}
	if wire, ok := f.Tag.Lookup("query"); ok {
		m.Location, m.Wire = Query, wire
	}
	if err := m.setType(r, f.Type); err != nil {
		return m, err
	}
	if err := m.setEach(r, f.Tag); err != nil {
		return m, err
	}
	return m, m.set(r, f.Tag.Get("check"))
}

func (m *Member) setType(r *Rules, t reflect.Type) (err error) {
	switch kind := t.Kind(); {
	case (m.Location == Path) != (kind == reflect.String):
		return fmt.Errorf("path members, and only they, are plain strings")
	case kind == reflect.Int || kind == reflect.Bool || kind == reflect.Struct:
		return fmt.Errorf("a member that can be absent has to be a pointer")
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
		m.Type = "structure"
		m.Members, err = r.Members(t)
	case reflect.Slice:
		err = m.setElement(r, t.Elem())
	default:
		err = fmt.Errorf("no member can be a %s", t)
	}
	return err
}

func (m *Member) setElement(r *Rules, t reflect.Type) (err error) {
	m.Type = "list"
	switch t.Kind() {
	case reflect.String:
		m.Each = &Constraint{}
	case reflect.Struct:
		m.Members, err = r.Members(t)
	default:
		err = fmt.Errorf("no list can be of %s", t)
	}
	return err
}

func (m *Member) setEach(r *Rules, tag reflect.StructTag) error {
	each, ok := tag.Lookup("each")
	switch {
	case !ok:
		return nil
	case m.Each == nil:
		return fmt.Errorf("only a list of strings has a rule for each of them")
	}
	if err := m.Each.set(r, each); err != nil {
		return err
	}
	if m.Each.Required || m.Each.Sensitive || m.Each.Keys != nil {
		return fmt.Errorf("of a list's strings only len, match and enum can be demanded")
	}
	return nil
}

func (c *Constraint) set(r *Rules, tag string) error {
	for rule := range strings.SplitSeq(tag, ",") {
		name, value, _ := strings.Cut(rule, "=")
		if err := c.setRule(r, name, value); err != nil {
			return err
		}
	}
	return nil
}

func (c *Constraint) setRule(r *Rules, name, value string) (err error) {
	switch name {
	case "":
	case "required":
		c.Required = true
	case "sensitive":
		c.Sensitive = true
	case "len":
		c.Bounds, err = parseBounds(value)
	case "keys":
		c.Keys, err = parseBounds(value)
	case "match":
		p, ok := r.Patterns[value]
		if !ok {
			return fmt.Errorf("no pattern %q", value)
		}
		c.Pattern = &p
	case "enum":
		if c.Enum = r.Enums[value]; c.Enum == nil {
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
