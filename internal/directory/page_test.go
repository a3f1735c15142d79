package directory_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/directory"
	"rollcall/internal/seal"
)

// users lists a page of the first account's default namespace.
func (k *kit) users(t testing.TB, size int, token string) (names []string, next string, err error) {
	t.Helper()
	list, err := k.ListUsers(t.Context(), root(account), account, "default", directory.Page{Size: size, Token: token})
	for _, u := range list.Users {
		names = append(names, u.Name)
	}
	return names, list.NextToken, err
}

// profiles lists a page of the first account's profiles.
func (k *kit) profiles(t testing.TB, size int, token string) (names []string, next string, err error) {
	t.Helper()
	list, err := k.ListCustomPermissions(t.Context(), root(account), account, directory.Page{Size: size, Token: token})
	for _, p := range list.Profiles {
		names = append(names, p.Name)
	}
	return names, list.NextToken, err
}

// fillProfiles makes the profiles p0, p1, …
func (k *kit) fillProfiles(t testing.TB, n int) (names []string) {
	t.Helper()
	for i := range n {
		names = append(names, fmt.Sprint("p", i))
		_, err := k.CreateCustomPermissions(t.Context(), root(account),
			directory.CustomPermissionsChange{AccountID: account, Name: names[i]})
		if err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// lister lists a page.
type lister func(t testing.TB, size int, token string) (names []string, next string, err error)

// all follows the tokens to the end of a list.
func all(t testing.TB, list lister, size int) (names []string, pages int) {
	t.Helper()
	token := ""
	for {
		page, next, err := list(t, size, token)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) > size && size > 0 {
			t.Fatalf("a page of %d has %d", size, len(page))
		}
		names, pages = append(names, page...), pages+1
		if next == "" {
			return names, pages
		}
		token = next
	}
}

func TestPagesHaveAllInTheOrderOfTheirMaking(t *testing.T) {
	k := newKit(t)
	users, profiles := k.fill(t, account, "default", 12), k.fillProfiles(t, 12)
	k.fill(t, account, "sales", 3)
	k.fill(t, otherAccount, "default", 3)
	for _, tt := range []struct{ size, pages int }{{0, 1}, {1, 12}, {5, 3}, {6, 2}, {11, 2}, {12, 1}, {13, 1}, {100, 1}} {
		t.Run(fmt.Sprint("of ", tt.size), func(t *testing.T) {
			for _, list := range []struct {
				lister
				want []string
			}{{k.users, users}, {k.profiles, profiles}} {
				got, pages := all(t, list.lister, tt.size)
				if diff := cmp.Diff(list.want, got); diff != "" {
					t.Errorf("names (-want +got):\n%s", diff)
				}
				if pages != tt.pages {
					t.Errorf("%d pages, want %d", pages, tt.pages)
				}
			}
		})
	}
}

func TestAPageHasAHundredWhenNoSizeIsGiven(t *testing.T) {
	k := newKit(t)
	names := k.fill(t, account, "default", 101)
	page, next, err := k.users(t, 0, "")
	if err != nil || next == "" {
		t.Fatalf("token %q, error %v", next, err)
	}
	if diff := cmp.Diff(names[:100], page); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestAListThatChangesIsNeitherRepeatedNorCutShort(t *testing.T) {
	k := newKit(t)
	names := k.fill(t, account, "default", 6)
	page, next, err := k.users(t, 3, "")
	if err != nil {
		t.Fatal(err)
	}
	// The last one seen goes, one that is to come goes, and a new one comes.
	for _, name := range []string{"u2", "u4"} {
		if err := k.DeleteUser(t.Context(), root(account), account, "default", name); err != nil {
			t.Fatal(err)
		}
	}
	k.register(t, "new")
	rest, _, err := k.users(t, 100, next)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"u0", "u1", "u2", "u3", "u5", "new"}, append(page, rest...)); diff != "" {
		t.Errorf("of %v (-want +got):\n%s", names, diff)
	}
}

// useless checks that a token was refused in the words of the service.
func useless(t testing.TB, err error, kind directory.Kind) {
	t.Helper()
	var e *directory.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Message != "The NextToken value isn't valid." {
		t.Errorf("got %v, want the token to be refused", err)
	}
}

