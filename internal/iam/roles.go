package iam

import (
	"cmp"
	"context"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/iamid"
	"rollcall/internal/store"
)

// Role is a role as the API shows one: its trust policy names principals by
// their ARNs.
type Role struct {
	store.Principal
	ARN string
}

func showRole(r store.Reader, p *store.Principal) (Role, error) {
	role := Role{*p, access.PrincipalARN(p)}
	var err error
	role.Trust, err = showTrust(r, p.AccountID, p.Trust)
	return role, err
}

// NewRole is what CreateRole is asked for. "" and 0 mean absent.
type NewRole struct {
	Name        string
	Path        string // "": "/"
	Trust       string
	Description string
	MaxSession  time.Duration // 0: an hour
	Boundary    string        // ARN
	Tags        []Tag
}

// CreateRole adds a role.
func (i *IAM) CreateRole(ctx context.Context, c *access.Caller, n NewRole) (role Role, err error) {
	p := store.Principal{
		IAMIdentity: store.IAMIdentity{AccountID: c.Account.ID, Kind: store.IAMRole, Name: n.Name, UniqueID: iamid.New(iamid.Role)},
		Path:        cmp.Or(n.Path, "/"),
		Description: n.Description,
		MaxSession:  cmp.Or(n.MaxSession, defaultSession),
		Boundary:    n.Boundary,
	}
	tags, invalid := newTags(n.Tags)
	p.Tags = tags
	call := access.Call{Action: "iam:CreateRole", Keys: boundaryKeys(n.Boundary, access.TagKeys(tags)), Invalid: cmp.Or(invalid, checkTrust(n.Trust))}
	var shown string
	err = i.createPrincipal(ctx, c, call, &p, func(tx store.Tx, made *store.Principal) error {
		if err := checkBoundary(tx, c, n.Boundary); err != nil {
			return err
		}
		if made.Trust, err = keepTrust(tx, c.Account.ID, n.Trust); err != nil {
			return err
		}
		shown, err = showTrust(tx, c.Account.ID, made.Trust)
		return err
	})
	p.Trust = shown
	return Role{p, access.PrincipalARN(&p)}, err
}

// GetRole gives a role.
func (i *IAM) GetRole(ctx context.Context, c *access.Caller, name string) (role Role, err error) {
	err = i.readPrincipal(ctx, c, "GetRole", RoleRef(name), func(r store.Reader, p *store.Principal) error {
		role, err = showRole(r, p)
		return err
	})
	return role, err
}

// ListRoles gives a page of the roles under a path, in the order of names.
func (i *IAM) ListRoles(ctx context.Context, c *access.Caller, pathPrefix string, page Page) (roles []Role, marker string, err error) {
	marker, err = i.listPrincipals(ctx, c, "ListRoles", store.IAMRole, pathPrefix, page, func(r store.Reader, p *store.Principal) error {
		role, err := showRole(r, p)
		roles = append(roles, role)
		return err
	})
	return roles, marker, err
}

// UpdateRole changes a role's description, unless that is nil, and the longest
// duration of its sessions, which is an hour again when it is 0.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html
func (i *IAM) UpdateRole(ctx context.Context, c *access.Caller, name string, description *string, maxSession time.Duration) error {
	p := RoleRef(name)
	return i.changePrincipal(ctx, c, p.call(c, "UpdateRole", nil), p, func(_ store.Tx, role *store.Principal) error {
		if description != nil {
			role.Description = *description
		}
		role.MaxSession = cmp.Or(maxSession, defaultSession)
		return nil
	})
}

// UpdateRoleDescription changes a role's description and shows the role.
func (i *IAM) UpdateRoleDescription(ctx context.Context, c *access.Caller, name, description string) (role Role, err error) {
	p := RoleRef(name)
	err = i.changePrincipal(ctx, c, p.call(c, "UpdateRoleDescription", nil), p, func(tx store.Tx, found *store.Principal) error {
		found.Description = description
		role, err = showRole(tx, found)
		return err
	})
	return role, err
}

// UpdateAssumeRolePolicy changes whom a role trusts.
func (i *IAM) UpdateAssumeRolePolicy(ctx context.Context, c *access.Caller, name, trust string) error {
	p := RoleRef(name)
	call := p.call(c, "UpdateAssumeRolePolicy", nil)
	call.Invalid = checkTrust(trust)
	return i.changePrincipal(ctx, c, call, p, func(tx store.Tx, role *store.Principal) (err error) {
		role.Trust, err = keepTrust(tx, c.Account.ID, trust)
		return err
	})
}

// DeleteRole removes a role that has no policies any more.
func (i *IAM) DeleteRole(ctx context.Context, c *access.Caller, name string) error {
	return i.deletePrincipal(ctx, c, "DeleteRole", RoleRef(name))
}

// ListInstanceProfilesForRole finds that a role is in no instance profile,
// since there are none.
func (i *IAM) ListInstanceProfilesForRole(ctx context.Context, c *access.Caller, name string, page Page) error {
	_, _, err := partOfPrincipal(ctx, i, c, "ListInstanceProfilesForRole", RoleRef(name), page, none)
	return err
}
