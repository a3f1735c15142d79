package storetest

import (
	"slices"
	"strings"
	"time"

	"rollcall/internal/store"
)

// newPrincipal is a principal with a unique id that is made of its name.
func (f *fixture) newPrincipal(kind store.IAMKind, name string) store.Principal {
	prefix := map[store.IAMKind]string{store.IAMUser: "AIDA", store.IAMRole: "AROA"}[kind]
	return store.Principal{
		IAMIdentity: store.IAMIdentity{AccountID: accountID, Kind: kind, Name: name, UniqueID: prefix + name},
		Path:        "/",
		CreatedAt:   f.now(),
	}
}

func (f *fixture) createPrincipal(kind store.IAMKind, name string) store.Principal {
	f.Helper()
	return f.addPrincipal(f.newPrincipal(kind, name))
}

// addPrincipal returns the principal with its ID.
func (f *fixture) addPrincipal(p store.Principal) (got store.Principal) {
	f.Helper()
	f.update(func(tx store.Tx) (err error) {
		got, err = tx.CreatePrincipal(p)
		return err
	})
	return got
}

// principal gives the principal of that name.
func (f *fixture) principal(kind store.IAMKind, name string) (p store.Principal) {
	f.Helper()
	f.view(func(r store.Reader) (err error) {
		p, err = r.Principal(accountID, kind, name)
		return err
	})
	return p
}

// noPrincipal fails unless there is none of that name.
func (f *fixture) noPrincipal(kind store.IAMKind, name string) {
	f.Helper()
	f.missing(store.RecordPrincipal, func(r store.Reader) error {
		_, err := r.Principal(accountID, kind, name)
		return err
	})
}

// fullPrincipal is one with all that a principal can have, the lists not in
// their order.
func (f *fixture) fullPrincipal(name string) store.Principal {
	p := f.newPrincipal(store.IAMRole, name)
	p.Path, p.Description, p.MaxSession = "/team/a/", "what it is \"for\" <é>", 12*time.Hour
	p.Trust = `{"Statement": [{"Effect": "Allow", "Resource": "<&>"}]}`
	p.Inline = []store.InlinePolicy{{Name: "b", Document: `{"b": "<&>"}`}, {Name: "a", Document: `{}`}}
	p.Attached = []string{"arn:aws:iam::111122223333:policy/b", "arn:aws:iam::111122223333:policy/a"}
	p.Boundary = "arn:aws:iam::111122223333:policy/c"
	p.Tags = store.Tags{"Team": "blue", "": "empty key"}
	return p
}

// sorted is a principal as it reads back.
func sorted(p store.Principal) store.Principal {
	p.Inline, p.Attached = slices.Clone(p.Inline), slices.Clone(p.Attached)
	slices.SortFunc(p.Inline, func(a, b store.InlinePolicy) int { return strings.Compare(a.Name, b.Name) })
	slices.Sort(p.Attached)
	return p
}

func principalsReadBackAsWritten(f *fixture) {
	full := f.fullPrincipal("full")
	bare := f.newPrincipal(store.IAMUser, "bare")
	bare.Tags = store.Tags{}
	for _, p := range []store.Principal{full, bare} {
		want := sorted(p)
		got := f.addPrincipal(p)
		want.ID = got.ID
		f.same(want, got)
		f.view(func(r store.Reader) error {
			byName, err := r.Principal(accountID, p.Kind, p.Name)
			f.same(want, byName)
			if err != nil {
				return err
			}
			byID, err := r.PrincipalByID(got.ID)
			f.same(want, byID)
			if err != nil {
				return err
			}
			byUniqueID, err := r.PrincipalByUniqueID(accountID, p.UniqueID)
			f.same(want, byUniqueID)
			return err
		})
	}
	if p := f.principal(store.IAMUser, "bare"); p.Tags != nil || p.Inline != nil || p.Attached != nil {
		f.Errorf("%#v, want nil where there is nothing", p)
	}
	f.same("b", full.Inline[0].Name) // what was given is left as it was
}

func principalIsReplacedButForWhoItIs(f *fixture) {
	bystander := f.addPrincipal(f.fullPrincipal("bystander"))
	bare := f.createPrincipal(store.IAMRole, "role")
	full := sorted(f.fullPrincipal("Other"))
	full.ID, full.UniqueID = bare.ID, bare.UniqueID
	for _, want := range []store.Principal{full, bare} {
		changed := want
		changed.AccountID, changed.Kind, changed.UniqueID = "444455556666", store.IAMUser, "AIDAX" // which may not
		changed.CreatedAt = f.now().Add(time.Hour)
		f.update(func(tx store.Tx) error { return tx.UpdatePrincipal(changed) })
		f.same(want, f.principal(store.IAMRole, want.Name))
	}
	f.noPrincipal(store.IAMRole, "Other")
	f.same(bystander, f.principal(store.IAMRole, "bystander"))
	f.refusedFor(store.ErrNotFound, store.RecordPrincipal, func(tx store.Tx) error {
		return tx.UpdatePrincipal(f.newPrincipal(store.IAMRole, "nobody"))
	})
}

func namesOfPrincipalsDifferByMoreThanCase(f *fixture) {
	f.createPrincipal(store.IAMUser, "Ana")
	f.createPrincipal(store.IAMRole, "ana") // roles have names of their own
	for i, name := range []string{"Ana", "ana", "ANA"} {
		p := f.newPrincipal(store.IAMUser, name)
		p.UniqueID = []string{"AIDA1", "AIDA2", "AIDA3"}[i]
		f.refusedFor(store.ErrExists, store.RecordPrincipal, func(tx store.Tx) error {
			_, err := tx.CreatePrincipal(p)
			return err
		})
	}
	ben := f.createPrincipal(store.IAMUser, "ben")
	ben.Name = "aNA"
	f.refusedFor(store.ErrExists, store.RecordPrincipal, func(tx store.Tx) error { return tx.UpdatePrincipal(ben) })
	ben.Name = "Ben" // its own in another case
	f.update(func(tx store.Tx) error { return tx.UpdatePrincipal(ben) })
	f.same(ben, f.principal(store.IAMUser, "Ben"))
}

