package iam

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/store"
)

// noun is what messages call a kind of principal.
var noun = map[store.IAMKind]string{store.IAMUser: "user", store.IAMRole: "role"}

// title is the noun at the beginning of a sentence, and in names of actions.
var title = map[store.IAMKind]string{store.IAMUser: "User", store.IAMRole: "Role"}

// Ref names the principal that a call is about.
type Ref struct {
	kind store.IAMKind
	name string
	id   string // unique id; "": the name counts
}

// UserRef names a user.
func UserRef(name string) Ref { return Ref{kind: store.IAMUser, name: name} }

// RoleRef names a role.
func RoleRef(name string) Ref { return Ref{kind: store.IAMRole, name: name} }

// self is the user of that name; "" is the caller, who may be the root of the
// account.
func self(c *access.Caller, name string) (Ref, error) {
	switch {
	case name != "":
		return UserRef(name), nil
	case c.Kind == store.IAMUser:
		return Ref{kind: store.IAMUser, name: c.Name, id: c.UserID}, nil // he may have another name by now
	case c.Kind == store.IAMRoot:
		return Ref{kind: store.IAMRoot}, nil
	}
	return Ref{}, refuse(ValidationError, "Must specify userName when calling with non-User credentials")
}

// read reads the principal from the store, which the root of an account is not
// in.
func (p Ref) read(r store.Reader, c *access.Caller) (store.Principal, error) {
	if p.id != "" {
		return r.PrincipalByUniqueID(c.Account.ID, p.id)
	}
	return r.Principal(c.Account.ID, p.kind, p.name)
}

// find finds the principal.
func (p Ref) find(r store.Reader, c *access.Caller) (store.Principal, error) {
	if p.kind == store.IAMRoot {
		return p.bare(c), nil
	}
	found, err := p.read(r, c)
	if store.Missing(err, store.RecordPrincipal) {
		err = refuse(NoSuchEntity, "The %s with name %s cannot be found.", noun[p.kind], p.name)
	}
	return found, err
}

// look is find, but of one that does not exist it gives what the name tells.
func (p Ref) look(r store.Reader, c *access.Caller) (store.Principal, error) {
	found, err := p.read(r, c)
	if store.Missing(err, store.RecordPrincipal) {
		return p.bare(c), nil
	}
	return found, err
}

// bare is the principal as far as its name tells.
func (p Ref) bare(c *access.Caller) store.Principal {
	identity := store.IAMIdentity{AccountID: c.Account.ID, Kind: p.kind, Name: p.name}
	if p.kind == store.IAMRoot {
		identity.UniqueID = c.Account.ID
		return store.Principal{IAMIdentity: identity, CreatedAt: c.Account.CreatedAt}
	}
	return store.Principal{IAMIdentity: identity, Path: "/"}
}

// call is a call about the principal, whose path and tags are found out in the
// call's transaction. In the name of an action, * is the kind of principal.
func (p Ref) call(c *access.Caller, action string, keys map[string][]string) access.Call {
	return p.callWith(c, action, func(*store.Principal) map[string][]string { return keys })
}

// boundedCall is a call that changes what the principal may do. The boundary
// that the principal has is a condition key of it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PermissionsBoundary
func (p Ref) boundedCall(c *access.Caller, action string, keys map[string][]string) access.Call {
	return p.callWith(c, action, func(found *store.Principal) map[string][]string { return boundaryKeys(found.Boundary, keys) })
}

func (p Ref) callWith(c *access.Caller, action string, keys func(*store.Principal) map[string][]string) access.Call {
	return access.Call{
		Action:    "iam:" + strings.Replace(action, "*", title[p.kind], 1),
		AccountID: c.Account.ID,
		Find: func(r store.Reader, call *access.Call) error {
			found, err := p.look(r, c)
			call.Resource = access.PrincipalARN(&found)
			call.Keys = resourceTagKeys(found.Tags, keys(&found))
			if p.kind == store.IAMUser {
				call.Subject = found.Name
			}
			return err
		},
	}
}

// resourceTagKeys are the condition keys of a resource with tags, and others.
func resourceTagKeys(tags store.Tags, others map[string][]string) map[string][]string {
	keys := access.ResourceTagKeys(tags)
	maps.Copy(keys, others)
	for name, value := range tags {
		keys["iam:ResourceTag/"+name] = []string{value}
	}
	return keys
}

