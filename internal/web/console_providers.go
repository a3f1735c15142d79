package web

import (
	"net/http"
	"slices"

	"rollcall/internal/iam"
	"rollcall/internal/login"
)

// providersPage has the providers that people continue with, and a form for
// another. The secret is in the form alone: its field is named in lower case,
// and so it is not recorded.
type providersPage struct {
	iamList
	Callback  string // address that people come back to
	Providers []iam.IdentityProvider
	Typed     iam.NewIdentityProvider
	Problem   string // why the last try was refused; "": there was none
}

func (v *visit) listProviders() error {
	return v.showProviders(http.StatusOK, iam.NewIdentityProvider{}, "")
}

func (v *visit) showProviders(status int, typed iam.NewIdentityProvider, problem string) error {
	all, err := v.p.IAM.ListIdentityProviders(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	return v.show(status, "iam-providers.html", providersPage{
		v.newList("Providers", ""), v.p.PublicURL + login.CallbackPath, continued(all), typed, problem})
}

// continued are the providers that people can continue with.
func continued(all []iam.IdentityProvider) []iam.IdentityProvider {
	return slices.DeleteFunc(all, func(p iam.IdentityProvider) bool { return p.ClientID == "" })
}

func (v *visit) putProvider() error {
	n := iam.NewIdentityProvider{
		Issuer: v.value("Issuer"), ClientID: v.value("ClientId"), Label: v.value("Label"), ClientSecret: v.value("secret"), Keep: true}
	v.caller.Request.Service, v.caller.Request.Operation = "rollcall", "PutIdentityProvider"
	if n.ClientID == "" {
		return v.showProviders(http.StatusUnprocessableEntity, n, "The provider has to know rollcall by a client ID.")
	}
	_, err := v.p.IAM.PutIdentityProvider(v.r.Context(), v.caller, n)
	if text, ok := v.refusal(err); ok {
		return v.showProviders(http.StatusUnprocessableEntity, n, text)
	}
	if err != nil {
		return err
	}
	return v.leave(iamProvidersPath + "?done=provider-saved")
}

// removeProviderPage asks whether that is meant.
type removeProviderPage struct {
	Console
	Issuer string
}

func (v *visit) askRemoveProvider() error {
	all, err := v.p.IAM.ListIdentityProviders(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	issuer := v.value("Issuer")
	if !slices.ContainsFunc(continued(all), func(p iam.IdentityProvider) bool { return p.Issuer == issuer }) {
		return &iam.Error{Code: iam.NoSuchEntity}
	}
	return v.show(http.StatusOK, "iam-provider-remove.html", removeProviderPage{v.page("Access", "Remove this provider?"), issuer})
}

func (v *visit) removeProvider() error {
	v.caller.Request.Service, v.caller.Request.Operation = "rollcall", "DeleteIdentityProvider"
	if err := v.p.IAM.DeleteIdentityProvider(v.r.Context(), v.caller, v.value("Issuer")); err != nil {
		v.refusal(err)
		return err
	}
	return v.leave(iamProvidersPath + "?done=provider-removed")
}
