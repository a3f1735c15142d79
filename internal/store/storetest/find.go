package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"rollcall/internal/store"
)

// person is a user of the fixture's namespace with all it belongs to.
func (f *fixture) person(u store.User) store.Person {
	f.Helper()
	return store.Person{User: u, Namespace: f.namespace, Account: f.account()}
}

func (f *fixture) byID(u store.User) (p store.Person) {
	f.Helper()
	f.view(func(r store.Reader) (err error) {
		p, err = r.UserByID(u.NamespaceID, u.ID)
		return err
	})
	return p
}

// search gives the users of the fixture's namespace that a query selects.
func (f *fixture) search(q store.UserQuery) (found []store.User) {
	f.Helper()
	q.NamespaceID = f.namespace.ID
	f.view(func(r store.Reader) (err error) {
		found, err = r.FindUsers(q)
		return err
	})
	return found
}

func namesOf(users []store.User) (names []string) {
	for _, u := range users {
		names = append(names, u.Name)
	}
	return names
}

func usersAreFoundByIDWithAllTheyBelongTo(f *fixture) {
	plain, full, orphan := f.create(f.newUser("plain")), f.fullUser(), f.orphan("gone")
	twin, namespace, account := f.twin(plain)
	for _, u := range []store.User{plain, full, orphan} {
		f.same(f.person(u), f.byID(u))
	}
	f.same(store.Person{User: twin, Namespace: namespace, Account: account}, f.byID(twin))
	stranger, elsewhere, nowhere := f.newUser("stranger"), full, plain
	elsewhere.NamespaceID, nowhere.NamespaceID = namespace.ID, 999
	for _, u := range []store.User{stranger, elsewhere, nowhere} {
		f.missing(store.RecordUser, func(r store.Reader) error {
			_, err := r.UserByID(u.NamespaceID, u.ID)
			return err
		})
	}
}

// byLogin gives who has an identity at a provider.
func (f *fixture) byLogin(accountID, url, id string, limit int) (found []store.Person) {
	f.Helper()
	f.view(func(r store.Reader) (err error) {
		found, err = r.UsersByLogin(accountID, url, id, limit)
		return err
	})
	return found
}

func usersAreFoundByTheirLogins(f *fixture) {
	const url, id = "https://id.example.com/Pool", "00u1é"
	second := store.Namespace{AccountID: accountID, Name: "second", DirectoryID: "d-3", CreatedAt: f.now()}
	f.update(func(tx store.Tx) (err error) {
		second, err = tx.CreateNamespace(second)
		return err
	})
	add := func(u store.User, provider, url, id string) store.User {
		u.ExternalLogin = store.ExternalLogin{Provider: provider, URL: url, ID: id}
		return f.create(u)
	}
	ana := add(f.newUser("ana"), "CUSTOM_OIDC", url, id)
	disabled := f.newUser("disabled")
	disabled.NamespaceID, disabled.Disabled = second.ID, true
	disabled = add(disabled, "CUSTOM_OIDC", url, id)
	add(f.newUser("cognito"), "COGNITO", url, id)
	add(f.newUser("case"), "CUSTOM_OIDC", "https://id.example.com/pool", id)
	add(f.newUser("slash"), "CUSTOM_OIDC", url+"/", id)
	add(f.newUser("other"), "CUSTOM_OIDC", url, "00U1é")
	f.create(f.newUser("none"))
	orphan := f.orphan("orphan")
	orphan.ExternalLogin = ana.ExternalLogin
	twin, elsewhere, other := f.twin(ana)
	twin.ExternalLogin = ana.ExternalLogin
	f.update(func(tx store.Tx) error { return errors.Join(tx.UpdateUser(orphan), tx.UpdateUser(twin)) })

	both := []store.Person{f.person(ana), {User: disabled, Namespace: second, Account: f.account()}}
	f.same(both, f.byLogin(accountID, url, id, 10))
	f.same(both[:1], f.byLogin(accountID, url, id, 1))
	f.same([]store.Person{{User: twin, Namespace: elsewhere, Account: other}}, f.byLogin(other.ID, url, id, 10))
	for _, nobody := range [][2]string{{url, ""}, {"", id}, {"", ""}, {url, "00u1"}, {"id.example.com/Pool", id}} {
		f.same([]store.Person{}, f.byLogin(accountID, nobody[0], nobody[1], 10))
	}
	ana.ExternalLogin = store.ExternalLogin{}
	f.update(func(tx store.Tx) error { return tx.UpdateUser(ana) })
	f.same(both[1:], f.byLogin(accountID, url, id, 10))
}

