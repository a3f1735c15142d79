// Package directory holds the rules of the QuickSight user directory, as
// verbs that a caller performs: each authorizes, applies the rules, changes
// and answers in one transaction.
//
// It knows nothing of HTTP. The texts of its errors are those of the service,
// since clients read them; which status they travel under is decided by
// package api.
package directory

import (
	"time"

	"rollcall/internal/seal"
	"rollcall/internal/store"
)

// Config is what a Directory stands on.
type Config struct {
	Store     store.Store
	Key       *seal.Key
	PublicURL string           // beginning of the links it makes, without a final slash
	MaxUsers  int              // users an account may have; 0: any number
	Now       func() time.Time // nil: time.Now
}

// Directory performs the verbs. It is safe for concurrent use.
type Directory struct {
	store     store.Store
	pages     *seal.Box
	publicURL string
	maxUsers  int
	now       func() time.Time
}

// New makes a Directory.
func New(c Config) *Directory {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Directory{
		store:     c.Store,
		pages:     c.Key.Box("page token"),
		publicURL: c.PublicURL,
		maxUsers:  c.MaxUsers,
		now:       c.Now,
	}
}
