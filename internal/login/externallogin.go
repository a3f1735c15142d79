package login

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"rollcall/internal/access"
	"rollcall/internal/seal"
	"rollcall/internal/store"
	"rollcall/internal/webidentity"
)

// maxSameLogin bounds how many users of an account are looked at for a login.
const maxSameLogin = 20

// SameLoginError means that several users have the login: somebody has to say
// who of them is meant.
type SameLoginError struct {
	Choice     Choice
	Account    string   // its name
	Namespaces []string // of the users; nobody is twice in one
}

func (e *SameLoginError) Error() string {
	return fmt.Sprintf("the external login is that of users in the namespaces %q", e.Namespaces)
}

// open begins a session of the user who has the login at the provider, and for
// whom the provider's account is responsible: another account may say something
// else of the same issuer.
func (p *Providers) open(ctx context.Context, provider *store.OIDCProvider, t *trip, id *webidentity.Token) (o Opened, err error) {
	token := seal.NewToken()
	err = p.people.store.Update(ctx, func(tx store.Tx) error {
		now, err := findProvider(tx, provider.AccountID, provider.URL)
		if err == nil && now.ClientID != provider.ClientID {
			err = ErrNoProvider // any more
		}
		if err != nil {
			return err
		}
		who, err := whoHas(tx, provider, id, t.Namespace)
		if err != nil {
			return err
		}
		if o.ReturnTo, err = endSignIn(tx, t.Request); err != nil {
			return err
		}
		return errors.Join(beginSession(tx, &who, token, tx.Now().Add(access.SessionLife), false), recordLogin(ctx, tx, &who, id.Issuer))
	})
	if errors.Is(err, ErrUnauthorizedLogin) {
		p.unauthorized(ctx, provider, id)
	}
	if err != nil {
		return Opened{}, err
	}
	o.Token = text(token)
	return o, nil
}

// whoHas finds the only user with a login, or the only one of a namespace.
func whoHas(r store.Reader, provider *store.OIDCProvider, id *webidentity.Token, namespace string) (who store.Person, err error) {
	all, err := r.UsersByLogin(provider.AccountID, id.Issuer, id.Subject, maxSameLogin)
	if err != nil {
		return who, err
	}
	all = slices.DeleteFunc(all, func(p store.Person) bool {
		return p.User.Disabled || namespace != "" && p.Namespace.Name != namespace
	})
	switch len(all) {
	case 0:
		return who, ErrUnauthorizedLogin
	case 1:
		return all[0], nil
	}
	return who, sameLogin(provider, all)
}

// sameLogin asks for the namespace, where that tells the users apart.
func sameLogin(provider *store.OIDCProvider, all []store.Person) error {
	e := &SameLoginError{Choice: Choice{provider.AccountID, provider.URL, label(provider)}, Account: all[0].Account.Name}
	for _, p := range all {
		if slices.Contains(e.Namespaces, p.Namespace.Name) {
			return ErrUnauthorizedLogin
		}
		e.Namespaces = append(e.Namespaces, p.Namespace.Name)
	}
	return e
}

// recordLogin names the provider whom the user has come from.
func recordLogin(ctx context.Context, tx store.Tx, who *store.Person, issuer string) error {
	c, call := did(ctx, who, "ConsoleLogin")
	parameters, err := json.Marshal(map[string]string{"identityProvider": issuer})
	if err != nil {
		return err
	}
	c.Request.Parameters = string(parameters)
	return access.Record(tx, c, call, `{"ConsoleLogin":"Success"}`)
}

// unauthorized records who it was that no user has the login of.
func (p *Providers) unauthorized(ctx context.Context, provider *store.OIDCProvider, id *webidentity.Token) {
	arn := "arn:aws:iam::" + provider.AccountID + ":oidc-provider/" + provider.URL
	c := access.WebIdentity(ctx, store.Account{ID: provider.AccountID}, p.people.now(), &access.Federation{
		Provider: arn, Issuer: id.Issuer, Subject: id.Subject, Audience: provider.ClientID})
	access.NoteFailure(p.people.audit, c, &access.Call{
		Action: "signin:ConsoleLogin", AccountID: provider.AccountID, Resource: "*"}, `{"ConsoleLogin":"Failure"}`, ErrUnauthorizedLogin.Error())
}
