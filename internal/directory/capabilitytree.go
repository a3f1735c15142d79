package directory

import (
	_ "embed"
	"iter"
	"slices"
	"strings"
)

// Capability is a capability of custom permissions as the console shows it.
// https://docs.aws.amazon.com/quicksight/latest/APIReference/API_Capabilities.html
type Capability struct {
	Name     string       // of the service model, such as ExportToCsv
	Label    string       // in words for people, such as "Export to CSV"
	AI       bool         // belongs to the governance category AI
	Children []Capability // denied with it; see CapabilityArea.Parent for more of them
}

// ContainsAI says whether the category AI has c not itself but some below it:
// governance then closes a part of c and leaves the rest.
func (c Capability) ContainsAI() bool {
	return !c.AI && slices.ContainsFunc(c.Children, func(child Capability) bool {
		return child.AI || child.ContainsAI()
	})
}

// CapabilityArea is a part of the tree under a heading.
type CapabilityArea struct {
	Name, Label  string // Name is short and fit for an URL: "dashboards"
	Parent       string // capability of an area before that all here are denied with; "" for none
	Capabilities []Capability
}

// CapabilityAreas are all capabilities, each once, in the order of an
// administrator's interest. Callers must not change them.
func CapabilityAreas() []CapabilityArea { return capabilityAreas }

// ParentOf is the capability that a capability is denied with, "" for none.
// A parent may have a parent itself.
// https://docs.aws.amazon.com/quick/latest/userguide/custom-permissions.html
func ParentOf(name string) string { return capabilityParents[name] }

//go:embed capabilitytree.txt
var capabilityTree string

var capabilityAreas = readCapabilityAreas(capabilityTree)

// capabilityParents are the parents of all capabilities, and aiCapabilities those
// of the category AI.
var capabilityParents, aiCapabilities = func() (parents map[string]string, ai map[string]bool) {
	parents, ai = map[string]string{}, map[string]bool{}
	for _, area := range capabilityAreas {
		for parent, c := range area.All() {
			parents[c.Name], ai[c.Name] = parent, c.AI
		}
	}
	return parents, ai
}()

// All are the capabilities of the area, each after its parent and with that
// one's name.
func (a CapabilityArea) All() iter.Seq2[string, Capability] {
	return func(yield func(string, Capability) bool) { each(a.Parent, a.Capabilities, yield) }
}

func each(parent string, children []Capability, yield func(string, Capability) bool) bool {
	for _, c := range children {
		if !yield(parent, c) || !each(c.Name, c.Children, yield) {
			return false
		}
	}
	return true
}

// readCapabilityAreas reads the form that capabilitytree.txt describes.
func readCapabilityAreas(text string) []CapabilityArea {
	var areas []CapabilityArea
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "area "):
			areas = append(areas, readArea(line))
		default:
			last := &areas[len(areas)-1]
			last.Capabilities = addCapability(last.Capabilities, line)
		}
	}
	return areas
}

// readArea reads "area NAME: LABEL" or "area NAME under PARENT: LABEL".
func readArea(line string) CapabilityArea {
	head, label, _ := strings.Cut(strings.TrimPrefix(line, "area "), ": ")
	name, parent, _ := strings.Cut(head, " under ")
	return CapabilityArea{Name: name, Label: label, Parent: parent}
}

// addCapability adds that of a line to siblings, or for each indent to the
// children of the last one.
func addCapability(siblings []Capability, line string) []Capability {
	inner, indented := strings.CutPrefix(line, "  ")
	if !indented {
		return append(siblings, readCapability(line))
	}
	last := &siblings[len(siblings)-1]
	last.Children = addCapability(last.Children, inner)
	return siblings
}

// readCapability reads "NAME LABEL" or "NAME* LABEL".
func readCapability(line string) Capability {
	name, label, _ := strings.Cut(line, " ")
	name, ai := strings.CutSuffix(name, "*")
	return Capability{Name: name, Label: label, AI: ai, Children: verbsOn(name, ai)}
}

// capabilityVerbs are what can be done with a connector and such. The name of
// the capability to do it is the verb before the name of the other.
var capabilityVerbs = []struct{ prefix, label string }{
	{"CreateAndUpdate", "Create and update"},
	{"Create", "Create"},
	{"Update", "Update"},
	{"Share", "Share"},
	{"Use", "Use"},
}

// verbsOn are the capabilities to do a thing with what another one is about. It
// looks for them from the other one, as names do not say where a verb ends:
// SharePointKnowledgeBase is no sharing.
func verbsOn(name string, ai bool) []Capability {
	var verbs []Capability
	for _, verb := range capabilityVerbs {
		if full := verb.prefix + name; capabilities[full] {
			verbs = append(verbs, Capability{Name: full, Label: verb.label, AI: ai})
		}
	}
	return verbs
}
