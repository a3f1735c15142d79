package storetest

import (
	"fmt"
	"time"

	"rollcall/internal/store"
)

// newSession is a session of a user, whose times all differ.
func (f *fixture) newSession(u store.User, token string) store.WebSession {
	return store.WebSession{
		TokenHash:   []byte("\x00\xff" + token),
		NamespaceID: u.NamespaceID,
		UserID:      u.ID,
		CreatedAt:   f.now().Add(-time.Hour),
		SeenAt:      f.now().Add(-time.Minute),
		ExpiresAt:   f.now().Add(time.Hour),
	}
}

// signIn adds a session of a user.
func (f *fixture) signIn(u store.User, token string) store.WebSession {
	f.Helper()
	w := f.newSession(u, token)
	f.addSession(w)
	return w
}

func (f *fixture) addSession(w store.WebSession) {
	f.Helper()
	f.update(func(tx store.Tx) error { return tx.CreateWebSession(w) })
}

// session gives what a session's hash finds.
func (f *fixture) session(w store.WebSession) (in store.SignedIn) {
	f.Helper()
	f.view(func(r store.Reader) (err error) {
		in, err = r.WebSession(w.TokenHash)
		return err
	})
	return in
}

// ended fails unless the sessions are gone, not just hidden.
func (f *fixture) ended(sessions ...store.WebSession) {
	f.Helper()
	for _, w := range sessions {
		f.hidden(w)
		f.refusedFor(store.ErrNotFound, store.RecordWebSession, func(tx store.Tx) error {
			return tx.DeleteWebSession(w.TokenHash)
		})
	}
}

func (f *fixture) hidden(w store.WebSession) {
	f.Helper()
	f.missing(store.RecordWebSession, func(r store.Reader) error {
		_, err := r.WebSession(w.TokenHash)
		return err
	})
}

// stay fails unless the sessions are as they were.
func (f *fixture) stay(sessions ...store.WebSession) {
	f.Helper()
	for _, w := range sessions {
		f.same(w, f.session(w).Session)
	}
}

// twin adds a user of the same ID in another account's namespace.
func (f *fixture) twin(u store.User) (twin store.User, n store.Namespace, a store.Account) {
	f.Helper()
	a = store.Account{ID: "444455556666", Name: "other", Region: "eu-west-1", CreatedAt: f.now().Add(time.Second)}
	twin = f.newUser("twin")
	twin.ID = u.ID
	f.update(func(tx store.Tx) (err error) {
		if err := tx.CreateAccount(a); err != nil {
			return err
		}
		n, err = tx.CreateNamespace(store.Namespace{AccountID: a.ID, Name: "second", DirectoryID: "d-2", CreatedAt: f.now().Add(time.Minute)})
		if err != nil {
			return err
		}
		twin.NamespaceID = n.ID
		return tx.CreateUser(a.ID, store.NewUser{User: twin})
	})
	a.Users = 1
	return twin, n, a
}

func sessionsReadBackWithTheirUser(f *fixture) {
	plain, full := f.create(f.newUser("plain")), f.fullUser()
	twin, namespace, account := f.twin(plain)
	expired := f.newSession(plain, "expired") // which only a rule may say
	expired.ExpiresAt, expired.Narrow = f.now().Add(-time.Minute), true
	f.addSession(expired)
	for _, want := range []store.SignedIn{
		{Session: expired, Person: store.Person{User: plain, Namespace: f.namespace, Account: f.account()}},
		{Session: f.signIn(plain, "plain"), Person: store.Person{User: plain, Namespace: f.namespace, Account: f.account()}},
		{Session: f.signIn(full, "full"), Person: store.Person{User: full, Namespace: f.namespace, Account: f.account()}},
		{Session: f.signIn(twin, "twin"), Person: store.Person{User: twin, Namespace: namespace, Account: account}},
	} {
		f.same(want, f.session(want.Session))
	}
	for _, hash := range [][]byte{nil, {}, []byte("\x00\xff"), []byte("\x00\xffPlain"), []byte("\x00\xffplain ")} {
		f.hidden(store.WebSession{TokenHash: hash})
	}
}

func sessionIsOfAUserAndHasItsOwnHash(f *fixture) {
	w := f.signIn(f.create(f.newUser("ana")), "token")
	second := f.newSession(f.create(f.newUser("ben")), "token")
	f.refusedFor(store.ErrExists, store.RecordWebSession, func(tx store.Tx) error { return tx.CreateWebSession(second) })
	f.stay(w)
	nobodys := f.newSession(f.newUser("stranger"), "other")
	f.refusedFor(store.ErrConflict, store.RecordWebSession, func(tx store.Tx) error { return tx.CreateWebSession(nobodys) })
	f.ended(nobodys)
}

