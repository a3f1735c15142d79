package model

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Violation is a value that breaks a constraint of the service model.
type Violation struct {
	Member string // path of the member, as in "tags.1.member.key"
	Value  string // as sent, shortened; "null" when there is none, "" when sensitive
	Rule   string // "Member must …"
}

// Error is worded as AWS services word it.
func (v *Violation) Error() string {
	value := "Value"
	if v.Value != "" {
		value += " " + v.Value
	}
	return fmt.Sprintf("1 validation error detected: %s at '%s' failed to satisfy constraint: %s", value, v.Member, v.Rule)
}

// maxEcho bounds how much of a value an error repeats, in bytes.
const maxEcho = 256

// Check finds the first violation in a struct, in the order of its fields;
// nil if there is none.
func Check(members []Member, v reflect.Value) *Violation {
	return check(members, v, "")
}

func check(members []Member, v reflect.Value, path string) *Violation {
	for i := range members {
		m := &members[i]
		if err := m.check(v.Field(m.Index), path+lowerFirst(m.Name)); err != nil {
			if m.Sensitive {
				err.Value = ""
			}
			return err
		}
	}
	return nil
}

// check finds the first violation in a member's value.
func (m *Member) check(v reflect.Value, path string) *Violation {
	if v.Kind() != reflect.String { // path members are always there
		if v.IsNil() {
			if m.Required {
				return &Violation{path, "null", "Member must not be null"}
			}
			return nil
		}
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
	}
	switch v.Kind() {
	case reflect.String:
		return m.checkString(v.String(), path)
	case reflect.Int:
		n := int(v.Int())
		return m.Bounds.check(n, path, strconv.Itoa(n), "value")
	case reflect.Struct:
		return check(m.Members, v, path+".")
	case reflect.Slice:
		return m.checkList(v, path)
	case reflect.Map:
		return m.checkMap(v, path)
	}
	return nil
}

func (c *Constraint) checkString(s, path string) *Violation {
	if err := c.Bounds.check(length(s), path, s, "length"); err != nil {
		return err
	}
	if c.Pattern != nil && !(utf8.ValidString(s) && c.Pattern.re.MatchString(s)) {
		return violation(path, s, c.Pattern.rule())
	}
	if c.Enum != nil && !slices.Contains(c.Enum, s) {
		return violation(path, s, oneOf(c.Enum))
	}
	return nil
}

func (m *Member) checkList(v reflect.Value, path string) *Violation {
	if err := m.Bounds.check(v.Len(), path, fmt.Sprintf("[%d elements]", v.Len()), "length"); err != nil {
		return err
	}
	for i := range v.Len() {
		if m.Each != nil {
			if m.Each.checkString(v.Index(i).String(), path) != nil {
				return violation(path, spelled(v), "Member must satisfy constraint: ["+strings.Join(m.Each.rules(), ", ")+"]")
			}
		} else if err := check(m.Members, v.Index(i), fmt.Sprintf("%s.%d.member.", path, i+1)); err != nil {
			return err
		}
	}
	return nil
}

// spelled writes a list of strings as Java does.
func spelled(list reflect.Value) string {
	all := make([]string, list.Len())
	for i := range all {
		all[i] = list.Index(i).String()
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// checkMap walks the keys in their order, so that the same request gets the
// same answer each time. A map without bounds on its keys stands for a
// structure whose members are all of one type.
func (m *Member) checkMap(v reflect.Value, path string) *Violation {
	if err := m.Bounds.check(v.Len(), path, fmt.Sprintf("{%d entries}", v.Len()), "length"); err != nil {
		return err
	}
	values := Constraint{Enum: m.Enum}
	for _, key := range sortedKeys(v) {
		if err := m.Keys.check(length(key), path, key, "length"); err != nil {
			return err
		}
		value := v.MapIndex(reflect.ValueOf(key)).String()
		if m.Keys == nil {
			key = lowerFirst(key)
		}
		if err := values.checkString(value, path+"."+key); err != nil {
			return err
		}
	}
	return nil
}

func sortedKeys(m reflect.Value) []string {
	keys := make([]string, 0, m.Len())
	for _, k := range m.MapKeys() {
		keys = append(keys, k.String())
	}
	slices.Sort(keys)
	return keys
}

// check compares a length or value, as unit says, with the bounds.
func (b *Bounds) check(n int, path, value, unit string) *Violation {
	switch {
	case b == nil:
		return nil
	case b.Min != nil && n < *b.Min:
		return violation(path, value, atLeast(*b.Min, unit))
	case b.Max != nil && n > *b.Max:
		return violation(path, value, atMost(*b.Max, unit))
	}
	return nil
}

// rules are what a constraint demands of a string, in AWS's words and order.
// AWS names all of them when an element of a list breaks one.
func (c *Constraint) rules() []string {
	var all []string
	if c.Bounds != nil && c.Bounds.Max != nil {
		all = append(all, atMost(*c.Bounds.Max, "length"))
	}
	if c.Bounds != nil && c.Bounds.Min != nil {
		all = append(all, atLeast(*c.Bounds.Min, "length"))
	}
	if c.Pattern != nil {
		all = append(all, c.Pattern.rule())
	}
	if c.Enum != nil {
		all = append(all, oneOf(c.Enum))
	}
	return append(all, "Member must not be null")
}

func atLeast(n int, unit string) string {
	return fmt.Sprintf("Member must have %s greater than or equal to %d", unit, n)
}

func atMost(n int, unit string) string {
	return fmt.Sprintf("Member must have %s less than or equal to %d", unit, n)
}

func (p *Pattern) rule() string {
	return "Member must satisfy regular expression pattern: " + p.Model
}

func oneOf(values []string) string {
	return "Member must satisfy enum value set: [" + strings.Join(values, ", ") + "]"
}

func violation(path, value, rule string) *Violation {
	return &Violation{path, "'" + Shorten(value) + "'", rule}
}

// Shorten cuts a value that an error repeats, between two characters.
func Shorten(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= maxEcho {
		return s
	}
	return strings.ToValidUTF8(s[:maxEcho], "") + "…"
}

// length counts as Java does, in which the service is written.
func length(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// lowerFirst writes a member's name as AWS's validation errors do.
func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
