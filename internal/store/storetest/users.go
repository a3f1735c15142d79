package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"rollcall/internal/store"
)

func usersReadBackAsWritten(f *fixture) {
	plain := f.create(f.newUser("plain"))
	full := f.fullUser()
	f.view(func(r store.Reader) error {
		for _, want := range []store.User{plain, full} {
			ns, got, err := r.User(accountID, "default", want.Name)
			if err != nil {
				return err
			}
			f.same(f.namespace, ns)
			f.same(want, got)
			got, err = r.UserByPrincipal(f.namespace.ID, want.Principal)
			if err != nil {
				return err
			}
			f.same(want, got)
		}
		page, err := r.UserPage(f.namespace.ID, uuid.UUID{}, 10)
		f.same([]store.User{plain, full}, page)
		return err
	})
}

// fullUser adds a user who has everything.
func (f *fixture) fullUser() store.User {
	f.Helper()
	full := f.newUser("role/sess ion+é@x")
	f.update(func(tx store.Tx) error {
		id, err := tx.EnsureIAMIdentity(store.IAMIdentity{AccountID: accountID, Kind: store.IAMRole, Name: "role", UniqueID: "AROA1"})
		if err != nil {
			return err
		}
		if err := tx.CreateCustomPermissions(store.CustomPermissions{AccountID: accountID, Name: "p", CreatedAt: tx.Now()}); err != nil {
			return err
		}
		p, err := tx.CustomPermissions(accountID, "p")
		if err != nil {
			return err
		}
		full.Identity, full.Active, full.Principal, full.IAMIdentityID = "IAM", true, "AROA1:sess", id.ID
		full.CustomPermissionsID, full.CustomPermissionsName = p.ID, "p"
		full.ExternalLogin = store.ExternalLogin{Provider: "CUSTOM_OIDC", URL: "https://idp.example.com/", ID: "sub\"1"}
		full.Tags = store.Tags{"Team": "<blue> & é", "": "empty key"}
		full.LastActiveAt = tx.Now()
		return errors.Join(
			tx.CreateUser(accountID, store.NewUser{User: full}),
			tx.ActivateUser(full.NamespaceID, full.ID))
	})
	return full
}

func namesOfUsersCompareByBytes(f *fixture) {
	for _, name := range []string{"ana", "Ana", "ANA", "añа", "ana ", "a%na", "a_a"} {
		f.create(f.newUser(name))
	}
	f.same("Ana", f.find("Ana").Name)
	f.absent("aNA")
	f.absent("a")
}

func secondOfANameExists(f *fixture) {
	first := f.create(f.newUser("ana"))
	second := f.newUser("ana")
	second.Email = "other@example.com"
	f.refused(store.ErrExists, func(tx store.Tx) error { return tx.CreateUser(accountID, store.NewUser{User: second}) })
	f.same(first, f.find("ana"))
}

func secondOfAPrincipalExists(f *fixture) {
	first := f.create(f.newUser("ana"))
	second := f.newUser("ben")
	second.Principal = first.Principal
	f.refused(store.ErrExists, func(tx store.Tx) error { return tx.CreateUser(accountID, store.NewUser{User: second}) })
	f.absent("ben")
}

func missingUserAndNamespaceAreToldApart(f *fixture) {
	for _, c := range []struct {
		account, namespace string
		want               store.Record
	}{
		{accountID, "default", store.RecordUser},
		{accountID, "Default", store.RecordNamespace},
		{"444455556666", "default", store.RecordNamespace},
	} {
		err := f.View(f.Context(), func(r store.Reader) error {
			_, _, err := r.User(c.account, c.namespace, "nobody")
			return err
		})
		if !store.Missing(err, c.want) {
			f.Errorf("%s/%s: %v, want %s not found", c.account, c.namespace, err, c.want)
		}
	}
}

