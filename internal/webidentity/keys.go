package webidentity

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// algorithms are those of STS.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512}

// curves has the one curve of each algorithm (RFC 7518 section 3.4). Those that
// are not here are of RSA.
var curves = map[jose.SignatureAlgorithm]elliptic.Curve{
	jose.ES256: elliptic.P256(),
	jose.ES384: elliptic.P384(),
	jose.ES512: elliptic.P521(),
}

const (
	// maxKeys is the number of keys, 100 of each kind, that IAM takes.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
	maxKeys = 200

	// maxTries bounds the work for a token that does not name its key.
	maxTries = 10

	// minModulus, in bits, is from RFC 7518 section 3.3.
	minModulus = 2048
)

// keySet is what a provider publishes to verify its tokens with.
type keySet []jose.JSONWebKey

func (v *Verifier) fetchKeys(ctx context.Context, address string) (*keySet, error) {
	text, err := v.fetch(ctx, address)
	if err != nil {
		return nil, err
	}
	keys, err := parseKeys(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	return keys, nil
}

// parseKeys reads a JWKS. Keys that it does not understand are left out, as RFC
// 7517 says in section 5. None at all is fine: the provider has revoked them.
func parseKeys(jwks []byte) (*keySet, error) {
	var wire struct {
		Keys []jsontext.Value `json:"keys"`
	}
	if err := json.Unmarshal(jwks, &wire); err != nil {
		return nil, err
	}
	if wire.Keys == nil {
		return nil, errors.New("there are no keys")
	}
	if len(wire.Keys) > maxKeys {
		return nil, fmt.Errorf("%d keys, more than %d", len(wire.Keys), maxKeys)
	}
	keys := make(keySet, 0, len(wire.Keys))
	for _, value := range wire.Keys {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(value) == nil {
			keys = append(keys, key)
		}
	}
	return &keys, nil
}

// check looks for a key that has signed the token.
func (k *keySet) check(u *unverified) error {
	fitting := k.fitting(u.header())
	if len(fitting) == 0 {
		return refuse(ErrNoKey, "kid %.200q, alg %q", u.header().KeyID, u.header().Algorithm)
	}
	for _, key := range fitting[:min(len(fitting), maxTries)] {
		if _, err := u.jws.Verify(key.Key); err == nil {
			return nil
		}
	}
	return ErrSignature
}

// fitting are the keys that the header of a token allows.
func (k *keySet) fitting(h jose.Header) (keys keySet) {
	for _, key := range *k {
		if (h.KeyID == "" || h.KeyID == key.KeyID) && fits(&key, jose.SignatureAlgorithm(h.Algorithm)) {
			keys = append(keys, key)
		}
	}
	return keys
}

// fits tells whether a key is for an algorithm. Only public keys are for any: a
// private or symmetric one that somebody has published is worth nothing.
func fits(key *jose.JSONWebKey, algorithm jose.SignatureAlgorithm) bool {
	if key.Use != "" && key.Use != "sig" || key.Algorithm != "" && key.Algorithm != string(algorithm) {
		return false
	}
	curve := curves[algorithm]
	switch public := key.Key.(type) {
	case *rsa.PublicKey:
		return curve == nil && public.N.BitLen() >= minModulus
	case *ecdsa.PublicKey:
		return public.Curve == curve
	}
	return false
}
