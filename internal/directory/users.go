package directory

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"

	"rollcall/internal/store"
)

// User is a user as the API and the pages show one. Empty members are absent.
type User struct {
	ARN               string
	Name              string
	Email             string
	Role              string
	IdentityType      string
	Active            bool
	PrincipalID       string
	CustomPermissions string // name of the profile
	ExternalLogin     store.ExternalLogin
}

// iamPrefix begins the PrincipalId of IAM users.
const iamPrefix = "federated/iam/"

// nativePrefix begins the PrincipalId of native users of a namespace.
func nativePrefix(n store.Namespace) string { return "user/" + n.DirectoryID + "/" }

// show is how the users of a namespace are shown: what all of them have in
// common is put together once for a page.
type show struct{ arnPrefix, nativePrefix string }

func (c Caller) show(n store.Namespace) show {
	return show{c.userARN(scope{n.AccountID, n.Name}, ""), nativePrefix(n)}
}

// user shows a stored user.
func (s show) user(u *store.User) User {
	prefix := s.nativePrefix
	if u.Identity == IAMIdentity {
		prefix = iamPrefix
	}
	return User{
		ARN:               s.arnPrefix + u.Name,
		Name:              u.Name,
		Email:             u.Email,
		Role:              u.Role,
		IdentityType:      u.Identity,
		Active:            u.Active,
		PrincipalID:       prefix + u.Principal,
		CustomPermissions: u.CustomPermissionsName,
		ExternalLogin:     u.ExternalLogin,
	}
}

// NewUser is what RegisterUser is asked for. Nil and "" mean absent.
type NewUser struct {
	AccountID         string
	Namespace         string
	IdentityType      string
	Name              string // of native users only
	Email             string
	Role              string
	IAMARN            *string
	SessionName       string
	CustomPermissions string // name of a profile
	ExternalLogin     ExternalLogin
	Tags              []Tag
}

func (n *NewUser) scope() scope { return scope{n.AccountID, n.Namespace} }

// Registered is a new user and, for a native one, the only sight of the link
// that leads to its first password.
type Registered struct {
	User          User
	InvitationURL string
}

// RegisterUser adds a user.
func (d *Directory) RegisterUser(ctx context.Context, c Caller, n NewUser) (r Registered, err error) {
	name, iam, invalid := n.identify()
	s := n.scope()
	if err := c.authorize(n.AccountID, "RegisterUser", c.userARN(s, name)); err != nil {
		return r, err
	}
	if invalid != nil {
		return r, invalid
	}
	u, err := n.user(name, iam)
	if err != nil {
		return r, err
	}
	secret := newInvitationSecret()
	err = d.store.Update(ctx, func(tx store.Tx) error {
		r, err = d.createUser(tx, c, s, registration{u, n.CustomPermissions, iam, secret})
		return err
	})
	return r, err
}

// user checks what can be checked without the store.
func (n *NewUser) user(name string, iam *store.IAMIdentity) (u store.User, err error) {
	s := n.scope()
	if err := errors.Join(checkUserName(name), checkEmail(s, n.Email), checkRole(s, n.Role)); err != nil {
		return u, first(err)
	}
	u = store.User{
		Name:     name,
		Email:    n.Email,
		Role:     n.Role,
		Identity: n.IdentityType,
		// A role's session is somebody who has yet to come; an IAM user or
		// root is there already.
		Active: iam != nil && iam.Kind != store.IAMRole,
	}
	if u.ExternalLogin, err = n.ExternalLogin.register(s); err != nil {
		return u, err
	}
	u.Tags, err = newTags(n.Tags, UserResource)
	return u, err
}

// registration is a user on the way into the store.
type registration struct {
	user    store.User
	profile string
	iam     *store.IAMIdentity // nil: a native user
	secret  invitationSecret
}

