package directory

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"

	"rollcall/internal/access"
	"rollcall/internal/mail"
	"rollcall/internal/seal"
	"rollcall/internal/store"
)

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

	// Mail: send the link to the user, as the console does and the API never.
	Mail bool
}

func (n *NewUser) scope() scope { return scope{n.AccountID, n.Namespace} }

// Registered is a new user and, for a native one, the only sight of the link
// that leads to its first password.
type Registered struct {
	User          User
	InvitationURL string
	Mailed        bool // the link is on its way to the user
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
	d.outbox.Wake()
	return r, err
}

// maxARN is the length of the longest ARN of IAM, in bytes.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_User.html
const maxARN = 2048

// conditionKeys are those of RegisterUser.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonquicksight.html
func (n *NewUser) conditionKeys(tags store.Tags) map[string][]string {
	keys := access.TagKeys(tags)
	if n.IAMARN != nil {
		keys["quicksight:IamArn"] = []string{(*n.IAMARN)[:min(len(*n.IAMARN), maxARN)]}
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
	secret  []byte        // of a native user's invitation
	mail    bool
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
	reg.profile, reg.iam, reg.secret, reg.mail = n.CustomPermissions, iam, seal.NewToken(), n.Mail
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
	if err := d.setPower(tx, c, &store.User{}, &u); err != nil {
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
		n.Invitation = newInvitation(tx.Now(), reg.secret)
		r.InvitationURL = newLink(&u, reg.secret).url(d.publicURL, RegisterPath)
	}
	n.User = u
	if err := tx.CreateUser(s.accountID, n); err != nil {
		return Registered{}, s.user(err, u.Name)
	}
	r.User = newShow(c, ns).user(&u)
	if reg.mail && n.Invitation != nil {
		r.Mailed, err = d.mail(tx, c, &u, mail.Invitation, r.InvitationURL, n.Invitation.ExpiresAt)
	}
	return r, err
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
