package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"rollcall/internal/iam"
	"rollcall/internal/iamapi"
	"rollcall/internal/store"
)

// Paths of the pages about IAM.
const (
	iamPath         = consolePath + "/iam"
	iamRolesPath    = iamPath + "/roles"
	iamPoliciesPath = iamPath + "/policies"
	iamPolicyPath   = iamPath + "/policy"
	iamUserPath     = iamPath + "/user"
	iamRolePath     = iamPath + "/role"
	iamKeysPath     = iamUserPath + "/keys"

	iamProvidersPath = iamPath + "/providers"
)

// iamDone are the texts for what was done in IAM.
var iamDone = map[string]string{
	"iam-user-created":    "The user is there. It can do nothing yet: give it an access key and a policy.",
	"iam-user-deleted":    "The user is deleted.",
	"iam-role-created":    "The role is there. It can do nothing yet: give it a policy.",
	"iam-role-deleted":    "The role is deleted.",
	"iam-role-saved":      "The role is saved.",
	"iam-trust-saved":     "The trust policy is saved and counts from now on.",
	"iam-key-active":      "The access key is active.",
	"iam-key-inactive":    "The access key is inactive. Requests with it are refused from now on.",
	"iam-key-deleted":     "The access key is deleted.",
	"iam-policy-saved":    "The policy is saved and counts from now on.",
	"iam-policy-deleted":  "The policy is deleted.",
	"iam-policy-attached": "The policy is attached and counts from now on.",
	"iam-policy-detached": "The policy is detached.",

	"provider-saved":   "The provider is saved. People can continue with it from now on.",
	"provider-removed": "Nobody can continue with the provider any more. Roles that trust it still do.",
}

func (p *Pages) iamRoutes() {
	p.administrator("GET "+iamPath, (*visit).listIAMUsers)
	p.administrator("GET "+iamRolesPath, (*visit).listIAMRoles)
	p.administrator("GET "+iamPoliciesPath, (*visit).listIAMPolicies)
	p.administrator("GET "+iamProvidersPath, (*visit).listProviders)
	p.administrator("POST "+iamProvidersPath, (*visit).putProvider)
	p.administrator("GET "+iamProvidersPath+"/remove", (*visit).askRemoveProvider)
	p.administrator("POST "+iamProvidersPath+"/remove", (*visit).removeProvider)
	p.administrator("GET "+iamPolicyPath, (*visit).openIAMPolicy)
	p.administrator("GET "+iamUserPath+"/new", (*visit).openNewIAMUser)
	p.administrator("POST "+iamUserPath+"/new", (*visit).createIAMUser)
	p.administrator("GET "+iamRolePath+"/new", (*visit).openNewIAMRole)
	p.administrator("POST "+iamRolePath+"/new", (*visit).createIAMRole)
	p.administrator("POST "+iamRolePath+"/trust", (*visit).saveTrust)
	p.administrator("POST "+iamRolePath+"/settings", (*visit).saveIAMRole)
	p.administrator("POST "+iamKeysPath, (*visit).createKey)
	p.administrator("POST "+iamKeysPath+"/status", (*visit).updateKey)
	p.administrator("GET "+iamKeysPath+"/delete", (*visit).askDeleteKey)
	p.administrator("POST "+iamKeysPath+"/delete", (*visit).deleteKey)
	for _, k := range []iamKind{iamUsers, iamRoles} {
		page := func(pattern string, show func(*visit, iamKind) error) {
			p.administrator(pattern, func(v *visit) error { return show(v, k) })
		}
		page("GET "+k.Path, (*visit).openPrincipal)
		page("GET "+k.Path+"/delete", (*visit).askDeletePrincipal)
		page("POST "+k.Path+"/delete", (*visit).deletePrincipal)
		page("GET "+k.Path+"/policy", (*visit).openInline)
		page("POST "+k.Path+"/policy", (*visit).putInline)
		page("GET "+k.Path+"/policy/delete", (*visit).askDeleteInline)
		page("POST "+k.Path+"/policy/delete", (*visit).deleteInline)
		page("GET "+k.Path+"/attach", (*visit).choosePolicy)
		page("POST "+k.Path+"/attach", (*visit).attachPolicy)
		page("POST "+k.Path+"/detach", (*visit).detachPolicy)
	}
}

// iamKind is a kind of principal.
type iamKind struct {
	Noun  string
	Title string // in the names of operations and their members
	Path  string // of the page about one
	List  string // path of the list of all
	ref   func(name string) iam.Ref
}

var (
	iamUsers = iamKind{"user", "User", iamUserPath, iamPath, iam.UserRef}
	iamRoles = iamKind{"role", "Role", iamRolePath, iamRolesPath, iam.RoleRef}
)

// Field is the member that names one.
func (k iamKind) Field() string { return k.Title + "Name" }

// IsUser says whether it can have access keys.
func (k iamKind) IsUser() bool { return k.Title == "User" }

// page is the address of one of the pages about a principal: "" is the first,
// which tells what was done. More are further members and their values.
func (k iamKind) page(part, name string, more ...string) string {
	q := url.Values{k.Field(): {name}}
	for i := 0; i < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return k.Path + part + "?" + q.Encode()
}

