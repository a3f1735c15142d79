package storetest

import (
	"github.com/google/uuid"

	"rollcall/internal/store"
)

// createOf adds a user who is registered for an identity.
func (f *fixture) createOf(id store.IAMIdentity, name string) store.User {
	f.Helper()
	u := f.newUser(name)
	u.Identity, u.IAMIdentityID, u.Principal = "IAM", id.ID, id.UniqueID
	if id.Kind == store.IAMRole {
		u.Principal += ":" + name
	}
	return f.create(u)
}

// orphan adds a user and deletes the principal that it was registered for.
func (f *fixture) orphan(name string) store.User {
	f.Helper()
	p := f.newPrincipal(store.IAMUser, name)
	p.UniqueID = "AIDA" + uuid.NewString()
	p = f.addPrincipal(p)
	u := f.createOf(p.IAMIdentity, name)
	f.update(func(tx store.Tx) error { return tx.DeletePrincipal(p.ID) })
	u.Orphan, u.Name = true, ""
	return u
}

func deletedPrincipalIsGone(f *fixture) {
	p := f.addPrincipal(f.fullPrincipal("role"))
	f.update(func(tx store.Tx) error { return tx.DeletePrincipal(p.ID) })
	f.noPrincipal(store.IAMRole, "role")
	f.missing(store.RecordPrincipal, func(r store.Reader) error {
		_, err := r.PrincipalByID(p.ID)
		return err
	})
	f.missing(store.RecordPrincipal, func(r store.Reader) error {
		_, err := r.PrincipalByUniqueID(accountID, p.UniqueID)
		return err
	})
	f.same([]string{}, f.names(store.IAMRole, "", 10))
	f.same([]store.PolicyUse{}, f.uses(accountID, p.Boundary))
	f.refusedFor(store.ErrNotFound, store.RecordPrincipal, func(tx store.Tx) error { return tx.DeletePrincipal(p.ID) })
	again := f.addPrincipal(p) // nothing of it is left
	if again.ID == p.ID {
		f.Errorf("ID %d was given twice", p.ID)
	}
}

func deletedPrincipalOrphansItsUsers(f *fixture) {
	role, other := f.createPrincipal(store.IAMRole, "role"), f.createPrincipal(store.IAMRole, "other")
	var want []store.User
	for _, name := range []string{"role/a", "role/b"} {
		u := f.createOf(role.IAMIdentity, name)
		u.Orphan, u.Name = true, ""
		want = append(want, u)
	}
	want = append(want, f.createOf(other.IAMIdentity, "other/a"), f.create(f.newUser("native")))
	f.update(func(tx store.Tx) error { return tx.DeletePrincipal(role.ID) })
	f.same(want, f.page())
	f.absent("role/a")
	f.absent("role/b")
	f.same("other/a", f.find("other/a").Name)
	f.noPrincipal(store.IAMRole, "role")
	next := f.newPrincipal(store.IAMRole, "role")
	next.UniqueID = "AROANEXT"
	f.same("AROANEXT", f.addPrincipal(next).UniqueID)
	f.same(want, f.page()) // they are not the new one's
}

func orphanHasNoNameButAPrincipal(f *fixture) {
	u := f.orphan("ana")
	f.absent("ana")
	f.absent("")
	read := func() (got store.User) {
		f.view(func(r store.Reader) (err error) {
			got, err = r.UserByPrincipal(u.NamespaceID, u.Principal)
			return err
		})
		return got
	}
	f.same(u, read())
	u.Email = "new@example.com"
	f.update(func(tx store.Tx) error { return tx.UpdateUser(u) })
	f.same(u, read())
	f.same([]store.User{u}, f.page())
	f.update(func(tx store.Tx) error { return tx.DeleteUser(u.NamespaceID, u.ID) })
	f.same([]store.User{}, f.page())
}

func nameOfAnOrphanIsFree(f *fixture) {
	want := []store.User{f.orphan("ana"), f.orphan("ana")}
	u := f.createOf(f.createPrincipal(store.IAMUser, "ana").IAMIdentity, "ana")
	f.same(u, f.find("ana"))
	f.same(append(want, u), f.page()) // orphans stay as they are, who is none keeps the name
	f.refusedFor(store.ErrExists, store.RecordUser, func(tx store.Tx) error {
		return tx.CreateUser(accountID, store.NewUser{User: f.newUser("ana")})
	})
}

func nameOfAnOrphanIsNoRoom(f *fixture) {
	u := f.orphan("ana")
	create := func(tx store.Tx) error {
		return tx.CreateUser(accountID, store.NewUser{User: f.newUser("ana"), MaxUsers: 1})
	}
	f.refusedFor(store.ErrLimit, store.RecordUser, create)
	f.update(func(tx store.Tx) error { return tx.DeleteUser(u.NamespaceID, u.ID) })
	f.update(create)
	f.refusedFor(store.ErrExists, store.RecordUser, create)
}

func principalOfAnOrphanIsTaken(f *fixture) {
	u := f.orphan("ana")
	for _, name := range []string{"ana", "ben"} {
		second := f.newUser(name)
		second.Principal = u.Principal
		f.refusedFor(store.ErrExists, store.RecordUser, func(tx store.Tx) error {
			return tx.CreateUser(accountID, store.NewUser{User: second})
		})
	}
	f.same([]store.User{u}, f.page())
}
