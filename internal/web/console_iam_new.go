package web

import (
	"net/http"

	"rollcall/internal/iam"
)

// newUserPage is the form for another IAM user.
type newUserPage struct {
	Console
	Name, Path string
	Problem    string // why the last try was refused; "": there was none
}

func (v *visit) openNewIAMUser() error {
	return v.show(http.StatusOK, "iam-user-new.html", newUserPage{Console: v.page("Access", "New user")})
}

func (v *visit) createIAMUser() error {
	n := iam.NewUser{Name: v.value("UserName"), Path: v.value("Path")}
	err := v.check("CreateUser", "UserName", n.Name, "Path", n.Path)
	if err == nil {
		_, err = v.p.IAM.CreateUser(v.r.Context(), v.caller, n)
	}
	if text, ok := v.refusal(err); ok {
		return v.show(http.StatusUnprocessableEntity, "iam-user-new.html",
			newUserPage{v.page("Access", "New user"), n.Name, n.Path, text})
	}
	if err != nil {
		return err
	}
	return v.leave(iamUsers.page("", n.Name, "done", "iam-user-created"))
}

// newRolePage is the form for another role.
type newRolePage struct {
	Console
	RoleName, Path, Description string
	Trusted                     string // who may assume it: trustAccount or trustOthers
	AssumeRolePolicyDocument    string // of trustOthers
	Problem                     string // why the last try was refused; "": there was none
}

// Whom a new role can trust.
const (
	trustAccount = "account"
	trustOthers  = "others"
)

// Others says whether the form's own document counts.
func (p newRolePage) Others() bool { return p.Trusted == trustOthers }

// trustPolicy trusts one principal.
func trustPolicy(arn string) string {
	return `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "AWS": "` + arn + `"
      },
      "Action": "sts:AssumeRole"
    }
  ]
}`
}

func (v *visit) openNewIAMRole() error {
	return v.show(http.StatusOK, "iam-role-new.html", newRolePage{
		Console: v.page("Access", "New role"), Trusted: trustAccount,
		AssumeRolePolicyDocument: trustPolicy("arn:aws:iam::" + v.in.Account.ID + ":user/NAME"),
	})
}

func (v *visit) createIAMRole() error {
	page := newRolePage{
		RoleName: v.value("RoleName"), Path: v.value("Path"), Description: v.document("Description"),
		Trusted: v.value("Trusted"), AssumeRolePolicyDocument: v.document("AssumeRolePolicyDocument")}
	n := iam.NewRole{Name: page.RoleName, Path: page.Path, Description: page.Description, Trust: page.AssumeRolePolicyDocument}
	if !page.Others() {
		n.Trust = trustPolicy("arn:aws:iam::" + v.in.Account.ID + ":root")
	}
	err := v.check("CreateRole", "RoleName", n.Name, "Path", n.Path, "Description", n.Description, "AssumeRolePolicyDocument", n.Trust)
	if err == nil {
		_, err = v.p.IAM.CreateRole(v.r.Context(), v.caller, n)
	}
	if text, ok := v.refusal(err); ok {
		page.Console, page.Problem = v.page("Access", "New role"), text
		return v.show(http.StatusUnprocessableEntity, "iam-role-new.html", page)
	}
	if err != nil {
		return err
	}
	return v.leave(iamRoles.page("", n.Name, "done", "iam-role-created"))
}
