package iam

import (
	"cmp"
	"context"
	"errors"

	"rollcall/internal/access"
	"rollcall/internal/iamid"
	"rollcall/internal/store"
)

// User is an IAM user as the API shows one. The root of an account is one
// without name and path.
type User struct {
	store.Principal
	ARN string
}

func showUser(p *store.Principal) User { return User{*p, access.PrincipalARN(p)} }

// NewUser is what CreateUser is asked for. "" means absent.
type NewUser struct {
	Name     string
	Path     string // "": "/"
	Boundary string // ARN
	Tags     []Tag
}

// CreateUser adds a user.
func (i *IAM) CreateUser(ctx context.Context, c *access.Caller, n NewUser) (User, error) {
	p := store.Principal{
		IAMIdentity: store.IAMIdentity{AccountID: c.Account.ID, Kind: store.IAMUser, Name: n.Name, UniqueID: iamid.New(iamid.User)},
		Path:        cmp.Or(n.Path, "/"),
		Boundary:    n.Boundary,
	}
	tags, invalid := newTags(n.Tags)
	p.Tags = tags
	call := access.Call{Action: "iam:CreateUser", Subject: n.Name, Keys: boundaryKeys(n.Boundary, access.TagKeys(tags)), Invalid: invalid}
	err := i.createPrincipal(ctx, c, call, &p, func(tx store.Tx, _ *store.Principal) error { return checkBoundary(tx, c, n.Boundary) })
	return showUser(&p), err
}

// GetUser gives a user; "" is the caller, who may be the root of the account.
func (i *IAM) GetUser(ctx context.Context, c *access.Caller, name string) (u User, err error) {
	p, err := self(c, name)
	if err != nil {
		return u, err
	}
	err = i.readPrincipal(ctx, c, "GetUser", p, func(_ store.Reader, found *store.Principal) error {
		u = showUser(found)
		return nil
	})
	return u, err
}

// ListUsers gives a page of the users under a path, in the order of names.
func (i *IAM) ListUsers(ctx context.Context, c *access.Caller, pathPrefix string, page Page) (users []User, marker string, err error) {
	marker, err = i.listPrincipals(ctx, c, "ListUsers", store.IAMUser, pathPrefix, page, func(_ store.Reader, p *store.Principal) error {
		users = append(users, showUser(p))
		return nil
	})
	return users, marker, err
}

// UpdateUser gives a user another name, another path or both; "" leaves it. The
// caller needs to be allowed for the user as he is and as he is to be.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html
func (i *IAM) UpdateUser(ctx context.Context, c *access.Caller, name, newName, newPath string) error {
	p := UserRef(name)
	update := func(u *store.Principal) { u.Name, u.Path = cmp.Or(newName, u.Name), cmp.Or(newPath, u.Path) }
	call := p.call(c, "UpdateUser", nil)
	updated := call
	updated.Find = func(r store.Reader, call *access.Call) error {
		u, err := p.look(r, c)
		update(&u)
		call.Resource, call.Keys = access.PrincipalARN(&u), resourceTagKeys(u.Tags, nil)
		return err
	}
	if err := i.guard.Read(ctx, c, updated, nil); err != nil {
		return err
	}
	err := i.changePrincipal(ctx, c, call, p, func(_ store.Tx, u *store.Principal) error {
		update(u)
		return nil
	})
	if errors.Is(err, store.ErrExists) {
		return refuse(EntityAlreadyExists, "User with name %s already exists.", newName)
	}
	return err
}

// DeleteUser removes a user on whom nothing hangs any more.
func (i *IAM) DeleteUser(ctx context.Context, c *access.Caller, name string) error {
	return i.deletePrincipal(ctx, c, "DeleteUser", UserRef(name))
}

// ListGroupsForUser finds that a user is in no group, since there are none.
func (i *IAM) ListGroupsForUser(ctx context.Context, c *access.Caller, name string, page Page) error {
	_, _, err := partOfPrincipal(ctx, i, c, "ListGroupsForUser", UserRef(name), page, none)
	return err
}
