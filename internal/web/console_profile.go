package web

import (
	"net/http"
	"strings"

	"rollcall/internal/directory"
)

// profile finds the profile that a page is about.
func (v *visit) profile() (directory.CustomPermissions, error) {
	return v.p.Directory.DescribeCustomPermissions(v.r.Context(), v.caller, v.in.Account.ID, v.value("CustomPermissionsName"))
}

// profileParts are the pages of a profile: what is denied in all, and each area.
type profileParts struct {
	Path    string // of the first
	Current string // area that is shown; "": the first page
	Areas   []profileArea
}

// profileArea is an area of a profile.
type profileArea struct {
	Name, Label, Path string
	Denied            int    // capabilities that users of the profile do not have
	What              string // these in words
}

func newProfileParts(p *directory.CustomPermissions, current string) profileParts {
	parts := profileParts{Path: profileAddress(profilePath, p.Name), Current: current}
	for _, area := range directory.CapabilityAreas() {
		a := profileArea{Name: area.Name, Label: area.Label, Path: profileAddress(profileAreaPath, p.Name, "Area", area.Name)}
		for _, c := range area.All() {
			if p.Denial(c.Name) != directory.NotDenied {
				a.Denied++
			}
		}
		a.What = deniedIn(p, area)
		parts.Areas = append(parts.Areas, a)
	}
	return parts
}

// Denied is how many capabilities are denied in all.
func (p profileParts) Denied() (n int) {
	for _, a := range p.Areas {
		n += a.Denied
	}
	return n
}

// deniedIn says what a profile denies in an area.
func deniedIn(p *directory.CustomPermissions, area directory.CapabilityArea) string {
	if area.Parent != "" && p.Denial(area.Parent) != directory.NotDenied {
		return "All of them, with " + capabilityLabels[area.Parent]
	}
	return strings.Join(denied(p, area.Capabilities), ", ")
}

// denied are the labels of what a profile denies. What is denied with another
// one is left out, and what is denied alone comes in brackets after its parent.
func denied(p *directory.CustomPermissions, capabilities []directory.Capability) (labels []string) {
	for _, c := range capabilities {
		if p.Denial(c.Name) != directory.NotDenied {
			labels = append(labels, c.Label)
		} else if below := denied(p, c.Children); len(below) > 0 {
			labels = append(labels, c.Label+" ("+strings.Join(below, ", ")+")")
		}
	}
	return labels
}

// capabilityLabels are the labels of all capabilities by their names.
var capabilityLabels = func() map[string]string {
	labels := map[string]string{}
	for _, area := range directory.CapabilityAreas() {
		for _, c := range area.All() {
			labels[c.Name] = c.Label
		}
	}
	return labels
}()

// profilePage is all about one profile.
type profilePage struct {
	Console
	Profile *directory.CustomPermissions
	Parts   profileParts
	Delete  string // address of the page for it
}

func (v *visit) openProfile() error {
	p, err := v.profile()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "permission.html", profilePage{
		Console: v.page("Permissions", p.Name), Profile: &p, Parts: newProfileParts(&p, ""),
		Delete: profileAddress(profileDeletePath, p.Name)})
}

// governProfile denies all of the category AI that is not allowed, or no longer.
func (v *visit) governProfile() error {
	name, effect := v.value("CustomPermissionsName"), ""
	on, err := v.flag("DenyAIByDefault")
	if on {
		effect = directory.DenyByDefault
	}
	if err == nil {
		err = v.p.Directory.EditCustomPermissions(v.r.Context(), v.caller, directory.CustomPermissionsEdit{
			AccountID: v.in.Account.ID, Name: name, Governance: map[string]string{directory.CategoryAI: effect}})
	}
	if err != nil {
		return err
	}
	return v.leave(profileAddress(profilePath, name, "done", "profile-changed"))
}

// deleteProfilePage asks before a profile is deleted.
type deleteProfilePage struct {
	Console
	Name, Path string
	Problem    string // why the last try was refused; "": there was none
}

func (v *visit) askDeleteProfile() error { return v.showDeleteProfile(http.StatusOK, "") }

func (v *visit) showDeleteProfile(status int, problem string) error {
	p, err := v.profile()
	if err != nil {
		return err
	}
	return v.show(status, "permission-delete.html", deleteProfilePage{
		v.page("Permissions", "Delete "+p.Name+"?"), p.Name, profileAddress(profilePath, p.Name), problem})
}

func (v *visit) deleteProfile() error {
	_, err := v.p.Directory.DeleteCustomPermissions(v.r.Context(), v.caller, v.in.Account.ID, v.value("CustomPermissionsName"))
	if isKind(err, directory.Conflict) {
		text, _ := refused(err)
		return v.showDeleteProfile(http.StatusUnprocessableEntity, text)
	}
	if err != nil {
		return err
	}
	return v.leave(permissionsPath + "?done=profile-deleted")
}
