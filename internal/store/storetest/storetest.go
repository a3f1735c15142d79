// Package storetest is the suite that every implementation of store.Store
// passes. Its subtests are named by what a store guarantees.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"rollcall/internal/store"
)

// Open opens an empty store whose clock is now. The suite closes it.
type Open func(t *testing.T, now func() time.Time) store.Store

// Run runs the suite, each subtest on a store of its own.
func Run(t *testing.T, open Open) {
	for name, test := range map[string]func(*fixture){
		"NowIsFixedAndInMilliseconds":           nowIsFixedAndInMilliseconds,
		"SettingsAreWrittenOnceOrPut":           settingsAreWrittenOnce,
		"KeysComeWithTheirAccount":              keysComeWithTheirAccount,
		"NamesOfNamespacesAreUniqueInAccount":   namesOfNamespacesAreUniqueInAccount,
		"UsersReadBackAsWritten":                usersReadBackAsWritten,
		"NamesOfUsersCompareByBytes":            namesOfUsersCompareByBytes,
		"SecondOfANameExists":                   secondOfANameExists,
		"SecondOfAPrincipalExists":              secondOfAPrincipalExists,
		"MissingUserAndNamespaceAreToldApart":   missingUserAndNamespaceAreToldApart,
		"UpdateReplacesWhatMayChange":           updateReplacesWhatMayChange,
		"DeletedUserTakesInvitationAndPassword": deletedUserTakesInvitationAndPassword,
		"PagesComeInOrderOfIDAndMissNobody":     pagesComeInOrderOfIDAndMissNobody,
		"LimitOfUsersIsExact":                   limitOfUsersIsExact,
		"OneOfManyWinsAName":                    oneOfManyWinsAName,
		"ProfilesReadBackAsWritten":             profilesReadBackAsWritten,
		"ProfileInUseIsKept":                    profileInUseIsKept,
		"ProfilePagesComeInOrderOfMaking":       profilePagesComeInOrderOfMaking,
		"IAMIdentityIsMadeOnce":                 iamIdentityIsMadeOnce,
		"InvitationIsUsedOnce":                  invitationIsUsedOnce,
		"FailedUpdateLeavesNothing":             failedUpdateLeavesNothing,
		"PanicLeavesNothingAndHurtsNobody":      panicLeavesNothingAndHurtsNobody,
		"FailedWriteSpoilsTheRest":              failedWriteSpoilsTheRest,
		"UpdateReadsItsOwnWrites":               updateReadsItsOwnWrites,
		"ViewIsASnapshot":                       viewIsASnapshot,
		"EndedContextChangesNothing":            endedContextChangesNothing,
		"ClosedStoreIsUnavailable":              closedStoreIsUnavailable,
	} {
		t.Run(name, func(t *testing.T) {
			f := &fixture{T: t, clock: time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.FixedZone("", 3600))}
			f.Store = open(t, func() time.Time { return f.clock })
			t.Cleanup(func() {
				if err := f.Store.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			f.setUp()
			test(f)
		})
	}
}

// fixture is a store with an account and its namespace.
type fixture struct {
	*testing.T
	store.Store
	clock     time.Time
	namespace store.Namespace
}

const accountID = "111122223333"

func (f *fixture) setUp() {
	f.update(func(tx store.Tx) (err error) {
		err = tx.CreateAccount(store.Account{ID: accountID, Name: "acme", Region: "us-east-1", CreatedAt: tx.Now()})
		if err == nil {
			f.namespace, err = tx.CreateNamespace(store.Namespace{AccountID: accountID, Name: "default", DirectoryID: "d-0123456789", CreatedAt: tx.Now()})
		}
		return err
	})
}

// update runs an update that must succeed.
func (f *fixture) update(fn func(store.Tx) error) {
	f.Helper()
	if err := f.Update(f.Context(), fn); err != nil {
		f.Fatalf("Update: %v", err)
	}
}

// view runs a view that must succeed.
func (f *fixture) view(fn func(store.Reader) error) {
	f.Helper()
	if err := f.View(f.Context(), fn); err != nil {
		f.Fatalf("View: %v", err)
	}
}

// refused runs an update that must fail with a kind of error.
func (f *fixture) refused(kind error, fn func(store.Tx) error) {
	f.Helper()
	if err := f.Update(f.Context(), fn); !errors.Is(err, kind) {
		f.Fatalf("Update: %v, want %v", err, kind)
	}
}

func (f *fixture) newUser(name string) store.User {
	return store.User{
		NamespaceID: f.namespace.ID,
		ID:          uuid.Must(uuid.NewV7()),
		Name:        name,
		Email:       name + "@example.com",
		Role:        "READER",
		Identity:    "QUICKSIGHT",
		Principal:   uuid.NewString(),
		CreatedAt:   f.clock.UTC().Truncate(time.Millisecond),
	}
}

func (f *fixture) create(u store.User) store.User {
	f.Helper()
	f.update(func(tx store.Tx) error { return tx.CreateUser(accountID, store.NewUser{User: u}) })
	return u
}

// find gives the user of that name.
func (f *fixture) find(name string) (u store.User) {
	f.Helper()
	f.view(func(r store.Reader) (err error) {
		_, u, err = r.User(accountID, "default", name)
		return err
	})
	return u
}

// absent fails unless there is no user of that name.
func (f *fixture) absent(name string) {
	f.Helper()
	err := f.View(f.Context(), func(r store.Reader) error {
		_, _, err := r.User(accountID, "default", name)
		return err
	})
	if !store.Missing(err, store.RecordUser) {
		f.Errorf("user %q: %v, want not found", name, err)
	}
}

func (f *fixture) same(want, got any) {
	f.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		f.Errorf("(-want +got)\n%s", diff)
	}
}