func (d *Directory) createUser(tx store.Tx, c Caller, s scope, reg registration) (r Registered, err error) {
	ns, err := tx.Namespace(s.accountID, s.namespace)
	if err != nil {
		return r, s.user(err, reg.user.Name)
	}
	u := reg.user
	// The id is made here, where one registration comes after the other: lists
	// are in its order, and a page must not pass a user who is yet to come.
	u.NamespaceID, u.ID, u.CreatedAt = ns.ID, uuid.Must(uuid.NewV7()), tx.Now()
	if err := assignProfile(tx, s.accountID, &u, reg.profile); err != nil {
		return r, err
	}
	n := store.NewUser{MaxUsers: d.maxUsers}
	if reg.iam != nil {
		id, err := tx.EnsureIAMIdentity(*reg.iam)
		if err != nil {
			return r, err
		}
		u.IAMIdentityID, u.Principal = id.ID, iamPrincipal(id, u.Name)
	} else {
		// Not the row's own id, and like it of a time-ordered kind, which
		// keeps the index on it small and quick to extend.
		u.Principal = uuid.Must(uuid.NewV7()).String()
		n.Invitation = reg.secret.invitation(&u)
		r.InvitationURL = d.invitationURL(&u, reg.secret)
	}
	n.User = u
	if err := tx.CreateUser(s.accountID, n); err != nil {
		return Registered{}, s.user(err, u.Name)
	}
	r.User = c.show(ns).user(&u)
	return r, nil
}

// iamPrincipal is the UserId that sts:GetCallerIdentity gives the principal.
func iamPrincipal(id store.IAMIdentity, userName string) string {
	if _, session, ok := strings.Cut(userName, "/"); ok && id.Kind == store.IAMRole {
		return id.UniqueID + ":" + session
	}
	return id.UniqueID
}

// assignProfile gives a user the profile of that name; "" leaves the user's.
func assignProfile(tx store.Reader, accountID string, u *store.User, name string) error {
	if name == "" {
		return nil
	}
	p, err := tx.CustomPermissions(accountID, name)
	if err != nil {
		return profileError(err, accountID, name)
	}
	u.CustomPermissionsID, u.CustomPermissionsName = p.ID, p.Name
	return nil
}

// DescribeUser gives a user by name, which is compared byte by byte.
func (d *Directory) DescribeUser(ctx context.Context, c Caller, accountID, namespace, name string) (user User, err error) {
	s := scope{accountID, namespace}
	if err := c.authorize(accountID, "DescribeUser", c.userARN(s, name)); err != nil {
		return user, err
	}
	err = d.store.View(ctx, func(r store.Reader) error {
		ns, u, err := r.User(accountID, namespace, name)
		if err != nil {
			return s.user(err, name)
		}
		user = c.show(ns).user(&u)
		return nil
	})
	return user, err
}

// UserChange is what UpdateUser is asked for.
type UserChange struct {
	AccountID         string
	Namespace         string
	Name              string
	Email             string // replaced
	Role              string // replaced
	CustomPermissions string // name of a profile; "": as it was
	Unapply           *bool  // takes the profile away; only true is accepted
	ExternalLogin     ExternalLogin
}

// UpdateUser replaces e-mail and role of a user, and profile and external
// login where the change names them.
func (d *Directory) UpdateUser(ctx context.Context, c Caller, ch UserChange) (user User, err error) {
	s := scope{ch.AccountID, ch.Namespace}
	if err := c.authorize(ch.AccountID, "UpdateUser", c.userARN(s, ch.Name)); err != nil {
		return user, err
	}
	if err := ch.check(s); err != nil {
		return user, err
	}
	err = d.store.Update(ctx, func(tx store.Tx) error {
		ns, u, err := tx.User(ch.AccountID, ch.Namespace, ch.Name)
		if err != nil {
			return s.user(err, ch.Name)
		}
		if err := ch.apply(tx, s, &u); err != nil {
			return err
		}
		user = c.show(ns).user(&u)
		return tx.UpdateUser(u)
	})
	return user, err
}

func (ch *UserChange) check(s scope) error {
	if ch.Unapply != nil && !*ch.Unapply {
		return s.invalid("UnapplyCustomPermissions doesn't accept any other value than true.")
	}
	if ch.Unapply != nil && ch.CustomPermissions != "" {
		return s.invalid("CustomPermissionsName and UnapplyCustomPermissions can't be given together.")
	}
	return first(errors.Join(checkEmail(s, ch.Email), checkRole(s, ch.Role)))
}

