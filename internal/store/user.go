package store

import (
	"time"

	"github.com/google/uuid"
)

// User is a QuickSight user.
type User struct {
	NamespaceID int64
	ID          uuid.UUID // UUIDv7: lists come in its order, that of registering
	Name        string
	Email       string
	Role        string // ADMIN, AUTHOR, … as on the wire
	Identity    string // QUICKSIGHT or IAM
	Active      bool
	Disabled    bool // may not sign in; the API tells nobody
	// ManagesIAM: made an administrator by somebody who manages IAM himself, and
	// so may do that in the console.
	ManagesIAM bool

	// Principal is the last part of the PrincipalId, unique in the namespace:
	// a UUID for a native user; for an IAM user its unique id, with ":" and
	// the session name for a role.
	Principal     string
	IAMIdentityID int64 // 0: not of IAM
	// Orphan: the principal behind it is gone, so the user has no name any
	// more. Read only.
	Orphan bool

	CustomPermissionsID   int64  // 0: none
	CustomPermissionsName string // read only: the name of the profile

	ExternalLogin ExternalLogin
	Tags          Tags
	CreatedAt     time.Time
	LastActiveAt  time.Time // when seen last, to the minute; read only; zero: never
}

// ExternalLogin is the identity of a user at a web identity provider. The
// zero value means that there is none.
type ExternalLogin struct {
	Provider string // COGNITO or CUSTOM_OIDC
	URL      string // as given, byte for byte
	ID       string // the user's id there
}

// UserReader reads users.
type UserReader interface {
	// User finds a user by account, namespace and name: names compare byte by
	// byte, and orphans have none. The error names the namespace if that is
	// what is missing.
	User(accountID, namespace, name string) (Namespace, User, error)
	// UserByPrincipal finds a user by the last part of the PrincipalId.
	UserByPrincipal(namespaceID int64, principal string) (User, error)
	// UserPage lists up to limit users whose ID is greater than after, in the
	// order of ID.
	UserPage(namespaceID int64, after uuid.UUID, limit int) ([]User, error)
	// UserByID finds a user, orphan or not, with all it belongs to.
	UserByID(namespaceID int64, id uuid.UUID) (Person, error)
	// UsersByEmail lists up to limit users who have an e-mail address, in any
	// case of its ASCII letters.
	UsersByEmail(namespaceID int64, email string, limit int) ([]User, error)
	// UsersByLogin lists up to limit users of an account who have an identity at
	// a provider of their own (CUSTOM_OIDC), in all its namespaces, but for
	// orphans. URL and id compare byte by byte.
	UsersByLogin(accountID, url, id string, limit int) ([]Person, error)
	// FindUsers lists users of a namespace, the newest first.
	FindUsers(UserQuery) ([]User, error)
	// Password gives the hash of a user's password, "" if none is set.
	Password(namespaceID int64, id uuid.UUID) (string, error)
}

// Person is a user with all it belongs to.
type Person struct {
	User      User
	Namespace Namespace
	Account   Account
}

// UserState is what an administrator wants to know of a user first.
type UserState string

// The states of a user.
const (
	UserInvited  UserState = "invited"  // not active yet
	UserActive   UserState = "active"   // has been here
	UserDisabled UserState = "disabled" // whatever was before
)

// State is the user's.
func (u *User) State() UserState {
	switch {
	case u.Disabled:
		return UserDisabled
	case u.Active:
		return UserActive
	}
	return UserInvited
}

// UserQuery selects users of a namespace. What is zero leaves nobody out.
type UserQuery struct {
	NamespaceID int64
	Before      uuid.UUID // only users whose ID is less
	Prefix      string    // of name or e-mail, in any case of ASCII letters
	Role        string
	Identity    string
	State       UserState
	Limit       int // the most that are listed
}

// NewUser is a user and what is made together with it.
type NewUser struct {
	User       User
	Invitation *Invitation // nil: none
	// MaxUsers is the number of users that the account may have after this
	// one; 0 means any number.
	MaxUsers int
}

// UserWriter changes users.
type UserWriter interface {
	// CreateUser ends in ErrExists when the namespace has a user of that name,
	// who is no orphan, or of that principal, in ErrLimit when the account is
	// full.
	CreateUser(accountID string, u NewUser) error
	// UpdateUser stores e-mail, role, profile, external login and whether it is
	// disabled or manages IAM of the user with that ID.
	UpdateUser(User) error
	// ActivateUser marks a user as one who has signed in or set a password, and
	// as active now.
	ActivateUser(namespaceID int64, id uuid.UUID) error
	// DeleteUser removes a user with all that is kept of it: invitation, password,
	// sessions, reset and mails.
	DeleteUser(namespaceID int64, id uuid.UUID) error
	// SetPassword stores the hash of a user's password.
	SetPassword(namespaceID int64, id uuid.UUID, hash string) error
}
