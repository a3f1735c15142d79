package directory_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/directory"
	"rollcall/internal/login"
	"rollcall/internal/mail"
	"rollcall/internal/store"
)

// forgets asks for a link by somebody who is not known.
func (k *kit) forgets(t testing.TB, accountName, namespace, email string) {
	t.Helper()
	if err := k.ForgotPassword(t.Context(), accountName, namespace, email); err != nil {
		t.Errorf("%s %s %s: %v", accountName, namespace, email, err)
	}
}

// forgot asks for a link for somebody who gets one, and gives its token.
func (k *kit) forgot(t testing.TB, name string) (token string) {
	t.Helper()
	k.forgets(t, "name-"+account, "default", name+"@example.com")
	return secret(t, k.letter(t).Data.Link, directory.ResetPath)
}

// recoveries are the records about forgotten passwords: who, and how it went.
func (k *kit) recoveries(t testing.TB) (all []string) {
	t.Helper()
	for _, r := range k.records(t, account) {
		if action, ok := strings.CutPrefix(r.Action, "signin:PasswordRecovery"); ok {
			all = append(all, fmt.Sprintf("%s of %q by %q: %s", action, r.Subject, r.Caller.Name, r.Response))
		}
	}
	return all
}

func TestWhoForgetsAPasswordIsSentALink(t *testing.T) {
	k := newKit(t)
	k.mailing(t)
	k.join(t, "ana", directory.Author, passwordHash)
	k.join(t, "ben", directory.Author, passwordHash)
	k.forgets(t, "name-"+account, "default", "aNA@Example.COM")
	m := k.letter(t)
	want := mail.Data{UserName: "ana", AccountName: "name-" + account, Link: m.Data.Link, Expires: k.clock().Add(time.Hour)}
	if m.Kind != mail.Reset || m.To != "ana@example.com" || m.Data != want {
		t.Errorf("the mail is %+v", m)
	}
	token := secret(t, m.Data.Link, directory.ResetPath)
	for range 3 { // looking uses nothing up
		p, err := k.PasswordReset(t.Context(), token)
		if err != nil || p.User.Name != "ana" || p.Account.ID != account || p.Namespace.Name != "default" {
			t.Errorf("it is for %+v, %v", p, err)
		}
	}
	k.advance(time.Hour - time.Millisecond)
	k.resets(t, token, nil)
	k.advance(time.Millisecond)
	k.worthless(t, "ana", token)
	got := k.recoveries(t)
	if len(got) != 1 || got[0] != `Requested of "ana" by "ana": {"PasswordRecoveryRequested":"Success"}` {
		t.Errorf("the records are %q", got)
	}
}

func TestTheAccountsNumberIsAsGoodAsItsName(t *testing.T) {
	k := newKit(t)
	k.mailing(t)
	k.join(t, "ana", directory.Author, passwordHash)
	k.forgets(t, account, "default", "ana@example.com")
	k.resets(t, secret(t, k.letter(t).Data.Link, directory.ResetPath), nil)
}

// Whoever asks hears the same, and the account's record knows.
func TestWhoIsSentNothing(t *testing.T) {
	k := newKit(t)
	k.mailing(t)
	k.join(t, "ana", directory.Author, passwordHash)
	k.register(t, "invited")
	k.join(t, "gone", directory.Author, passwordHash)
	k.disable(t, "gone")
	k.registerIAM(t, "ida", "ida@example.com")
	const nobody = `Requested of "" by "": {"PasswordRecoveryRequested":"Failure"}`
	for name, tt := range map[string]struct {
		account, namespace, email string
		recorded                  bool
	}{
		"NoAccount":      {"acme", "default", "ana@example.com", false},
		"EmptyAccount":   {"", "default", "ana@example.com", false},
		"NoNamespace":    {account, "nowhere", "ana@example.com", true},
		"OtherNamespace": {account, "sales", "ana@example.com", true},
		"NoAddress":      {account, "default", "eve@example.com", true},
		"Empty":          {account, "default", "", true},
		"PartOfAddress":  {account, "default", "ana@example.co", true},
		"Wildcard":       {account, "default", "ana@example.c_m", true},
		"Spaces":         {account, "default", " ana@example.com", true},
		"NUL":            {account, "default", "ana@example.com\x00", true},
		"NotUTF8":        {account, "default", "ana@example.com\xff", true},
		"LongS":          {account, "default", "ana@e\u017fample.com", true},
		"NameInstead":    {account, "default", "ana", true},
		"Invited":        {account, "default", "invited@example.com", true},
		"Disabled":       {account, "default", "gone@example.com", true},
		"OfIAM":          {account, "default", "ida@example.com", true},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(k.recoveries(t))
			k.forgets(t, tt.account, tt.namespace, tt.email)
			if all := k.letters(t); len(all) != 0 {
				t.Errorf("mails wait: %+v", all)
			}
			got := k.recoveries(t)[before:]
			if tt.recorded != (len(got) == 1) || tt.recorded && got[0] != nobody {
				t.Errorf("the records are %q", got)
			}
		})
	}
	for _, name := range []string{"ana", "invited", "gone", "ida"} {
		u := k.stored(t, name).User
		if err := k.store.View(t.Context(), func(r store.Reader) error {
			_, err := r.PasswordReset(u.NamespaceID, u.ID)
			return err
		}); !store.Missing(err, store.RecordPasswordReset) {
			t.Errorf("%s has a reset: %v", name, err)
		}
	}
	k.forgot(t, "ana")
}