// byEmail gives the users who have an address, in the order of their IDs.
func (f *fixture) byEmail(email string, limit int) (found []store.User) {
	f.Helper()
	f.view(func(r store.Reader) (err error) {
		found, err = r.UsersByEmail(f.namespace.ID, email, limit)
		return err
	})
	slices.SortFunc(found, func(a, b store.User) int { return strings.Compare(a.ID.String(), b.ID.String()) })
	return found
}

func usersAreFoundByEmailInAnyCase(f *fixture) {
	add := func(name, email string) store.User {
		u := f.newUser(name)
		u.Email = email
		return f.create(u)
	}
	upper, lower := add("upper", "ANA@Example.COM"), add("lower", "ana@example.com")
	accent := add("accent", "éva_%'@example.com")
	full := f.fullUser()
	f.twin(add("none", "")) // and the twin has an address of its own
	for email, want := range map[string][]store.User{
		"ana@example.com":                  {upper, lower},
		"aNA@EXAMPLE.com":                  {upper, lower},
		"éVA_%'@example.com":               {accent},
		"Éva_%'@example.com":               nil, // not ASCII
		"éva__'@example.com":               nil,
		"ana@example.co":                   nil,
		"ana@example.com ":                 nil,
		"%":                                nil,
		"twin@example.com":                 nil, // in another namespace
		"nobody@example.com":               nil,
		strings.Repeat("ana@example.", 99): nil,
		full.Email:                         {full},
	} {
		f.same(want, f.byEmail(email, 10))
	}
	f.same(1, len(f.byEmail("ana@example.com", 1)))
	f.same(0, len(f.byEmail("ana@example.com", 0)))
	upper.Email = "new@example.com"
	f.update(func(tx store.Tx) error { return tx.UpdateUser(upper) })
	f.same([]store.User{upper}, f.byEmail("NEW@example.com", 10))
	f.same([]store.User{lower}, f.byEmail("ana@example.com", 10))
	f.update(func(tx store.Tx) error { return tx.DeleteUser(lower.NamespaceID, lower.ID) })
	f.same(0, len(f.byEmail("ana@example.com", 10)))
}

func orphansAreFoundButByName(f *fixture) {
	orphan := f.orphan("ana") // whose address begins with its name
	orphan.Email = "mail@example.com"
	f.update(func(tx store.Tx) error { return tx.UpdateUser(orphan) })
	only := []store.User{orphan}
	look := func() {
		f.Helper()
		f.same(only, f.byEmail("MAIL@example.com", 10))
		f.same(only, f.search(store.UserQuery{Prefix: "Mail", Limit: 10}))
		f.same(only, f.search(store.UserQuery{Identity: "IAM", Limit: 10, Prefix: "m"}))
		for _, prefix := range []string{"\x01", "\x01" + fmt.Sprintf("%x", orphan.ID[:2])} {
			f.same(0, len(f.search(store.UserQuery{Prefix: prefix, Limit: 10})))
		}
		f.same(f.person(orphan), f.byID(orphan))
	}
	look()
	f.same(only, f.search(store.UserQuery{Limit: 10}))
	f.same(0, len(f.search(store.UserQuery{Prefix: "an", Limit: 10})))
	next := f.create(f.newUser("ana")) // who takes the name
	look()
	f.same([]store.User{next}, f.search(store.UserQuery{Prefix: "an", Limit: 10}))
}