func updateReplacesWhatMayChange(f *fixture) {
	u := f.create(f.newUser("ana"))
	want := u
	want.Email, want.Role = "new@example.com", "AUTHOR"
	want.ExternalLogin = store.ExternalLogin{Provider: "COGNITO", URL: "u", ID: "i"}
	changed := want
	changed.Name, changed.Principal, changed.LastActiveAt = "ben", "p", f.now() // which may not
	f.update(func(tx store.Tx) error { return tx.UpdateUser(changed) })
	f.same(want, f.find("ana"))
	f.update(func(tx store.Tx) error { return tx.UpdateUser(u) })
	f.same(u, f.find("ana"))
	stranger := f.newUser("stranger")
	f.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.UpdateUser(stranger) })
}

// invite adds a user with an invitation and a password.
func (f *fixture) invite(name string) (store.User, store.Invitation) {
	u := f.newUser(name)
	inv := store.Invitation{SecretHash: []byte("hash of " + name), ExpiresAt: u.CreatedAt.Add(time.Hour)}
	f.update(func(tx store.Tx) error {
		return errors.Join(
			tx.CreateUser(accountID, store.NewUser{User: u, Invitation: &inv}),
			tx.SetPassword(u.NamespaceID, u.ID, "first"),
			tx.SetPassword(u.NamespaceID, u.ID, "second"))
	})
	return u, inv
}

func deletedUserTakesInvitationAndPassword(f *fixture) {
	u, _ := f.invite("ana")
	password := func(want string) {
		f.view(func(r store.Reader) error {
			got, err := r.Password(u.NamespaceID, u.ID)
			f.same(want, got)
			return err
		})
	}
	password("second")
	f.update(func(tx store.Tx) error { return tx.DeleteUser(u.NamespaceID, u.ID) })
	f.absent("ana")
	password("")
	err := f.View(f.Context(), func(r store.Reader) error {
		_, err := r.Invitation(u.NamespaceID, u.ID)
		return err
	})
	if !store.Missing(err, store.RecordInvitation) {
		f.Errorf("invitation: %v, want not found", err)
	}
	f.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.DeleteUser(u.NamespaceID, u.ID) })
	f.invite("ana") // the name is free
}

func pagesComeInOrderOfIDAndMissNobody(f *fixture) {
	var want []string
	for i := range 25 {
		want = append(want, f.create(f.newUser(fmt.Sprintf("user-%d", (i*7)%25))).Name)
	}
	var got []string
	var after uuid.UUID
	f.view(func(r store.Reader) error {
		for {
			page, err := r.UserPage(f.namespace.ID, after, 10)
			if err != nil || len(page) == 0 {
				return err
			}
			for _, u := range page {
				got = append(got, u.Name)
			}
			after = page[len(page)-1].ID
		}
	})
	f.same(want, got)
}

func limitOfUsersIsExact(f *fixture) {
	var created atomic.Int32
	f.together(64, func(i int) error {
		err := f.Update(f.Context(), func(tx store.Tx) error {
			return tx.CreateUser(accountID, store.NewUser{User: f.newUser(fmt.Sprint(i)), MaxUsers: 10})
		})
		if err == nil {
			created.Add(1)
			return nil
		}
		if !errors.Is(err, store.ErrLimit) {
			return err
		}
		return nil
	})
	f.same(int32(10), created.Load())

	// A name that is taken is told as such also when the account is full.
	page := f.page()
	again := f.newUser(page[0].Name)
	f.refused(store.ErrExists, func(tx store.Tx) error {
		return tx.CreateUser(accountID, store.NewUser{User: again, MaxUsers: 10})
	})
	f.update(func(tx store.Tx) error { return tx.DeleteUser(page[1].NamespaceID, page[1].ID) })
	f.update(func(tx store.Tx) error {
		return tx.CreateUser(accountID, store.NewUser{User: f.newUser("in the room made"), MaxUsers: 10})
	})
	f.refused(store.ErrLimit, func(tx store.Tx) error {
		return tx.CreateUser(accountID, store.NewUser{User: f.newUser("too many"), MaxUsers: 10})
	})
}

// page gives the first users.
func (f *fixture) page() (page []store.User) {
	f.Helper()
	f.view(func(r store.Reader) (err error) {
		page, err = r.UserPage(f.namespace.ID, uuid.UUID{}, 100)
		return err
	})
	return page
}