// Without mail a link would reach nobody, and must not end the one that an
// administrator has made.
func TestNobodyIsSentAnythingWithoutMail(t *testing.T) {
	k := newKit(t)
	k.join(t, "ana", directory.Author, passwordHash)
	token, _ := k.issue(t, "ana", true)
	k.advance(time.Hour)
	k.forgets(t, account, "default", "ana@example.com")
	k.resets(t, token, nil)
	if got := k.recoveries(t); len(got) != 1 || !strings.Contains(got[0], "Failure") || k.Mails() {
		t.Errorf("the records are %q", got)
	}
}

func TestUsersWithOneAddress(t *testing.T) {
	k := newKit(t)
	k.mailing(t)
	k.registerIAM(t, "ida", "all@example.com")
	for i := range 6 {
		name := fmt.Sprint("u", i)
		k.join(t, name, directory.Author, passwordHash)
		p := k.stored(t, name)
		p.User.Email = "All@example.com"
		k.update(t, func(tx store.Tx) error { return tx.UpdateUser(p.User) })
	}
	k.forgets(t, account, "default", "all@example.com")
	names := map[string]bool{}
	for _, m := range k.letters(t) {
		names[m.Data.UserName] = true
		k.resets(t, secret(t, m.Data.Link, directory.ResetPath), nil)
	}
	if len(names) != 4 || !names["u0"] || !names["u3"] { // ida is the fifth
		t.Errorf("mails go to %v", names)
	}
	if got := k.recoveries(t); len(got) != 4 {
		t.Errorf("the records are %q", got)
	}
}

func TestALinkEachFiveMinutes(t *testing.T) {
	k := newKit(t)
	k.mailing(t)
	k.join(t, "ana", directory.Author, passwordHash)
	first := k.forgot(t, "ana")
	k.advance(5*time.Minute - time.Millisecond)
	if again := k.forgot(t, "ana"); again != first {
		t.Error("there is another link already")
	}
	k.resets(t, first, nil)
	k.advance(time.Millisecond)
	second := k.forgot(t, "ana")
	if second == first {
		t.Error("there is no other link")
	}
	k.worthless(t, "ana", first)
	k.resets(t, second, nil)

	var all sync.WaitGroup
	k.advance(5 * time.Minute)
	for range 8 {
		all.Go(func() { k.forgets(t, account, "default", "ana@example.com") })
	}
	all.Wait()
	sent := 0
	for _, r := range k.recoveries(t) {
		if strings.Contains(r, "Success") {
			sent++
		}
	}
	if sent != 3 {
		t.Errorf("%d links were sent, want 3", sent)
	}
	k.resets(t, secret(t, k.letter(t).Data.Link, directory.ResetPath), nil)
}

func TestALinkIsUsedOnce(t *testing.T) {
	k := newKit(t)
	k.mailing(t)
	k.join(t, "ana", directory.Author, hash(t, password))
	k.join(t, "ben", directory.Author, passwordHash)
	people := k.people()
	opened, err := people.SignIn(t.Context(), attempt("ana", password))
	if err != nil {
		t.Fatal(err)
	}
	token := k.forgot(t, "ana")
	if _, err := people.Session(t.Context(), opened.Token); err != nil {
		t.Errorf("asking ends the session: %v", err)
	}
	k.advance(10 * time.Minute)
	p, err := k.ResetPassword(t.Context(), token, hash(t, "Other-horse-8"))
	if err != nil || p.User.Name != "ana" {
		t.Fatalf("%+v, %v", p, err)
	}
	if seen := k.stored(t, "ana").User.LastActiveAt; !seen.Equal(k.clock()) {
		t.Errorf("ana was here at %s", seen)
	}
	if _, err := people.Session(t.Context(), opened.Token); !errors.Is(err, login.ErrSignedOut) {
		t.Errorf("the session goes on: %v", err)
	}
	if _, err := people.SignIn(t.Context(), attempt("ana", password)); !errors.Is(err, login.ErrRefused) {
		t.Errorf("the old password: %v", err)
	}
	if _, err := people.SignIn(t.Context(), attempt("ana", "Other-horse-8")); err != nil {
		t.Errorf("the new password: %v", err)
	}
	k.worthless(t, "ana", token)
	if k.password(t, "ben") != passwordHash {
		t.Error("ben has another password")
	}
	if got := k.recoveries(t); len(got) != 2 || got[1] != `Completed of "ana" by "ana": {"PasswordRecoveryCompleted":"Success"}` {
		t.Errorf("the records are %q", got)
	}
	for _, r := range k.records(t, account) {
		if strings.Contains(fmt.Sprintf("%+v", r), token) {
			t.Errorf("a record has the token: %+v", r)
		}
	}
}

