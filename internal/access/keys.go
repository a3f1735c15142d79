package access

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"time"

	"rollcall/internal/iamid"
	"rollcall/internal/request"
	"rollcall/internal/seal"
	"rollcall/internal/sigv4"
	"rollcall/internal/store"
)

// NewKey is an access key just made, whose secret is told this once. It prints
// as its ID.
type NewKey struct{ ID, Secret string }

// Format keeps the secret out of every verb.
func (k NewKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.ID) }

// MakeKey makes an access key of the form of AWS's: the secret has 240 random
// bits in 40 characters.
func MakeKey() NewKey {
	secret := make([]byte, 30)
	rand.Read(secret)
	return NewKey{ID: iamid.New(iamid.AccessKey), Secret: base64.StdEncoding.EncodeToString(secret)}
}

// credential is a key or session token that was found, with who it is of.
type credential struct {
	secret *sigv4.Secret
	caller Caller
}

// Keys finds the credentials that requests are signed with. What it has found
// it keeps: whether a key is still good is for the Guard to say, in the
// transaction of what the caller wants to do.
type Keys struct {
	store    store.Store
	box      *seal.Box
	sessions *sessions
	found    cache[string, *credential]     // long-term keys, by id
	opened   cache[sessionKey, *credential] // sessions
}

// sessionKey is what a session is found by: the access key id that a request
// states, and the token.
type sessionKey struct{ id, token string }

// NewKeys finds keys in a store, whose secrets are sealed under the master
// key.
func NewKeys(s store.Store, master *seal.Key) *Keys {
	return &Keys{store: s, box: master.Box("access key"), sessions: newSessions(master)}
}

// Signed is a request whose signature is right.
type Signed struct {
	Caller *Caller
	Scope  sigv4.Scope
	Body   []byte
}

// Authenticate finds out who signed a request for one of the services, and
// reads its body, which the signature covers. Nobody's body is read who does
// not name a key that exists. The errors are those of package sigv4 and of
// request.ReadBody.
func (k *Keys) Authenticate(w http.ResponseWriter, r *http.Request, now time.Time, services ...string) (s Signed, err error) {
	var found *credential
	signed, err := sigv4.Begin(r, now, services, func(id, token string) (*sigv4.Secret, error) {
		if found, err = k.find(r.Context(), id, token, now); err != nil {
			return nil, err
		}
		return found.secret, nil
	})
	if err != nil {
		return s, err
	}
	if s.Body, err = request.ReadBody(w, r); err != nil {
		return s, err
	}
	if s.Scope, err = signed.Verify(s.Body); err != nil {
		return s, err
	}
	info := request.From(r.Context())
	caller := found.caller
	caller.Request = Request{
		ID:        info.ID,
		Service:   s.Scope.Service,
		Region:    s.Scope.Region,
		SourceIP:  info.SourceIP,
		UserAgent: clip(info.UserAgent),
		Secure:    info.Secure,
		Time:      now,
	}
	s.Caller = &caller
	return s, nil
}

// find gives the credential that a request claims to be signed with. One that
// is not there is sigv4.ErrUnknownKey.
func (k *Keys) find(ctx context.Context, id, token string, now time.Time) (*credential, error) {
	if token != "" {
		return k.findSession(ctx, id, token, now)
	}
	if c, ok := k.found.get(id); ok {
		return c, nil
	}
	var c *credential
	err := k.store.View(ctx, func(r store.Reader) (err error) {
		c, err = k.read(r, id)
		return err
	})
	switch {
	case store.Missing(err, store.RecordAccessKey):
		return nil, sigv4.ErrUnknownKey
	case err != nil:
		return nil, err
	}
	k.found.put(id, c)
	return c, nil
}

func (k *Keys) read(r store.Reader, id string) (*credential, error) {
	stored, err := r.AccessKey(id)
	if err != nil {
		return nil, err
	}
	if stored.Inactive {
		return nil, sigv4.ErrUnknownKey
	}
	secret, err := k.box.Open(stored.SealedSecret, id)
	if err != nil {
		return nil, err
	}
	c := &credential{secret: sigv4.NewSecret(string(secret)), caller: Caller{AccessKeyID: id}}
	if c.caller.Account, err = r.Account(stored.AccountID); err != nil {
		return nil, err
	}
	c.caller.Identity, err = owner(r, &stored)
	return c, err
}

// owner is whom a key belongs to.
func owner(r store.Reader, k *store.AccessKey) (Identity, error) {
	if k.IdentityID == 0 {
		return rootIdentity(k.AccountID), nil
	}
	p, err := r.PrincipalByID(k.IdentityID)
	return userIdentity(&p), err
}

// findSession opens a session token, whose time it checks.
func (k *Keys) findSession(ctx context.Context, id, token string, now time.Time) (*credential, error) {
	key := sessionKey{id, token}
	if c, ok := k.opened.get(key); ok {
		return c, c.caller.Session.expired(now)
	}
	session, err := k.sessions.open(id, token)
	if err == nil {
		err = session.expired(now)
	}
	if err != nil {
		return nil, err
	}
	c := &credential{
		secret: sigv4.NewSecret(k.sessions.secretKey(id)),
		caller: Caller{AccessKeyID: id, Session: session, token: token},
	}
	if err := k.store.View(ctx, c.caller.identify); err != nil {
		return nil, err
	}
	k.opened.put(key, c)
	return c, nil
}

// identify finds out who a session is.
func (c *Caller) identify(r store.Reader) (err error) {
	s := c.Session
	if c.Account, err = r.Account(s.AccountID); err != nil {
		return err
	}
	if s.Owner == s.AccountID {
		c.Identity = rootIdentity(s.AccountID)
		return nil
	}
	p, err := r.PrincipalByUniqueID(s.AccountID, s.Owner)
	if store.Missing(err, store.RecordPrincipal) {
		return sigv4.ErrUnknownKey
	}
	c.Identity = s.identity(&p)
	return err
}

// forget makes the next request look for a credential again.
func (k *Keys) forget(c *Caller) {
	if c.Session == nil {
		k.found.drop(c.AccessKeyID)
	} else {
		k.opened.drop(sessionKey{c.AccessKeyID, c.token})
	}
}

// Fix makes a key of the root of an account known that is not in the store.
func (k *Keys) Fix(key NewKey, a store.Account) {
	caller := Root(a)
	caller.AccessKeyID = key.ID
	k.found.keep(key.ID, &credential{secret: sigv4.NewSecret(key.Secret), caller: *caller})
}

// Create stores a key of an IAM user, or of the root of the account where
// identityID is 0.
func (k *Keys) Create(tx store.Tx, accountID string, identityID int64, key NewKey) error {
	return tx.CreateAccessKey(store.AccessKey{
		ID:           key.ID,
		AccountID:    accountID,
		IdentityID:   identityID,
		SealedSecret: k.box.Seal([]byte(key.Secret), key.ID),
		CreatedAt:    tx.Now(),
	})
}

// NewSession makes the credentials of a session; the size says how much of the
// room for its policies and tags it takes, in percent.
func (k *Keys) NewSession(s *Session) (c Credentials, size int, err error) { return k.sessions.make(s) }
