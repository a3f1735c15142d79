package sqlstore

import (
	"path/filepath"
	"testing"
	"time"

	"rollcall/internal/store"
)

// Records of schema version 1: users of a role and of nobody, a root key.
const recordsOfVersion1 = `
	INSERT INTO accounts VALUES ('111122223333', 'acme', 'us-east-1', 1000, 2);
	INSERT INTO access_keys VALUES ('AKIA1', '111122223333', x'01', 1000);
	INSERT INTO namespaces VALUES (1, '111122223333', 'default', 'd-1', 1000);
	INSERT INTO iam_identities VALUES (7, '111122223333', 'role', 'Role', 'AROA1');
	INSERT INTO users (namespace_id, id, name, email, role, identity, active, principal, iam_identity_id, created_at)
	VALUES
		(1, x'01900000000070008000000000000001', 'Role/a', 'a@example.com', 'READER', 'IAM', 1, 'AROA1:a', 7, 1000),
		(1, x'01900000000070008000000000000002', 'b', 'b@example.com', 'READER', 'QUICKSIGHT', 1, 'p', NULL, 1000);`

// openVersion1 opens a database that an older program has made.
func openVersion1(t *testing.T) *Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	c, err := openConn(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := migrateWith(c, []string{"migrations/0001_users.sql"}, time.UnixMilli(1)); err != nil {
		t.Fatal(err)
	}
	if err := c.db.Exec(recordsOfVersion1); err != nil {
		t.Fatal(err)
	}
	if err := c.close(); err != nil {
		t.Fatal(err)
	}
	return open(t, path)
}

func TestRecordsOfVersion1AreMigrated(t *testing.T) {
	s := openVersion1(t)
	defer s.Close()
	made := time.UnixMilli(1000).UTC()
	err := s.View(t.Context(), func(r store.Reader) error {
		keys, err := r.AccessKeys("111122223333", 0)
		if err != nil {
			return err
		}
		if len(keys) != 1 || keys[0].ID != "AKIA1" || keys[0].Inactive || !keys[0].CreatedAt.Equal(made) {
			t.Errorf("keys of the root: %v", keys)
		}
		for _, name := range []string{"Role/a", "b"} {
			if _, u, err := r.User("111122223333", "default", name); err != nil || u.Orphan || !u.SignedInAt.IsZero() {
				t.Errorf("user %q: %v, %v", name, u, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// The principals of an older program's users are made by and by, and go as
// others do.
func TestIdentityOfVersion1BecomesAPrincipalsAndGoes(t *testing.T) {
	s := openVersion1(t)
	defer s.Close()
	err := s.Update(t.Context(), func(x store.Tx) error {
		p, err := x.CreatePrincipal(store.Principal{
			IAMIdentity: store.IAMIdentity{AccountID: "111122223333", Kind: store.IAMRole, Name: "Role", UniqueID: "AROA2"},
			Path:        "/",
		})
		if err != nil {
			return err
		}
		if p.ID != 7 || p.UniqueID != "AROA1" {
			t.Errorf("principal is %v, want the identity that was there", p.IAMIdentity)
		}
		return x.DeletePrincipal(p.ID)
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.View(t.Context(), func(r store.Reader) error {
		u, err := r.UserByPrincipal(1, "AROA1:a")
		if !u.Orphan {
			t.Errorf("%v is no orphan", u)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
