// Package iamid makes the unique ids of IAM, which begin with a word for the
// kind of thing they name.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
package iamid

import (
	"crypto/rand"
	"encoding/base32"
)

// The prefixes of unique ids.
const (
	AccessKey  = "AKIA"
	SessionKey = "ASIA"
	User       = "AIDA"
	Role       = "AROA"
	Policy     = "ANPA"
)

// lengths of the part after the prefix, as AWS's ids have them.
const (
	keyLength = 16
	length    = 17
)

// New makes an id with at least 80 random bits after the prefix.
func New(prefix string) string {
	b := make([]byte, 11)
	rand.Read(b)
	n := length
	if prefix == AccessKey || prefix == SessionKey {
		n = keyLength
	}
	return prefix + base32.StdEncoding.EncodeToString(b)[:n]
}
