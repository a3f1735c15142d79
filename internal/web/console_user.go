package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/directory"
)

// userPage is all about one user.
type userPage struct {
	Console
	User     directory.MemberDetails
	Form     userForm
	Roles    []choice
	Profiles []string
	Mails    bool   // links can be sent
	Problem  string // why the form was refused; "": it was not
	Now      time.Time
}

// userForm is what was typed.
type userForm struct{ Email, Role, CustomPermissionsName string }

func (p userPage) RoleLabel() string     { return label(roles, p.User.Role) }
func (p userPage) IdentityLabel() string { return label(identities, p.User.IdentityType) }

// Native users have a password here, and links to choose one.
func (p userPage) Native() bool { return p.User.IdentityType == directory.QuickSightIdentity }

// user finds the user whom a page is about.
func (v *visit) user() (directory.MemberDetails, error) {
	return v.p.Directory.DescribeMember(v.r.Context(), v.caller, v.in.Account.ID, namespaceShown, v.value("PrincipalId"))
}

// errNameless keeps verbs that know users by their names away from orphans:
// what stands for their name may be the name of somebody else.
var errNameless = &directory.Error{Kind: directory.Conflict,
	Message: "The principal of IAM behind this user is gone, and the name with it. The user can only be deleted."}

// named is user, but refuses orphans.
func (v *visit) named() (u directory.MemberDetails, err error) {
	if u, err = v.user(); err == nil && u.Orphan {
		err = errNameless
	}
	return u, err
}

func (v *visit) openUser() error {
	u, err := v.user()
	if err != nil {
		return err
	}
	return v.showUser(http.StatusOK, u, userForm{u.Email, u.Role, u.CustomPermissions}, "")
}

func (v *visit) showUser(status int, u directory.MemberDetails, form userForm, problem string) (err error) {
	page := userPage{
		Console: v.page("Users", u.Name), User: u, Form: form, Roles: rolesFor(&u),
		Mails: v.p.Directory.Mails(), Problem: problem, Now: v.p.Now()}
	if page.Profiles, err = v.profileNames(); err != nil {
		return err
	}
	return v.show(status, "user.html", page)
}

// rolesFor are the roles that a user can be given: whoever works in the console
// goes on to be an administrator.
func rolesFor(u *directory.MemberDetails) (offered []choice) {
	for _, r := range roles {
		if !u.Self || access.IsAdministratorRole(r.Value) {
			offered = append(offered, r)
		}
	}
	return offered
}

func (v *visit) updateUser() error {
	u, err := v.named()
	if err != nil {
		return err
	}
	form := userForm{v.value("Email"), v.value("Role"), v.value("CustomPermissionsName")}
	_, err = v.p.Directory.UpdateUser(v.r.Context(), v.caller, directory.UserChange{
		AccountID: v.in.Account.ID, Namespace: namespaceShown, Name: u.Name, Email: form.Email, Role: form.Role,
		CustomPermissions: form.CustomPermissionsName, Unapply: v.unapply(u.CustomPermissions, form.CustomPermissionsName),
		Seen: v.seenUser()})
	if text, ok := told(err); ok {
		return v.showUser(http.StatusUnprocessableEntity, u, form, text)
	}
	if err != nil {
		return err
	}
	return v.leaveUser(u, "user-changed")
}

// seenUser is what the form was filled in with; nil: the page's own form is not
// where this comes from.
func (v *visit) seenUser() *directory.SeenUser {
	if !v.r.PostForm.Has("seenRole") {
		return nil
	}
	return &directory.SeenUser{
		Email: v.r.PostFormValue("seenEmail"), Role: v.value("seenRole"), CustomPermissions: v.value("seenProfile")}
}

// unapply is what UpdateUser has for taking a profile away.
func (v *visit) unapply(from, to string) *bool {
	if from == "" || to != "" {
		return nil
	}
	v.post("UnapplyCustomPermissions", "true")
	yes := true
	return &yes
}

