package modeltest

import (
	"testing"

	tags "rollcall/internal/model"
)

// Declared is an input's member, as our tags or the model declare it.
type Declared struct {
	Name     string
	Location tags.Location
	Wire     string
	Type     string
	Required bool
	Min, Max *int
	Keys     *tags.Bounds // of a map
	Pattern  string
	Enum     []string
	Each     *Declared  // of a list's strings
	Members  []Declared // of a structure, or of a list's structures
}

// ByTags are the members that tags declare.
func ByTags(all []tags.Member) []Declared {
	var out []Declared
	for _, m := range all {
		d := byConstraint(&m.Constraint)
		d.Name, d.Location, d.Wire, d.Type, d.Members = m.Name, m.Location, m.Wire, m.Type, ByTags(m.Members)
		if m.Each != nil {
			each := byConstraint(m.Each)
			d.Each = &each
		}
		out = append(out, d)
	}
	return out
}

func byConstraint(c *tags.Constraint) Declared {
	d := Declared{Required: c.Required, Keys: c.Keys, Enum: c.Enum}
	if c.Bounds != nil {
		d.Min, d.Max = c.Bounds.Min, c.Bounds.Max
	}
	if c.Pattern != nil {
		d.Pattern = c.Pattern.Model
	}
	return d
}

// Declare are the members that the model declares.
func (m *Model) Declare(t testing.TB, all Members) []Declared {
	t.Helper()
	var out []Declared
	for _, s := range all {
		d := declaredBy(s)
		d.Name, d.Location, d.Wire, d.Type = s.Name, tags.Body, s.Name, s.Type
		if s.Location != "" {
			d.Location = map[string]tags.Location{"uri": tags.Path, "querystring": tags.Query}[s.Location]
			d.Wire = s.LocationName
		}
		switch states, isMap := m.Maps[s.Shape]; {
		case isMap:
			d.Type, d.Enum = "map", states
		case s.Type == "structure":
			d.Members = m.Declare(t, m.Structure(s.Shape))
		case s.Of != nil:
			each := declaredBy(*s.Of)
			d.Each = &each
		case s.Type == "list":
			d.Members = m.Declare(t, m.Structure(s.Member))
		case s.Type == "map":
			d.Keys, d.Enum = &tags.Bounds{Min: s.KeyIs.Min, Max: s.KeyIs.Max}, m.ValueOf(t, s).Enum
		}
		out = append(out, d)
	}
	return out
}

func declaredBy(s Shape) Declared {
	return Declared{Required: s.Required, Min: s.Min, Max: s.Max, Pattern: s.Pattern, Enum: s.Enum}
}
