// Package iam knows who the callers are: the access keys that requests are
// signed with, and the principals behind them.
package iam

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"rollcall/internal/iamid"
	"rollcall/internal/request"
	"rollcall/internal/seal"
	"rollcall/internal/sigv4"
	"rollcall/internal/store"
)

// Key is an access key with its owner: the root of an account.
type Key struct {
	ID      string
	Secret  *sigv4.Secret
	Account store.Account
}

// ARN names the owner.
func (k *Key) ARN() string { return "arn:aws:iam::" + k.Account.ID + ":root" }

// NewKey is an access key just made, whose secret is told this once. It prints
// as its ID.
type NewKey struct{ ID, Secret string }

// Format keeps the secret out of every verb.
func (k NewKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.ID) }

// Keys finds access keys.
type Keys struct {
	store store.Store
	box   *seal.Box
	// found keeps what was found: neither keys nor accounts change while the
	// server runs.
	found sync.Map // id → *Key
}

// NewKeys finds keys in a store, whose secrets are sealed under the master
// key.
func NewKeys(s store.Store, master *seal.Key) *Keys {
	return &Keys{store: s, box: master.Box("access key")}
}

// Find gives the key of a request that was signed. An id that is not there
// is sigv4.ErrUnknownKey; so is a session token, since only the long-term
// keys of roots exist.
func (k *Keys) Find(ctx context.Context, id, sessionToken string) (*Key, error) {
	if sessionToken != "" {
		return nil, sigv4.ErrUnknownKey
	}
	if key, ok := k.found.Load(id); ok {
		return key.(*Key), nil
	}
	var key *Key
	err := k.store.View(ctx, func(r store.Reader) (err error) {
		key, err = k.read(r, id)
		return err
	})
	if store.Missing(err, store.RecordAccessKey) {
		return nil, sigv4.ErrUnknownKey
	}
	if err != nil {
		return nil, fmt.Errorf("finding access key: %w", err)
	}
	k.found.Store(id, key)
	return key, nil
}

// Authenticate finds out who signed a request for one of the services, and
// reads its body, which the signature covers. Nobody's body is read who does
// not name a key that exists. The errors are those of package sigv4 and of
// request.ReadBody.
func (k *Keys) Authenticate(w http.ResponseWriter, r *http.Request, now time.Time, services ...string) (s Signed, err error) {
	signed, err := sigv4.Begin(r, now, services, func(id, sessionToken string) (*sigv4.Secret, error) {
		if s.Key, err = k.Find(r.Context(), id, sessionToken); err != nil {
			return nil, err
		}
		return s.Key.Secret, nil
	})
	if err != nil {
		return s, err
	}
	if s.Body, err = request.ReadBody(w, r); err != nil {
		return s, err
	}
	s.Scope, err = signed.Verify(s.Body)
	return s, err
}

// Signed is a request whose signature is right.
type Signed struct {
	Key   *Key
	Scope sigv4.Scope
	Body  []byte
}

func (k *Keys) read(r store.Reader, id string) (*Key, error) {
	stored, account, err := r.AccessKey(id)
	if err != nil {
		return nil, err
	}
	secret, err := k.box.Open(stored.SealedSecret, id)
	if err != nil {
		return nil, err
	}
	return &Key{ID: id, Secret: sigv4.NewSecret(string(secret)), Account: account}, nil
}

// Fix makes a key known that is not in the store.
func (k *Keys) Fix(key NewKey, account store.Account) {
	k.found.Store(key.ID, &Key{ID: key.ID, Secret: sigv4.NewSecret(key.Secret), Account: account})
}

// MakeKey makes an access key of the form of AWS's: the secret has 240 random
// bits in 40 characters.
func MakeKey() NewKey {
	secret := make([]byte, 30)
	rand.Read(secret)
	return NewKey{ID: iamid.New(iamid.AccessKey), Secret: base64.StdEncoding.EncodeToString(secret)}
}

// Create stores a key of the root of an account.
func (k *Keys) Create(tx store.Tx, accountID string, key NewKey) error {
	return tx.CreateAccessKey(store.AccessKey{
		ID:           key.ID,
		AccountID:    accountID,
		SealedSecret: k.box.Seal([]byte(key.Secret), key.ID),
		CreatedAt:    tx.Now(),
	})
}
