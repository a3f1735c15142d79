package login

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// errHash means that a stored hash is none that this package has made.
var errHash = errors.New("not an argon2id hash")

// parameters are those of a hash, which may be older than this program.
type parameters struct {
	memory, passes uint32
	lanes          uint8
	salt, key      []byte
}

// current says whether a hash would be made in the same way today.
func (p *parameters) current() bool {
	return p.memory == memory && p.passes == passes && p.lanes == lanes && len(p.salt) == saltSize && len(p.key) == hashSize
}

// bounds of what is computed for a hash, whoever has stored it.
const (
	maxMemory = 1 << 20 // KiB
	maxPasses = 32
)

// parseHash reads a hash in PHC string format.
// https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
func parseHash(text string) (p parameters, err error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.lanes); err != nil {
		return p, errHash
	}
	if p.memory > maxMemory || p.passes < 1 || p.passes > maxPasses || p.lanes < 1 {
		return p, errHash
	}
	if p.salt, err = base64.RawStdEncoding.Strict().DecodeString(parts[4]); err != nil {
		return p, errHash
	}
	if p.key, err = base64.RawStdEncoding.Strict().DecodeString(parts[5]); err != nil || len(p.key) < 16 {
		return p, errHash
	}
	return p, nil
}

// Verify says whether a password is that of a stored hash, and whether the hash
// should be made anew because its cost is not today's. "" is the hash of
// somebody who has no password, or who does not exist: the answer is no, after
// the same work. The error is ErrBusy or that of ctx.
func (h *Hasher) Verify(ctx context.Context, password, stored string) (ok, outdated bool, err error) {
	p, parsed := parseHash(stored)
	if parsed != nil {
		p = parameters{memory: memory, passes: passes, lanes: lanes, salt: make([]byte, saltSize), key: make([]byte, hashSize)}
	}
	err = h.run(ctx, func() {
		key := h.key(&task{Password: []byte(password), Salt: p.salt, Passes: p.passes, Memory: p.memory, Lanes: p.lanes, Size: uint32(len(p.key))})
		ok = subtle.ConstantTimeCompare(key, p.key) == 1 && parsed == nil
	})
	return ok, ok && !p.current(), err
}