func sessionIsTouchedAndDeleted(f *fixture) {
	u := f.create(f.newUser("ana"))
	w, other := f.signIn(u, "a"), f.signIn(u, "b")
	touch := func(tx store.Tx) error { return tx.TouchWebSession(w.TokenHash, w.SeenAt) }
	w.SeenAt = f.now().Add(time.Minute)
	f.update(touch)
	f.stay(w, other)
	f.update(func(tx store.Tx) error { return tx.DeleteWebSession(w.TokenHash) })
	f.ended(w)
	f.refusedFor(store.ErrNotFound, store.RecordWebSession, touch)
	f.stay(other)
}

func touchedSessionIsItsUsersActivity(f *fixture) {
	u, other := f.create(f.newUser("ana")), f.create(f.newUser("ben"))
	twin, _, _ := f.twin(u)
	w, others, twins := f.signIn(u, "a"), f.signIn(other, "b"), f.signIn(twin, "c")
	f.same([]store.User{u, other}, f.page()) // a session by itself is none
	for i := range 2 {
		w.SeenAt = f.now().Add(time.Duration(i+1) * time.Minute)
		u.LastActiveAt = w.SeenAt
		f.update(func(tx store.Tx) error { return tx.TouchWebSession(w.TokenHash, w.SeenAt) })
		f.same([]store.User{u, other}, f.page())
		f.same(store.SignedIn{Session: w, Person: f.person(u)}, f.session(w))
	}
	f.stay(others)
	f.same(twin, f.session(twins).User)
}

func sessionsEndWithTheirUser(f *fixture) {
	u, other := f.create(f.newUser("ana")), f.create(f.newUser("ben"))
	twin, _, _ := f.twin(u)
	first, second := f.signIn(u, "first"), f.signIn(u, "second")
	others, twins := f.signIn(other, "other"), f.signIn(twin, "twin")
	f.update(func(tx store.Tx) error { return tx.DeleteUser(u.NamespaceID, u.ID) })
	f.ended(first, second)
	f.stay(others, twins)
	f.create(u) // who gets nothing back
	f.ended(first, second)
}

func orphansHaveNoSessions(f *fixture) {
	p, other := f.createPrincipal(store.IAMUser, "ana"), f.createPrincipal(store.IAMUser, "ben")
	w := f.signIn(f.createOf(p.IAMIdentity, "ana"), "ana")
	others := f.signIn(f.createOf(other.IAMIdentity, "ben"), "ben")
	f.stay(w, others)
	f.update(func(tx store.Tx) error { return tx.DeletePrincipal(p.ID) })
	f.hidden(w)
	f.stay(others)
}

// signOut ends a user's sessions but one.
func (f *fixture) signOut(u store.User, except []byte) (n int) {
	f.Helper()
	f.update(func(tx store.Tx) (err error) {
		n, err = tx.DeleteWebSessions(u.NamespaceID, u.ID, except)
		return err
	})
	return n
}

func sessionsOfAUserEndButOne(f *fixture) {
	u := f.create(f.newUser("ana"))
	a, b, c := f.signIn(u, "a"), f.signIn(u, "b"), f.signIn(u, "c")
	f.same(2, f.signOut(u, b.TokenHash))
	f.ended(a, c)
	f.stay(b)
	f.same(0, f.signOut(u, b.TokenHash))
	f.stay(b)
	f.same(1, f.signOut(u, a.TokenHash)) // one that is not there keeps none
	f.ended(b)
	a, b = f.signIn(u, "a"), f.signIn(u, "b")
	f.same(2, f.signOut(u, nil))
	f.ended(a, b)
	f.same(0, f.signOut(u, nil))
}

func othersSessionsStayWhenAUsersEnd(f *fixture) {
	u, other := f.create(f.newUser("ana")), f.create(f.newUser("ben"))
	twin, _, _ := f.twin(u)
	w := f.signIn(u, "ana")
	others, twins := f.signIn(other, "ben"), f.signIn(twin, "twin")
	f.same(1, f.signOut(u, others.TokenHash)) // that is not the user's
	f.ended(w)
	f.stay(others, twins)
	f.same(0, f.signOut(u, nil))
	f.stay(others, twins)
}

func oldSessionsArePruned(f *fixture) {
	u := f.create(f.newUser("ana"))
	expired := f.now().Add(-time.Hour)
	add := func(token string, expiresAt time.Time) store.WebSession {
		w := f.newSession(u, token)
		w.ExpiresAt = expiresAt
		f.addSession(w)
		return w
	}
	prune := func(expired time.Time, limit int) (n int) {
		f.Helper()
		f.update(func(tx store.Tx) (err error) {
			n, err = tx.PruneWebSessions(expired, limit)
			return err
		})
		return n
	}
	var old []store.WebSession
	for i := range 6 {
		old = append(old, add(fmt.Sprint("expired ", i), expired.Add(-time.Millisecond)))
	}
	kept := add("kept", expired)
	for i, want := range []int{0, 4, 2, 0} {
		f.same(want, prune(expired, min(i, 1)*4))
		f.stay(kept)
	}
	f.ended(old...)
	f.same(1, prune(expired.Add(time.Millisecond), 4))
	f.ended(kept)
}
