package webidentity

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// Check tells what is wrong with a provider that somebody sets up, as far as
// that shows without asking it. A provider whose keys are known does not have
// to be found.
func (v *Verifier) Check(p Provider) error {
	if p.JWKS == "" && p.Keys == nil {
		return v.checkURL(p.Issuer)
	}
	if p.JWKS != "" {
		if err := v.checkURL(p.JWKS); err != nil {
			return err
		}
	}
	if p.Keys != nil {
		return checkKeys(p.Keys)
	}
	return nil
}

// checkKeys wants a JWKS with a key that tokens can be signed for.
func checkKeys(jwks []byte) error {
	keys, err := parseKeys(jwks)
	if err != nil {
		return fmt.Errorf("the keys are no JWKS: %w", err)
	}
	for i := range *keys {
		if slices.ContainsFunc(algorithms, func(a jose.SignatureAlgorithm) bool { return fits(&(*keys)[i], a) }) {
			return nil
		}
	}
	return errors.New("the JWKS has no public key for RS256, RS384, RS512, ES256, ES384 or ES512")
}