func nowIsFixedAndInMilliseconds(f *fixture) {
	want := time.Date(2026, 1, 2, 2, 4, 5, 678_000_000, time.UTC)
	f.update(func(tx store.Tx) error {
		f.same(want, tx.Now())
		f.clock = f.clock.Add(time.Hour)
		f.same(want, tx.Now())
		return nil
	})
	f.view(func(r store.Reader) error {
		f.same(want.Add(time.Hour), r.Now())
		return nil
	})
}

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

func keysComeWithTheirAccount(f *fixture) {
	key := store.AccessKey{ID: "AKIA1", AccountID: accountID, SealedSecret: []byte("sealed"), CreatedAt: time.UnixMilli(1).UTC()}
	has := func(want bool) {
		f.view(func(r store.Reader) error {
			got, err := r.HasAccessKey(accountID)
			f.same(want, got)
			return err
		})
	}
	has(false)
	f.update(func(tx store.Tx) error { return tx.CreateAccessKey(key) })
	has(true)
	f.view(func(r store.Reader) error {
		got, account, err := r.AccessKey("AKIA1")
		f.same(key, got)
		f.same("acme", account.Name)
		all, _ := r.Accounts()
		f.same([]store.Account{account}, all)
		return err
	})
	f.refused(store.ErrExists, func(tx store.Tx) error { return tx.CreateAccessKey(key) })
	f.refused(store.ErrConflict, func(tx store.Tx) error {
		return tx.CreateAccessKey(store.AccessKey{ID: "AKIA2", AccountID: "999999999999", SealedSecret: []byte("x"), CreatedAt: tx.Now()})
	})
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

func usersReadBackAsWritten(f *fixture) {
	plain := f.create(f.newUser("plain"))
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
		return tx.CreateUser(accountID, store.NewUser{User: full})
	})
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
	changed.Name, changed.Principal = "ben", "p" // which may not
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

// together runs fn n times at once.
func (f *fixture) together(n int, fn func(i int) error) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			if err := fn(i); err != nil {
				f.Error(err)
			}
		})
	}
	all.Wait()
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

