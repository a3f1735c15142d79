package adminapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/apitest"
	"rollcall/internal/store"
)

const (
	providers = "/v1/accounts/" + account + "/identity-providers"
	example   = `{"Issuer": "https://id.example.com/tenant", "ClientId": "c", "ClientSecret": "hush hush", "Label": "Example ID"}`
	keySet    = `{"keys": [{"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}`
)

// put fails unless a provider is added.
func (k *kit) put(t *testing.T, body string) (created bool) {
	t.Helper()
	a := k.Call(t, http.MethodPut, providers, body)
	created, ok := a.JSON["Created"].(bool)
	if a.Status != http.StatusOK || !ok {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	return created
}

func (k *kit) drop(t *testing.T, issuer string) apitest.Answer {
	t.Helper()
	return k.Call(t, http.MethodDelete, providers+"?"+url.Values{"issuer": {issuer}}.Encode(), "")
}

// provider is one as it is stored.
func (k *kit) provider(t *testing.T, url string) (p store.OIDCProvider) {
	t.Helper()
	k.update(t, func(tx store.Tx) (err error) {
		p, err = tx.OIDCProvider(account, url)
		return err
	})
	return p
}

func TestProviderIsAddedChangedAndRemoved(t *testing.T) {
	k := newKit(t, false)
	if !k.put(t, example) {
		t.Error("it was there before")
	}
	p := k.provider(t, "id.example.com/tenant")
	if diff := cmp.Diff([]string{"c"}, p.ClientIDs); diff != "" || p.Issuer != "" || p.SealedClientSecret == nil || strings.Contains(string(p.SealedClientSecret), "hush") {
		t.Errorf("it is %+v: %s", p, diff)
	}
	k.put(t, `{"Issuer": "https://a.example.com/", "Jwks": `+quoted(keySet)+`}`)
	k.put(t, `{"Issuer": "https://stand-in.example.com", "JwksUrl": "https://stand-in.example.com/keys", "Cognito": true}`)
	want := []any{
		map[string]any{"Issuer": "https://a.example.com/", "Label": "", "ClientId": "", "HasClientSecret": false, "JwksUrl": "", "HasJwks": true, "Cognito": false},
		map[string]any{"Issuer": "https://stand-in.example.com", "Label": "", "ClientId": "", "HasClientSecret": false,
			"JwksUrl": "https://stand-in.example.com/keys", "HasJwks": false, "Cognito": true},
		map[string]any{"Issuer": "https://id.example.com/tenant", "Label": "Example ID", "ClientId": "c", "HasClientSecret": true,
			"JwksUrl": "", "HasJwks": false, "Cognito": false},
	}
	if diff := cmp.Diff(want, k.Call(t, http.MethodGet, providers, "").JSON["Providers"]); diff != "" {
		t.Error(diff)
	}
	if k.put(t, `{"Issuer": "https://id.example.com/tenant", "ClientId": "other"}`) {
		t.Error("it was not there before")
	}
	if p := k.provider(t, "id.example.com/tenant"); p.ClientID != "other" || p.SealedClientSecret != nil || p.Label != "" || p.ClientIDs[0] != "c" {
		t.Errorf("it is %+v", p)
	}
	for _, issuer := range []string{"https://id.example.com/tenant", "cognito-identity.amazonaws.com"} {
		if a := k.drop(t, issuer); a.Status != http.StatusOK {
			t.Errorf("%d %s", a.Status, a.Text)
		}
		if a := k.drop(t, issuer); a.Status != http.StatusNotFound || a.Code() != "ResourceNotFoundException" {
			t.Errorf("a second time: %d %s", a.Status, a.Text)
		}
	}
	if p := k.provider(t, "id.example.com/tenant"); p.ClientID != "" || p.ClientIDs[0] != "c" {
		t.Errorf("IAM's part is %+v", p)
	}
}

// quoted is a text as a JSON string.
func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }

