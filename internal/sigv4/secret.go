package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
)

// Secret is a secret access key, with the signing key last derived from it. A
// signing key holds for a day, a region and a service, so a client that keeps
// to one region costs one derivation (four HMACs) a day. Keep the Secret from
// request to request, and share it: it is safe for concurrent use.
//
// A Secret does not print what it holds.
type Secret struct {
	accessKey string
	last      atomic.Pointer[signingKey]
}

// NewSecret wraps a secret access key, such as "wJalrXUtnFEMI/K7MDENG…".
func NewSecret(secretAccessKey string) *Secret {
	return &Secret{accessKey: secretAccessKey}
}

const redacted = "[secret]"

func (*Secret) String() string       { return redacted }
func (*Secret) GoString() string     { return redacted }
func (*Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// Format keeps the secret out of verbs that do not ask for a string, such as %d.
func (*Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

type signingKey struct {
	date, region, service string
	key                   []byte
}

func (s *Secret) sign(scope *Scope, text []byte) []byte {
	return hmacSHA256(s.signingKey(scope).key, text)
}

func (s *Secret) signingKey(scope *Scope) *signingKey {
	if k := s.last.Load(); k != nil && k.date == scope.Date && k.region == scope.Region && k.service == scope.Service {
		return k
	}
	k := derive(s.accessKey, scope)
	s.last.Store(k)
	return k
}

// derive clones the names because they are slices of request headers, which
// would stay in memory with the key.
func derive(accessKey string, scope *Scope) *signingKey {
	key := []byte("AWS4" + accessKey)
	for _, part := range []string{scope.Date, scope.Region, scope.Service, terminator} {
		key = hmacSHA256(key, []byte(part))
	}
	return &signingKey{
		date:    strings.Clone(scope.Date),
		region:  strings.Clone(scope.Region),
		service: strings.Clone(scope.Service),
		key:     key,
	}
}

func hmacSHA256(key, text []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(text)
	return mac.Sum(nil)
}
