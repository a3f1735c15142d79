package modeltest

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Trial is a value for one member of an otherwise good request.
type Trial struct {
	Value any
	At    string // the member that an error blames, from the tried one on: "" or ".1.member.key"
	Rule  string // what the value breaks; "": nothing
}

// Trials are values for a member at, inside and beyond each of its bounds.
func (m *Model) Trials(t testing.TB, s Shape) []Trial {
	t.Helper()
	if s.Name != "" && s.Location == "" {
		return append(m.trialsOfType(t, s), Trial{Value: nil, Rule: RequiredRule(s)})
	}
	return m.trialsOfType(t, s)
}

// RequiredRule is what a member breaks that is absent; "" for one that may be.
func RequiredRule(s Shape) string {
	if s.Required {
		return "Member must not be null"
	}
	return ""
}

func (m *Model) trialsOfType(t testing.TB, s Shape) []Trial {
	t.Helper()
	switch s.Type {
	case "string":
		return m.stringTrials(s)
	case "integer":
		return integerTrials(s)
	case "boolean":
		return []Trial{{Value: true}, {Value: false}}
	case "structure":
		return m.structureTrials(t, s)
	case "list":
		return m.listTrials(t, s)
	case "map":
		return m.mapTrials(t, s)
	}
	t.Fatalf("no trials of type %s", s.Type)
	return nil
}

func (m *Model) stringTrials(s Shape) []Trial {
	values := map[string]bool{"": true, m.text(s, 0): true}
	for i, e := range s.Enum {
		values[e] = true
		if i == 0 {
			values[strings.ToLower(e)], values[e+"S"] = true, true
		}
	}
	for _, n := range around(s.Min, s.Max) {
		for _, filler := range []string{"a", "1", "é", "😀"} {
			if text := m.ofLength(s, n, filler); s.Pattern == "" || s.matches(text) {
				values[text] = true
			}
		}
	}
	if s.Pattern != "" {
		for _, odd := range []string{" ", "/", "\n", "\x00", "é", "Ā", "😀"} {
			whole := m.text(s, 0)
			for _, i := range []int{0, len(whole) / 2, len(whole) - 1} {
				values[whole[:i]+odd+whole[i+1:]] = true
			}
		}
	}
	var all []Trial
	for _, value := range slices.Sorted(maps.Keys(values)) {
		all = append(all, Trial{Value: value, Rule: s.Rule(value)})
	}
	return all
}

func integerTrials(s Shape) []Trial {
	var all []Trial
	for _, n := range append(around(s.Min, s.Max), -1) {
		all = append(all, Trial{Value: n, Rule: s.BoundsRule(n, "value")})
	}
	return all
}

func (m *Model) structureTrials(t testing.TB, s Shape) []Trial {
	t.Helper()
	var all []Trial
	for _, member := range m.Structure(s.Shape) {
		for _, tr := range m.Trials(t, member) {
			whole := m.Sample(t, s, 0).(map[string]any)
			whole[member.Name] = tr.Value
			all = append(all, Trial{whole, "." + LowerFirst(member.Name) + tr.At, tr.Rule})
		}
		if member.Required {
			whole := m.Sample(t, s, 0).(map[string]any)
			delete(whole, member.Name)
			all = append(all, Trial{whole, "." + LowerFirst(member.Name), RequiredRule(member)})
		}
	}
	return all
}

func (m *Model) listTrials(t testing.TB, s Shape) []Trial {
	t.Helper()
	element := m.Element(s)
	var all []Trial
	for _, n := range around(s.Min, s.Max) {
		list := []any{}
		for i := range n {
			list = append(list, m.Sample(t, element, i))
		}
		all = append(all, Trial{Value: list, Rule: s.BoundsRule(n, "length")})
	}
	for _, tr := range m.Trials(t, element) {
		first, second := Trial{[]any{tr.Value}, "", tr.Rule}, Trial{[]any{m.Sample(t, element, 7), tr.Value}, "", tr.Rule}
		switch {
		case element.Type == "structure":
			first.At, second.At = ".1.member"+tr.At, ".2.member"+tr.At
		case tr.Rule != "":
			first.Rule, second.Rule = element.rules(), element.rules()
		}
		all = append(all, first, second)
	}
	return all
}

// rules are what a list is blamed for when one of its strings breaks one of
// them.
func (s Shape) rules() string {
	var all []string
	if s.Max != nil {
		all = append(all, s.BoundsRule(*s.Max+1, "length"))
	}
	if s.Min != nil {
		all = append(all, s.BoundsRule(*s.Min-1, "length"))
	}
	if s.Pattern != "" {
		all = append(all, "Member must satisfy regular expression pattern: "+s.Pattern)
	}
	return "Member must satisfy constraint: [" + strings.Join(append(all, "Member must not be null"), ", ") + "]"
}

// mapTrials blames the map for its keys, and for a value the key as it was
// sent.
func (m *Model) mapTrials(t testing.TB, s Shape) []Trial {
	t.Helper()
	value := m.ValueOf(t, s)
	all := []Trial{{Value: map[string]any{}}}
	for _, tr := range m.stringTrials(*s.KeyIs) {
		all = append(all, Trial{map[string]any{tr.Value.(string): m.Sample(t, value, 0)}, "", tr.Rule})
	}
	for _, tr := range m.Trials(t, value) {
		all = append(all, Trial{map[string]any{"AI": tr.Value}, ".AI" + tr.At, tr.Rule})
	}
	return all
}

// around gives the numbers at and beside two bounds that are not negative.
func around(bounds ...*int) []int {
	var all []int
	for _, b := range bounds {
		if b != nil {
			all = append(all, *b-1, *b, *b+1)
		}
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(n int) bool { return n < 0 })
}

// ofLength repeats a character up to a length in UTF-16 units, between the
// shape's affixes where there is room for them.
func (m *Model) ofLength(s Shape, n int, filler string) string {
	affixes := m.Affixes[s.Shape]
	if rest := n - length(affixes[0]+affixes[1]); rest >= 0 {
		n = rest
	} else {
		affixes = [2]string{}
	}
	units := length(filler)
	return affixes[0] + strings.Repeat(filler, n/units) + strings.Repeat("a", n%units) + affixes[1]
}

// text gives the nth of a series of good strings, in ASCII and not empty.
func (m *Model) text(s Shape, n int) string {
	if s.Enum != nil {
		return s.Enum[n%len(s.Enum)]
	}
	affixes, text := m.Affixes[s.Shape], strconv.Itoa(n)
	if s.Min != nil {
		text = strings.Repeat("1", max(0, *s.Min-len(text)-len(affixes[0]+affixes[1]))) + text
	}
	return affixes[0] + text + affixes[1]
}

// Sample gives the nth of a series of good values.
func (m *Model) Sample(t testing.TB, s Shape, n int) any {
	t.Helper()
	switch s.Type {
	case "string":
		value := m.text(s, n)
		if rule := s.Rule(value); rule != "" {
			t.Fatalf("the sample %q for %s %s: %s", value, s.Name, s.Shape, rule)
		}
		return value
	case "integer":
		return *s.Min
	case "boolean":
		return true
	case "structure":
		whole := map[string]any{}
		for i, member := range m.Structure(s.Shape) {
			if member.Required || i == 0 { // the first, so that there is something
				whole[member.Name] = m.Sample(t, member, n)
			}
		}
		return whole
	case "list":
		return []any{m.Sample(t, m.Element(s), n)}
	case "map":
		return map[string]any{m.text(*s.KeyIs, n): m.Sample(t, m.ValueOf(t, s), n)}
	}
	t.Fatalf("no sample of type %s", s.Type)
	return nil
}
