package login_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/login"
	"rollcall/internal/store"
)

// tokenOf is the token of a browser as it was made.
func (k *providerKit) tokenOf(back login.Return) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(back.Token)
}

func TestNobodyIsBoundByComingIn(t *testing.T) {
	i := newIDP(t)
	k := newProviderKit(t, i)
	stored := func(provider, url, id string) store.ExternalLogin {
		return store.ExternalLogin{Provider: provider, URL: url, ID: id}
	}
	for name, l := range map[string]store.ExternalLogin{
		"None":           {},
		"AnotherSubject": stored("CUSTOM_OIDC", i.URL, "00u2"),
		"SubjectInCase":  stored("CUSTOM_OIDC", i.URL, strings.ToUpper(subject)),
		"Slash":          stored("CUSTOM_OIDC", i.URL+"/", subject),
		"NoScheme":       stored("CUSTOM_OIDC", to(i).URL, subject),
		"Cognito":        stored("COGNITO", i.URL, subject),
	} {
		t.Run(name, func(t *testing.T) {
			k.gives(k.user, l)
			for range 2 { // nor is the second time another
				k.closed(i, k.leave(i, to(i)), login.ErrUnauthorizedLogin)
			}
		})
	}
	records := k.records()
	if len(records) != 12 {
		t.Errorf("%d records", len(records))
	}
	for _, r := range records {
		if want := `webidentity ` + subject + ` signin:ConsoleLogin  {"ConsoleLogin":"Failure"} ` + unauthorized; r != want {
			t.Errorf("on record is %q, want %q", r, want)
		}
	}
	k.gives(k.user, stored("CUSTOM_OIDC", i.URL, subject))
	k.enters("ana", k.leave(i, to(i)))
}

func TestDisabledUserIsKeptOut(t *testing.T) {
	i := newIDP(t)
	k := newProviderKit(t, i)
	u := k.user
	u.Disabled = true
	k.gives(u, store.ExternalLogin{Provider: "CUSTOM_OIDC", URL: i.URL, ID: subject})
	k.closed(i, k.leave(i, to(i)), login.ErrUnauthorizedLogin)
}

func TestSeveralUsersWithOneLogin(t *testing.T) {
	i := newIDP(t)
	k := newProviderKit(t, i)
	k.namesake(i, "ben", "second")
	d := to(i)
	d.Request = k.begin(page)
	out, err := k.Finish(t.Context(), k.leave(i, d))
	several, ok := errors.AsType[*login.SameLoginError](err)
	if !ok || out != (login.Returned{Request: d.Request}) {
		t.Fatalf("%+v, %v", out, err)
	}
	want := &login.SameLoginError{Choice: login.Choice{AccountID: account, URL: d.URL, Label: "Example ID"}, Account: "acme",
		Namespaces: []string{"default", "second"}}
	if diff := cmp.Diff(want, several); diff != "" {
		t.Error(diff)
	}
	for namespace, name := range map[string]string{"default": "ana", "second": "ben"} {
		d.Namespace = namespace
		k.enters(name, k.leave(i, d))
	}
	d.Namespace = "third"
	k.closed(i, k.leave(i, d), login.ErrUnauthorizedLogin)
	k.namesake(i, "eve", "second") // in one namespace nothing tells them apart
	for _, namespace := range []string{"", "second"} {
		d.Namespace = namespace
		k.closed(i, k.leave(i, d), login.ErrUnauthorizedLogin)
	}
	d.Namespace = "default"
	k.enters("ana", k.leave(i, d))
}

// Whoever has another account of the server says there what the provider is, and
// of what keys: that counts for his own users alone.
func TestAnotherAccountsProvider(t *testing.T) {
	i := newIDP(t)
	k := newProviderKit(t, i)
	const other = "444455556666"
	k.update(func(tx store.Tx) error { return tx.CreateAccount(store.Account{ID: other, Name: "other"}) })
	k.add(i, other)
	d := to(i)
	d.AccountID = other
	k.closed(i, k.leave(i, d), login.ErrUnauthorizedLogin)
	k.enters("ana", k.leave(i, to(i)))
}
