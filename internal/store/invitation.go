package store

import (
	"time"

	"github.com/google/uuid"
)

// Invitation is the right to set a user's first password. A user has at most
// one.
type Invitation struct {
	SecretHash []byte // never nil
	ExpiresAt  time.Time
	UsedAt     time.Time // zero: not yet
}

// Invited is an invitation with what its page tells of the user.
type Invited struct {
	Invitation
	UserName  string
	Principal string // last part of the user's PrincipalId
	Namespace Namespace
	Account   Account
}

// InvitationReader reads invitations.
type InvitationReader interface {
	Invitation(namespaceID int64, userID uuid.UUID) (Invited, error)
}

// InvitationWriter changes invitations. CreateUser makes them.
type InvitationWriter interface {
	// UseInvitation marks an unused one as used now; a used or missing one is
	// ErrNotFound, so that of two callers one wins.
	UseInvitation(namespaceID int64, userID uuid.UUID) error
	// PutInvitation gives a user an invitation in place of the one before.
	PutInvitation(namespaceID int64, userID uuid.UUID, inv Invitation) error
}
