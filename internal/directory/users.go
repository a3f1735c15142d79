package directory

import (
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

// iamPrefix begins the PrincipalId of IAM users.
const iamPrefix = "federated/iam/"

// nativePrefix begins the PrincipalId of native users of a namespace.
func nativePrefix(n store.Namespace) string { return "user/" + n.DirectoryID + "/" }

// show is how the users of a namespace are shown: what all of them have in
// common is put together once for a page.
type show struct{ arnPrefix, nativePrefix string }

func newShow(c *access.Caller, n store.Namespace) show {
	return show{scope{n.AccountID, n.Name}.userARN(c, ""), nativePrefix(n)}
}

// nobody stands for the name and the ARN of a user whose principal of IAM is
// gone.
// https://docs.aws.amazon.com/quicksight/latest/APIReference/API_User.html
const nobody = "N/A"

// user shows a stored user.
func (s show) user(u *store.User) User {
	prefix := s.nativePrefix
	if u.Identity == IAMIdentity {
		prefix = iamPrefix
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
func (d *Directory) RegisterUser(ctx context.Context, c *access.Caller, n NewUser) (r Registered, err error) {
	s := n.scope()
	reg, invalid := n.registration()
	call := s.userCall(c, "RegisterUser", reg.user.Name)
	call.Keys, call.Invalid = n.conditionKeys(reg.user.Tags), invalid
	err = d.guard.Change(ctx, c, call, func(tx store.Tx) (string, error) {
		r, err = d.createUser(tx, c, s, reg)
		return "", err
	})
	return r, err
}

// conditionKeys are those of RegisterUser.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonquicksight.html
func (n *NewUser) conditionKeys(tags store.Tags) map[string][]string {
	keys := access.TagKeys(tags)
	if n.IAMARN != nil {
		keys["quicksight:IamArn"] = []string{*n.IAMARN}
	}
	if n.SessionName != "" {
		keys["quicksight:SessionName"] = []string{n.SessionName}
	}
	return keys
}

// registration is a user on the way into the store.
type registration struct {
	user    store.User
	profile string
	iam     *iamPrincipal // nil: a native user
	secret  invitationSecret
}

// registration checks what can be checked without the store. Even what is not
// valid has a name, if it has one: the caller may have no right to know why.
func (n *NewUser) registration() (reg registration, invalid error) {
	s := n.scope()
	name, iam, err := n.identify()
	reg.user.Name = name
	if err != nil {
		return reg, err
	}
	if err := errors.Join(checkUserName(name), checkEmail(s, n.Email), checkRole(s, n.Role)); err != nil {
		return reg, first(err)
	}
	reg.user = store.User{
		Name:     name,
		Email:    n.Email,
		Role:     n.Role,
		Identity: n.IdentityType,
		// A role's session is somebody who has yet to come; an IAM user or
		// root is there already.
		Active: iam != nil && iam.kind != store.IAMRole,
	}
	reg.profile, reg.iam, reg.secret = n.CustomPermissions, iam, newInvitationSecret()
	if reg.user.ExternalLogin, err = n.ExternalLogin.register(s); err != nil {
		return reg, err
	}
	reg.user.Tags, err = newTags(n.Tags, UserResource)
	return reg, err
}

func (d *Directory) createUser(tx store.Tx, c *access.Caller, s scope, reg registration) (r Registered, err error) {
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
		id, err := d.identity(tx, s.accountID, reg.iam)
		if err != nil {
			return r, err
		}
		u.IAMIdentityID, u.Principal = id.ID, principalOf(id, u.Name)
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
	r.User = newShow(c, ns).user(&u)
	return r, nil
}

// principalOf is the UserId that sts:GetCallerIdentity gives the principal.
func principalOf(id store.IAMIdentity, userName string) string {
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
		if err := ch.apply(tx, s, &u); err != nil {
			return "", err
		}
		user = newShow(c, ns).user(&u)
		return "", tx.UpdateUser(u)
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
func (d *Directory) DeleteUser(ctx context.Context, c *access.Caller, accountID, namespace, name string) error {
	s := scope{accountID, namespace}
	return d.guard.Change(ctx, c, s.userCall(c, "DeleteUser", name), func(tx store.Tx) (string, error) {
		_, u, err := tx.User(accountID, namespace, name)
		if err != nil {
			return "", s.user(err, name)
		}
		return "", tx.DeleteUser(u.NamespaceID, u.ID)
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
		return "", tx.DeleteUser(u.NamespaceID, u.ID)
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
