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

	"rollcall/internal/access"
	"rollcall/internal/outbox"
	"rollcall/internal/pagetoken"
	"rollcall/internal/seal"
	"rollcall/internal/store"
)

// Config is what a Directory stands on.
type Config struct {
	Store     store.Store
	Guard     *access.Guard
	Outbox    *outbox.Outbox // nil: no mail is sent
	Key       *seal.Key
	PublicURL string           // beginning of the links it makes, without a final slash
	MaxUsers  int              // users an account may have; 0: any number
	Now       func() time.Time // nil: time.Now

	// AnyIAMPrincipal: IAM is elsewhere, so that an IamArn is checked for its
	// form and account only.
	AnyIAMPrincipal bool
}

// Directory performs the verbs. It is safe for concurrent use.
type Directory struct {
	store     store.Store
	guard     *access.Guard
	outbox    *outbox.Outbox
	pages     *pagetoken.Tokens
	publicURL string
	maxUsers  int
	anyIAM    bool
}

// New makes a Directory.
func New(c Config) *Directory {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Directory{
		store:     c.Store,
		guard:     c.Guard,
		outbox:    c.Outbox,
		pages:     pagetoken.New(c.Key, c.Now),
		publicURL: c.PublicURL,
		maxUsers:  c.MaxUsers,
		anyIAM:    c.AnyIAMPrincipal,
	}
}
