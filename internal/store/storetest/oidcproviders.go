package storetest

import (
	"time"

	"rollcall/internal/store"
)

func (f *fixture) newProvider(url string) store.OIDCProvider {
	return store.OIDCProvider{AccountID: accountID, URL: url, CreatedAt: f.now()}
}

func (f *fixture) fullProvider(url string) store.OIDCProvider {
	p := f.newProvider(url)
	p.ClientIDs, p.Thumbprints, p.Tags = []string{"b", "a \"é\" <&>", "b"}, []string{"2", "1"}, store.Tags{"k": "v"}
	p.ClientID, p.SealedClientSecret, p.Label = "own", []byte{0, 1, 255}, "ACME's <login>"
	p.Issuer = "http://localhost:9000/"
	p.JWKS, p.Keys = "https://id.example.com/keys", []byte(`{"keys": []}`)
	return p
}

func (f *fixture) addProvider(p store.OIDCProvider) store.OIDCProvider {
	f.Helper()
	f.update(func(tx store.Tx) error { return tx.CreateOIDCProvider(p) })
	return p
}

// provider gives the provider of that URL.
func (f *fixture) provider(url string) (p store.OIDCProvider) {
	f.Helper()
	f.view(func(r store.Reader) (err error) {
		p, err = r.OIDCProvider(accountID, url)
		return err
	})
	return p
}

func (f *fixture) noProvider(accountID, url string) {
	f.Helper()
	f.missing(store.RecordOIDCProvider, func(r store.Reader) error {
		_, err := r.OIDCProvider(accountID, url)
		return err
	})
}

func providersReadBackAsWritten(f *fixture) {
	for _, want := range []store.OIDCProvider{f.fullProvider("id.example.com/Full/"), f.newProvider("id.example.com")} {
		f.addProvider(want)
		f.same(want, f.provider(want.URL))
	}
	if bare := f.provider("id.example.com"); bare.Keys != nil || bare.SealedClientSecret != nil || bare.Tags != nil || bare.ClientIDs != nil {
		f.Errorf("%#v has what it was not given", bare)
	}
	for _, url := range []string{"id.example.com/full/", "id.example.com/Full", "ID.example.com"} {
		f.noProvider(accountID, url)
	}
	f.noProvider("444455556666", "id.example.com")
}

func providerIsReplacedButForItsTime(f *fixture) {
	bystander := f.addProvider(f.newProvider("a.org"))
	made := f.addProvider(f.newProvider("id.example.com"))
	want := f.fullProvider("id.example.com")
	changed := want
	changed.CreatedAt = f.now().Add(time.Hour) // which may not
	f.update(func(tx store.Tx) error { return tx.UpdateOIDCProvider(changed) })
	f.same(want, f.provider("id.example.com"))
	f.update(func(tx store.Tx) error { return tx.UpdateOIDCProvider(made) })
	f.same(made, f.provider("id.example.com"))
	f.same(bystander, f.provider("a.org"))
	f.refusedFor(store.ErrNotFound, store.RecordOIDCProvider, func(tx store.Tx) error {
		return tx.UpdateOIDCProvider(f.newProvider("ID.example.com"))
	})
}

func providersOfAnAccountDifferInURL(f *fixture) {
	p := f.addProvider(f.fullProvider("id.example.com"))
	f.refusedFor(store.ErrExists, store.RecordOIDCProvider, func(tx store.Tx) error { return tx.CreateOIDCProvider(p) })
	f.update(func(tx store.Tx) error { return tx.CreateAccount(store.Account{ID: "444455556666"}) })
	other := p
	other.AccountID = "444455556666"
	f.addProvider(other)
	remove := func(url string) func(store.Tx) error {
		return func(tx store.Tx) error { return tx.DeleteOIDCProvider(accountID, url) }
	}
	f.refusedFor(store.ErrNotFound, store.RecordOIDCProvider, remove("ID.example.com"))
	f.update(remove(p.URL))
	f.noProvider(accountID, p.URL)
	f.view(func(r store.Reader) error {
		got, err := r.OIDCProvider(other.AccountID, other.URL)
		f.same(other, got)
		return err
	})
	f.addProvider(p)
}

func providersComeInOrderOfURLs(f *fixture) {
	want := []store.OIDCProvider{f.newProvider("B.org"), f.fullProvider("a.org"), f.newProvider("a.org/"), f.newProvider("c.org")}
	for _, i := range []int{2, 0, 3, 1} {
		f.addProvider(want[i])
	}
	f.view(func(r store.Reader) error {
		got, err := r.OIDCProviders(accountID)
		f.same(want, got)
		if err != nil {
			return err
		}
		got, err = r.OIDCProviders("444455556666")
		f.same([]store.OIDCProvider{}, got)
		return err
	})
}