func (ch *UserChange) apply(tx store.Reader, s scope, u *store.User) (err error) {
	if err := checkRoleChange(s, u.Role, ch.Role); err != nil {
		return err
	}
	if ch.ExternalLogin.given() && !ofRole(u) {
		return s.notApplicable(parameter{"External Login", true})
	}
	if u.ExternalLogin, err = ch.ExternalLogin.apply(s, u.ExternalLogin); err != nil {
		return err
	}
	u.Email, u.Role = ch.Email, ch.Role
	if ch.Unapply != nil {
		u.CustomPermissionsID, u.CustomPermissionsName = 0, ""
	}
	return assignProfile(tx, s.accountID, u, ch.CustomPermissions)
}

// ofRole says whether a user stands for a session of an IAM role.
func ofRole(u *store.User) bool {
	return u.Identity == IAMIdentity && strings.Contains(u.Principal, ":")
}

// DeleteUser removes a user by name.
func (d *Directory) DeleteUser(ctx context.Context, c Caller, accountID, namespace, name string) error {
	s := scope{accountID, namespace}
	if err := c.authorize(accountID, "DeleteUser", c.userARN(s, name)); err != nil {
		return err
	}
	return d.store.Update(ctx, func(tx store.Tx) error {
		_, u, err := tx.User(accountID, namespace, name)
		if err != nil {
			return s.user(err, name)
		}
		return tx.DeleteUser(u.NamespaceID, u.ID)
	})
}

// DeleteUserByPrincipalID removes a user by the whole PrincipalId.
func (d *Directory) DeleteUserByPrincipalID(ctx context.Context, c Caller, accountID, namespace, principalID string) error {
	s := scope{accountID, namespace}
	if err := c.authorize(accountID, "DeleteUserByPrincipalId", c.userARN(s, "*")); err != nil {
		return err
	}
	return d.store.Update(ctx, func(tx store.Tx) error {
		u, err := userByPrincipalID(tx, s, principalID)
		if err != nil {
			return s.user(err, principalID)
		}
		return tx.DeleteUser(u.NamespaceID, u.ID)
	})
}

func userByPrincipalID(tx store.Reader, s scope, principalID string) (u store.User, err error) {
	ns, err := tx.Namespace(s.accountID, s.namespace)
	if err != nil {
		return u, err
	}
	identity := IAMIdentity
	principal, ok := strings.CutPrefix(principalID, iamPrefix)
	if !ok {
		identity = QuickSightIdentity
		principal, ok = strings.CutPrefix(principalID, nativePrefix(ns))
	}
	if ok {
		u, err = tx.UserByPrincipal(ns.ID, principal)
	}
	if err == nil && (!ok || u.Identity != identity) {
		err = &store.Error{Kind: store.ErrNotFound, Record: store.RecordUser}
	}
	return u, err
}

// UserList is a part of the users of a namespace.
type UserList struct {
	Users     []User
	NextToken string // "": the list ends here
}

// ListUsers gives a page of the users of a namespace, in the order in which
// they were registered.
func (d *Directory) ListUsers(ctx context.Context, c Caller, accountID, namespace string, p Page) (list UserList, err error) {
	s := scope{accountID, namespace}
	if err := c.authorize(accountID, "ListUsers", c.userARN(s, "*")); err != nil {
		return list, err
	}
	kind := "users " + accountID + "/" + namespace
	position, err := d.openPosition(kind, p.Token)
	if err != nil {
		return list, err
	}
	var after uuid.UUID
	copy(after[:], position)
	err = d.store.View(ctx, func(r store.Reader) error {
		ns, err := r.Namespace(accountID, namespace)
		if err != nil {
			return s.user(err, "")
		}
		page, err := r.UserPage(ns.ID, after, p.size()+1)
		if err != nil {
			return err
		}
		if len(page) > p.size() {
			page = page[:p.size()]
			list.NextToken = d.sealPosition(kind, page[len(page)-1].ID[:])
		}
		show := c.show(ns)
		list.Users = make([]User, len(page))
		for i := range page {
			list.Users[i] = show.user(&page[i])
		}
		return nil
	})
	return list, err
}
