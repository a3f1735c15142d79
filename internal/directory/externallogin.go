package directory

import (
	"cmp"

	"rollcall/internal/store"
)

// Provider types of external logins.
const (
	cognito    = "COGNITO"
	customOIDC = "CUSTOM_OIDC"
	noProvider = "NONE" // clears an external login
)

// cognitoURL is the provider of every COGNITO login.
const cognitoURL = "cognito-identity.amazonaws.com"

// maxLoginLength bounds URL and id of an external login, in characters. AWS's own
// bounds are not known.
const maxLoginLength = 2048

// ExternalLogin is what a request says of an external login; nil members are
// absent.
type ExternalLogin struct {
	ProviderType *string
	URL          *string // only with CUSTOM_OIDC
	ID           *string // the user's id at the provider
}

func (l ExternalLogin) given() bool {
	return l.ProviderType != nil || l.URL != nil || l.ID != nil
}

// apply works out the login that results from a request on a stored one.
// Absent members leave what is stored, as long as the provider stays the
// same.
func (l ExternalLogin) apply(s scope, stored store.ExternalLogin) (store.ExternalLogin, error) {
	if !l.given() {
		return stored, nil
	}
	login := stored
	if l.ProviderType != nil && *l.ProviderType != stored.Provider {
		login = store.ExternalLogin{Provider: *l.ProviderType}
	}
	if l.URL != nil {
		login.URL = *l.URL
	}
	if l.ID != nil {
		login.ID = *l.ID
	}
	return l.complete(s, login)
}

// complete checks that the parts of a login belong together.
func (l ExternalLogin) complete(s scope, login store.ExternalLogin) (store.ExternalLogin, error) {
	switch login.Provider {
	case noProvider:
		if l.URL != nil || l.ID != nil {
			return login, s.invalid("CustomFederationProviderUrl and ExternalLoginId can't be given with ExternalLoginFederationProviderType NONE.")
		}
		return store.ExternalLogin{}, nil
	case cognito:
		if l.URL != nil {
			return login, s.invalid("CustomFederationProviderUrl can only be given with ExternalLoginFederationProviderType CUSTOM_OIDC.")
		}
		login.URL = cognitoURL
	case customOIDC:
		if login.URL == "" {
			return login, s.invalid("ExternalLoginFederationProviderType CUSTOM_OIDC requires CustomFederationProviderUrl.")
		}
	case "":
		return login, s.invalid("CustomFederationProviderUrl and ExternalLoginId require ExternalLoginFederationProviderType.")
	default:
		return login, s.invalid("ExternalLoginFederationProviderType must be COGNITO, CUSTOM_OIDC or NONE.")
	}
	if login.ID == "" {
		return login, s.invalid("ExternalLoginFederationProviderType %s requires ExternalLoginId.", login.Provider)
	}
	return login, cmp.Or(
		checkText("customFederationProviderUrl", login.URL, maxLoginLength),
		checkText("externalLoginId", login.ID, maxLoginLength),
	)
}

// register is apply for a user who is not there yet and has nothing to clear.
func (l ExternalLogin) register(s scope) (store.ExternalLogin, error) {
	if l.ProviderType != nil && *l.ProviderType == noProvider {
		return store.ExternalLogin{}, s.invalid("ExternalLoginFederationProviderType must be COGNITO or CUSTOM_OIDC.")
	}
	return l.apply(s, store.ExternalLogin{})
}
