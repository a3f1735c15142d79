package login

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestHelperPriority looks at all threads of a helper: those of the Go runtime
// compute too.
func TestHelperPriority(t *testing.T) {
	if _, err := newApartHasher().Hash(t.Context(), "Passw0rd!"); err != nil {
		t.Fatal(err)
	}
	helper, here := idleHelpers.idle[0].cmd.Process.Pid, os.Getpid()
	for _, p := range priorities(t, helper) {
		if p != "nice 19, policy 5" {
			t.Errorf("a thread of a helper has %s, want nice 19, policy 5 (SCHED_IDLE)", p)
		}
	}
	// The thread that has started the helper ends on its own time.
	for began := time.Now(); slices.Contains(priorities(t, here), "nice 19, policy 5"); time.Sleep(time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			t.Fatal("a thread of this process keeps the priority of a helper")
		}
	}
}

// priorities are those of a process's threads.
// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
func priorities(t *testing.T, pid int) (all []string) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil || len(threads) == 0 {
		t.Fatalf("%d threads: %v", len(threads), err)
	}
	for _, name := range threads {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(text), ") ") // from field 3 on
		fields := strings.Fields(rest)
		all = append(all, fmt.Sprintf("nice %s, policy %s", fields[19-3], fields[41-3]))
	}
	return all
}
