package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"rollcall/internal/store"
)

func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(ctx context.Context, s *Store, name, value string) error {
	return s.Update(ctx, func(tx store.Tx) error { return tx.CreateSetting(name, []byte(value)) })
}

// A full disk is played by SQLite itself, which may be told how large its file
// may be: the error and the state of the transaction are those of a full disk.
func TestFullDiskIsUnavailableAndPasses(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "test.db"))
	defer s.Close()
	limit := func(pages int) {
		t.Helper()
		// The writer is idle: nothing is waited for.
		if err := s.writer.conn.db.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	if err := put(t.Context(), s, "before", "x"); err != nil {
		t.Fatal(err)
	}
	limit(1) // as many as there are
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			err := put(t.Context(), s, fmt.Sprintf("during %d", i), strings.Repeat("x", 64<<10))
			if !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("update on a full disk: %v, want %v", err, store.ErrUnavailable)
			}
		})
	}
	all.Wait()
	limit(1 << 20)
	if err := put(t.Context(), s, "after", "x"); err != nil {
		t.Errorf("update with room again: %v", err)
	}
	err := s.View(t.Context(), func(r store.Reader) error {
		for name, want := range map[string]bool{"before": true, "during 0": false, "after": true} {
			if _, err := r.Setting(name); (err == nil) != want {
				t.Errorf("%q is there: %v, want %v", name, err == nil, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// Nobody sends writes to a server that says it is not ready, so it has to find
// out by itself.
func TestReadyFindsOutThatWritingWorksAgain(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "test.db"))
	defer s.Close()
	writable := func(pragma string, want error) {
		t.Helper()
		if err := s.writer.conn.db.Exec("PRAGMA query_only = " + pragma); err != nil {
			t.Fatal(err)
		}
		if err := s.Ready(t.Context()); !errors.Is(err, want) {
			t.Errorf("ready: %v, want %v", err, want)
		}
	}
	writable("ON", nil) // nothing has failed yet
	if err := put(t.Context(), s, "name", "x"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("update: %v, want %v", err, store.ErrUnavailable)
	}
	writable("ON", store.ErrUnavailable)
	writable("OFF", nil)
}

// What one update of a lost group had found out may rest on another's writes,
// so it must not be told.
func TestLostGroupAnswersAllOfItAlike(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "test.db"))
	defer s.Close()
	write := func(value string) *update {
		return &update{ctx: t.Context(), fn: func(tx store.Tx) error { return tx.CreateSetting("name", []byte(value)) }}
	}
	group := []*update{write("first"), write("second"), {ctx: t.Context(), fn: func(tx store.Tx) error {
		return &store.Error{Kind: store.ErrUnavailable, Err: errors.New("the disk is gone")}
	}}}
	for i, err := range s.writer.commit(group) {
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("update %d: %v, want %v", i, err, store.ErrUnavailable)
		}
	}
	if err := put(t.Context(), s, "name", "third"); err != nil {
		t.Errorf("update after the lost group: %v", err)
	}
}

func TestFullQueueIsUnavailableAtOnce(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "test.db"))
	defer s.Close()
	running, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		_ = s.Update(t.Context(), func(store.Tx) error {
			close(running)
			<-release
			return nil
		})
	})
	<-running
	for range maxQueue {
		s.writer.queue <- &update{ctx: t.Context(), fn: func(store.Tx) error { return nil }, err: make(chan error, 1)}
	}
	if err := put(t.Context(), s, "name", "x"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("update behind a full queue: %v, want %v", err, store.ErrUnavailable)
	}
	close(release)
	all.Wait()
}

func TestReopenedStoreHasWhatWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?#%41.db") // characters that mean something in a URI
	s := open(t, path)
	if err := put(t.Context(), s, "name", "value"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	defer s.Close()
	err := s.View(t.Context(), func(r store.Reader) error {
		value, err := r.Setting("name")
		if string(value) != "value" {
			t.Errorf("value is %q", value)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestDatabaseOfANewerProgramIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s := open(t, path)
	if err := s.writer.conn.db.Exec("INSERT INTO migrations VALUES (999, '0999_future.sql', 0)"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(t.Context(), path, Options{}); err == nil {
		s.Close()
		t.Error("opened, want it refused")
	} else if !strings.Contains(err.Error(), "schema version 999") {
		t.Errorf("error is %q, want the versions in it", err)
	}
}

// The plans of the statements that requests run: each step is a search in an
// index, none scans a table or sorts.
func TestStatementsSearchAndNeverScan(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "test.db"))
	defer s.Close()
	ns := int64(1)
	err := s.Update(t.Context(), func(x store.Tx) error {
		// Whatever they find, they are prepared.
		_, _, _ = x.User("1", "default", "ana")
		_, _ = x.UserByPrincipal(ns, "p")
		_, _ = x.UserPage(ns, [16]byte{}, 10)
		_, _ = x.Invitation(ns, [16]byte{})
		_, _ = x.CustomPermissionsPage("1", 0, 10)
		_, _ = x.AccessKey("AKIA")
		_, _ = x.AccessKeys("1", 0)
		_, _ = x.Principal("1", store.IAMUser, "ana")
		_, _ = x.PrincipalByID(1)
		_, _ = x.PrincipalByUniqueID("1", "AIDA")
		_, _ = x.PrincipalPage("1", store.IAMUser, "/", "a", 10)
		_ = x.(*tx).readAttachments([]store.Principal{{}})
		_, _ = x.ManagedPolicy("1", "p")
		_, _ = x.ManagedPolicyPage("1", "/", "a", 10)
		_, _ = x.OIDCProvider("1", "id.example.com")
		_, _ = x.OIDCProviders("1")
		_, _, _ = x.AuditPage(store.AuditQuery{Limit: 10})
		_, _ = x.WebSession(nil)
		_, _ = x.SignIn(nil)
		_, _ = x.PasswordReset(ns, [16]byte{})
		_, _ = x.Mail(ns, [16]byte{}, "invitation")
		_, _ = x.DueMails(x.Now(), 10)
		_, _ = x.UserByID(ns, [16]byte{})
		_, _ = x.UsersByEmail(ns, "ana@example.com", 10)
		_, _ = x.UsersByLogin("1", "https://id.example.com", "s", 10)
		for state := range stateConditions {
			_, _ = x.FindUsers(store.UserQuery{NamespaceID: ns, State: state})
			_, _ = x.FindUsers(store.UserQuery{NamespaceID: ns, Before: uuid.Max, State: state})
			_, _ = x.FindUsers(store.UserQuery{NamespaceID: ns, Role: "READER", State: state})
			_, _ = x.FindUsers(store.UserQuery{NamespaceID: ns, Before: uuid.Max, Prefix: "a", Role: "READER", Identity: "IAM", State: state})
		}
		_ = x.CreateSigninToken(store.SigninToken{TokenHash: []byte{1}, Sealed: []byte{1}, ExpiresAt: x.Now()})
		_, _ = x.UseSigninToken([]byte{1})
		_, _ = x.DeletePasswordReset(ns, [16]byte{})
		_ = x.DeleteMail(ns, [16]byte{}, "invitation")
		_ = x.DeleteUser(ns, [16]byte{})
		return nil
	})
	if !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	checked := 0
	for text := range s.writer.conn.stmts {
		if text = strings.TrimSpace(text); !strings.HasPrefix(text, "SELECT") && !strings.HasPrefix(text, "DELETE") {
			continue
		}
		checked++
		for _, step := range planOf(t, s.writer.conn, text) {
			if !strings.HasPrefix(step, "SEARCH") && !strings.HasPrefix(step, "LIST SUBQUERY") {
				t.Errorf("%s\n%s", step, text)
			}
		}
	}
	if checked < 48 {
		t.Errorf("%d statements checked", checked)
	}
}

// planOf gives the steps in which SQLite runs a statement.
func planOf(t *testing.T, c *conn, sql string) (steps []string) {
	t.Helper()
	plan, _, err := c.db.Prepare("EXPLAIN QUERY PLAN " + sql)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	for plan.Step() {
		steps = append(steps, plan.ColumnText(3))
	}
	return steps
}

// A search may be one in the wrong index, which walks a whole namespace.
func TestStatementsSearchInTheirIndex(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s := open(t, path)
	defer s.Close()
	if err := s.Update(t.Context(), addSession); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		run  func(*tx) error
		want []string // steps of the plan
	}{
		{"UsersByEmail", func(x *tx) error { _, err := x.UsersByEmail(1, "a", 1); return err },
			[]string{"users_by_email (namespace_id=? AND <expr>=?)", "u USING PRIMARY KEY (namespace_id=? AND id=?)"}},
		{"FindUsers", func(x *tx) error {
			_, err := x.FindUsers(store.UserQuery{Before: uuid.Max, Role: "READER", Prefix: "a"})
			return err
		}, []string{"u USING PRIMARY KEY (namespace_id=? AND id<?)"}},
		{"UserByID", func(x *tx) error { _, err := x.UserByID(1, uuid.Nil); return err },
			[]string{"u USING PRIMARY KEY (namespace_id=? AND id=?)"}},
		{"DueMails", func(x *tx) error { _, err := x.DueMails(x.now, 1); return err },
			[]string{"mails USING INDEX mails_by_due (due_at<?)"}},
		{"TouchWebSession", func(x *tx) error { return x.TouchWebSession([]byte{1}, x.now) },
			[]string{"users USING PRIMARY KEY (namespace_id=? AND id=?)", "web_sessions USING PRIMARY KEY (token_hash=?)"}},
	} {
		plan := strings.Join(plansOf(t, path, c.run), "\n")
		for _, want := range c.want {
			if !strings.Contains(plan, want) {
				t.Errorf("%s: want %q in\n%s", c.name, want, plan)
			}
		}
	}
}

// addSession adds a user in a session, whose hash is 1.
func addSession(x store.Tx) error {
	if err := x.CreateAccount(store.Account{ID: "1"}); err != nil {
		return err
	}
	n, err := x.CreateNamespace(store.Namespace{AccountID: "1", Name: "default"})
	if err != nil {
		return err
	}
	return errors.Join(
		x.CreateUser("1", store.NewUser{User: store.User{NamespaceID: n.ID}}),
		x.CreateWebSession(store.WebSession{TokenHash: []byte{1}, NamespaceID: n.ID}))
}

// plansOf gives the plans of all statements that are run.
func plansOf(t *testing.T, path string, run func(*tx) error) (steps []string) {
	t.Helper()
	c, err := openConn(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if err := run(&tx{conn: c}); err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	for sql := range c.stmts {
		steps = append(steps, planOf(t, c, sql)...)
	}
	return steps
}