func invitationIsUsedOnce(f *fixture) {
	u, inv := f.invite("ana")
	read := func() (got store.Invited) {
		f.view(func(r store.Reader) (err error) {
			got, err = r.Invitation(u.NamespaceID, u.ID)
			return err
		})
		return got
	}
	f.same(store.Invited{Invitation: inv, UserName: "ana", AccountName: "acme"}, read())
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
	f.update(func(tx store.Tx) error { return tx.ActivateUser(u.NamespaceID, u.ID) })
	f.same(true, f.find("ana").Active)
}

func failedUpdateLeavesNothing(f *fixture) {
	mine := errors.New("mine")
	f.refused(mine, func(tx store.Tx) error {
		if err := tx.CreateUser(accountID, store.NewUser{User: f.newUser("ana")}); err != nil {
			return err
		}
		return mine
	})
	f.absent("ana")
}

func panicLeavesNothingAndHurtsNobody(f *fixture) {
	f.together(16, func(i int) error {
		name := fmt.Sprintf("user-%d", i)
		err := f.Update(f.Context(), func(tx store.Tx) error {
			err := tx.CreateUser(accountID, store.NewUser{User: f.newUser(name)})
			if i%2 == 0 {
				panic("a mistake")
			}
			return err
		})
		if failed := err != nil; failed != (i%2 == 0) {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
	f.absent("user-0")
	f.same("user-1", f.find("user-1").Name)
}

func failedWriteSpoilsTheRest(f *fixture) {
	f.create(f.newUser("ana"))
	f.refused(store.ErrExists, func(tx store.Tx) error {
		if err := tx.CreateUser(accountID, store.NewUser{User: f.newUser("ana")}); err == nil {
			f.Error("a second user of one name was made")
		}
		if err := tx.CreateUser(accountID, store.NewUser{User: f.newUser("ben")}); !errors.Is(err, store.ErrExists) {
			f.Errorf("a write after a failed one: %v, want the first failure", err)
		}
		if _, err := tx.Namespace(accountID, "default"); !errors.Is(err, store.ErrExists) {
			f.Errorf("a read after a failed write: %v, want that failure", err)
		}
		return nil // which must not be taken for success
	})
	f.absent("ben")
}

func updateReadsItsOwnWrites(f *fixture) {
	f.update(func(tx store.Tx) error {
		u := f.newUser("ana")
		if err := tx.CreateUser(accountID, store.NewUser{User: u}); err != nil {
			return err
		}
		_, got, err := tx.User(accountID, "default", "ana")
		f.same(u, got)
		return err
	})
}

func viewIsASnapshot(f *fixture) {
	f.view(func(r store.Reader) error {
		before, err := r.UserPage(f.namespace.ID, uuid.UUID{}, 10)
		if err != nil {
			return err
		}
		f.create(f.newUser("ana"))
		after, err := r.UserPage(f.namespace.ID, uuid.UUID{}, 10)
		f.same(before, after)
		return err
	})
	f.same("ana", f.find("ana").Name)
}

func endedContextChangesNothing(f *fixture) {
	ctx, cancel := context.WithCancel(f.Context())
	cancel()
	err := f.Update(ctx, func(tx store.Tx) error {
		return tx.CreateUser(accountID, store.NewUser{User: f.newUser("ana")})
	})
	if !errors.Is(err, context.Canceled) {
		f.Errorf("Update: %v, want it cancelled", err)
	}
	err = f.View(ctx, func(r store.Reader) error {
		_, err := r.Namespace(accountID, "default")
		return err
	})
	if !errors.Is(err, context.Canceled) {
		f.Errorf("View: %v, want it cancelled", err)
	}
	f.absent("ana")
}

func closedStoreIsUnavailable(f *fixture) {
	if err := f.Store.Close(); err != nil {
		f.Fatal(err)
	}
	f.refused(store.ErrUnavailable, func(store.Tx) error { return nil })
	err := f.View(f.Context(), func(store.Reader) error { return nil })
	if !errors.Is(err, store.ErrUnavailable) {
		f.Errorf("View: %v, want %v", err, store.ErrUnavailable)
	}
}