func TestATokenIsGoodForItsListOnly(t *testing.T) {
	k := newKit(t)
	k.fillProfiles(t, 2)
	for _, id := range []string{account, otherAccount} {
		for _, namespace := range []string{"default", "sales"} {
			k.fill(t, id, namespace, 2)
		}
	}
	_, users, err := k.users(t, 1, "")
	_, profiles, err2 := k.profiles(t, 1, "")
	if err := errors.Join(err, err2); err != nil || users == "" || profiles == "" {
		t.Fatalf("tokens %q %q, error %v", users, profiles, err)
	}
	for _, tt := range []struct{ accountID, namespace string }{{account, "sales"}, {otherAccount, "default"}} {
		_, err := k.ListUsers(t.Context(), root(tt.accountID), tt.accountID, tt.namespace, directory.Page{Token: users})
		useless(t, err, directory.InvalidToken)
	}
	_, _, err = k.users(t, 1, profiles)
	useless(t, err, directory.InvalidToken)
	_, _, err = k.profiles(t, 1, users)
	useless(t, err, directory.Invalid)
	_, err = k.ListCustomPermissions(t.Context(), root(otherAccount), otherAccount, directory.Page{Token: profiles})
	useless(t, err, directory.Invalid)
}

func TestATokenIsGoodForAnySizeAndMoreThanOnce(t *testing.T) {
	k := newKit(t)
	names := k.fill(t, account, "default", 4)
	_, next, err := k.users(t, 1, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{3, 2, 3} {
		page, _, err := k.users(t, size, next)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(names[1:1+size], page); diff != "" {
			t.Errorf("names (-want +got):\n%s", diff)
		}
	}
}

func TestATokenExpiresAfter24Hours(t *testing.T) {
	k := newKit(t)
	k.fill(t, account, "default", 2)
	k.fillProfiles(t, 2)
	for _, list := range []struct {
		lister
		kind directory.Kind
	}{{k.users, directory.InvalidToken}, {k.profiles, directory.Invalid}} {
		_, next, err := list.lister(t, 1, "")
		if err != nil {
			t.Fatal(err)
		}
		k.advance(24*time.Hour - time.Millisecond)
		if _, _, err := list.lister(t, 1, next); err != nil {
			t.Errorf("a millisecond before its end: %v", err)
		}
		k.advance(time.Millisecond)
		_, _, err = list.lister(t, 1, next)
		useless(t, err, list.kind)
	}
}

func TestATokenOutlivesTheServerButNotItsKey(t *testing.T) {
	k := newKit(t)
	k.fill(t, account, "default", 2)
	_, next, err := k.users(t, 1, "")
	if err != nil {
		t.Fatal(err)
	}
	k.Directory = k.sharing(k.key)
	if page, _, err := k.users(t, 1, next); err != nil || !slices.Equal(page, []string{"u1"}) {
		t.Errorf("after a restart: %v, %v", page, err)
	}
	k.Directory = k.sharing(seal.NewKey())
	_, _, err = k.users(t, 1, next)
	useless(t, err, directory.InvalidToken)
}

func TestATokenThatWasTamperedWithIsUseless(t *testing.T) {
	k := newKit(t)
	k.fill(t, account, "default", 2)
	k.fillProfiles(t, 2)
	for name, list := range map[string]struct {
		lister
		kind directory.Kind
	}{"users": {k.users, directory.InvalidToken}, "profiles": {k.profiles, directory.Invalid}} {
		t.Run(name, func(t *testing.T) {
			_, token, err := list.lister(t, 1, "")
			if err != nil || token == "" {
				t.Fatalf("token %q, error %v", token, err)
			}
			for _, bad := range spoilt(token) {
				if _, _, err := list.lister(t, 1, bad); err == nil {
					t.Errorf("%q is as good as %q", bad, token)
				} else {
					useless(t, err, list.kind)
				}
			}
		})
	}
}

// spoilt are texts that are nearly a token.
func spoilt(token string) []string {
	last := len(token) - 1
	bad := []string{
		" ", "x", "AAAA", token + "A", "A" + token, token + "=", token + token, token + " ",
		token[:last] + string(token[last]+1), // perhaps in bits that stand for nothing
	}
	for i := range token {
		if i > 0 {
			bad = append(bad, token[:i])
		}
		other := "A"
		if token[i] == 'A' {
			other = "B"
		}
		bad = append(bad, token[:i]+other+token[i+1:], token[:i]+"+"+token[i+1:])
	}
	return bad
}
