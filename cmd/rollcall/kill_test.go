package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/ncruces/go-sqlite3"
)

// clients is how many callers there are at a time.
const clients = 16

// pool keeps a connection for each of the clients.
var pool = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}

// TestKill kills the server over and over while users are being registered.
// Whoever got a 201 must be there ever after.
func TestKill(t *testing.T) {
	const rounds = 10
	dir := t.TempDir()
	k := &killed{acknowledged: map[string]string{}, tried: map[string]bool{}}
	for round := range rounds {
		p := serve(t, dir)
		k.registerUntilKilled(t, p, round, 1+rand.IntN(150))
		k.check(t, serve(t, dir), dir)
		if t.Failed() {
			break
		}
	}
	t.Logf("%d users acknowledged in %d rounds, %d tried", len(k.acknowledged), rounds, len(k.tried))
}

// killed is what the clients of a server know, which is killed again and
// again.
type killed struct {
	mu           sync.Mutex
	tried        map[string]bool   // names that were sent
	acknowledged map[string]string // name → ARN in the 201
}

// registerUntilKilled registers users from all clients at once and kills the
// server when so many have been acknowledged, which leaves the others in the
// middle of something.
func (k *killed) registerUntilKilled(t *testing.T, p *process, round, after int) {
	t.Helper()
	var sent, answered atomic.Int64
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for k.register(t, p, fmt.Sprintf("user-%d-%d", round, sent.Add(1))) {
				if answered.Add(1) == int64(after) {
					p.Process.Signal(syscall.SIGKILL)
				}
			}
		})
	}
	wg.Wait()
	p.Process.Kill() // when the clients have given up before
	p.Wait()
	if status := p.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != syscall.SIGKILL {
		t.Fatalf("after %d users: the server ended by itself: %v", answered.Load(), p.ProcessState)
	}
}

// register says whether the user was acknowledged. No answer is none.
func (k *killed) register(t *testing.T, p *process, name string) bool {
	k.note(func() { k.tried[name] = true })
	body := fmt.Sprintf(`{"IdentityType":"QUICKSIGHT","UserName":%q,"Email":"ana@example.com","UserRole":"READER"}`, name)
	status, arn, err := k.user(p.client.Request(t, http.MethodPost, p.registry, body))
	if err != nil {
		return false
	}
	if status != http.StatusCreated {
		t.Errorf("registering %s: status %d", name, status)
		return false
	}
	k.note(func() { k.acknowledged[name] = arn })
	return true
}

func (k *killed) note(f func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f()
}

// user sends a request whose answer has a user.
func (k *killed) user(r *http.Request) (status int, arn string, err error) {
	resp, err := pool.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	var out struct{ User struct{ Arn string } }
	err = json.NewDecoder(resp.Body).Decode(&out)
	return resp.StatusCode, out.User.Arn, err
}

// check holds a restarted server against what its clients know.
func (k *killed) check(t *testing.T, p *process, dir string) {
	t.Helper()
	k.checkDescribed(t, p)
	k.checkListed(t, p)
	// A server that stops gives a connection without a request five seconds.
	pool.CloseIdleConnections()
	if state := p.end(t, syscall.SIGTERM); !state.Success() {
		t.Errorf("ending the restarted server: %v", state)
	}
	checkIntegrity(t, filepath.Join(dir, "rollcall.db"))
}

func (k *killed) checkDescribed(t *testing.T, p *process) {
	t.Helper()
	names := make(chan string)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for name := range names {
				status, arn, err := k.user(p.client.Request(t, http.MethodGet, p.registry+"/"+name, ""))
				if err != nil || status != http.StatusOK || arn != k.acknowledged[name] {
					t.Errorf("DescribeUser of %s, which was acknowledged: %d %q %v", name, status, arn, err)
				}
			}
		})
	}
	for name := range k.acknowledged {
		names <- name
	}
	close(names)
	wg.Wait()
}

// checkListed reads all pages. What was sent without an answer may be there
// or not.
func (k *killed) checkListed(t *testing.T, p *process) {
	t.Helper()
	seen := map[string]int{}
	for query := "?max-results=100"; query != ""; {
		a := p.client.Call(t, http.MethodGet, p.registry+query, "")
		if a.Status != http.StatusOK {
			t.Fatalf("ListUsers: %d %s", a.Status, a.Text)
		}
		for _, u := range a.JSON["UserList"].([]any) {
			seen[u.(map[string]any)["UserName"].(string)]++
		}
		query = ""
		if token, more := a.JSON["NextToken"].(string); more {
			query = "?max-results=100&next-token=" + url.QueryEscape(token)
		}
	}
	for name := range k.acknowledged {
		if seen[name] != 1 {
			t.Errorf("%s, which was acknowledged, is listed %d times", name, seen[name])
		}
	}
	for name, times := range seen {
		if !k.tried[name] || times != 1 {
			t.Errorf("%q is listed %d times (asked for: %v)", name, times, k.tried[name])
		}
	}
}

// checkIntegrity has SQLite look the whole file over, and counts the users,
// whose number is kept beside them, and of whom each has one record.
func checkIntegrity(t *testing.T, path string) {
	t.Helper()
	db, err := sqlite3.OpenFlags("file:"+path, sqlite3.OPEN_READONLY|sqlite3.OPEN_URI)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for query, want := range map[string]string{
		"PRAGMA integrity_check":   "ok",
		"PRAGMA foreign_key_check": "",
		"SELECT a.users - (SELECT count(*) FROM users) FROM accounts a":     "0",
		"SELECT count(*) FROM users WHERE invitation_hash IS NULL":          "0",
		"SELECT name FROM users EXCEPT SELECT subject FROM audit_records":   "",
		"SELECT subject FROM audit_records EXCEPT SELECT name FROM users":   "",
		"SELECT (SELECT count(*) FROM users) - count(*) FROM audit_records": "0",
	} {
		stmt, _, err := db.Prepare(query)
		if err != nil {
			t.Fatal(err)
		}
		have := ""
		for stmt.Step() {
			have += stmt.ColumnText(0)
		}
		if err := stmt.Close(); err != nil || have != want {
			t.Errorf("%s says %q, want %q (%v)", query, have, want, err)
		}
	}
}
