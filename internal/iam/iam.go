// Package iam holds the rules of IAM and STS, as verbs that a caller performs:
// users, roles, their keys and policies, and the sessions that roles are
// assumed in.
//
// It knows nothing of HTTP. The texts of its errors are those of the service,
// as far as they were seen.
package iam

import (
	"time"

	"rollcall/internal/access"
	"rollcall/internal/pagetoken"
	"rollcall/internal/seal"
)

// Config is what an IAM stands on.
type Config struct {
	Guard *access.Guard
	Keys  *access.Keys
	Key   *seal.Key
	Now   func() time.Time // nil: time.Now
}

// IAM performs the verbs. It is safe for concurrent use.
type IAM struct {
	guard *access.Guard
	keys  *access.Keys
	pages *pagetoken.Tokens
}

// New makes an IAM.
func New(c Config) *IAM {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &IAM{guard: c.Guard, keys: c.Keys, pages: pagetoken.New(c.Key, c.Now)}
}
