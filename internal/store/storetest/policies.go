package storetest

import (
	"time"

	"rollcall/internal/store"
)

func (f *fixture) newPolicy(name string) store.ManagedPolicy {
	return store.ManagedPolicy{
		AccountID: accountID,
		Name:      name,
		Path:      "/",
		UniqueID:  "ANPA" + name,
		Versions:  []store.PolicyVersion{{Number: 1, Document: "{}", CreatedAt: f.now()}},
		Default:   1,
		Made:      1,
		CreatedAt: f.now(),
		UpdatedAt: f.now(),
	}
}

func (f *fixture) addPolicy(p store.ManagedPolicy) store.ManagedPolicy {
	f.Helper()
	f.update(func(tx store.Tx) error { return tx.CreateManagedPolicy(p) })
	return p
}

// policy gives the policy of that name.
func (f *fixture) policy(name string) (p store.ManagedPolicy) {
	f.Helper()
	f.view(func(r store.Reader) (err error) {
		p, err = r.ManagedPolicy(accountID, name)
		return err
	})
	return p
}

func (f *fixture) noPolicy(accountID, name string) {
	f.Helper()
	f.missing(store.RecordManagedPolicy, func(r store.Reader) error {
		_, err := r.ManagedPolicy(accountID, name)
		return err
	})
}

// fullPolicy is one whose first version was deleted.
func (f *fixture) fullPolicy(name string) store.ManagedPolicy {
	p := f.newPolicy(name)
	p.Path, p.Description, p.Tags = "/team/", "what it is \"for\" <é>", store.Tags{"k": "v"}
	p.Versions = []store.PolicyVersion{
		{Number: 2, Document: `{"Resource": "<&>"}`, CreatedAt: time.UnixMilli(2).UTC()},
		{Number: 10, Document: `{}`, CreatedAt: f.now()},
	}
	p.Default, p.Made, p.UpdatedAt = 2, 11, f.now().Add(time.Hour)
	return p
}

func managedPoliciesReadBackAsWritten(f *fixture) {
	for _, want := range []store.ManagedPolicy{f.fullPolicy("Full"), f.newPolicy("bare")} {
		f.addPolicy(want)
		f.same(want, f.policy(want.Name))
	}
	if tags := f.policy("bare").Tags; tags != nil {
		f.Errorf("tags are %v, want nil", tags)
	}
	f.noPolicy(accountID, "full")
	f.noPolicy("444455556666", "Full")
}

func managedPolicyIsReplacedInPart(f *fixture) {
	bystander := f.addPolicy(f.newPolicy("bystander"))
	want := f.addPolicy(f.newPolicy("p"))
	full := f.fullPolicy("p")
	want.Versions, want.Default, want.Made = full.Versions, full.Default, full.Made
	want.Tags, want.UpdatedAt = full.Tags, full.UpdatedAt
	full.UniqueID, full.CreatedAt = "ANPAX", f.now().Add(time.Hour) // which may not
	f.update(func(tx store.Tx) error { return tx.UpdateManagedPolicy(full) })
	f.same(want, f.policy("p"))
	f.same(bystander, f.policy("bystander"))
	f.refusedFor(store.ErrNotFound, store.RecordManagedPolicy, func(tx store.Tx) error {
		return tx.UpdateManagedPolicy(f.newPolicy("P"))
	})
}

func namesOfPoliciesDifferByMoreThanCase(f *fixture) {
	f.addPolicy(f.newPolicy("Name"))
	f.refusedFor(store.ErrExists, store.RecordManagedPolicy, func(tx store.Tx) error {
		return tx.CreateManagedPolicy(f.newPolicy("nAME"))
	})
	f.update(func(tx store.Tx) error { return tx.CreateAccount(store.Account{ID: "444455556666"}) })
	other := f.newPolicy("nAME")
	other.AccountID = "444455556666"
	f.addPolicy(other)
	remove := func(name string) func(store.Tx) error {
		return func(tx store.Tx) error { return tx.DeleteManagedPolicy(accountID, name) }
	}
	f.refusedFor(store.ErrNotFound, store.RecordManagedPolicy, remove("nAME"))
	f.update(remove("Name"))
	f.noPolicy(accountID, "Name")
	f.addPolicy(f.newPolicy("nAME"))
}

// policyNames walks the policies page by page, of which there must be an end.
func (f *fixture) policyNames(path string, limit int) (names []string) {
	f.Helper()
	f.view(func(r store.Reader) error {
		for after := ""; ; after = names[len(names)-1] {
			page, err := r.ManagedPolicyPage(accountID, path, after, limit)
			if len(page) > limit || len(names) > 100 {
				f.Fatalf("page of %d policies, want at most %d, behind %d", len(page), limit, len(names))
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

func pagesOfPoliciesComeInOrderOfNames(f *fixture) {
	for _, name := range []string{"b", "C", "a", "D_", "d-"} {
		f.addPolicy(f.newPolicy(name))
	}
	full := f.addPolicy(f.fullPolicy("ab"))
	f.same([]string{"a", "ab", "b", "C", "d-", "D_"}, f.policyNames("", 2))
	f.same([]string{"ab"}, f.policyNames("/te", 2))
	f.view(func(r store.Reader) error {
		page, err := r.ManagedPolicyPage(accountID, "/team/", "A", 10)
		f.same([]store.ManagedPolicy{full}, page)
		if err != nil {
			return err
		}
		page, err = r.ManagedPolicyPage("444455556666", "", "", 10)
		f.same([]store.ManagedPolicy{}, page)
		return err
	})
}

// uses gives what a policy is attached to.
func (f *fixture) uses(accountID, arn string) (uses []store.PolicyUse) {
	f.Helper()
	f.view(func(r store.Reader) (err error) {
		uses, err = r.PolicyUses(accountID, arn)
		return err
	})
	return uses
}

func policyUsesAreFound(f *fixture) {
	attach := func(kind store.IAMKind, name, boundary string, attached ...string) store.Principal {
		p := f.newPrincipal(kind, name)
		p.Attached, p.Boundary = attached, boundary
		return f.addPrincipal(p)
	}
	user := attach(store.IAMUser, "b", "", "arn:1", "arn:2")
	role := attach(store.IAMRole, "c", "arn:1", "arn:1")
	first := attach(store.IAMRole, "a", "arn:2", "arn:1")
	f.same([]store.PolicyUse{
		{Identity: first.IAMIdentity},
		{Identity: role.IAMIdentity},
		{Identity: role.IAMIdentity, Boundary: true},
		{Identity: user.IAMIdentity},
	}, f.uses(accountID, "arn:1"))
	f.same([]store.PolicyUse{}, f.uses("444455556666", "arn:1"))
	f.same([]store.PolicyUse{}, f.uses(accountID, "arn:"))
	user.Attached = []string{"arn:2"}
	f.update(func(tx store.Tx) error { return tx.UpdatePrincipal(user) })
	f.update(func(tx store.Tx) error { return tx.DeletePrincipal(role.ID) })
	f.same([]store.PolicyUse{{Identity: first.IAMIdentity}}, f.uses(accountID, "arn:1"))
	f.same([]store.PolicyUse{{Identity: first.IAMIdentity, Boundary: true}, {Identity: user.IAMIdentity}}, f.uses(accountID, "arn:2"))
}