// leaveUser leads to the user's page, which tells what was done.
func (v *visit) leaveUser(u directory.MemberDetails, done string) error {
	return v.leave(userPath + "?" + url.Values{"PrincipalId": {u.PrincipalID}, "done": {done}}.Encode())
}

// linkPage shows a link, once.
type linkPage struct {
	Console
	User directory.MemberDetails
	Link directory.Link
}

func (v *visit) issueLink() error {
	u, err := v.named()
	if err != nil {
		return err
	}
	l, err := v.p.Directory.IssueLink(v.r.Context(), v.caller, v.in.Account.ID, namespaceShown, u.Name, v.value("Send") == "true")
	switch {
	case err != nil:
		return plain(err)
	case l.Mailed:
		return v.leaveUser(u, "user-mailed")
	}
	return v.show(http.StatusOK, "user-link.html", linkPage{v.page("Users", "A link for "+u.Name), u, l})
}

// confirmPage asks before something is done to a user.
type confirmPage struct {
	Console
	User directory.MemberDetails
}

func (v *visit) askDisable() error { return v.ask("Disable", "user-disable.html") }
func (v *visit) askDelete() error  { return v.ask("Delete", "user-delete.html") }

// ask shows who comes here for his own user why that cannot be done.
func (v *visit) ask(what, template string) error {
	u, err := v.user()
	switch {
	case err != nil:
		return err
	case u.Self:
		return v.leave(userPath + "?" + url.Values{"PrincipalId": {u.PrincipalID}}.Encode())
	}
	return v.show(http.StatusOK, template, confirmPage{v.page("Users", what+" "+u.Name+"?"), u})
}

func (v *visit) disableUser() error { return v.shut(v.p.Directory.DisableUser, "user-disabled") }
func (v *visit) enableUser() error  { return v.shut(v.p.Directory.EnableUser, "user-enabled") }

// shut shuts a user out, or lets him in again.
func (v *visit) shut(verb func(ctx context.Context, c *access.Caller, accountID, namespace, name string) error, done string) error {
	u, err := v.named()
	if err != nil {
		return err
	}
	if err := verb(v.r.Context(), v.caller, v.in.Account.ID, namespaceShown, u.Name); err != nil {
		return plain(err)
	}
	return v.leaveUser(u, done)
}

func (v *visit) deleteUser() error {
	u, err := v.user()
	if err != nil {
		return err
	}
	if u.Orphan {
		err = v.p.Directory.DeleteUserByPrincipalID(v.r.Context(), v.caller, v.in.Account.ID, namespaceShown, u.PrincipalID)
	} else {
		err = v.p.Directory.DeleteUser(v.r.Context(), v.caller, v.in.Account.ID, namespaceShown, u.Name)
	}
	if err != nil {
		return plain(err)
	}
	return v.leave(usersPath + "?done=user-deleted")
}

// post adds to what was posted, as the operation has it, for the record.
func (v *visit) post(name, value string) {
	v.r.PostForm.Set(name, value)
	v.caller.Request.Parameters = parameters(v.r)
}

// told gives the text of an error about a user whose form is shown again; ok is
// false where the user is not there (any more).
func told(err error) (text string, ok bool) {
	var e *directory.Error
	if errors.As(err, &e) && e.Kind == directory.NotFound && e.Resource == directory.UserResource {
		return "", false
	}
	return refused(plain(err))
}

// plain says in plain words what the texts of the service leave to its error
// codes, and leaves out where it was, which is always here.
func plain(err error) error {
	var e *directory.Error
	if !errors.As(err, &e) {
		return err
	}
	said := *e
	said.Message, _, _ = strings.Cut(e.Message, " AWS account ID: ")
	switch {
	case e.Kind == directory.Exists:
		said.Message = "There is a user of this name already."
	case e.Kind == directory.Limit:
		said.Message = "The account has as many users as it may have. Delete one that is not needed any more."
	case e.Kind == directory.NotFound && e.Resource == directory.NoResource:
		said.Message = "There is no permissions profile of this name."
	}
	return &said
}
