package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"rollcall/internal/directory"
)

// areaPage is the editor of an area of a profile.
type areaPage struct {
	Console
	Name, Path string // of the profile
	Area       string
	Parts      profileParts
	Governed   bool
	Seen       string
	Note       string // on all that is here; "": there is none
	Rows       []capabilityRow
	Problem    string // why the last try was refused; "": there was none
}

// capabilityRow is a capability to choose for.
type capabilityRow struct {
	Index       int // in the area
	Name, Label string
	State       string // ALLOW, DENY or ""
	Unsaid      string // what "" means
	Note        string // on all below; "": there is none
	Children    []capabilityRow
}

// area finds the profile, and the area of it, that a page is about.
func (v *visit) area() (p directory.CustomPermissions, area directory.CapabilityArea, err error) {
	if p, err = v.profile(); err != nil {
		return p, area, err
	}
	areas := directory.CapabilityAreas()
	i := slices.IndexFunc(areas, func(a directory.CapabilityArea) bool { return a.Name == v.value("Area") })
	if i < 0 {
		return p, area, &directory.Error{Kind: directory.NotFound, Message: "There is no such area."}
	}
	return p, areas[i], nil
}

func (v *visit) openArea() error {
	p, area, err := v.area()
	if err != nil {
		return err
	}
	return v.showArea(http.StatusOK, &p, area, p.Capabilities, "")
}

// showArea shows the editor with what is chosen by now.
func (v *visit) showArea(status int, p *directory.CustomPermissions, area directory.CapabilityArea, chosen map[string]string, problem string) error {
	tree := capabilityTree{profile: p, chosen: chosen}
	return v.show(status, "permission-area.html", areaPage{
		Console: v.page("Permissions", area.Label),
		Name:    p.Name, Path: profileAddress(profilePath, p.Name), Area: area.Name,
		Parts: newProfileParts(p, area.Name), Governed: p.Governed(), Seen: seen(p, area),
		Note: tree.note(area.Parent), Rows: tree.rows(area.Capabilities), Problem: problem,
	})
}

// capabilityTree makes the rows of an area.
type capabilityTree struct {
	profile *directory.CustomPermissions
	chosen  map[string]string
	made    int // rows
}

func (t *capabilityTree) rows(capabilities []directory.Capability) (rows []capabilityRow) {
	for _, c := range capabilities {
		t.made++
		rows = append(rows, capabilityRow{
			Index: t.made, Name: c.Name, Label: c.Label, State: t.chosen[c.Name], Unsaid: t.unsaid(c.Name),
			Note: t.note(c.Name), Children: t.rows(c.Children)})
	}
	return rows
}

// unsaid tells what users have of which the profile says nothing.
func (t *capabilityTree) unsaid(name string) string {
	switch t.profile.Unsaid(name) {
	case directory.DeniedAbove:
		return "Denied above"
	case directory.DeniedByDefault:
		return "Denied by default"
	}
	return "As the role"
}

// note tells why what is below a capability is denied, if it is. Where that is
// so of the capability itself, it is told there.
func (t *capabilityTree) note(name string) string {
	if name == "" || t.profile.Denial(name) == directory.NotDenied || t.profile.Unsaid(name) == directory.DeniedAbove {
		return ""
	}
	return "Denied with " + capabilityLabels[name] + ", whatever is chosen here."
}

// seenLetters write what a profile says of a capability in the form, for a
// small page.
var seenLetters = map[string]string{"": "-", directory.Allow: "A", directory.Deny: "D"}

// seen is what a profile says of an area, a letter for each capability.
func seen(p *directory.CustomPermissions, area directory.CapabilityArea) string {
	var b strings.Builder
	for _, c := range area.All() {
		b.WriteString(seenLetters[p.Capabilities[c.Name]])
	}
	return b.String()
}

// readSeen reads what the form has of seen. What it cannot be, the profile never
// said.
func readSeen(text string, area directory.CapabilityArea) map[string]string {
	states := map[string]string{}
	for _, c := range area.All() {
		letter := text[:min(1, len(text))]
		text = text[len(letter):]
		states[c.Name] = "?"
		for state, l := range seenLetters {
			if l == letter {
				states[c.Name] = state
			}
		}
	}
	return states
}

// saveArea changes what the form has of an area. If somebody else has changed
// it since the form was opened, it shows what it is now.
func (v *visit) saveArea() error {
	p, area, err := v.area()
	if err != nil {
		return err
	}
	edit := directory.CustomPermissionsEdit{
		AccountID: v.in.Account.ID, Name: p.Name, Capabilities: v.chosen(), Seen: readSeen(v.value("Seen"), area)}
	if err = checkChosen(edit, area); err == nil {
		err = v.p.Directory.EditCustomPermissions(v.r.Context(), v.caller, edit)
	}
	text, mine := refused(err)
	switch {
	case err == nil:
		return v.leave(profileAddress(profileAreaPath, p.Name, "Area", area.Name, "done", "profile-changed"))
	case errors.Is(err, directory.ErrEditedMeanwhile):
		return v.showCurrent(area, text)
	case mine && !missing(err):
		return v.showArea(http.StatusUnprocessableEntity, &p, area, edit.Capabilities, text)
	}
	return err
}

// showCurrent shows the editor with what the profile is now.
func (v *visit) showCurrent(area directory.CapabilityArea, problem string) error {
	p, err := v.profile()
	if err != nil {
		return err
	}
	return v.showArea(http.StatusConflict, &p, area, p.Capabilities, problem+" This is how they are now.")
}

// chosen is what the form has of capabilities. Two values of one are none that
// there is.
func (v *visit) chosen() map[string]string {
	all := map[string]string{}
	for name, values := range v.r.PostForm {
		switch name {
		case "CustomPermissionsName", "Area", "Seen":
		default:
			all[name] = strings.Join(values, ", ")
		}
	}
	return all
}

// checkChosen refuses what is not in the area.
func checkChosen(edit directory.CustomPermissionsEdit, area directory.CapabilityArea) error {
	for name := range edit.Capabilities {
		if _, here := edit.Seen[name]; !here {
			return &directory.Error{Kind: directory.Invalid, Message: fmt.Sprintf("%q is no permission of “%s”. Nothing was saved.", name, area.Label)}
		}
	}
	return nil
}
