package storetest

import (
	"time"

	"rollcall/internal/store"
)

func settingsAreWrittenOnce(f *fixture) {
	value := []byte{0, 1, 255}
	f.update(func(tx store.Tx) error { return tx.CreateSetting("check", value) })
	f.view(func(r store.Reader) error {
		got, err := r.Setting("check")
		f.same(value, got)
		return err
	})
	f.refused(store.ErrExists, func(tx store.Tx) error { return tx.CreateSetting("check", value) })
	for _, value := range []string{"first", "second"} {
		f.update(func(tx store.Tx) error { return tx.PutSetting("put", []byte(value)) })
		f.view(func(r store.Reader) error {
			got, err := r.Setting("put")
			f.same(value, string(got))
			return err
		})
	}
	f.refused(store.ErrNotFound, func(tx store.Tx) error {
		_, err := tx.Setting("other")
		return err
	})
}

// fullAccount is an account that has everything but users.
func fullAccount() store.Account {
	return store.Account{
		ID:        "000011112222",
		Name:      "other",
		Region:    "eu-west-1",
		CreatedAt: time.UnixMilli(1).UTC(),

		NotificationEmail:     "é'ops@example.com",
		TerminationProtection: true,
		PublicSharing:         true,
	}
}

func accountsReadBackAsWritten(f *fixture) {
	first := store.Account{ID: accountID, Name: "acme", Region: "us-east-1", CreatedAt: f.now()}
	second := fullAccount()
	f.update(func(tx store.Tx) error {
		counted := second
		counted.Users = 7 // which only the store may say
		return tx.CreateAccount(counted)
	})
	f.view(func(r store.Reader) error {
		all, err := r.Accounts()
		f.same([]store.Account{second, first}, all)
		for _, want := range all {
			got, err := r.Account(want.ID)
			f.same(want, got)
			if err != nil {
				return err
			}
		}
		if _, err := r.Account("999999999999"); !store.Missing(err, store.RecordAccount) {
			f.Errorf("account: %v, want not found", err)
		}
		return err
	})
	f.refused(store.ErrExists, func(tx store.Tx) error { return tx.CreateAccount(second) })
}

func accountIsReplacedInPart(f *fixture) {
	want, other := f.account(), fullAccount()
	update := func(a store.Account) {
		f.Helper()
		f.update(func(tx store.Tx) error { return tx.UpdateAccount(a) })
		f.same(want, f.account())
	}
	f.update(func(tx store.Tx) error { return tx.CreateAccount(other) })
	want.Name, want.NotificationEmail, want.TerminationProtection, want.PublicSharing = "new", "ops@example.com", true, true
	changed := want
	changed.Region, changed.CreatedAt, changed.Users = "eu-west-1", time.UnixMilli(1), 7 // which may not
	update(changed)
	want.TerminationProtection = false
	update(want)
	want.Name, want.NotificationEmail, want.TerminationProtection, want.PublicSharing = "acme", "", true, false
	update(want)
	f.view(func(r store.Reader) error {
		got, err := r.Account(other.ID)
		f.same(other, got)
		return err
	})
	want.ID = "999999999999"
	f.refusedFor(store.ErrNotFound, store.RecordAccount, func(tx store.Tx) error { return tx.UpdateAccount(want) })
}

func accountsCountTheirUsers(f *fixture) {
	count := func(want int) {
		f.Helper()
		f.same(want, f.account().Users)
	}
	count(0)
	u := f.create(f.newUser("ana"))
	f.twin(u) // who is another account's
	count(1)
	f.orphan("ben") // who is one too
	count(2)
	f.refused(store.ErrExists, func(tx store.Tx) error {
		return tx.CreateUser(accountID, store.NewUser{User: f.newUser("ana")})
	})
	count(2)
	f.update(func(tx store.Tx) error { return tx.DeleteUser(u.NamespaceID, u.ID) })
	count(1)
}

func namesOfNamespacesAreUniqueInAccount(f *fixture) {
	second := store.Namespace{AccountID: accountID, Name: "default", DirectoryID: "d-1"}
	f.refused(store.ErrExists, func(tx store.Tx) error {
		_, err := tx.CreateNamespace(second)
		return err
	})
	f.update(func(tx store.Tx) error {
		if err := tx.CreateAccount(store.Account{ID: "444455556666", Name: "other", Region: "us-east-1"}); err != nil {
			return err
		}
		second.AccountID = "444455556666"
		got, err := tx.CreateNamespace(second)
		if got.ID == f.namespace.ID {
			f.Error("two namespaces have one ID")
		}
		return err
	})
}

