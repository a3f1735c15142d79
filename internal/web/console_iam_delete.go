package web

import (
	"net/http"

	"rollcall/internal/iam"
)

// deletePrincipalPage asks before a user or role is deleted. What hangs on it
// has to go first, one by one.
type deletePrincipalPage struct {
	Console
	Kind     iamKind
	Name     string
	Back     string // address of its page
	Keys     []iam.AccessKey
	Inline   []string
	Attached []string // ARNs
	Left     int      // how many there are
	Problem  string   // why it was refused; "": it was not
}

// stepsOnPage is how many of each that hangs on a principal are shown at once.
const stepsOnPage = 10

func (v *visit) askDeletePrincipal(k iamKind) error {
	e, err := v.principal(k)
	if err != nil {
		return err
	}
	return v.showDelete(http.StatusOK, k, e, "")
}

func (v *visit) showDelete(status int, k iamKind, e iamEntity, problem string) (err error) {
	page := deletePrincipalPage{
		Console: v.page("Access", "Delete "+e.Name+"?"), Kind: k, Name: e.Name, Back: k.page("", e.Name), Problem: problem}
	if k.IsUser() {
		page.Keys, _, err = v.p.IAM.ListAccessKeys(v.r.Context(), v.caller, e.Name, iam.Page{})
		if err != nil {
			return err
		}
	}
	page.Left = len(page.Keys) + len(e.Inline) + len(e.Attached)
	for _, p := range e.Inline[:min(len(e.Inline), stepsOnPage)] {
		page.Inline = append(page.Inline, p.Name)
	}
	page.Attached = e.Attached[:min(len(e.Attached), stepsOnPage)]
	return v.show(status, "iam-delete.html", page)
}

func (v *visit) deletePrincipal(k iamKind) error {
	e, err := v.principal(k)
	if err != nil {
		return err
	}
	if err = v.check("Delete"+k.Title, k.Field(), e.Name); err == nil {
		err = v.removePrincipal(k, e.Name)
	}
	if text, ok := v.refusal(err); ok {
		return v.showDelete(http.StatusUnprocessableEntity, k, e, text)
	}
	if err != nil {
		return err
	}
	return v.leave(k.List + "?done=iam-" + k.Noun + "-deleted")
}

func (v *visit) removePrincipal(k iamKind, name string) error {
	if k.IsUser() {
		return v.p.IAM.DeleteUser(v.r.Context(), v.caller, name)
	}
	return v.p.IAM.DeleteRole(v.r.Context(), v.caller, name)
}