func namesOfPrincipalsCompareByBytes(f *fixture) {
	p := f.createPrincipal(store.IAMUser, "Ana")
	f.noPrincipal(store.IAMUser, "ana")
	f.noPrincipal(store.IAMUser, "An_")
	f.noPrincipal(store.IAMRole, "Ana")
	f.missing(store.RecordPrincipal, func(r store.Reader) error {
		_, err := r.Principal("444455556666", store.IAMUser, "Ana")
		return err
	})
	f.missing(store.RecordPrincipal, func(r store.Reader) error {
		_, err := r.PrincipalByUniqueID("444455556666", p.UniqueID)
		return err
	})
	f.missing(store.RecordPrincipal, func(r store.Reader) error {
		_, err := r.PrincipalByID(p.ID + 1)
		return err
	})
}

// ensure gives the identity of that name, which users can be registered for.
func (f *fixture) ensure(kind store.IAMKind, name, uniqueID string) (got store.IAMIdentity) {
	f.Helper()
	f.update(func(tx store.Tx) (err error) {
		got, err = tx.EnsureIAMIdentity(store.IAMIdentity{AccountID: accountID, Kind: kind, Name: name, UniqueID: uniqueID})
		return err
	})
	return got
}

func principalTakesNoNameOfAnother(f *fixture) {
	f.ensure(store.IAMUser, "registered", "AIDA1")
	p := f.createPrincipal(store.IAMUser, "ana")
	renamed := p
	renamed.Name = "registered"
	f.refusedFor(store.ErrExists, store.RecordPrincipal, func(tx store.Tx) error { return tx.UpdatePrincipal(renamed) })
	f.same(p, f.principal(store.IAMUser, "ana"))
	f.noPrincipal(store.IAMUser, "registered")
	renamed.Name = "free"
	f.update(func(tx store.Tx) error { return tx.UpdatePrincipal(renamed) })
	f.createPrincipal(store.IAMRole, "ana")
	second := f.newPrincipal(store.IAMUser, "ana")
	second.UniqueID = "AIDA2"
	f.same("AIDA2", f.addPrincipal(second).UniqueID)
}

func adoptsTheIdentityThatWasThereBefore(f *fixture) {
	before := f.ensure(store.IAMUser, "ana", "AIDABEFORE")
	u := f.createOf(before, "ana")
	p := f.createPrincipal(store.IAMUser, "ana")
	f.same(before, p.IAMIdentity)
	f.same(p, f.principal(store.IAMUser, "ana"))
	f.same(u, f.find("ana"))
	f.same(before, f.ensure(store.IAMUser, "ana", "AIDALATER"))

	f.ensure(store.IAMUser, "ben", "AIDABEN")
	other := f.newPrincipal(store.IAMUser, "Ben") // not the very name
	other.UniqueID = "AIDAOTHER"
	f.same("AIDAOTHER", f.addPrincipal(other).UniqueID)
}

// names walks the principals page by page, of which there must be an end.
func (f *fixture) names(kind store.IAMKind, path string, limit int) (names []string) {
	f.Helper()
	f.view(func(r store.Reader) error {
		for after := ""; ; after = names[len(names)-1] {
			page, err := r.PrincipalPage(accountID, kind, path, after, limit)
			if len(page) > limit || len(names) > 100 {
				f.Fatalf("page of %d principals, want at most %d, behind %d", len(page), limit, len(names))
			}
			if err != nil || len(page) == 0 {
				return err
			}
			for _, p := range page {
				names = append(names, p.Name)
			}
		}
	})
	return names
}

func pagesOfPrincipalsComeInOrderOfNames(f *fixture) {
	for _, name := range []string{"b", "C", "a", "D_", "d-", "E"} {
		f.createPrincipal(store.IAMUser, name)
	}
	f.createPrincipal(store.IAMRole, "aa")
	for _, limit := range []int{1, 2, 10} {
		f.same([]string{"a", "b", "C", "d-", "D_", "E"}, f.names(store.IAMUser, "", limit))
	}
	f.view(func(r store.Reader) error {
		page, err := r.PrincipalPage("444455556666", store.IAMUser, "", "", 10)
		f.same([]store.Principal{}, page)
		return err
	})
}

func pagesOfPrincipalsAreOfAPath(f *fixture) {
	var want []store.Principal
	for i, path := range []string{"/", "/a/", "/a/b/", "/A/", "/a_/", "/a/c/"} {
		p := f.fullPrincipal(string(rune('a' + i)))
		p.Path = path
		p.Attached = append(p.Attached, "arn:of:"+p.Name)
		want = append(want, sorted(f.addPrincipal(p)))
	}
	f.view(func(r store.Reader) error {
		for path, want := range map[string][]store.Principal{
			"":      want,
			"/":     want,
			"/a/":   {want[1], want[2], want[5]},
			"/a_":   {want[4]},
			"/a/b/": {want[2]},
			"/a/d":  nil,
		} {
			page, err := r.PrincipalPage(accountID, store.IAMRole, path, "", 10)
			if err != nil {
				return err
			}
			f.same(want, page)
		}
		return nil
	})
}