func oneOfManyWinsAName(f *fixture) {
	var created atomic.Int32
	f.together(64, func(int) error {
		err := f.Update(f.Context(), func(tx store.Tx) error {
			return tx.CreateUser(accountID, store.NewUser{User: f.newUser("ana")})
		})
		if err == nil {
			created.Add(1)
		} else if !errors.Is(err, store.ErrExists) {
			return err
		}
		return nil
	})
	f.same(int32(1), created.Load())
}

// account is the fixture's account.
func (f *fixture) account() (a store.Account) {
	f.view(func(r store.Reader) (err error) {
		a, err = r.Account(accountID)
		return err
	})
	return a
}

func invitationIsUsedOnce(f *fixture) {
	u, inv := f.invite("ana")
	read := func() (got store.Invited) {
		f.view(func(r store.Reader) (err error) {
			got, err = r.Invitation(u.NamespaceID, u.ID)
			return err
		})
		return got
	}
	f.same(store.Invited{Invitation: inv, UserName: "ana", Principal: u.Principal, Namespace: f.namespace, Account: f.account()}, read())
	use := func(tx store.Tx) error { return tx.UseInvitation(u.NamespaceID, u.ID) }
	var used atomic.Int32
	f.together(16, func(int) error {
		if f.Update(f.Context(), use) == nil {
			used.Add(1)
		}
		return nil
	})
	f.same(int32(1), used.Load())
	f.same(f.clock.UTC().Truncate(time.Millisecond), read().UsedAt)
	never := f.create(f.newUser("ben"))
	f.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.UseInvitation(never.NamespaceID, never.ID) })
}

func invitationIsReplaced(f *fixture) {
	u, _ := f.invite("ana")
	never := f.create(f.newUser("ben"))
	twin, _, _ := f.twin(u)
	use := func(tx store.Tx) error { return tx.UseInvitation(u.NamespaceID, u.ID) }
	put := func(u store.User, inv store.Invitation) func(store.Tx) error {
		return func(tx store.Tx) error { return tx.PutInvitation(u.NamespaceID, u.ID, inv) }
	}
	has := func(u store.User, inv store.Invitation) {
		f.Helper()
		f.view(func(r store.Reader) error {
			got, err := r.Invitation(u.NamespaceID, u.ID)
			f.same(inv, got.Invitation)
			return err
		})
	}
	second := store.Invitation{SecretHash: []byte{0, 0xff}, ExpiresAt: f.now().Add(2 * time.Hour)}
	third := store.Invitation{SecretHash: []byte("3"), ExpiresAt: f.now(), UsedAt: f.now().Add(-time.Hour)}
	f.accept(use, put(u, second)) // the one before was used
	has(u, second)
	f.accept(use, put(u, third))
	has(u, third)
	f.refusedFor(store.ErrNotFound, store.RecordInvitation, use)
	f.accept(put(never, second)) // in the place of none
	has(never, second)
	f.missing(store.RecordInvitation, func(r store.Reader) error {
		_, err := r.Invitation(twin.NamespaceID, twin.ID)
		return err
	})
	f.refusedFor(store.ErrNotFound, store.RecordUser, put(f.newUser("stranger"), second))
}

func lastActivityIsNoted(f *fixture) {
	u, other := f.create(f.newUser("ana")), f.create(f.newUser("ben"))
	u.Active = true
	for range 2 {
		f.clock = f.clock.Add(time.Hour)
		u.LastActiveAt = f.now()
		f.update(func(tx store.Tx) error { return tx.ActivateUser(u.NamespaceID, u.ID) })
		f.same([]store.User{u, other}, f.page())
	}
	update := u
	update.LastActiveAt = time.Time{}
	f.update(func(tx store.Tx) error { return tx.UpdateUser(update) })
	f.same(u, f.find("ana"))
	stranger := f.newUser("stranger")
	f.refusedFor(store.ErrNotFound, store.RecordUser, func(tx store.Tx) error {
		return tx.ActivateUser(stranger.NamespaceID, stranger.ID)
	})
}
