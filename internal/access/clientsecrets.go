package access

import (
	"rollcall/internal/seal"
	"rollcall/internal/store"
)

// ClientSecrets seals the secrets that rollcall itself has at OpenID Connect
// providers, each for its provider alone.
type ClientSecrets struct{ box *seal.Box }

// NewClientSecrets makes ClientSecrets under a master key.
func NewClientSecrets(k *seal.Key) *ClientSecrets {
	return &ClientSecrets{k.Box("oidc client secret")}
}

// Seal gives a provider its secret; "" is that of a public client, who has none.
func (s *ClientSecrets) Seal(p *store.OIDCProvider, secret string) {
	p.SealedClientSecret = nil
	if secret != "" {
		p.SealedClientSecret = s.box.Seal([]byte(secret), secretContext(p))
	}
}

// Open gives a provider's secret, "" for none.
func (s *ClientSecrets) Open(p *store.OIDCProvider) (string, error) {
	if p.SealedClientSecret == nil {
		return "", nil
	}
	secret, err := s.box.Open(p.SealedClientSecret, secretContext(p))
	return string(secret), err
}

func secretContext(p *store.OIDCProvider) string { return p.AccountID + " " + p.URL }
