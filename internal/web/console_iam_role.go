package web

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// roleForm is what can be changed of a role.
type roleForm struct {
	Description        string
	MaxSessionDuration string // seconds
	PolicyDocument     string // trust policy
}

func newRoleForm(e *iamEntity) roleForm {
	return roleForm{e.Description, strconv.Itoa(int(e.MaxSession / time.Second)), legible(e.Trust)}
}

// sessionsFor are the longest durations of a session to choose from, with the
// one that is chosen.
func sessionsFor(chosen string) []choice {
	all := []choice{}
	for _, hours := range []int{1, 2, 4, 8, 12} {
		all = append(all, choice{Value: strconv.Itoa(hours * 3600), Label: plural(hours, "hour", "hours")})
	}
	if n, err := strconv.Atoi(chosen); err == nil && !slices.ContainsFunc(all, func(c choice) bool { return c.Value == chosen }) {
		all = append(all, choice{Value: chosen, Label: fmt.Sprint(time.Duration(n) * time.Second)})
	}
	return all
}

func (v *visit) saveTrust() error {
	e, err := v.principal(iamRoles)
	if err != nil {
		return err
	}
	form := newRoleForm(&e)
	form.PolicyDocument = v.document("PolicyDocument")
	err = v.check("UpdateAssumeRolePolicy", "RoleName", e.Name, "PolicyDocument", form.PolicyDocument)
	if err == nil {
		err = v.p.IAM.UpdateAssumeRolePolicy(v.r.Context(), v.caller, e.Name, form.PolicyDocument)
	}
	return v.saved(iamRoles, e, principalPage{Role: form, About: aboutTrust}, err, "iam-trust-saved")
}

func (v *visit) saveIAMRole() error {
	e, err := v.principal(iamRoles)
	if err != nil {
		return err
	}
	form := newRoleForm(&e)
	form.Description, form.MaxSessionDuration = v.document("Description"), v.value("MaxSessionDuration")
	err = v.check("UpdateRole", "RoleName", e.Name, "Description", form.Description, "MaxSessionDuration", form.MaxSessionDuration)
	if err == nil {
		seconds, _ := strconv.Atoi(form.MaxSessionDuration) // "" is an hour
		err = v.p.IAM.UpdateRole(v.r.Context(), v.caller, e.Name, &form.Description, time.Duration(seconds)*time.Second)
	}
	return v.saved(iamRoles, e, principalPage{Role: form, About: aboutSettings}, err, "iam-role-saved")
}
