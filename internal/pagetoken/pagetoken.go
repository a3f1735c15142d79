// Package pagetoken makes the tokens by which clients ask for the next page of
// a list. They are sealed, so that nobody can make or read one, good for one
// list only, and for a day.
package pagetoken

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"rollcall/internal/seal"
)

// life is how long a token is good for, as AWS documents it for QuickSight's
// ListNamespaces.
const life = 24 * time.Hour

// ErrInvalid means that a token is not one, not of this list, or too old.
var ErrInvalid = errors.New("page token is not valid")

// Tokens makes tokens and reads them. It is safe for concurrent use.
type Tokens struct {
	box *seal.Box
	now func() time.Time
}

// New makes Tokens; those of one key are good at another server with the same.
func New(key *seal.Key, now func() time.Time) *Tokens {
	return &Tokens{box: key.Box("page token"), now: now}
}

// Seal makes the token for what follows a position in a list.
func (t *Tokens) Seal(list string, position []byte) string {
	expires := binary.BigEndian.AppendUint64(nil, uint64(t.now().Add(life).UnixMilli()))
	return base64.RawURLEncoding.EncodeToString(t.box.Seal(append(expires, position...), list))
}

// Open reads a token of a list; "" is the beginning, where position is nil.
// The error is ErrInvalid.
func (t *Tokens) Open(list, token string) (position []byte, err error) {
	if token == "" {
		return nil, nil
	}
	envelope, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, ErrInvalid
	}
	value, err := t.box.Open(envelope, list)
	if err != nil || len(value) < 8 {
		return nil, ErrInvalid
	}
	expires := time.UnixMilli(int64(binary.BigEndian.Uint64(value)))
	if !t.now().Before(expires) {
		return nil, ErrInvalid
	}
	return value[8:], nil
}
