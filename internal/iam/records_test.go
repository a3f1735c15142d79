package iam_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/iam"
	"rollcall/internal/seal"
	"rollcall/internal/store"
	"rollcall/internal/store/sqlstore"
)

const account = "111122223333"

// newIAM makes an IAM on a store of its own, with the root of its account.
func newIAM(t *testing.T) (*iam.IAM, *access.Caller, store.Store) {
	t.Helper()
	dir := t.TempDir()
	s, err := sqlstore.Open(t.Context(), filepath.Join(dir, "db"), sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	a := store.Account{ID: account, Name: "test", Region: "us-east-1"}
	if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.CreateAccount(a) }); err != nil {
		t.Fatal(err)
	}
	key, err := seal.LoadOrCreate(filepath.Join(dir, "key"), true)
	if err != nil {
		t.Fatal(err)
	}
	keys := access.NewKeys(s, key)
	return iam.New(iam.Config{Guard: access.NewGuard(s, keys, nil), Keys: keys, Key: key}), access.Root(a), s
}

const (
	allowAll = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	trustAll = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}`
)

// random is what differs from run to run: ids and times.
var random = regexp.MustCompile(`"(AIDA|AROA|ANPA|AKIA)[A-Z0-9]+"|"[A-Z][a-z]{2} [0-9]+, 20[0-9: ]+ [AP]M"`)

func TestChangesAreRecordedWithTheirAnswers(t *testing.T) {
	i, root, s := newIAM(t)
	ctx, ana, reader, p := t.Context(), iam.UserRef("ana"), iam.RoleRef("reader"), "arn:aws:iam::"+account+":policy/team/p"
	var key iam.NewAccessKey
	arn := func(rest string) string { return "arn:aws:iam::" + account + ":" + rest }
	oidc := arn("oidc-provider/id.example.com/a")
	for _, tt := range []struct {
		action, resource, subject string
		change                    func() error
		response                  string
	}{
		{"CreateUser", arn("user/team/ana"), "ana", func() error {
			_, err := i.CreateUser(ctx, root, iam.NewUser{Name: "ana", Path: "/team/"})
			return err
		}, `{"user":{"arn":"arn:aws:iam::111122223333:user/team/ana","createDate":*,"path":"/team/","userId":*,"userName":"ana"}}`},
		{"CreateRole", arn("role/reader"), "", func() error {
			_, err := i.CreateRole(ctx, root, iam.NewRole{Name: "reader", Trust: trustAll})
			return err
		}, `{"role":{"arn":"arn:aws:iam::111122223333:role/reader","createDate":*,"path":"/","roleId":*,"roleName":"reader"}}`},
		{"CreatePolicy", p, "", func() error {
			_, err := i.CreatePolicy(ctx, root, iam.NewPolicy{Name: "p", Path: "/team/", Document: allowAll})
			return err
		}, `{"policy":{"arn":"` + p + `","createDate":*,"defaultVersionId":"v1","path":"/team/","policyId":*,"policyName":"p"}}`},
		{"CreatePolicyVersion", p, "", func() error {
			_, err := i.CreatePolicyVersion(ctx, root, p, allowAll, true)
			return err
		}, `{"policyVersion":{"createDate":*,"isDefaultVersion":true,"versionId":"v2"}}`},
		{"CreateAccessKey", arn("user/team/ana"), "ana", func() (err error) {
			key, err = i.CreateAccessKey(ctx, root, "ana")
			return err
		}, `{"accessKey":{"accessKeyId":*,"createDate":*,"status":"Active","userName":"ana"}}`},
		{"CreateAccessKey", arn("root"), "", func() error {
			_, err := i.CreateAccessKey(ctx, root, "")
			return err
		}, `{"accessKey":{"accessKeyId":*,"createDate":*,"status":"Active"}}`},

		{"UpdateAccessKey", arn("user/team/ana"), "ana", func() error { return i.UpdateAccessKey(ctx, root, "ana", key.ID, "Inactive") }, ""},
		{"DeleteAccessKey", arn("user/team/ana"), "ana", func() error { return i.DeleteAccessKey(ctx, root, "ana", key.ID) }, ""},
		{"AttachUserPolicy", arn("user/team/ana"), "ana", func() error { return i.AttachPolicy(ctx, root, ana, p) }, ""},
		{"DetachUserPolicy", arn("user/team/ana"), "ana", func() error { return i.DetachPolicy(ctx, root, ana, p) }, ""},
		{"PutRolePolicy", arn("role/reader"), "", func() error { return i.PutInlinePolicy(ctx, root, reader, "p", allowAll) }, ""},
		{"DeleteRolePolicy", arn("role/reader"), "", func() error { return i.DeleteInlinePolicy(ctx, root, reader, "p") }, ""},
		{"PutUserPermissionsBoundary", arn("user/team/ana"), "ana", func() error { return i.PutBoundary(ctx, root, ana, p) }, ""},
		{"DeleteUserPermissionsBoundary", arn("user/team/ana"), "ana", func() error { return i.DeleteBoundary(ctx, root, ana) }, ""},
		{"TagRole", arn("role/reader"), "", func() error { return i.TagPrincipal(ctx, root, reader, []iam.Tag{{Key: "a"}}) }, ""},
		{"UntagRole", arn("role/reader"), "", func() error { return i.UntagPrincipal(ctx, root, reader, []string{"a"}) }, ""},
		{"TagPolicy", p, "", func() error { return i.TagPolicy(ctx, root, p, []iam.Tag{{Key: "a"}}) }, ""},
		{"DeletePolicyVersion", p, "", func() error { return i.DeletePolicyVersion(ctx, root, p, "v1") }, ""},
		{"DeletePolicy", p, "", func() error { return i.DeletePolicy(ctx, root, p) }, ""},
		{"UpdateUser", arn("user/team/ana"), "ana", func() error { return i.UpdateUser(ctx, root, "ana", "eva", "/") }, ""},
		{"DeleteUser", arn("user/eva"), "eva", func() error { return i.DeleteUser(ctx, root, "eva") }, ""},
		{"DeleteRole", arn("role/reader"), "", func() error { return i.DeleteRole(ctx, root, "reader") }, ""},

		{"CreateOpenIDConnectProvider", oidc, "", func() error {
			_, err := i.CreateOIDCProvider(ctx, root, iam.NewOIDCProvider{URL: "https://id.example.com/a"})
			return err
		}, `{"openIDConnectProviderArn":"` + oidc + `"}`},
		{"AddClientIDToOpenIDConnectProvider", oidc, "", func() error { return i.AddClientID(ctx, root, oidc, "app") }, ""},
		{"RemoveClientIDFromOpenIDConnectProvider", oidc, "", func() error { return i.RemoveClientID(ctx, root, oidc, "app") }, ""},
		{"UpdateOpenIDConnectProviderThumbprint", oidc, "", func() error { return i.UpdateThumbprints(ctx, root, oidc, nil) }, ""},
		{"TagOpenIDConnectProvider", oidc, "", func() error { return i.TagOIDCProvider(ctx, root, oidc, []iam.Tag{{Key: "a"}}) }, ""},
		{"UntagOpenIDConnectProvider", oidc, "", func() error { return i.UntagOIDCProvider(ctx, root, oidc, []string{"a"}) }, ""},
		{"DeleteOpenIDConnectProvider", oidc, "", func() error { return i.DeleteOIDCProvider(ctx, root, oidc) }, ""},
	} {
		before := len(records(t, s))
		if err := tt.change(); err != nil {
			t.Errorf("%s: %v", tt.action, err)
			continue
		}
		all := records(t, s)
		if len(all) != before+1 {
			t.Errorf("%s made %d records, want 1", tt.action, len(all)-before)
			continue
		}
		r := all[before]
		got := []string{r.Action, r.Resource, r.Subject, random.ReplaceAllString(r.Response, "*")}
		if diff := cmp.Diff([]string{"iam:" + tt.action, tt.resource, tt.subject, tt.response}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.action, diff)
		}
		if strings.Contains(r.Response, key.Key.Secret) && key.Key.Secret != "" {
			t.Errorf("the secret is in %s", r.Response)
		}
	}
}

// A request may be signed by somebody whose name has just changed.
func TestACallAboutHimselfIsUnderTheCallersNewName(t *testing.T) {
	i, root, s := newIAM(t)
	ctx := t.Context()
	ana, err := i.CreateUser(ctx, root, iam.NewUser{Name: "ana"})
	if err != nil {
		t.Fatal(err)
	}
	if err := i.PutInlinePolicy(ctx, root, iam.UserRef("ana"), "p", allowAll); err != nil {
		t.Fatal(err)
	}
	key, err := i.CreateAccessKey(ctx, root, "ana")
	if err != nil {
		t.Fatal(err)
	}
	caller := &access.Caller{
		Identity:    access.Identity{Kind: store.IAMUser, Name: "ana", UserID: ana.UniqueID},
		Account:     root.Account,
		AccessKeyID: key.ID,
	}
	if err := i.UpdateUser(ctx, root, "ana", "eva", ""); err != nil {
		t.Fatal(err)
	}
	key, err = i.CreateAccessKey(ctx, caller, "")
	all := records(t, s)
	if last := all[len(all)-1]; err != nil || key.UserName != "eva" || last.Subject != "eva" || last.Caller.Name != "eva" {
		t.Errorf("%v; key of %q, record about %q by %q, want eva", err, key.UserName, last.Subject, last.Caller.Name)
	}
}

func TestWhatIsRefusedLeavesNoRecordOfAChange(t *testing.T) {
	i, root, s := newIAM(t)
	if err := i.DeleteUser(t.Context(), root, "nobody"); err == nil {
		t.Error("deleted")
	}
	if err := i.UpdateUser(t.Context(), root, "nobody", "x", ""); err == nil {
		t.Error("updated")
	}
	if all := records(t, s); len(all) != 0 {
		t.Errorf("records: %+v", all)
	}
}

func records(t *testing.T, s store.Store) (all []store.AuditRecord) {
	t.Helper()
	if err := s.View(t.Context(), func(r store.Reader) (err error) {
		all, _, err = r.AuditPage(store.AuditQuery{AccountID: account, Limit: 1000})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}
