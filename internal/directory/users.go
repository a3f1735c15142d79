package directory

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"

	"rollcall/internal/access"
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

// show is how the users of a namespace are shown: what all of them have in
// common is put together once for a page.
type show struct{ arnPrefix, nativePrefix string }

func newShow(c *access.Caller, n store.Namespace) show {
	return show{scope{n.AccountID, n.Name}.userARN(c, ""), access.NativePrefix(n)}
}

// nobody stands for the name and the ARN of a user whose principal of IAM is
// gone.
// https://docs.aws.amazon.com/quicksight/latest/APIReference/API_User.html
const nobody = "N/A"

// user shows a stored user.
func (s show) user(u *store.User) User {
	prefix := s.nativePrefix
	if u.Identity == IAMIdentity {
		prefix = access.FederatedPrefix
	}
	name, arn := u.Name, s.arnPrefix+u.Name
	if u.Orphan {
		name, arn = nobody, nobody
	}
	return User{
		ARN:               arn,
		Name:              name,
		Email:             u.Email,
		Role:              u.Role,
		IdentityType:      u.Identity,
		Active:            u.Active,
		PrincipalID:       prefix + u.Principal,
		CustomPermissions: u.CustomPermissionsName,
		ExternalLogin:     u.ExternalLogin,
	}
}

// DescribeUser gives a user by name, which is compared byte by byte.
func (d *Directory) DescribeUser(ctx context.Context, c *access.Caller, accountID, namespace, name string) (user User, err error) {
	s := scope{accountID, namespace}
	err = d.guard.Read(ctx, c, s.userCall(c, "DescribeUser", name), func(r store.Reader) error {
		ns, u, err := r.User(accountID, namespace, name)
		if err != nil {
			return s.user(err, name)
		}
		user = newShow(c, ns).user(&u)
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

	// Seen is what whoever asks for the change has seen; nil: it does not matter.
	// When that is not so any more, nothing is changed.
	Seen *SeenUser
}

// SeenUser are those members of a user that a form shows and replaces.
type SeenUser struct{ Email, Role, CustomPermissions string }

func (s *SeenUser) check(u *store.User) error {
	if s == nil || *s == (SeenUser{u.Email, u.Role, u.CustomPermissionsName}) {
		return nil
	}
	return &Error{Kind: Conflict, Message: "Somebody else has changed this user meanwhile. Look at the user as it is now, and change it again."}
}

// UpdateUser replaces e-mail and role of a user, and profile and external
// login where the change names them.
func (d *Directory) UpdateUser(ctx context.Context, c *access.Caller, ch UserChange) (user User, err error) {
	s := scope{ch.AccountID, ch.Namespace}
	call := s.userCall(c, "UpdateUser", ch.Name)
	call.Invalid = ch.check(s)
	err = d.guard.Change(ctx, c, call, func(tx store.Tx) (string, error) {
		ns, u, err := tx.User(ch.AccountID, ch.Namespace, ch.Name)
		if err != nil {
			return "", s.user(err, ch.Name)
		}
		before := u
		if err := cmp.Or(ch.Seen.check(&u), ch.keepsConsole(c, &u)); err != nil {
			return "", err
		}
		if err := ch.apply(tx, s, &u); err != nil {
			return "", err
		}
		if err := d.setPower(tx, c, &before, &u); err != nil {
			return "", err
		}
		if err := lockAfter(tx, &before, &u); err != nil {
			return "", err
		}
		user = newShow(c, ns).user(&u)
		return "", tx.UpdateUser(u)
	})
	return user, err
}

// lockAfter ends ways in after a change: with another e-mail address or login a
// user may be somebody else, and with more power he must not have been here
// before.
func lockAfter(tx store.Tx, before, now *store.User) error {
	if now.ManagesIAM && !before.ManagesIAM || now.ExternalLogin != before.ExternalLogin { // no native user has a login
		return signOut(tx, now)
	}
	if now.Email == before.Email {
		return nil
	}
	read, err := readElsewhere(tx, now)
	switch {
	case err != nil:
		return err
	case read:
		return shutOut(tx, now)
	}
	return signOut(tx, now)
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

// keepsConsole refuses an administrator in the console who would not be one any
// more, or be signed out in the middle of his work.
func (ch *UserChange) keepsConsole(c *access.Caller, u *store.User) error {
	if c.IsUser(u) && (!access.IsAdministratorRole(ch.Role) || ch.Email != u.Email) {
		return errOwnUser
	}
	return nil
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
func (d *Directory) DeleteUser(ctx context.Context, c *access.Caller, accountID, namespace, name string) error {
	s := scope{accountID, namespace}
	return d.guard.Change(ctx, c, s.userCall(c, "DeleteUser", name), func(tx store.Tx) (string, error) {
		_, u, err := tx.User(accountID, namespace, name)
		if err != nil {
			return "", s.user(err, name)
		}
		return "", deleteUser(tx, c, &u)
	})
}

// DeleteUserByPrincipalID removes a user by the whole PrincipalId.
func (d *Directory) DeleteUserByPrincipalID(ctx context.Context, c *access.Caller, accountID, namespace, principalID string) error {
	s := scope{accountID, namespace}
	call := call(accountID, "DeleteUserByPrincipalId", s.userARN(c, "*"))
	return d.guard.Change(ctx, c, call, func(tx store.Tx) (string, error) {
		u, err := userByPrincipalID(tx, s, principalID)
		if err != nil {
			return "", s.user(err, principalID)
		}
		c.About(u.Name)
		return "", deleteUser(tx, c, &u)
	})
}

func deleteUser(tx store.Tx, c *access.Caller, u *store.User) error {
	if c.IsUser(u) {
		return errOwnUser
	}
	return tx.DeleteUser(u.NamespaceID, u.ID)
}

// errOwnUser keeps whoever works in the console from shutting himself out.
var errOwnUser = &Error{Kind: Conflict, Message: "You can't do this to your own user. Ask another administrator."}

func userByPrincipalID(tx store.Reader, s scope, principalID string) (u store.User, err error) {
	ns, err := tx.Namespace(s.accountID, s.namespace)
	if err != nil {
		return u, err
	}
	identity := IAMIdentity
	principal, ok := strings.CutPrefix(principalID, access.FederatedPrefix)
	if !ok {
		identity = QuickSightIdentity
		principal, ok = strings.CutPrefix(principalID, access.NativePrefix(ns))
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
func (d *Directory) ListUsers(ctx context.Context, c *access.Caller, accountID, namespace string, p Page) (list UserList, err error) {
	s := scope{accountID, namespace}
	kind := "users " + accountID + "/" + namespace
	position, invalid := d.position(kind, p)
	call := call(accountID, "ListUsers", s.userARN(c, "*"))
	call.Invalid = invalid
	var after uuid.UUID
	copy(after[:], position)
	err = d.guard.Read(ctx, c, call, func(r store.Reader) error {
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
			list.NextToken = d.pages.Seal(kind, page[len(page)-1].ID[:])
		}
		show := newShow(c, ns)
		list.Users = make([]User, len(page))
		for i := range page {
			list.Users[i] = show.user(&page[i])
		}
		return nil
	})
	return list, err
}
