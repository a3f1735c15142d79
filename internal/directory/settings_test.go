package directory_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/directory"
	"rollcall/internal/store"
)

func (k *kit) settings(t testing.TB, c *access.Caller) directory.AccountSettings {
	t.Helper()
	s, err := k.DescribeAccountSettings(t.Context(), c, c.Account.ID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSettings(t *testing.T) {
	k := newKit(t)
	ana := k.admin(t, "ana")
	want := directory.AccountSettings{AccountName: "name-" + account, Edition: "ENTERPRISE", DefaultNamespace: "default"}
	if diff := cmp.Diff(want, k.settings(t, ana)); diff != "" {
		t.Errorf("at first (-want +got):\n%s", diff)
	}
	for _, c := range []*access.Caller{root(account), ana} {
		steps := map[string]struct {
			do     func() error
			change func()
		}{
			"UpdateAccountSettings": {
				func() error { return k.UpdateAccountSettings(t.Context(), c, account, "boss@example.com", true) },
				func() { want.NotificationEmail, want.TerminationProtection = "boss@example.com", true }},
			"UpdatePublicSharing": {
				func() error { return k.UpdatePublicSharing(t.Context(), c, account, true) },
				func() { want.PublicSharing = true }},
			"RenameAccount": {
				func() error { return k.RenameAccount(t.Context(), c, account, "acme") },
				func() { want.AccountName = "acme" }},
			"NoNotification": {
				func() error { return k.UpdateAccountSettings(t.Context(), c, account, "", false) },
				func() { want.NotificationEmail, want.TerminationProtection = "", false }},
			"NoSharing": {
				func() error { return k.UpdatePublicSharing(t.Context(), c, account, false) },
				func() { want.PublicSharing = false }},
			"RenameAgain": {
				func() error { return k.RenameAccount(t.Context(), c, account, "ACME") },
				func() { want.AccountName = "ACME" }},
		}
		for _, name := range []string{"UpdateAccountSettings", "UpdatePublicSharing", "RenameAccount", "NoNotification", "NoSharing", "RenameAgain"} {
			if err := steps[name].do(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			steps[name].change()
			if diff := cmp.Diff(want, k.settings(t, c)); diff != "" {
				t.Errorf("after %s (-want +got):\n%s", name, diff)
			}
		}
	}
	untouched := directory.AccountSettings{AccountName: "name-" + otherAccount, Edition: "ENTERPRISE", DefaultNamespace: "default"}
	if diff := cmp.Diff(untouched, k.settings(t, root(otherAccount))); diff != "" {
		t.Errorf("the other account (-want +got):\n%s", diff)
	}
	actions := map[string]int{}
	for _, r := range k.records(t, account) {
		if r.Caller.Name == "ana" {
			actions[r.Action]++
		}
	}
	delete(actions, "quicksight:AcceptInvitation")
	recorded := map[string]int{"quicksight:UpdateAccountSettings": 2, "quicksight:UpdatePublicSharingSettings": 2, "rollcall:RenameAccount": 2}
	if diff := cmp.Diff(recorded, actions); diff != "" {
		t.Errorf("the records (-want +got):\n%s", diff)
	}
}

func TestWhoMayChangeSettings(t *testing.T) {
	k := newKit(t)
	k.join(t, "eve", directory.Author, passwordHash)
	before := k.settings(t, root(account))
	for who, c := range map[string]*access.Caller{
		"an author": k.browse(t, "eve"), "nobody of IAM": k.iamUser(t, "mallory"), "another account": root(otherAccount),
	} {
		s, err := k.DescribeAccountSettings(t.Context(), c, account)
		denies(t, who, err)
		if s != (directory.AccountSettings{}) {
			t.Errorf("%s sees %+v", who, s)
		}
		denies(t, who, k.UpdateAccountSettings(t.Context(), c, account, "x@example.com", true))
		denies(t, who, k.UpdateAccountSettings(t.Context(), c, account, "\x00", true))
		denies(t, who, k.UpdatePublicSharing(t.Context(), c, account, true))
		denies(t, who, k.RenameAccount(t.Context(), c, account, "acme"))
		denies(t, who, k.RenameAccount(t.Context(), c, account, "no good"))
	}
	if diff := cmp.Diff(before, k.settings(t, root(account))); diff != "" {
		t.Errorf("something has changed:\n%s", diff)
	}
}

func TestSettingsThatAreNoGood(t *testing.T) {
	k := newKit(t)
	before := k.settings(t, root(account))
	update := func(email string) error {
		return k.UpdateAccountSettings(t.Context(), root(account), account, email, true)
	}
	for name, tt := range map[string]struct {
		err  error
		kind directory.Kind
		text string
	}{
		"LongEmail": {update(strings.Repeat("é", 1025)), directory.Invalid,
			" at 'notificationEmail' failed to satisfy constraint: Member must have length less than or equal to 1024"},
		"NUL": {update("a\x00b"), directory.Invalid,
			" at 'notificationEmail' failed to satisfy constraint: Member must not contain the character U+0000"},
		"Name": {k.RenameAccount(t.Context(), root(account), account, "no good"), directory.Invalid,
			`1 validation error detected: Value 'no good' at 'accountName' failed to satisfy constraint: ` +
				`Member must satisfy regular expression pattern: ^(?!D-|d-)([\da-zA-Z]+)([-]*[\da-zA-Z])*`},
		"TakenName":   {k.RenameAccount(t.Context(), root(account), account, "Name-"+otherAccount), directory.Exists, "Another account has this name."},
		"TakenNumber": {k.RenameAccount(t.Context(), root(account), account, otherAccount), directory.Exists, "Another account has this name."},
	} {
		var e *directory.Error
		if !errors.As(tt.err, &e) || e.Kind != tt.kind || !strings.HasSuffix(e.Message, tt.text) {
			t.Errorf("%s: %v", name, tt.err)
		}
	}
	if diff := cmp.Diff(before, k.settings(t, root(account))); diff != "" {
		t.Errorf("something has changed:\n%s", diff)
	}
	if err := update(strings.Repeat("é", 1024)); err != nil {
		t.Error(err)
	}
}

func TestNamesOfAccounts(t *testing.T) {
	for name, want := range map[string]bool{
		"acme": true, "Acme-2": true, "a": true, "7": true, "a--b": true, "d": true, "dd-x": true, account: true,
		strings.Repeat("a", 62): true, strings.Repeat("a", 63): false,
		"": false, "-a": false, "a-": false, "d-a": false, "D-a": false, "a b": false, "a\n": false, "a_b": false,
		"é": false, "a.b": false, "a/b": false, "a\x00": false, "١٢": false,
	} {
		if directory.ValidAccountName(name) != want {
			t.Errorf("%q: %t, want %t", name, !want, want)
		}
	}
}

func TestARenamedAccountIsFoundByItsNewName(t *testing.T) {
	k := newKit(t)
	k.mailing(t)
	k.join(t, "ana", directory.Author, hash(t, password))
	if err := k.RenameAccount(t.Context(), root(account), account, "acme"); err != nil {
		t.Fatal(err)
	}
	find := func(name string) (a store.Account, err error) {
		err = k.store.View(t.Context(), func(r store.Reader) (err error) {
			a, err = store.FindAccount(r, name)
			return err
		})
		return a, err
	}
	for _, name := range []string{"acme", account} {
		if a, err := find(name); err != nil || a.ID != account {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
		a := attempt("ana", password)
		a.Account = name
		if _, err := k.people().SignIn(t.Context(), a); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := find("name-" + account); !store.Missing(err, store.RecordAccount) {
		t.Errorf("the old name: %v", err)
	}
	a := attempt("ana", password)
	a.Account = "name-" + account
	if _, err := k.people().SignIn(t.Context(), a); err == nil {
		t.Error("the old name is still good for signing in")
	}
	k.forgets(t, "name-"+account, "default", "ana@example.com")
	if len(k.letters(t)) != 0 {
		t.Error("the old name is still good for a link")
	}
	k.forgets(t, "acme", "default", "ana@example.com")
	if m := k.letter(t); m.Data.AccountName != "acme" {
		t.Errorf("the mail names the account %s", m.Data.AccountName)
	}
}
