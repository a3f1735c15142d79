package access

import (
	"strings"
	"testing"

	"rollcall/internal/seal"
	"rollcall/internal/store"
)

func TestClientSecretsAreEachOfOneProvider(t *testing.T) {
	s := NewClientSecrets(seal.NewKey())
	p := store.OIDCProvider{AccountID: account, URL: "id.example.com"}
	s.Seal(&p, "hush")
	if got, err := s.Open(&p); got != "hush" || err != nil || strings.Contains(string(p.SealedClientSecret), "hush") {
		t.Errorf("%q, %v", got, err)
	}
	for _, other := range []store.OIDCProvider{{AccountID: otherAccount, URL: p.URL}, {AccountID: account, URL: "id.example.org"}} {
		other.SealedClientSecret = p.SealedClientSecret
		if got, err := s.Open(&other); got != "" || err == nil {
			t.Errorf("%+v opens it: %q, %v", other, got, err)
		}
	}
	s.Seal(&p, "")
	if got, err := s.Open(&p); got != "" || err != nil || p.SealedClientSecret != nil {
		t.Errorf("a public client: %q, %v", got, err)
	}
}

// Whoever says whose word is taken for who somebody is, could be anybody.
func TestProvidersAreForThoseWhoManageIAM(t *testing.T) {
	k := newKit(t)
	for name, manages := range map[string]bool{"ana": true, "ben": false} {
		c, _ := k.browse(k.member(account, "default", name, "ADMIN", func(u *store.User) { u.ManagesIAM = manages }))
		for _, action := range []string{"rollcall:PutIdentityProvider", "rollcall:ListIdentityProviders", "rollcall:DeleteIdentityProvider"} {
			err := k.Read(t.Context(), c, Call{Action: action, AccountID: account, Resource: "*"}, nil)
			if (err == nil) != manages {
				t.Errorf("%s %s: %v", name, action, err)
			}
		}
	}
}
