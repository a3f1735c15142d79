package directory

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/store"
)

func TestExternalLogins(t *testing.T) {
	given := func(s string) *string { return &s }
	const oidcURL, otherURL = "https://login.example.com/Tenant?x=1", "login.example.org"
	var (
		none    = store.ExternalLogin{}
		pool    = store.ExternalLogin{Provider: "COGNITO", URL: "cognito-identity.amazonaws.com", ID: "us-east-1:1"}
		oidc    = store.ExternalLogin{Provider: "CUSTOM_OIDC", URL: oidcURL, ID: "subject"}
		typed   = func(providerType string) ExternalLogin { return ExternalLogin{ProviderType: &providerType} }
		cognito = typed("COGNITO")
	)
	const (
		needsType = "CustomFederationProviderUrl and ExternalLoginId require ExternalLoginFederationProviderType."
		badType   = "ExternalLoginFederationProviderType must be COGNITO, CUSTOM_OIDC or NONE."
		needsURL  = "ExternalLoginFederationProviderType CUSTOM_OIDC requires CustomFederationProviderUrl."
		onlyOIDC  = "CustomFederationProviderUrl can only be given with ExternalLoginFederationProviderType CUSTOM_OIDC."
		clears    = "CustomFederationProviderUrl and ExternalLoginId can't be given with ExternalLoginFederationProviderType NONE."
	)
	for _, tt := range []struct {
		outcome string
		stored  store.ExternalLogin
		given   ExternalLogin
		want    store.ExternalLogin
		refused string // begins so
	}{
		{"nothing stays nothing", none, ExternalLogin{}, none, ""},
		{"nothing given keeps COGNITO", pool, ExternalLogin{}, pool, ""},
		{"nothing given keeps CUSTOM_OIDC", oidc, ExternalLogin{}, oidc, ""},

		{"COGNITO gets its URL", none, ExternalLogin{ProviderType: cognito.ProviderType, ID: given("us-east-1:1")}, pool, ""},
		{"CUSTOM_OIDC keeps its URL byte for byte", none, ExternalLogin{given("CUSTOM_OIDC"), given(oidcURL), given("subject")}, oidc, ""},
		{"CUSTOM_OIDC needs no scheme", none, ExternalLogin{given("CUSTOM_OIDC"), given(otherURL), given(" x ")},
			store.ExternalLogin{Provider: "CUSTOM_OIDC", URL: otherURL, ID: " x "}, ""},

		{"COGNITO replaces CUSTOM_OIDC", oidc, ExternalLogin{ProviderType: cognito.ProviderType, ID: given("us-east-1:1")}, pool, ""},
		{"CUSTOM_OIDC replaces COGNITO", pool, ExternalLogin{given("CUSTOM_OIDC"), given(oidcURL), given("subject")}, oidc, ""},
		{"another type keeps no id", oidc, cognito, none, "ExternalLoginFederationProviderType COGNITO requires ExternalLoginId."},
		{"another type keeps no URL", pool, ExternalLogin{ProviderType: given("CUSTOM_OIDC"), ID: given("subject")}, none, needsURL},

		{"an id alone keeps type and URL", oidc, ExternalLogin{ID: given("other")},
			store.ExternalLogin{Provider: "CUSTOM_OIDC", URL: oidcURL, ID: "other"}, ""},
		{"a URL alone keeps type and id", oidc, ExternalLogin{URL: given(otherURL)},
			store.ExternalLogin{Provider: "CUSTOM_OIDC", URL: otherURL, ID: "subject"}, ""},
		{"the same type alone keeps the rest", oidc, typed("CUSTOM_OIDC"), oidc, ""},
		{"the same type with an id keeps the URL", pool, ExternalLogin{ProviderType: cognito.ProviderType, ID: given("us-east-1:2")},
			store.ExternalLogin{Provider: "COGNITO", URL: "cognito-identity.amazonaws.com", ID: "us-east-1:2"}, ""},

		{"NONE clears COGNITO", pool, typed("NONE"), none, ""},
		{"NONE clears CUSTOM_OIDC", oidc, typed("NONE"), none, ""},
		{"NONE is harmless", none, typed("NONE"), none, ""},
		{"NONE takes no URL", oidc, ExternalLogin{ProviderType: given("NONE"), URL: given(oidcURL)}, none, clears},
		{"NONE takes no id", oidc, ExternalLogin{ProviderType: given("NONE"), ID: given("subject")}, none, clears},

		{"COGNITO takes no URL", none, ExternalLogin{cognito.ProviderType, given("cognito-identity.amazonaws.com"), given("x")}, none, onlyOIDC},
		{"stored COGNITO takes no URL", pool, ExternalLogin{URL: given(oidcURL)}, none, onlyOIDC},
		{"COGNITO needs an id", none, cognito, none, "ExternalLoginFederationProviderType COGNITO requires ExternalLoginId."},
		{"CUSTOM_OIDC needs a URL", none, ExternalLogin{ProviderType: given("CUSTOM_OIDC"), ID: given("x")}, none, needsURL},
		{"CUSTOM_OIDC needs an id", none, ExternalLogin{ProviderType: given("CUSTOM_OIDC"), URL: given(oidcURL)}, none,
			"ExternalLoginFederationProviderType CUSTOM_OIDC requires ExternalLoginId."},
		{"an empty URL is none", oidc, ExternalLogin{URL: given("")}, none, needsURL},
		{"an empty id is none", oidc, ExternalLogin{ID: given("")}, none,
			"ExternalLoginFederationProviderType CUSTOM_OIDC requires ExternalLoginId."},
		{"an id needs a type", none, ExternalLogin{ID: given("x")}, none, needsType},
		{"a URL needs a type", none, ExternalLogin{URL: given(oidcURL)}, none, needsType},
		{"an empty type is none", none, ExternalLogin{given(""), given(oidcURL), given("x")}, none, needsType},
		{"SAML is no type", none, ExternalLogin{given("SAML"), given(oidcURL), given("x")}, none, badType},
		{"types have one spelling", none, ExternalLogin{ProviderType: given("cognito"), ID: given("x")}, none, badType},

		{"a URL of 2048 characters fits", oidc, ExternalLogin{URL: given(strings.Repeat("u", 2048))},
			store.ExternalLogin{Provider: "CUSTOM_OIDC", URL: strings.Repeat("u", 2048), ID: "subject"}, ""},
		{"a URL of 2049 characters does not", oidc, ExternalLogin{URL: given(strings.Repeat("u", 2049))}, none, "1 validation error detected"},
		{"an id of 2049 characters does not", oidc, ExternalLogin{ID: given(strings.Repeat("i", 2049))}, none, "1 validation error detected"},
		{"NUL has no place in an id", oidc, ExternalLogin{ID: given("a\x00b")}, none, "1 validation error detected"},
		{"NUL has no place in a URL", oidc, ExternalLogin{URL: given("a\x00b")}, none, "1 validation error detected"},
	} {
		t.Run(tt.outcome, func(t *testing.T) {
			got, err := tt.given.apply(here, tt.stored)
			refused(t, err, Invalid, tt.refused)
			if diff := cmp.Diff(tt.want, got); diff != "" && tt.refused == "" {
				t.Errorf("login (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("NONE registers nobody", func(t *testing.T) {
		_, err := typed("NONE").register(here)
		refused(t, err, Invalid, "ExternalLoginFederationProviderType must be COGNITO or CUSTOM_OIDC.")
	})
}
