package store

import "time"

// IAMKind is a kind of IAM identity.
type IAMKind string

// The kinds of IAM identity, all but the last of which a QuickSight user can stand
// for.
const (
	IAMUser IAMKind = "user"
	IAMRole IAMKind = "role"
	IAMRoot IAMKind = "root"
	// WebIdentity is who shows a token of a provider and has no principal.
	WebIdentity IAMKind = "webidentity"
)

// IAMIdentity is who a principal of IAM is. It outlives the principal: users
// that were registered for it keep pointing at it.
type IAMIdentity struct {
	ID        int64 // given by the store
	AccountID string
	Kind      IAMKind
	Name      string // without path; the account's ID for its root
	UniqueID  string // AIDA…, AROA…, or the account's ID for its root
}

// IAMIdentityWriter keeps the identities that users are registered for.
type IAMIdentityWriter interface {
	// EnsureIAMIdentity returns the identity of that account, kind and name,
	// which it adds if there is none. Two of them with one UniqueID: ErrExists.
	EnsureIAMIdentity(IAMIdentity) (IAMIdentity, error)
}

// Principal is a user or a role of IAM.
type Principal struct {
	IAMIdentity
	Path        string // begins and ends in a slash
	Description string
	MaxSession  time.Duration  // of a role, whole seconds
	Trust       string         // of a role: who may assume it
	Inline      []InlinePolicy // in the order of their names
	Attached    []string       // ARNs of managed policies, in the order of ARNs
	Boundary    string         // ARN of a managed policy; "": none
	Tags        Tags
	CreatedAt   time.Time
}

// InlinePolicy is a policy that is part of a principal.
type InlinePolicy struct{ Name, Document string }

// PrincipalReader reads principals.
type PrincipalReader interface {
	// Principal finds a principal by name, which is compared byte by byte.
	Principal(accountID string, kind IAMKind, name string) (Principal, error)
	// PrincipalByID finds the principal with an identity's ID.
	PrincipalByID(id int64) (Principal, error)
	// PrincipalByUniqueID finds a principal by its AIDA… or AROA….
	PrincipalByUniqueID(accountID, uniqueID string) (Principal, error)
	// PrincipalPage lists up to limit principals whose path begins with a
	// prefix and whose name comes after another in the order of lower-case
	// names, with all their policies.
	PrincipalPage(accountID string, kind IAMKind, pathPrefix, after string, limit int) ([]Principal, error)
	// PolicyUses says to what a managed policy is attached, in the order of
	// kinds and names.
	PolicyUses(accountID, arn string) ([]PolicyUse, error)
}

// PolicyUse is a principal that a managed policy is attached to.
type PolicyUse struct {
	Identity IAMIdentity
	Boundary bool // as permissions boundary
}

// PrincipalWriter changes principals.
type PrincipalWriter interface {
	// CreatePrincipal adds a principal and returns it with its ID. Names that
	// differ only in case are one: ErrExists. An identity of that very name
	// that users were registered for before there was a principal becomes the
	// principal's, with its UniqueID.
	CreatePrincipal(Principal) (Principal, error)
	// UpdatePrincipal replaces all of the principal with that ID but its
	// account, kind, unique id and time.
	UpdatePrincipal(Principal) error
	// DeletePrincipal removes the principal with that ID. Access keys keep it:
	// ErrConflict. Users that were registered for it stay and belong to
	// nobody; its name is free.
	DeletePrincipal(id int64) error
}

// ManagedPolicy is a policy of an account that can be attached to principals.
type ManagedPolicy struct {
	AccountID   string
	Name        string
	Path        string // begins and ends in a slash
	UniqueID    string // ANPA…
	Description string
	Versions    []PolicyVersion // the oldest first
	Default     int             // number of the version in force
	Made        int             // number of the last version made
	Tags        Tags
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// PolicyVersion is a version of a managed policy.
type PolicyVersion struct {
	Number    int
	Document  string
	CreatedAt time.Time
}

// ManagedPolicyReader reads managed policies.
type ManagedPolicyReader interface {
	// ManagedPolicy finds a policy by name, which is compared byte by byte.
	ManagedPolicy(accountID, name string) (ManagedPolicy, error)
	// ManagedPolicyPage lists up to limit policies whose path begins with a
	// prefix and whose name comes after another in the order of lower-case
	// names.
	ManagedPolicyPage(accountID, pathPrefix, after string, limit int) ([]ManagedPolicy, error)
}

// ManagedPolicyWriter changes managed policies.
type ManagedPolicyWriter interface {
	// CreateManagedPolicy ends in ErrExists when the account has a policy of
	// that name; names that differ only in case are one.
	CreateManagedPolicy(ManagedPolicy) error
	// UpdateManagedPolicy replaces versions, default, tags and time of the
	// policy with that name.
	UpdateManagedPolicy(ManagedPolicy) error
	// DeleteManagedPolicy removes a policy. Whether it is attached is not
	// looked at.
	DeleteManagedPolicy(accountID, name string) error
}
