package store

import (
	"time"

	"github.com/google/uuid"
)

// WebSession is a browser in which a user is signed in.
type WebSession struct {
	TokenHash   []byte // of the token in the browser's cookie
	NamespaceID int64
	UserID      uuid.UUID
	CreatedAt   time.Time
	SeenAt      time.Time // when it was last used, to the minute
	ExpiresAt   time.Time // whatever is done with it
	Narrow      bool      // begun with credentials that may not manage IAM
}

// SignedIn is a session with whose it is.
type SignedIn struct {
	Session WebSession
	Person
}

// WebSessionReader reads sessions.
type WebSessionReader interface {
	// WebSession finds a session by the hash of its token, whatever its times
	// are. An orphan has none.
	WebSession(tokenHash []byte) (SignedIn, error)
}

// WebSessionWriter changes sessions, which end with their users.
type WebSessionWriter interface {
	CreateWebSession(WebSession) error
	// TouchWebSession stores when a session was last used, and so its user.
	TouchWebSession(tokenHash []byte, at time.Time) error
	// DeleteWebSession ends a session; one that is not there is ErrNotFound.
	DeleteWebSession(tokenHash []byte) error
	// DeleteWebSessions ends all sessions of a user but the one with a hash,
	// nil for none, and says how many.
	DeleteWebSessions(namespaceID int64, userID uuid.UUID, except []byte) (int, error)
	// PruneWebSessions removes up to limit sessions that have expired before a
	// time, and says how many.
	PruneWebSessions(expired time.Time, limit int) (int, error)
}
