package web

import (
	"net/http"
	"slices"

	"rollcall/internal/iam"
)

// keyPage shows an access key just made, once.
type keyPage struct {
	Console
	User            string
	Back            string // address of the user's page
	AccessKeyID     string
	SecretAccessKey string
	URL             string // of the API
	Region          string
}

// createKey answers with the secret itself: it is in no address and no record.
func (v *visit) createKey() error {
	e, err := v.principal(iamUsers)
	if err != nil {
		return err
	}
	var made iam.NewAccessKey
	if err = v.check("CreateAccessKey", "UserName", e.Name); err == nil {
		made, err = v.p.IAM.CreateAccessKey(v.r.Context(), v.caller, e.Name)
	}
	if err != nil {
		return v.saved(iamUsers, e, principalPage{About: aboutKeys}, err, "")
	}
	return v.show(http.StatusOK, "iam-key.html", keyPage{
		v.page("Access", "A key for "+e.Name), e.Name, iamUsers.page("", e.Name),
		made.ID, made.Key.Secret, v.p.PublicURL, v.in.Account.Region})
}

func (v *visit) updateKey() error {
	e, err := v.principal(iamUsers)
	if err != nil {
		return err
	}
	id, status, done := v.value("AccessKeyId"), v.value("Status"), "iam-key-active"
	if status == "Inactive" {
		done = "iam-key-inactive"
	}
	err = v.check("UpdateAccessKey", "UserName", e.Name, "AccessKeyId", id, "Status", status)
	if err == nil {
		err = v.p.IAM.UpdateAccessKey(v.r.Context(), v.caller, e.Name, id, status)
	}
	return v.saved(iamUsers, e, principalPage{About: aboutKeys}, err, done)
}

// deletePage asks before something of a user or role is deleted.
type deletePage struct {
	Console
	Kind iamKind
	Name string // of the user or role
	What string // name of what is deleted
	Back string // address of the page where it is
}

func (v *visit) askDeleteKey() error {
	e, err := v.principal(iamUsers)
	if err != nil {
		return err
	}
	keys, _, err := v.p.IAM.ListAccessKeys(v.r.Context(), v.caller, e.Name, iam.Page{})
	if err != nil {
		return err
	}
	id := v.value("AccessKeyId")
	if !slices.ContainsFunc(keys, func(k iam.AccessKey) bool { return k.ID == id }) {
		return &iam.Error{Code: iam.NoSuchEntity}
	}
	return v.show(http.StatusOK, "iam-key-delete.html", deletePage{
		v.page("Access", "Delete this access key?"), iamUsers, e.Name, id, iamUsers.page("", e.Name)})
}

func (v *visit) deleteKey() error {
	e, err := v.principal(iamUsers)
	if err != nil {
		return err
	}
	id := v.value("AccessKeyId")
	err = v.check("DeleteAccessKey", "UserName", e.Name, "AccessKeyId", id)
	if err == nil {
		err = v.p.IAM.DeleteAccessKey(v.r.Context(), v.caller, e.Name, id)
	}
	return v.saved(iamUsers, e, principalPage{About: aboutKeys}, err, "iam-key-deleted")
}