func (f *fixture) profile(name string) (p store.CustomPermissions) {
	f.Helper()
	f.view(func(r store.Reader) (err error) {
		p, err = r.CustomPermissions(accountID, name)
		return err
	})
	return p
}

func (f *fixture) createProfile(p store.CustomPermissions) store.CustomPermissions {
	f.Helper()
	p.AccountID, p.CreatedAt = accountID, f.clock.UTC().Truncate(time.Millisecond)
	f.update(func(tx store.Tx) error { return tx.CreateCustomPermissions(p) })
	got := f.profile(p.Name)
	p.ID = got.ID
	f.same(p, got)
	return got
}

func profilesReadBackAsWritten(f *fixture) {
	f.createProfile(store.CustomPermissions{Name: "bare"})
	if p := f.profile("bare"); p.Governance != nil {
		f.Errorf("governance is %v, want nil: it was never set", p.Governance)
	}
	p := f.createProfile(store.CustomPermissions{
		Name:         "full",
		Capabilities: map[string]string{"ExportToCsv": "DENY", "Flow": "ALLOW"},
		Governance:   map[string]string{"AI": "DENY_BY_DEFAULT"},
		Tags:         store.Tags{"k": "v"},
	})
	f.refused(store.ErrExists, func(tx store.Tx) error { return tx.CreateCustomPermissions(p) })
	p.Capabilities, p.Governance = map[string]string{"Topic": "DENY"}, map[string]string{}
	f.update(func(tx store.Tx) error { return tx.UpdateCustomPermissions(p) })
	got := f.profile("full")
	f.same(p, got)
	if got.Governance == nil {
		f.Error("governance is nil, want it set and empty")
	}
}

func profileInUseIsKept(f *fixture) {
	p := f.createProfile(store.CustomPermissions{Name: "p"})
	u := f.newUser("ana")
	u.CustomPermissionsID = p.ID
	f.create(u)
	f.refused(store.ErrConflict, func(tx store.Tx) error { return tx.DeleteCustomPermissions(p.ID) })
	f.same("p", f.find("ana").CustomPermissionsName)
	u.CustomPermissionsID = 0
	f.update(func(tx store.Tx) error { return tx.UpdateUser(u) })
	f.update(func(tx store.Tx) error { return tx.DeleteCustomPermissions(p.ID) })
	f.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.DeleteCustomPermissions(p.ID) })
}

func profilePagesComeInOrderOfMaking(f *fixture) {
	for _, name := range []string{"c", "a", "b"} {
		f.createProfile(store.CustomPermissions{Name: name})
	}
	f.view(func(r store.Reader) error {
		first, err := r.CustomPermissionsPage(accountID, 0, 2)
		if err != nil {
			return err
		}
		f.same([]string{"c", "a"}, []string{first[0].Name, first[1].Name})
		rest, err := r.CustomPermissionsPage(accountID, first[1].ID, 2)
		f.same(1, len(rest))
		f.same("b", rest[0].Name)
		return err
	})
}

func iamIdentityIsMadeOnce(f *fixture) {
	ensure := func(id store.IAMIdentity) (got store.IAMIdentity) {
		f.update(func(tx store.Tx) (err error) {
			got, err = tx.EnsureIAMIdentity(id)
			return err
		})
		return got
	}
	first := ensure(store.IAMIdentity{AccountID: accountID, Kind: store.IAMRole, Name: "r", UniqueID: "AROA1"})
	again := ensure(store.IAMIdentity{AccountID: accountID, Kind: store.IAMRole, Name: "r", UniqueID: "AROA2"})
	f.same(first, again)
	other := ensure(store.IAMIdentity{AccountID: accountID, Kind: store.IAMUser, Name: "r", UniqueID: "AIDA1"})
	f.same("AIDA1", other.UniqueID)
	f.refused(store.ErrExists, func(tx store.Tx) error {
		_, err := tx.EnsureIAMIdentity(store.IAMIdentity{AccountID: accountID, Kind: store.IAMUser, Name: "s", UniqueID: "AIDA1"})
		return err
	})
}