func TestOfManyWhoUseALinkAtOnceOneWins(t *testing.T) {
	k := newKit(t)
	k.join(t, "ana", directory.Author, passwordHash)
	token, _ := k.issue(t, "ana", false)
	const crowd = 16
	var results [crowd]error
	var all sync.WaitGroup
	for i := range crowd {
		all.Go(func() { _, results[i] = k.ResetPassword(t.Context(), token, fmt.Sprint("hash ", i)) })
	}
	all.Wait()
	winner := ""
	for i, err := range results {
		switch {
		case err == nil && winner == "":
			winner = fmt.Sprint("hash ", i)
		case err == nil:
			t.Error("two won")
		case !errors.Is(err, directory.ErrResetUnknown):
			t.Errorf("a loser got %v", err)
		}
	}
	if got := k.password(t, "ana"); got != winner {
		t.Errorf("the password is %q, want %q", got, winner)
	}
}

func TestWhatEndsALink(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, k *kit){
		"AnotherEmail": func(t *testing.T, k *kit) {
			if _, err := k.UpdateUser(t.Context(), root(account), directory.UserChange{
				AccountID: account, Namespace: "default", Name: "ana", Email: "new@example.com", Role: directory.Author}); err != nil {
				t.Fatal(err)
			}
		},
		"Deleted": func(t *testing.T, k *kit) {
			if err := k.DeleteUser(t.Context(), root(account), account, "default", "ana"); err != nil {
				t.Fatal(err)
			}
			k.join(t, "ana", directory.Author, passwordHash)
		},
		"Disabled": func(t *testing.T, k *kit) { k.disable(t, "ana") },
		"DisabledAndEnabled": func(t *testing.T, k *kit) {
			k.disable(t, "ana")
			k.enable(t, "ana")
		},
		"DisabledBelow": func(t *testing.T, k *kit) { // by whatever does not know of links
			p := k.stored(t, "ana")
			p.User.Disabled = true
			k.update(t, func(tx store.Tx) error { return tx.UpdateUser(p.User) })
		},
		"AnotherPassword": func(t *testing.T, k *kit) {
			people := k.people()
			opened, err := people.SignIn(t.Context(), attempt("ana", password))
			if err != nil {
				t.Fatal(err)
			}
			s, err := people.Session(t.Context(), opened.Token)
			if err == nil {
				_, err = people.ChangePassword(t.Context(), s, password, "Other-horse-8", "192.0.2.1")
			}
			if err != nil {
				t.Fatal(err)
			}
			if all := k.letters(t); len(all) != 0 {
				t.Errorf("mails wait: %+v", all)
			}
		},
		"AnotherLink": func(t *testing.T, k *kit) { k.issue(t, "ana", false) },
		"AnotherReset": func(t *testing.T, k *kit) {
			k.advance(5 * time.Minute)
			k.forgot(t, "ana")
		},
		"Time": func(_ *testing.T, k *kit) { k.advance(time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t)
			k.mailing(t)
			k.join(t, "ana", directory.Author, hash(t, password))
			token := k.forgot(t, "ana")
			k.resets(t, token, nil)
			end(t, k)
			k.worthless(t, "ana", token)
		})
	}
}

// A sign-in changes nothing about a link.
func TestALinkOutlivesASignIn(t *testing.T) {
	k := newKit(t)
	k.mailing(t)
	k.join(t, "ana", directory.Author, hash(t, password))
	token := k.forgot(t, "ana")
	if _, err := k.people().SignIn(t.Context(), attempt("ana", password)); err != nil {
		t.Fatal(err)
	}
	k.resets(t, token, nil)
}

func TestANearlyRightLinkIsUnknown(t *testing.T) {
	k := newKit(t)
	k.join(t, "ana", directory.Author, passwordHash)
	k.join(t, "ben", directory.Author, passwordHash)
	token, _ := k.issue(t, "ana", false)
	other, _ := k.issue(t, "ben", false)
	const user = 4 * (8 + 16) / 3 // characters of the token that say which user it is for
	for _, bad := range append(spoilt(token), "", token+"\n", "\n"+token, token[:user], token[:user]+other[user:], other[:user]+token[user:]) {
		k.worthless(t, "", bad)
	}
	for _, name := range []string{"ana", "ben"} {
		if k.password(t, name) != passwordHash {
			t.Errorf("%s has another password", name)
		}
	}
	k.resets(t, token, nil)
	k.resets(t, other, nil)
}