// check checks what an operation is asked for as the API does, and keeps it for
// the record. The parameters are names and values in turn.
func (v *visit) check(operation string, parameters ...string) (err error) {
	r := &v.caller.Request
	r.Service, r.Operation = "iam", operation
	r.Parameters, err = iamapi.Check(operation, parameters...)
	var bad *iamapi.InputError
	if !errors.As(err, &bad) {
		return err
	}
	text := bad.Message
	if said := badInput[bad.Member]; said != "" {
		text = said
	}
	return &iam.Error{Code: iam.ValidationError, Message: text}
}

// badInput says in plain words what the members of inputs have to be like.
var badInput = map[string]string{
	"userName":                 "The name needs 1 to 64 letters, digits or characters of +=,.@_- without spaces.",
	"roleName":                 "The name needs 1 to 64 letters, digits or characters of +=,.@_- without spaces.",
	"policyName":               "The name of a policy needs 1 to 128 letters, digits or characters of +=,.@_- without spaces.",
	"path":                     "The path has to begin and end in a slash, as /teams/data/ does, without spaces.",
	"description":              "The description has more than 1000 characters, or some that are not Latin.",
	"maxSessionDuration":       "Sessions can last from one hour to twelve hours.",
	"policyDocument":           "The policy is empty, too long, or has characters that IAM does not take, such as typographic quotes.",
	"assumeRolePolicyDocument": "The trust policy is empty, too long, or has characters that IAM does not take, such as typographic quotes.",
}

// refusal is refused for what IAM refuses, which goes into the record as it
// does in the API. What is not there is not for a form to tell.
func (v *visit) refusal(err error) (text string, ok bool) {
	var e *iam.Error
	if !errors.As(err, &e) {
		return "", false
	}
	v.p.Guard.Ended(v.caller, false, string(e.Code), e.Message)
	return e.Message, e.Code != iam.NoSuchEntity
}

// document is a field of many lines, which browsers end in two characters.
func (v *visit) document(name string) string { return strings.ReplaceAll(v.value(name), "\r\n", "\n") }

// iamOnPage is how many entries of a list of IAM's are on a page.
const iamOnPage = 25

// part is the page of a list that the address asks for.
func (v *visit) part() iam.Page { return iam.Page{Size: iamOnPage, Marker: v.value("Marker")} }

// iamList is a page with a part of a list.
type iamList struct {
	Console
	View        string // which of the lists it is
	First, Next string // addresses; "": there is none
	Principals  []iamRow
	Policies    []iam.Policy
	For         *iamChooser // whom a policy is chosen for; nil: the list is only looked at
}

// iamRow is a user or role in a list.
type iamRow struct{ store.Principal }

// Policies is how many it has of its own and attached.
func (r iamRow) Policies() int { return len(r.Inline) + len(r.Attached) }

// iamView is one of the lists.
type iamView struct {
	Name, Path string
	Current    bool
}

// Views are the lists that there are.
func (l iamList) Views() []iamView {
	views := []iamView{{Name: "Users", Path: iamPath}, {Name: "Roles", Path: iamRolesPath}, {Name: "Policies", Path: iamPoliciesPath},
		{Name: "Providers", Path: iamProvidersPath}}
	for i := range views {
		views[i].Current = views[i].Name == l.View
	}
	return views
}

// newList begins the page of a list.
func (v *visit) newList(view, marker string) iamList {
	l := iamList{Console: v.page("Access", "Access"), View: view}
	q := v.r.URL.Query()
	q.Del("done")
	at := func() string { return strings.TrimSuffix(v.r.URL.Path+"?"+q.Encode(), "?") }
	if q.Has("Marker") {
		q.Del("Marker")
		l.First = at()
	}
	if marker != "" {
		q.Set("Marker", marker)
		l.Next = at()
	}
	return l
}

// oldMarker leads to the first page where a marker is of no use, such as an old
// one in a bookmark.
func (v *visit) oldMarker(err error, first string) error {
	var e *iam.Error
	if v.value("Marker") != "" && errors.As(err, &e) && e.Code == iam.ValidationError {
		return v.leave(first)
	}
	return err
}

func (v *visit) listIAMUsers() error {
	users, marker, err := v.p.IAM.ListUsers(v.r.Context(), v.caller, "", v.part())
	if err != nil {
		return v.oldMarker(err, iamPath)
	}
	l := v.newList("Users", marker)
	for _, u := range users {
		l.Principals = append(l.Principals, iamRow{u.Principal})
	}
	return v.show(http.StatusOK, "iam.html", l)
}

func (v *visit) listIAMRoles() error {
	roles, marker, err := v.p.IAM.ListRoles(v.r.Context(), v.caller, "", v.part())
	if err != nil {
		return v.oldMarker(err, iamRolesPath)
	}
	l := v.newList("Roles", marker)
	for _, r := range roles {
		l.Principals = append(l.Principals, iamRow{r.Principal})
	}
	return v.show(http.StatusOK, "iam-roles.html", l)
}