func prefixIsOfNameOrEmail(f *fixture) {
	for name, email := range map[string]string{
		"Ana":      "first@example.com",
		"b%_'\"ny": "ana@example.com",
		"Émile":    "Zoë@example.com",
		"\u212Ai":  "kelvin@example.com", // its lower case is an ASCII letter
		`c\d`:      "",
	} {
		u := f.newUser(name)
		u.Email = email
		f.create(u)
	}
	for prefix, want := range map[string][]string{
		"":                        {"Ana", `b%_'"ny`, "c\\d", "Émile", "\u212Ai"},
		"a":                       {"Ana", `b%_'"ny`},
		"ANA":                     {"Ana", `b%_'"ny`},
		"ana@":                    {`b%_'"ny`},
		"anaa":                    nil,
		"na":                      nil, // only at the beginning
		"b%_'\"N":                 {`b%_'"ny`},
		"b__":                     nil,
		"%":                       nil,
		"_":                       nil,
		"A%":                      nil,
		`C\`:                      {`c\d`},
		"éMILE":                   nil, // not ASCII
		"ÉMILE":                   {"Émile"},
		"É":                       {"Émile"},
		"zoë@EXAMPLE.com":         {"Émile"},
		"zoË":                     nil,
		"k":                       {"\u212Ai"}, // for the address
		"ki":                      nil,
		"\u212AI":                 {"\u212Ai"},
		"Ana" + "\x00":            nil,
		"ana@example.comm":        nil,
		strings.Repeat("Ana", 99): nil,
	} {
		got := namesOf(f.search(store.UserQuery{Prefix: prefix, Limit: 10}))
		slices.Sort(got)
		f.same(want, got)
	}
}

// setState brings a user into a state as the rules do.
func (f *fixture) setState(u store.User, state store.UserState) {
	f.Helper()
	f.update(func(tx store.Tx) error {
		if state == store.UserActive {
			return tx.ActivateUser(u.NamespaceID, u.ID)
		}
		u.Disabled = state == store.UserDisabled
		return tx.UpdateUser(u)
	})
}

func statesPartUsers(f *fixture) {
	invited, active := f.create(f.newUser("invited")), f.create(f.newUser("active"))
	early, late := f.create(f.newUser("disabled early")), f.create(f.newUser("disabled late"))
	f.setState(active, store.UserActive)
	f.setState(late, store.UserActive)
	f.setState(early, store.UserDisabled)
	f.setState(late, store.UserDisabled)
	for state, want := range map[store.UserState][]string{
		"":                 {late.Name, early.Name, active.Name, invited.Name},
		store.UserInvited:  {invited.Name},
		store.UserActive:   {active.Name},
		store.UserDisabled: {late.Name, early.Name},
		"Active":           nil, // is none
	} {
		found := f.search(store.UserQuery{State: state, Limit: 10})
		f.same(want, namesOf(found))
		for _, u := range found {
			if state != "" {
				f.same(state, u.State())
			}
		}
	}
	f.setState(late, store.UserInvited) // enabled again, who has been here
	f.same([]string{late.Name, active.Name}, namesOf(f.search(store.UserQuery{State: store.UserActive, Limit: 10})))
}

func disabledUserIsReadBack(f *fixture) {
	u := f.newUser("ana")
	u.Disabled, u.ManagesIAM = true, true
	f.same(f.create(u), f.find("ana"))
	u.ManagesIAM = false
	for _, u.Disabled = range []bool{false, true} {
		f.update(func(tx store.Tx) error { return tx.UpdateUser(u) })
		f.same(u, f.find("ana"))
		f.same(f.person(u), f.byID(u))
		f.same([]store.User{u}, f.page())
	}
	w := f.signIn(u, "token")
	f.update(func(tx store.Tx) error { return tx.ActivateUser(u.NamespaceID, u.ID) })
	u.Active, u.LastActiveAt = true, f.now()
	f.same(u, f.session(w).User) // that nobody may sign in so, a rule says
}

// crowded is how many a crowd is.
const crowded = 300

// crowd adds users of all kinds, and gives them with the newest first.
func (f *fixture) crowd() (newest []store.User) {
	f.Helper()
	p := f.createPrincipal(store.IAMRole, "role")
	f.update(func(tx store.Tx) error {
		newest = nil
		for i := range crowded {
			u := f.newUser(fmt.Sprintf("%s%d", []string{"Ana", "aNna", "Émile", "b_%", "ben"}[i%5], i))
			u.Email = []string{"", "ana@example.com", u.Email, "B_b@example.com"}[i*7%4]
			u.Role = []string{"READER", "AUTHOR", "ADMIN"}[i*5%3]
			u.Active, u.Disabled = i%7 < 3, i%11 < 3
			if i%6 == 0 {
				u.Identity, u.IAMIdentityID = "IAM", p.ID
			}
			if err := tx.CreateUser(accountID, store.NewUser{User: u}); err != nil {
				return err
			}
			newest = append([]store.User{u}, newest...)
		}
		return tx.DeletePrincipal(p.ID)
	})
	for i := range newest {
		if u := &newest[i]; u.IAMIdentityID != 0 {
			u.Orphan, u.Name = true, ""
		}
	}
	return newest
}

// lower is in lower case as far as it is ASCII.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// fits says whether a query, whose Before is left out, selects a user.
func fits(u store.User, q store.UserQuery) bool {
	begins := func(s string) bool { return strings.HasPrefix(lower(s), lower(q.Prefix)) }
	return (q.Role == "" || q.Role == u.Role) &&
		(q.Identity == "" || q.Identity == u.Identity) &&
		(q.State == "" || q.State == u.State()) &&
		(q.Prefix == "" || begins(u.Name) || begins(u.Email))
}

func drawQuery(t *rapid.T) store.UserQuery {
	return store.UserQuery{
		Prefix: rapid.OneOf(
			rapid.SampledFrom([]string{"", "", "a", "AN", "aNa", "ann", "b", "b_", "b_%", "B_b@", "É", "é", "ana1", "%", "'"}),
			rapid.StringN(0, 3, -1)).Draw(t, "prefix"),
		Role:     rapid.SampledFrom([]string{"", "", "READER", "AUTHOR", "ADMIN", "reader"}).Draw(t, "role"),
		Identity: rapid.SampledFrom([]string{"", "", "IAM", "QUICKSIGHT"}).Draw(t, "identity"),
		State: rapid.SampledFrom([]store.UserState{"", "", store.UserInvited, store.UserActive, store.UserDisabled}).
			Draw(t, "state"),
		Limit: rapid.IntRange(20, 150).Draw(t, "limit"),
	}
}

// walk gives all that a query selects, page by page.
func walk(r store.Reader, q store.UserQuery) (all []store.User, err error) {
	for {
		page, err := r.FindUsers(q)
		if err != nil || len(page) == 0 {
			return all, err
		}
		all = append(all, page...)
		if len(page) > q.Limit || len(all) > crowded {
			return nil, fmt.Errorf("page of %d, limit %d, %d in all", len(page), q.Limit, len(all))
		}
		q.Before = page[len(page)-1].ID
	}
}

func foundUsersAreTheNewestThatFit(f *fixture) {
	newest := f.crowd()
	f.twin(newest[100]) // whom no query finds
	f.same(newest, f.search(store.UserQuery{Limit: crowded + 1}))
	f.same(newest[:10], f.search(store.UserQuery{Limit: 10}))
	f.same(newest[151:161], f.search(store.UserQuery{Limit: 10, Before: newest[150].ID}))
	f.same(0, len(f.search(store.UserQuery{Limit: 0})))
	f.same(0, len(f.search(store.UserQuery{Limit: 10, Before: newest[crowded-1].ID})))
	f.same(newest, f.search(store.UserQuery{Limit: crowded + 1, Before: uuid.Max}))
}

func searchPagesMissNobodyWhoFits(f *fixture) {
	newest := f.crowd()
	f.view(func(r store.Reader) error {
		rapid.Check(f.T, func(t *rapid.T) {
			q := drawQuery(t)
			q.NamespaceID = f.namespace.ID
			got, err := walk(r, q)
			want := slices.DeleteFunc(slices.Clone(newest), func(u store.User) bool { return !fits(u, q) })
			if err != nil || !slices.EqualFunc(got, want, func(a, b store.User) bool { return a.ID == b.ID }) {
				t.Fatalf("%v\n%+v: found %d\n%q\nwant %d\n%q", err, q, len(got), namesOf(got), len(want), namesOf(want))
			}
		})
		return nil
	})
}
