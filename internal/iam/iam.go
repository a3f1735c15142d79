// Package iam holds the rules of IAM and STS, as verbs that a caller performs:
// users, roles, their keys and policies, the OpenID Connect providers that roles
// can trust, and the sessions that roles are assumed in.
//
// It knows nothing of HTTP. The texts of its errors are those of the service,
// as far as they were seen.
package iam

import (
	"time"

	"rollcall/internal/access"
	"rollcall/internal/pagetoken"
	"rollcall/internal/seal"
	"rollcall/internal/store"
	"rollcall/internal/webidentity"
)

// Config is what an IAM stands on.
type Config struct {
	Store    store.Store
	Guard    *access.Guard
	Keys     *access.Keys
	Key      *seal.Key
	Verifier *webidentity.Verifier // nil: of no private authorities, https only
	Loopback bool                  // providers may be http:// on this machine, as the Verifier has to allow too
	Now      func() time.Time      // nil: time.Now
}

// IAM performs the verbs. It is safe for concurrent use.
type IAM struct {
	store    store.Store
	guard    *access.Guard
	keys     *access.Keys
	secrets  *access.ClientSecrets
	pages    *pagetoken.Tokens
	verifier *webidentity.Verifier
	loopback bool
	now      func() time.Time
}

// New makes an IAM.
func New(c Config) *IAM {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Verifier == nil {
		c.Verifier = webidentity.New(webidentity.Config{Now: c.Now})
	}
	return &IAM{
		store: c.Store, guard: c.Guard, keys: c.Keys, secrets: access.NewClientSecrets(c.Key), pages: pagetoken.New(c.Key, c.Now),
		verifier: c.Verifier,
		loopback: c.Loopback, now: c.Now}
}
