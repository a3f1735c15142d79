package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"rollcall/internal/directory"
)

// Paths of the pages about custom permissions profiles. Which one a page is
// about is in its query: a name can be "..".
const (
	permissionsPath       = consolePath + "/permissions"
	profileCreatePath     = permissionsPath + "/create"
	profilePath           = permissionsPath + "/profile"
	profileAreaPath       = profilePath + "/area"
	profileGovernancePath = profilePath + "/governance"
	profileDeletePath     = profilePath + "/delete"
)

// permissionsDone are the texts for what was done to a profile.
var permissionsDone = map[string]string{
	"profile-created": "The profile is made. Nobody has it yet: give it to users on their pages.",
	"profile-changed": "The changes are saved.",
	"profile-deleted": "The profile is deleted.",
}

func (p *Pages) permissionRoutes() {
	p.administrator("GET "+permissionsPath, (*visit).listProfiles)
	p.administrator("GET "+profileCreatePath, (*visit).openCreateProfile)
	p.administrator("POST "+profileCreatePath, (*visit).createProfile)
	p.administrator("GET "+profilePath, (*visit).openProfile)
	p.administrator("GET "+profileAreaPath, (*visit).openArea)
	p.administrator("POST "+profileAreaPath, (*visit).saveArea)
	p.administrator("POST "+profileGovernancePath, (*visit).governProfile)
	p.administrator("GET "+profileDeletePath, (*visit).askDeleteProfile)
	p.administrator("POST "+profileDeletePath, (*visit).deleteProfile)
}

// profileAddress is that of a page about a profile. More are names and values
// of the query in turn.
func profileAddress(path, name string, more ...string) string {
	q := url.Values{"CustomPermissionsName": {name}}
	for i := 0; i < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return path + "?" + q.Encode()
}

// permissionsPage is the list of profiles.
type permissionsPage struct {
	Console
	Profiles []profileRow
	First    string // address of the first page; "": this is it
	Next     string // address of the next page; "": there is none
}

// profileRow is a profile in the list.
type profileRow struct {
	Name, Path      string
	Denied, Allowed int
	Governed        []string // categories that are denied by default
}

// profilesOnPage is how many profiles a page of the list has.
const profilesOnPage = 50

// listProfiles shows a page of the list. A token that is of no use leads to the
// first.
func (v *visit) listProfiles() error {
	part := directory.Page{Size: profilesOnPage, Token: v.value("token")}
	list, err := v.p.Directory.ListCustomPermissions(v.r.Context(), v.caller, v.in.Account.ID, part)
	if part.Token != "" && isKind(err, directory.Invalid) {
		return v.leave(permissionsPath)
	}
	if err != nil {
		return err
	}
	page := permissionsPage{Console: v.page("Permissions", "Permissions")}
	for _, p := range list.Profiles {
		page.Profiles = append(page.Profiles, newProfileRow(p))
	}
	if part.Token != "" {
		page.First = permissionsPath
	}
	if list.NextToken != "" {
		page.Next = permissionsPath + "?token=" + url.QueryEscape(list.NextToken)
	}
	return v.show(http.StatusOK, "permissions.html", page)
}

func newProfileRow(p directory.CustomPermissions) profileRow {
	row := profileRow{Name: p.Name, Path: profileAddress(profilePath, p.Name), Governed: slices.Sorted(maps.Keys(p.Governance))}
	for _, state := range p.Capabilities {
		switch state {
		case directory.Deny:
			row.Denied++
		case directory.Allow:
			row.Allowed++
		}
	}
	return row
}

// createProfilePage is the form for a new profile.
type createProfilePage struct {
	Console
	CustomPermissionsName string // what was typed
	Problem               string // why the last try was refused; "": there was none
}

func (v *visit) openCreateProfile() error { return v.showCreateProfile(http.StatusOK, "", "") }

func (v *visit) showCreateProfile(status int, name, problem string) error {
	return v.show(status, "permissions-create.html", createProfilePage{v.page("Permissions", "Create a profile"), name, problem})
}

// createProfile leads on to the editor.
func (v *visit) createProfile() error {
	name := v.value("CustomPermissionsName")
	if !directory.ValidProfileName(name) {
		return v.showCreateProfile(http.StatusUnprocessableEntity, name,
			"This cannot be the name of a profile. A name has 1 to 64 characters: the letters A to Z, large and small, digits, and + = , . @ _ -")
	}
	_, err := v.p.Directory.CreateCustomPermissions(v.r.Context(), v.caller, directory.CustomPermissionsChange{
		AccountID: v.in.Account.ID, Name: name})
	if isKind(err, directory.Exists) {
		return v.showCreateProfile(http.StatusUnprocessableEntity, name, "There is a profile of this name already. Choose another one.")
	}
	if err != nil {
		return err
	}
	first := directory.CapabilityAreas()[0].Name
	return v.leave(profileAddress(profileAreaPath, name, "Area", first, "done", "profile-created"))
}

// profileNames are the account's custom permissions profiles.
func (v *visit) profileNames() (names []string, err error) {
	for part := (directory.Page{}); ; {
		list, err := v.p.Directory.ListCustomPermissions(v.r.Context(), v.caller, v.in.Account.ID, part)
		if err != nil {
			return nil, err
		}
		for _, p := range list.Profiles {
			names = append(names, p.Name)
		}
		if part.Token = list.NextToken; part.Token == "" {
			return names, nil
		}
	}
}
