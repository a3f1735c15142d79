package web

import (
	"net/http"
	"net/url"
	"strings"

	"rollcall/internal/directory"
	"rollcall/internal/store"
)

// Paths of the pages about users. A user's page is told by its PrincipalId
// which user it is about: names may be anything, and orphans have none.
const (
	usersPath       = consolePath + "/users"
	userPath        = consolePath + "/user"
	userLinkPath    = userPath + "/link"
	userDisablePath = userPath + "/disable"
	userEnablePath  = userPath + "/enable"
	userDeletePath  = userPath + "/delete"
	invitePath      = consolePath + "/invite"
)

// userDone are the texts for what was done to a user.
var userDone = map[string]string{
	"user-changed":  "The changes are saved.",
	"user-mailed":   "The mail with the link is on its way. Earlier links no longer work.",
	"user-disabled": "The user is disabled and signed out everywhere.",
	"user-enabled":  "The user is enabled.",
	"user-deleted":  "The user is deleted.",
}

func (p *Pages) userRoutes() {
	p.administrator("GET "+usersPath, (*visit).listUsers)
	p.administrator("GET "+invitePath, (*visit).openInvite)
	p.administrator("POST "+invitePath, (*visit).invite)
	p.administrator("GET "+userPath, (*visit).openUser)
	p.administrator("POST "+userPath, (*visit).updateUser)
	p.administrator("POST "+userLinkPath, (*visit).issueLink)
	p.administrator("GET "+userDisablePath, (*visit).askDisable)
	p.administrator("POST "+userDisablePath, (*visit).disableUser)
	p.administrator("POST "+userEnablePath, (*visit).enableUser)
	p.administrator("GET "+userDeletePath, (*visit).askDelete)
	p.administrator("POST "+userDeletePath, (*visit).deleteUser)
}

// choice is something to choose: a value of the API, what people call it, and
// what it means.
type choice struct{ Value, Label, Meaning string }

// roles are those that users can be given.
// https://docs.aws.amazon.com/quicksight/latest/APIReference/API_RegisterUser.html
var roles = []choice{
	{directory.Reader, "Reader", "Opens the dashboards that are shared with them."},
	{directory.ReaderPro, "Reader Pro", "A reader who also asks questions in plain language."},
	{directory.Author, "Author", "Connects to data, and makes and shares analyses and dashboards."},
	{directory.AuthorPro, "Author Pro", "An author who also asks questions in plain language."},
	{directory.Admin, "Admin", "An author who also manages users, permissions and the account here."},
	{directory.AdminPro, "Admin Pro", "An admin who also asks questions in plain language."},
}

var identities = []choice{
	{directory.QuickSightIdentity, "QuickSight", "signs in here with a password"},
	{directory.IAMIdentity, "IAM", "stands for a user or a role of IAM"},
}

// label is what people call a value.
func label(choices []choice, value string) string {
	for _, c := range choices {
		if c.Value == value {
			return c.Label
		}
	}
	return value
}

// member is a user in the words of the console.
type member struct{ directory.Member }

func (m member) RoleLabel() string     { return label(roles, m.Role) }
func (m member) IdentityLabel() string { return label(identities, m.IdentityType) }

// usersPage is the list of users.
type usersPage struct {
	Console
	Total      string
	Alone      bool // there is nobody but who looks
	Filter     userFilter
	Roles      []choice
	Identities []choice
	Members    []member
	Profiles   bool   // somebody on the page has a permissions profile
	First      string // address of the first page; "": this is it
	Next       string // address of the next page; "": there is none
}

// userFilter is what users are searched by.
type userFilter struct{ Text, Role, State, Identity string }

func (f userFilter) Any() bool { return f != userFilter{} }

// path is the address of a page of the list.
func (f userFilter) path(token string) string {
	q := url.Values{}
	for name, value := range map[string]string{
		"q": f.Text, "role": f.Role, "state": f.State, "identity": f.Identity, "token": token,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return strings.TrimSuffix(usersPath+"?"+q.Encode(), "?")
}

// search is what the directory is asked for.
func (v *visit) search(f userFilter) directory.UserSearch {
	return directory.UserSearch{
		AccountID: v.in.Account.ID, Namespace: namespaceShown, Prefix: f.Text,
		Role: f.Role, IdentityType: f.Identity, State: store.UserState(f.State)}
}

// usersOnPage is how many users a page of the list has.
const usersOnPage = 50

// listUsers shows a page of the list. A token that is of no use, such as an old
// one in a bookmark, leads to the first.
func (v *visit) listUsers() error {
	f := userFilter{v.value("q"), v.value("role"), v.value("state"), v.value("identity")}
	part := directory.Page{Size: usersOnPage, Token: v.value("token")}
	list, err := v.p.Directory.SearchUsers(v.r.Context(), v.caller, v.search(f), part)
	if isKind(err, directory.InvalidToken) {
		return v.leave(f.path(""))
	}
	if err != nil {
		return err
	}
	page := usersPage{
		Console: v.page("Users", "Users"), Filter: f, Roles: roles, Identities: identities,
		Total: grouped(v.in.Account.Users), Alone: v.in.Account.Users == 1 && !f.Any(),
	}
	for _, m := range list.Members {
		page.Members = append(page.Members, member{m})
		page.Profiles = page.Profiles || m.CustomPermissions != ""
	}
	if part.Token != "" {
		page.First = f.path("")
	}
	if list.NextToken != "" {
		page.Next = f.path(list.NextToken)
	}
	return v.show(http.StatusOK, "users.html", page)
}
