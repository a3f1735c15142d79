package store

import (
	"time"

	"github.com/google/uuid"
)

// SignIn is a sign-in that has begun: what is to happen at its end is kept
// here, so that nobody can say it but the server.
type SignIn struct {
	TokenHash []byte // of the token in the form
	ReturnTo  string // path and query of a page of this server
	ExpiresAt time.Time

	// ProviderAccount and ProviderURL name the OIDCProvider that it goes on at;
	// "" for none. Sealed is what its return from there is checked against.
	ProviderAccount string
	ProviderURL     string
	Sealed          []byte
}

// PasswordReset is the right to choose another password. A user has at most
// one.
type PasswordReset struct {
	NamespaceID int64
	UserID      uuid.UUID
	SecretHash  []byte
	CreatedAt   time.Time
	ExpiresAt   time.Time
}

// SignInReader reads sign-ins and what helps those who cannot.
type SignInReader interface {
	// SignIn finds a sign-in by the hash of its token, whatever its time is.
	SignIn(tokenHash []byte) (SignIn, error)
	PasswordReset(namespaceID int64, userID uuid.UUID) (PasswordReset, error)
}

// SignInWriter changes sign-ins and resets.
type SignInWriter interface {
	// CreateSignIn adds a sign-in and removes the oldest beyond so many: anybody
	// can begin one.
	CreateSignIn(s SignIn, keep int) error
	// DeleteSignIn removes a sign-in; one that is not there is ErrNotFound.
	DeleteSignIn(tokenHash []byte) error
	// PutPasswordReset takes the place of the user's reset before.
	PutPasswordReset(PasswordReset) error
	// DeletePasswordReset removes a user's reset, and says whether there was one.
	DeletePasswordReset(namespaceID int64, userID uuid.UUID) (bool, error)
}
