// Package login is about how people prove who they are: the rules for their
// passwords and what is kept of these.
package login

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// symbols are the characters that QuickSight counts as symbols.
// https://docs.aws.amazon.com/quick/latest/userguide/signing-in.html
const symbols = "~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/"

// Lengths of a password, in characters.
const (
	shortest = 8
	longest  = 64
)

// Rule is a rule for passwords.
type Rule struct {
	Text  string // what to do, as a page shows it
	holds func(password string) bool
}

// Rules are QuickSight's rules for passwords, in the order in which a page
// shows them.
var Rules = []Rule{
	{fmt.Sprintf("%d to %d characters", shortest, longest), func(p string) bool {
		n := utf8.RuneCountInString(p)
		return shortest <= n && n <= longest
	}},
	{"a lower-case letter", has(unicode.IsLower)},
	{"an upper-case letter", has(unicode.IsUpper)},
	{"a digit", has(unicode.IsDigit)},
	{"a symbol, such as ! # - or ?", has(func(r rune) bool { return strings.ContainsRune(symbols, r) })},
}

func has(class func(rune) bool) func(string) bool {
	return func(p string) bool { return strings.ContainsFunc(p, class) }
}

// Broken gives the rules that a password breaks.
func Broken(password string) []Rule {
	var broken []Rule
	for _, r := range Rules {
		if !r.holds(password) {
			broken = append(broken, r)
		}
	}
	return broken
}

// Cost of a hash: OWASP's first choice for argon2id.
// https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
const (
	memory   = 19 * 1024 // KiB
	passes   = 2
	lanes    = 1
	saltSize = 16
	hashSize = 32
)

// ErrBusy means that more hashes are waited for than is sensible.
var ErrBusy = errors.New("too many passwords are being hashed")

// Hasher hashes passwords, a few at a time: one hash costs as much as a
// thousand requests to the API, which must not starve beside it.
type Hasher struct {
	running chan struct{}
	waiting chan struct{}
	apart   bool // in helpers, if these can be had
}

// NewHasher makes a Hasher that leaves a core to others.
func NewHasher() *Hasher {
	cores := max(1, runtime.GOMAXPROCS(0)-1)
	return &Hasher{running: make(chan struct{}, cores), waiting: make(chan struct{}, 16*cores), apart: apart}
}

// Hash gives the argon2id hash of a password in PHC string format, or ErrBusy.
func (h *Hasher) Hash(ctx context.Context, password string) (made string, err error) {
	err = h.run(ctx, func() { made = h.hash(password) })
	return made, err
}

// run waits for its turn to compute a hash.
func (h *Hasher) run(ctx context.Context, compute func()) error {
	select {
	case h.waiting <- struct{}{}:
		defer func() { <-h.waiting }()
	default:
		return ErrBusy
	}
	select {
	case h.running <- struct{}{}:
		defer func() { <-h.running }()
	case <-ctx.Done():
		return ctx.Err()
	}
	compute()
	return nil
}

func (h *Hasher) hash(password string) string {
	salt := make([]byte, saltSize)
	rand.Read(salt)
	key := h.key(&task{Password: []byte(password), Salt: salt, Passes: passes, Memory: memory, Lanes: lanes, Size: hashSize})
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// key computes a key, here if there is no helper to do it.
func (h *Hasher) key(t *task) []byte {
	if h.apart {
		if key, err := idleHelpers.compute(t); err == nil {
			return key
		}
	}
	return t.compute()
}