func TestProvidersThatCannotBe(t *testing.T) {
	k := newKit(t, false)
	k.put(t, example)
	k.put(t, `{"Issuer": "https://stand-in.example.com", "JwksUrl": "https://stand-in.example.com/keys", "Cognito": true}`)
	for name, body := range map[string]string{
		"NoIssuer":       `{"ClientId": "c"}`,
		"NoURL":          `{"Issuer": "id.example.com", "ClientId": "c"}`,
		"Query":          `{"Issuer": "https://id.example.com?a", "ClientId": "c"}`,
		"UserInfo":       `{"Issuer": "https://a@id.example.com", "ClientId": "c"}`,
		"Plain":          `{"Issuer": "http://localhost:1", "ClientId": "c"}`,
		"NothingTold":    `{"Issuer": "https://b.example.com"}`,
		"SecretAlone":    `{"Issuer": "https://b.example.com", "ClientSecret": "s", "JwksUrl": "https://b.example.com/keys"}`,
		"LabelAlone":     `{"Issuer": "https://b.example.com", "Label": "s", "JwksUrl": "https://b.example.com/keys"}`,
		"LabelOfLines":   `{"Issuer": "https://b.example.com", "ClientId": "c", "Label": "a\nb"}`,
		"BothKeys":       `{"Issuer": "https://b.example.com", "JwksUrl": "https://b.example.com/keys", "Jwks": ` + quoted(keySet) + `}`,
		"PlainKeys":      `{"Issuer": "https://b.example.com", "JwksUrl": "http://b.example.com/keys"}`,
		"NoKeys":         `{"Issuer": "https://b.example.com", "Jwks": "{}"}`,
		"Cognito":        `{"Issuer": "https://b.example.com", "Cognito": true}`,
		"CognitoClient":  `{"Issuer": "https://b.example.com", "Cognito": true, "ClientId": "c", "JwksUrl": "https://b.example.com/keys"}`,
		"CognitoUnsaid":  `{"Issuer": "https://cognito-identity.amazonaws.com", "ClientId": "c"}`,
		"CognitoTwice":   `{"Issuer": "https://id.example.com/tenant", "Cognito": true, "JwksUrl": "https://b.example.com/keys"}`,
		"IssuerCognitos": `{"Issuer": "https://stand-in.example.com", "ClientId": "c"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if a := k.Call(t, http.MethodPut, providers, body); a.Status != http.StatusBadRequest || a.Code() != "InvalidParameterValueException" {
				t.Errorf("%d %s", a.Status, a.Text)
			}
		})
	}
}

func TestOnlyWhoMayManagesProviders(t *testing.T) {
	k := newKit(t, false)
	for _, tt := range []struct{ method, action, body string }{
		{http.MethodPut, "rollcall:PutIdentityProvider", example},
		{http.MethodGet, "rollcall:ListIdentityProviders", ""},
		{http.MethodDelete, "rollcall:DeleteIdentityProvider", ""},
	} {
		t.Run(tt.action, func(t *testing.T) {
			address := providers
			if tt.method == http.MethodDelete {
				address += "?issuer=" + url.QueryEscape("https://id.example.com/tenant")
			}
			stranger := k.user(t, "mallory-"+tt.method, strings.Replace(mayElse, "quicksight:*", "iam:*", 1))
			if a := stranger.Call(t, tt.method, address, tt.body); a.Status != http.StatusForbidden || a.Code() != "AccessDeniedException" {
				t.Errorf("a stranger: %d %s", a.Status, a.Text)
			}
			if tt.method != http.MethodGet { // whose keys count is IAM's business
				half := k.user(t, "half-"+tt.method, strings.Replace(mayElse, "quicksight:*", "rollcall:*", 1))
				if a := half.Call(t, tt.method, address, tt.body); a.Status != http.StatusForbidden || a.Code() != "AccessDeniedException" {
					t.Errorf("without IAM: %d %s", a.Status, a.Text)
				}
			}
			both := strings.Replace(mayElse, `"quicksight:*"`, `["`+tt.action+`", "iam:*"]`, 1)
			manager := k.user(t, "manager-"+tt.method, both)
			if a := manager.Call(t, tt.method, address, tt.body); a.Status != http.StatusOK {
				t.Errorf("who may: %d %s", a.Status, a.Text)
			}
			elsewhere := strings.Replace(address, account, "444455556666", 1)
			if a := k.Call(t, tt.method, elsewhere, tt.body); a.Status != http.StatusForbidden {
				t.Errorf("another account: %d %s", a.Status, a.Text)
			}
		})
	}
}

func TestProvidersAreOnRecordWithoutTheirSecrets(t *testing.T) {
	k := newKit(t, false)
	k.put(t, example)
	k.Call(t, http.MethodPut, providers, strings.Replace(example, "https://", "", 1))
	k.Call(t, http.MethodGet, path, "") // what was refused is on record before anything else is done
	k.drop(t, "https://id.example.com/tenant")
	a := k.Call(t, http.MethodGet, path, "")
	if strings.Contains(a.Text, "hush") {
		t.Errorf("the secret is in %s", a.Text)
	}
	events, _ := all(t, k.Client, nil)
	want := []string{
		"root PutIdentityProvider false <nil>",
		"root PutIdentityProvider false InvalidParameterValueException",
		"root DeleteIdentityProvider false <nil>",
	}
	if diff := cmp.Diff(want, briefs(events)); diff != "" {
		t.Fatal(diff)
	}
	parameters := map[string]any{"accountId": account, "issuer": "https://id.example.com/tenant", "clientId": "c", "label": "Example ID"}
	if diff := cmp.Diff(parameters, events[0]["requestParameters"]); diff != "" {
		t.Error(diff)
	}
}