// readPrincipal is a call that reads a principal.
func (i *IAM) readPrincipal(ctx context.Context, c *access.Caller, action string, p Ref, fn func(store.Reader, *store.Principal) error) error {
	return i.guard.Read(ctx, c, p.call(c, action, nil), func(r store.Reader) error {
		found, err := p.find(r, c)
		if err != nil {
			return err
		}
		return fn(r, &found)
	})
}

// changePrincipal is a call that changes a principal, which is stored when fn
// is done with it.
func (i *IAM) changePrincipal(ctx context.Context, c *access.Caller, call access.Call, p Ref, fn func(store.Tx, *store.Principal) error) error {
	return i.guard.Change(ctx, c, call, func(tx store.Tx) (string, error) {
		found, err := p.find(tx, c)
		if err != nil {
			return "", err
		}
		if err := fn(tx, &found); err != nil {
			return "", err
		}
		return "", tx.UpdatePrincipal(found)
	})
}

// createPrincipal is a call that makes a principal, as prepare completes it.
func (i *IAM) createPrincipal(ctx context.Context, c *access.Caller, call access.Call, p *store.Principal, prepare func(store.Tx, *store.Principal) error) error {
	call.AccountID, call.Resource = c.Account.ID, access.PrincipalARN(p)
	made := *p
	err := i.guard.Change(ctx, c, call, func(tx store.Tx) (string, error) {
		made = *p
		made.CreatedAt = tx.Now()
		if err := prepare(tx, &made); err != nil {
			return "", err
		}
		var err error
		if made, err = tx.CreatePrincipal(made); errors.Is(err, store.ErrExists) {
			return "", refuse(EntityAlreadyExists, "%s with name %s already exists.", title[p.Kind], p.Name)
		}
		return principalResponse(&made), err
	})
	*p = made
	return err
}

// principalResponse is a principal in a record.
func principalResponse(p *store.Principal) string {
	kind := noun[p.Kind]
	return response(map[string]any{kind: map[string]any{
		kind + "Name": p.Name,
		kind + "Id":   p.UniqueID,
		"arn":         access.PrincipalARN(p),
		"path":        p.Path,
		"createDate":  p.CreatedAt.Format(recordTime),
	}})
}

// recordTime is how CloudTrail writes times inside of what IAM answered.
const recordTime = "Jan 2, 2006 3:04:05 PM"

// response writes the answer of a call into its record.
func response(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts and maps always have a JSON form
	}
	return string(b)
}

// listPrincipals is a call that lists principals of a kind. It shows those of
// the page one by one.
func (i *IAM) listPrincipals(ctx context.Context, c *access.Caller, action string, kind store.IAMKind, pathPrefix string, page Page, show func(store.Reader, *store.Principal) error) (marker string, err error) {
	list := action + " " + c.Account.ID + " " + pathPrefix
	after, invalid := page.after(i.pages, list)
	call := access.Call{
		Action:    "iam:" + action,
		AccountID: c.Account.ID,
		Resource:  "arn:aws:iam::" + c.Account.ID + ":" + noun[kind] + cmp.Or(pathPrefix, "/"),
		Invalid:   invalid,
	}
	err = i.guard.Read(ctx, c, call, func(r store.Reader) error {
		all, err := r.PrincipalPage(c.Account.ID, kind, pathPrefix, after, page.size()+1)
		if err != nil {
			return err
		}
		all, marker = cut(i.pages, list, all, page, func(p *store.Principal) string { return p.Name })
		for n := range all {
			if err := show(r, &all[n]); err != nil {
				return err
			}
		}
		return nil
	})
	return marker, err
}

// deletePrincipal removes a principal that has no policies and no keys any
// more.
func (i *IAM) deletePrincipal(ctx context.Context, c *access.Caller, action string, p Ref) error {
	return i.guard.Change(ctx, c, p.call(c, action, nil), func(tx store.Tx) (string, error) {
		found, err := p.find(tx, c)
		if err != nil {
			return "", err
		}
		if err := deletable(tx, &found); err != nil {
			return "", err
		}
		return "", tx.DeletePrincipal(found.ID)
	})
}

// deletable says what still hangs on a principal.
func deletable(r store.Reader, p *store.Principal) error {
	keys, err := r.AccessKeys(p.AccountID, p.ID)
	switch {
	case err != nil:
		return err
	case len(keys) > 0:
		return refuse(DeleteConflict, "Cannot delete entity, must delete access keys first.")
	case len(p.Inline) > 0:
		return refuse(DeleteConflict, "Cannot delete entity, must delete policies first.")
	case len(p.Attached) > 0:
		return refuse(DeleteConflict, "Cannot delete entity, must detach all policies first.")
	}
	return nil
}
