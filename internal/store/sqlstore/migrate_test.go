package sqlstore

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

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

// openVersion1 opens a database that the first program has made.
func openVersion1(t *testing.T) *Store {
	t.Helper()
	return openOlder(t, recordsOfVersion1, "migrations/0001_users.sql")
}

// openOlder opens a database that an older program has made.
func openOlder(t *testing.T, records string, names ...string) *Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	c, err := openConn(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := migrateWith(c, names, time.UnixMilli(1)); err != nil {
		t.Fatal(err)
	}
	if err := c.db.Exec(records); err != nil {
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
			if _, u, err := r.User("111122223333", "default", name); err != nil || u.Orphan || !u.LastActiveAt.IsZero() {
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

// Records of schema version 3: a user who has signed in, in a session, and one
// who was invited.
const recordsOfVersion3 = `
	INSERT INTO accounts VALUES ('111122223333', 'acme', 'us-east-1', 1000, 2);
	INSERT INTO namespaces VALUES (1, '111122223333', 'default', 'd-1', 1000);
	INSERT INTO users (namespace_id, id, name, email, role, identity, active, principal, created_at, signed_in_at, invitation_hash)
	VALUES
		(1, x'01900000000070008000000000000001', 'ana', 'Ana@Example.com', 'READER', 'QUICKSIGHT', 1, 'p', 1000, 2000, NULL),
		(1, x'01900000000070008000000000000002', 'ben', 'ben@example.com', 'READER', 'QUICKSIGHT', 0, 'q', 1000, NULL, x'01');
	INSERT INTO web_sessions VALUES (x'02', 1, x'01900000000070008000000000000001', 1000, 1500, 3000);`

func openVersion3(t *testing.T) *Store {
	t.Helper()
	return openOlder(t, recordsOfVersion3, "migrations/0001_users.sql", "migrations/0002_iam.sql", "migrations/0003_websessions.sql")
}

func TestRecordsOfVersion3AreMigrated(t *testing.T) {
	s := openVersion3(t)
	defer s.Close()
	account := store.Account{ID: "111122223333", Name: "acme", Region: "us-east-1", CreatedAt: time.UnixMilli(1000).UTC(),
		TerminationProtection: true, Users: 2}
	ana := store.User{
		NamespaceID: 1, ID: uuid.MustParse("01900000-0000-7000-8000-000000000001"), Name: "ana", Email: "Ana@Example.com",
		Role: "READER", Identity: "QUICKSIGHT", Active: true, Principal: "p",
		CreatedAt: time.UnixMilli(1000).UTC(), LastActiveAt: time.UnixMilli(2000).UTC(),
	}
	err := s.View(t.Context(), func(r store.Reader) error {
		in, err := r.WebSession([]byte{2})
		if err != nil {
			return err
		}
		same(t, account, in.Account)
		same(t, ana, in.User)
		found, err := r.UsersByEmail(1, "aNA@example.com", 10)
		if err != nil {
			return err
		}
		same(t, []store.User{ana}, found)
		ben, err := r.FindUsers(store.UserQuery{NamespaceID: 1, State: store.UserInvited, Limit: 10})
		if len(ben) != 1 || ben[0].Name != "ben" || !ben[0].LastActiveAt.IsZero() {
			t.Errorf("invited: %+v", ben)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// What hangs on a user of before can be added, and goes with it.
func TestUserOfVersion3GetsMailAndGoes(t *testing.T) {
	s := openVersion3(t)
	defer s.Close()
	id := uuid.MustParse("01900000-0000-7000-8000-000000000002")
	err := s.Update(t.Context(), func(x store.Tx) error {
		return errors.Join(
			x.PutInvitation(1, id, store.Invitation{SecretHash: []byte{3}, ExpiresAt: x.Now()}),
			x.PutMail(store.Mail{NamespaceID: 1, UserID: id, Kind: "invitation", ID: uuid.New(), State: store.MailWaiting}),
			x.PutPasswordReset(store.PasswordReset{NamespaceID: 1, UserID: id, SecretHash: []byte{4}}),
			x.DeleteUser(1, id))
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.View(t.Context(), func(r store.Reader) error {
		due, err := r.DueMails(time.Now(), 10)
		if len(due) > 0 {
			t.Errorf("due: %+v", due)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
