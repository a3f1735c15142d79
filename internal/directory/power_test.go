package directory_test

import (
	"errors"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/directory"
	"rollcall/internal/store"
)

// allowed makes a user of IAM who may do the actions to resources, which have
// spaces between them.
func (k *kit) allowed(t testing.TB, name, resources string, actions ...string) *access.Caller {
	t.Helper()
	c := k.iamUser(t, name)
	document := `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": ["` + strings.ReplaceAll(resources, " ", `", "`) + `"],
		"Action": ["` + strings.Join(actions, `", "`) + `"]}}`
	k.update(t, func(tx store.Tx) error {
		p, err := tx.Principal(account, store.IAMUser, name)
		if err != nil {
			return err
		}
		p.Inline = []store.InlinePolicy{{Name: "p", Document: document}}
		return tx.UpdatePrincipal(p)
	})
	return c
}

// inIAM checks whether a user may call IAM's verbs in the console.
func (k *kit) inIAM(t testing.TB, name string, want bool) {
	t.Helper()
	c := k.browse(t, name)
	call := access.Call{Action: "iam:CreateAccessKey", AccountID: account, Resource: "*"}
	if err := k.guard.Read(t.Context(), c, call, nil); (err == nil) != want {
		t.Errorf("%s manages IAM: %v, want %t", name, err, want)
	}
	if err := k.guard.Read(t.Context(), c, access.Call{Action: "quicksight:SearchUsers", AccountID: account, Resource: "*"}, nil); err != nil {
		t.Errorf("%s manages users: %v", name, err)
	}
}

// Who may register users, and not manage IAM, must not make himself a user who
// does.
func TestPowerOverIAMComesFromThoseWhoHaveIt(t *testing.T) {
	k := newKit(t)
	for name, by := range map[string]struct {
		c    *access.Caller
		want bool
	}{
		"byroot":      {root(account), true},
		"byadmin":     {k.allowed(t, "all", "*", "*"), true},
		"byiam":       {k.allowed(t, "iam", "*", "quicksight:*", "iam:*"), true},
		"byregistrar": {k.allowed(t, "registrar", "*", "quicksight:*"), false},
		"bykeymaker":  {k.allowed(t, "keymaker", "*", "quicksight:*", "iam:CreateAccessKey", "iam:CreateUser"), false},
		"byteam":      {k.allowed(t, "team", "arn:aws:quicksight:*:*:* arn:aws:iam::"+account+":user/team/*", "quicksight:*", "iam:*"), false},
	} {
		n := native(account, "default", name)
		n.Role = directory.Admin
		r, err := k.RegisterUser(t.Context(), by.c, n)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := k.AcceptInvitation(t.Context(), secret(t, r.InvitationURL, directory.RegisterPath), passwordHash); err != nil {
			t.Fatal(err)
		}
		k.inIAM(t, name, by.want)
	}
}

func TestPowerOverIAMGoesWithWhoeverItWasGivenTo(t *testing.T) {
	k := newKit(t)
	registrar := k.allowed(t, "registrar", "*", "quicksight:*")
	k.join(t, "ana", directory.Author, passwordHash)
	change := func(c *access.Caller, email, role string) {
		t.Helper()
		_, err := k.UpdateUser(t.Context(), c, directory.UserChange{
			AccountID: account, Namespace: "default", Name: "ana", Email: email, Role: role})
		if err != nil {
			t.Fatal(err)
		}
	}
	same := k.stored(t, "ana").User.Email
	change(registrar, same, directory.Admin)
	k.inIAM(t, "ana", false)
	change(root(account), same, directory.Admin)
	k.inIAM(t, "ana", false) // it is not what root has asked for
	change(root(account), same, directory.Author)
	change(root(account), same, directory.Admin)
	k.inIAM(t, "ana", true)
	change(registrar, same, directory.Admin)
	k.inIAM(t, "ana", true) // nothing has changed
	change(root(account), "other@example.com", directory.AdminPro)
	k.inIAM(t, "ana", true)
	change(registrar, "mallory@example.com", directory.AdminPro)
	k.inIAM(t, "ana", false)
	change(root(account), same, directory.AdminPro)
	k.inIAM(t, "ana", false)
	change(registrar, same, directory.Author)
	change(registrar, same, directory.AdminPro)
	k.inIAM(t, "ana", false)
}

// A link for another password is as good as whom it is for.
func TestNobodyGetsALinkForMorePower(t *testing.T) {
	k := newKit(t)
	k.join(t, "strong", directory.Author, passwordHash)
	if _, err := k.UpdateUser(t.Context(), root(account), directory.UserChange{AccountID: account, Namespace: "default",
		Name: "strong", Email: "s@example.com", Role: directory.Admin}); err != nil {
		t.Fatal(err)
	}
	weak, strong := k.admin(t, "weak"), k.browse(t, "strong")
	issue := func(c *access.Caller, name string) error {
		_, err := k.IssueLink(t.Context(), c, account, "default", name, false)
		return err
	}
	refuses(t, "the strong one's by the weak one", issue(weak, "strong"), directory.Conflict)
	refuses(t, "one's own", issue(weak, "weak"), directory.Conflict)
	refuses(t, "the strong one's own", issue(strong, "strong"), directory.Conflict)
	if err := issue(strong, "weak"); err != nil {
		t.Errorf("the weak one's by the strong one: %v", err)
	}
	if err := issue(root(account), "strong"); err != nil {
		t.Errorf("the strong one's by root: %v", err)
	}
}

// What was made before somebody had power over IAM must not be a way to it.
func TestWaysInEndWithMorePower(t *testing.T) {
	k := newKit(t)
	promote := func(name string) {
		t.Helper()
		if _, err := k.UpdateUser(t.Context(), root(account), directory.UserChange{AccountID: account, Namespace: "default",
			Name: name, Email: k.stored(t, name).User.Email, Role: directory.Admin}); err != nil {
			t.Fatal(err)
		}
	}
	invitation := k.register(t, "eve")
	promote("eve")
	k.accepts(t, invitation, nil)
	k.inIAM(t, "eve", false) // the link may be anybody's

	k.join(t, "ana", directory.Author, passwordHash)
	reset, _ := k.issue(t, "ana", false)
	c := k.browse(t, "ana")
	promote("ana")
	k.resets(t, reset, directory.ErrResetUnknown)
	call := access.Call{Action: "quicksight:SearchUsers", AccountID: account, Resource: "*"}
	if err := k.guard.Read(t.Context(), c, call, nil); !errors.Is(err, access.ErrSignedOut) {
		t.Errorf("the old session: %v", err)
	}
}

// Who saves a form has not seen what was changed since it was shown.
func TestAnOldFormChangesNothing(t *testing.T) {
	k := newKit(t)
	k.join(t, "ana", directory.Author, passwordHash)
	email := k.stored(t, "ana").User.Email
	save := func(seen directory.SeenUser) error {
		_, err := k.UpdateUser(t.Context(), root(account), directory.UserChange{AccountID: account, Namespace: "default",
			Name: "ana", Email: "new@example.com", Role: directory.Admin, Seen: &seen})
		return err
	}
	for name, seen := range map[string]directory.SeenUser{
		"another role": {Email: email, Role: directory.Admin}, "another address": {Email: "old@example.com", Role: directory.Author},
		"another profile": {Email: email, Role: directory.Author, CustomPermissions: "p"},
	} {
		refuses(t, name, save(seen), directory.Conflict)
	}
	if err := save(directory.SeenUser{Email: email, Role: directory.Author}); err != nil {
		t.Error(err)
	}
}
