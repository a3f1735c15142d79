package web

import (
	"cmp"
	"net/http"

	"rollcall/internal/directory"
)

// invitePage is the form of an invitation.
type invitePage struct {
	Console
	Form     inviteForm
	Roles    []choice
	Profiles []string
	Mails    bool   // the link is sent, not shown
	Problem  string // why the last try was refused; "": there was none
	Existing string // PrincipalId of the user who has the name already
}

// inviteForm is what was typed.
type inviteForm struct{ Email, UserName, UserRole, CustomPermissionsName string }

// openInvite offers the role that may do least.
func (v *visit) openInvite() error {
	return v.showInvite(http.StatusOK, invitePage{Form: inviteForm{UserRole: directory.Reader}})
}

func (v *visit) showInvite(status int, page invitePage) (err error) {
	page.Console = v.page("Users", "Invite a user")
	page.Roles, page.Mails = roles, v.p.Directory.Mails()
	if page.Profiles, err = v.profileNames(); err != nil {
		return err
	}
	return v.show(status, "invite.html", page)
}

// invitedPage tells what became of an invitation.
type invitedPage struct {
	Console
	User   directory.User
	Mailed bool
	Link   string // shown only now
}

func (v *visit) invite() error {
	form := inviteForm{v.value("Email"), v.value("UserName"), v.value("UserRole"), v.value("CustomPermissionsName")}
	name := cmp.Or(form.UserName, form.Email)
	v.post("UserName", name)
	r, err := v.p.Directory.RegisterUser(v.r.Context(), v.caller, directory.NewUser{
		AccountID: v.in.Account.ID, Namespace: namespaceShown, IdentityType: directory.QuickSightIdentity,
		Name: name, Email: form.Email, Role: form.UserRole, CustomPermissions: form.CustomPermissionsName,
		Mail: true})
	if text, ok := told(err); ok {
		return v.showInvite(http.StatusUnprocessableEntity, invitePage{
			Form: form, Problem: text, Existing: v.existing(err, name)})
	}
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "invited.html", invitedPage{
		Console: v.page("Users", r.User.Name+" is invited"), User: r.User, Mailed: r.Mailed, Link: r.InvitationURL})
}

// existing is the PrincipalId of the user who has a name already, so that who
// sent a form twice finds what the first has made; "" if that is not the error.
func (v *visit) existing(err error, name string) string {
	if !isKind(err, directory.Exists) {
		return ""
	}
	u, err := v.p.Directory.DescribeUser(v.r.Context(), v.caller, v.in.Account.ID, namespaceShown, name)
	if err != nil { // deleted by now, it may be
		return ""
	}
	return u.PrincipalID
}
