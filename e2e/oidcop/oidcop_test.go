package oidcop_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"rollcall/e2e/oidcop"
)

func TestTokensSayWhoSignedIn(t *testing.T) {
	for _, o := range []*oidcop.Options{nil, {Path: "/realms/sales"}, {Plain: true}, {Plain: true, Path: "/a"}} {
		p := oidcop.New(t, o)
		for _, subject := range []string{"ana-1", "ben@example.org"} {
			var c struct {
				Iss, Sub, Azp, Email string
				Aud                  []string
			}
			payload, err := base64.RawURLEncoding.DecodeString(strings.Split(p.Token(t, subject, "email"), ".")[1])
			if err == nil {
				err = json.Unmarshal(payload, &c)
			}
			if err != nil || c.Iss != p.Issuer || c.Sub != subject || c.Aud[0] != p.ClientID || c.Azp != p.ClientID || !strings.Contains(c.Email, "@example.") {
				t.Errorf("%v %s", err, payload)
			}
		}
		if secure := strings.HasPrefix(p.Issuer, "https://"); secure != (p.CAs != nil) {
			t.Error(p.Issuer)
		}
	}
}
