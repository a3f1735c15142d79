// Package seal keeps secrets: it seals small values under a master key, makes
// the tokens that are handed out, and hashes those that come back. What is
// sealed and where it is kept is other packages' business.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
)

// keySize is the size of the master key and of all keys derived from it.
const keySize = 32

// Every envelope is version ‖ key id ‖ nonce ‖ AES-256-GCM ciphertext.
const (
	version   = 1
	keyIDSize = 4
	headSize  = 1 + keyIDSize
)

// ErrOpen means that an envelope is damaged, of another purpose or context,
// or sealed under another key. It does not say which.
var ErrOpen = errors.New("cannot open sealed value")

// Key is a master key. It prints as a word, never as its bytes.
type Key struct {
	master [keySize]byte
	id     [keyIDSize]byte
}

// NewKey makes a master key of 32 random bytes.
func NewKey() *Key {
	b := make([]byte, keySize)
	rand.Read(b)
	k, err := ParseKey(b)
	if err != nil {
		panic(err) // the size is right
	}
	return k
}

// ParseKey takes a master key of 32 bytes.
func ParseKey(b []byte) (*Key, error) {
	if len(b) != keySize {
		return nil, fmt.Errorf("master key has %d bytes, want %d", len(b), keySize)
	}
	k := &Key{master: [keySize]byte(b)}
	copy(k.id[:], k.Derive("key id"))
	return k, nil
}

// Bytes are what a key file holds.
func (k *Key) Bytes() []byte { return append([]byte(nil), k.master[:]...) }

// Format keeps the key out of every verb.
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[master key]") }

// Derive gives a key of 32 bytes for one purpose (RFC 5869).
func (k *Key) Derive(purpose string) []byte {
	b, err := hkdf.Key(sha256.New, k.master[:], nil, "rollcall "+purpose, keySize)
	if err != nil {
		panic(err) // only for sizes far beyond keySize
	}
	return b
}

// Box seals values for one purpose. It is safe for concurrent use.
type Box struct {
	aead cipher.AEAD
	head [headSize]byte
}

// Box gives the box of a purpose: what one seals, another cannot open.
func (k *Key) Box(purpose string) *Box {
	block, err := aes.NewCipher(k.Derive("box " + purpose))
	if err != nil {
		panic(err) // the size is right
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES always has the block size that GCM wants
	}
	b := &Box{aead: aead}
	b.head[0] = version
	copy(b.head[1:], k.id[:])
	return b
}

// Seal encrypts a value. Open needs the same context, for which an envelope
// is worthless elsewhere: the row or the query that it belongs to.
func (b *Box) Seal(value []byte, context string) []byte {
	out := make([]byte, headSize, headSize+b.aead.Overhead()+len(value))
	copy(out, b.head[:])
	return b.aead.Seal(out, nil, value, b.bind(context))
}

// Open decrypts an envelope, or fails with ErrOpen.
func (b *Box) Open(envelope []byte, context string) ([]byte, error) {
	if len(envelope) < headSize || [headSize]byte(envelope[:headSize]) != b.head {
		return nil, ErrOpen
	}
	value, err := b.aead.Open(nil, nil, envelope[headSize:], b.bind(context))
	if err != nil {
		return nil, ErrOpen
	}
	return value, nil
}

// bind is the additional data: the head too, so that no byte can be changed.
func (b *Box) bind(context string) []byte {
	return append(append([]byte(nil), b.head[:]...), context...)
}

// TokenSize is the size of a token in bytes: 256 bits cannot be guessed.
const TokenSize = 32

// NewToken makes the secret part of a link or a cookie.
func NewToken() []byte {
	b := make([]byte, TokenSize)
	rand.Read(b)
	return b
}

// HashToken is what is kept of a token. Tokens have 256 random bits, so a
// plain hash is as good as a slow one.
func HashToken(token []byte) []byte {
	h := sha256.Sum256(token)
	return h[:]
}

// TokenMatches compares a token with a kept hash in constant time.
func TokenMatches(token, hash []byte) bool {
	return subtle.ConstantTimeCompare(HashToken(token), hash) == 1
}
