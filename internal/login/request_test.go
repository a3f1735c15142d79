package login_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/login"
	"rollcall/internal/seal"
	"rollcall/internal/store"
)

const page = "/sn/console/users?prefix=a%20b&page=2"

func (k *kit) begin(returnTo string) (token string) {
	k.Helper()
	token, err := k.Begin(k.Context(), returnTo)
	if err != nil {
		k.Fatal(err)
	}
	return token
}

// signs signs in by a request, and gives where that leads.
func (k *kit) signs(request string) (returnTo string) {
	k.Helper()
	a := k.attempt(password)
	a.Request = request
	opened, err := k.SignIn(k.Context(), a)
	if err != nil {
		k.Fatal(err)
	}
	if _, err := k.Session(k.Context(), opened.Token); err != nil {
		k.Errorf("nobody is signed in: %v", err)
	}
	return opened.ReturnTo
}

// beginAt begins a sign-in that ends at a time.
func (k *kit) beginAt(returnTo string, expires time.Time, keep int) (token string) {
	k.Helper()
	secret := seal.NewToken()
	k.update(func(tx store.Tx) error {
		return tx.CreateSignIn(store.SignIn{TokenHash: seal.HashToken(secret), ReturnTo: returnTo, ExpiresAt: expires}, keep)
	})
	return base64.RawURLEncoding.EncodeToString(secret)
}

func TestASignInLeadsOnceToItsPage(t *testing.T) {
	k := newKit(t)
	token, other := k.begin(page), k.begin("/sn/other")
	if got := k.signs(token); got != page {
		t.Errorf("it leads to %q", got)
	}
	if got := k.signs(token); got != "" {
		t.Errorf("the second time it leads to %q", got)
	}
	if got := k.signs(other); got != "/sn/other" {
		t.Errorf("the other leads to %q", got)
	}
}

func TestASignInLeadsOnceToItsPageToSomebodyOfMany(t *testing.T) {
	k := newKit(t)
	token := k.begin(page)
	var led [8]string
	var all sync.WaitGroup
	for i := range led {
		all.Go(func() {
			a := k.attempt(password)
			a.Request, a.Address = token, fmt.Sprintf("192.0.2.%d", i)
			opened, err := k.SignIn(t.Context(), a)
			if err != nil {
				t.Error(err)
			}
			led[i] = opened.ReturnTo
		})
	}
	all.Wait()
	if got := strings.Join(led[:], ""); got != page {
		t.Errorf("they are led to %q", led)
	}
}

func TestRequestsThatLeadNowhere(t *testing.T) {
	k := newKit(t)
	token := k.begin(page)
	ended := k.beginAt(page, time.Now().Add(-time.Millisecond), 100)
	ending := k.beginAt(page, time.Now().Add(time.Minute), 100)
	for _, bad := range []string{
		"", "x", page, ended, token[1:], token + "A", token[:len(token)-1] + "*", "=" + token, strings.Repeat("A", len(token)),
		base64.RawURLEncoding.EncodeToString(seal.NewToken()), strings.Repeat("A", 1<<16),
	} {
		if got := k.signs(bad); got != "" {
			t.Errorf("%.50q leads to %q", bad, got)
		}
	}
	if err := k.store.View(t.Context(), func(r store.Reader) error {
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			return err
		}
		s, err := r.SignIn(seal.HashToken(raw))
		if left := s.ExpiresAt.Sub(r.Now()); left <= 59*time.Minute || left > time.Hour {
			t.Errorf("it is good for %s", left)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	for _, good := range []string{token, ending} {
		if got := k.signs(good); got != page {
			t.Errorf("it leads to %q", got)
		}
	}
}

func TestAWrongPasswordDoesNotEndARequest(t *testing.T) {
	k := newKit(t)
	token := k.begin(page)
	for _, change := range []func(*login.Attempt){
		func(a *login.Attempt) { a.Password = "Wrong-horse-7" },
		func(a *login.Attempt) { a.UserName = "eve" },
		func(a *login.Attempt) { a.Account = "nowhere" },
	} {
		a := k.attempt(password)
		a.Request = token
		change(&a)
		if opened, err := k.SignIn(t.Context(), a); !errors.Is(err, login.ErrRefused) || opened != (login.Opened{}) {
			t.Errorf("%+v, %v", opened, err)
		}
	}
	if got := k.signs(token); got != page {
		t.Errorf("it leads to %q", got)
	}
}

// Nobody is kept from signing in by those who begin and never end.
func TestOldRequestsMakeRoom(t *testing.T) {
	k := newKit(t)
	later := time.Now().Add(time.Hour)
	var tokens []string
	for i := range 7 {
		tokens = append(tokens, k.beginAt(fmt.Sprint("/", i), later, 5))
	}
	for i, token := range tokens {
		want := fmt.Sprint("/", i)
		if i < 2 {
			want = ""
		}
		if got := k.signs(token); got != want {
			t.Errorf("%d leads to %q", i, got)
		}
	}
}

func TestSoManyRequestsAreKept(t *testing.T) {
	const most = 10_000
	k := newKit(t)
	first := k.begin(page)
	second := k.begin(page)
	k.update(func(tx store.Tx) error {
		for range most - 2 {
			if err := tx.CreateSignIn(store.SignIn{TokenHash: seal.NewToken(), ExpiresAt: tx.Now()}, 2*most); err != nil {
				return err
			}
		}
		return nil
	})
	last := k.begin(page)
	for token, want := range map[string]string{first: "", second: page, last: page} {
		if got := k.signs(token); got != want {
			t.Errorf("it leads to %q, want %q", got, want)
		}
	}
}
