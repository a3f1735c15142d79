package login

import (
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// TestMain lets this program be a helper, while tests that do not ask for
// helpers do without.
func TestMain(m *testing.M) {
	HashApart()
	apart = false
	m.Run()
}

func newApartHasher() *Hasher {
	h := NewHasher()
	h.apart = true
	return h
}

func TestHashApart(t *testing.T) {
	stored, err := newApartHasher().Hash(t.Context(), "Correct-horse-7")
	if err != nil {
		t.Fatal(err)
	}
	if len(idleHelpers.idle) == 0 {
		t.Error("no helper has computed the hash")
	}
	weak := WeakHash("Correct-horse-7")
	for name, tt := range map[string]struct {
		hasher           *Hasher
		password, stored string
		ok               bool
	}{
		"Right":          {newApartHasher(), "Correct-horse-7", stored, true},
		"Wrong":          {newApartHasher(), "correct-horse-7", stored, false},
		"NoPassword":     {newApartHasher(), "", stored, false},
		"NoUTF8":         {newApartHasher(), "\xff\n\x00", stored, false},
		"NoHash":         {newApartHasher(), "Correct-horse-7", "", false},
		"OldCost":        {newApartHasher(), "Correct-horse-7", weak, true},
		"WrongAtOldCost": {newApartHasher(), "Correct-horse-8", weak, false},
		"RightHere":      {NewHasher(), "Correct-horse-7", stored, true},
	} {
		t.Run(name, func(t *testing.T) {
			if ok, _, err := tt.hasher.Verify(t.Context(), tt.password, tt.stored); ok != tt.ok || err != nil {
				t.Errorf("ok %t, %v", ok, err)
			}
		})
	}
}

func TestHashersShareHelpers(t *testing.T) {
	for range 3 {
		if _, err := newApartHasher().Hash(t.Context(), "Passw0rd!"); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(idleHelpers.idle); n != 1 {
		t.Errorf("%d helpers for one hash after the other, want 1", n)
	}
}

func TestHasherOutlivesItsHelper(t *testing.T) {
	h := newApartHasher()
	stored, err := h.Hash(t.Context(), "Passw0rd!")
	if err != nil {
		t.Fatal(err)
	}
	_ = idleHelpers.idle[0].cmd.Process.Kill()
	for range 2 { // without a helper, then with a new one
		if ok, _, err := h.Verify(t.Context(), "Passw0rd!", stored); !ok || err != nil {
			t.Errorf("after the helper has been killed: %t, %v", ok, err)
		}
	}
	if n := len(idleHelpers.idle); n != 1 {
		t.Errorf("%d helpers, want a new one", n)
	}
}

func TestHasherWaitsForNoHelperThatStands(t *testing.T) {
	h := newApartHasher()
	stored, err := h.Hash(t.Context(), "Passw0rd!")
	if err != nil || len(idleHelpers.idle) == 0 {
		t.Fatalf("%d helpers, %v", len(idleHelpers.idle), err)
	}
	last := idleHelpers.idle[len(idleHelpers.idle)-1]
	if err := last.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	defer func(d time.Duration) { patience = d }(patience)
	patience = 200 * time.Millisecond
	if ok, _, err := h.Verify(t.Context(), "Passw0rd!", stored); !ok || err != nil {
		t.Errorf("after the helper has been stopped: %t, %v", ok, err)
	}
}

func TestHelperEndsWithItsInput(t *testing.T) {
	h, err := startHelper()
	if err != nil {
		t.Fatal(err)
	}
	if key, err := h.compute(&task{Passes: 1, Memory: 64, Lanes: 1, Size: 16}); len(key) != 16 || err != nil {
		t.Errorf("%x, %v", key, err)
	}
	_ = h.cmd.Process.Signal(os.Interrupt) // which is meant for the server
	if key, err := h.compute(&task{Passes: 1, Memory: 64, Lanes: 1, Size: 16}); len(key) != 16 || err != nil {
		t.Errorf("after a signal: %x, %v", key, err)
	}
	h.input.Close()
	if err := h.cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func TestHelpRefusesNonsense(t *testing.T) {
	if err := help(strings.NewReader("}"), io.Discard); err == nil {
		t.Error("a helper has computed nonsense")
	}
}

func TestHasherLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			h           = NewHasher()
			all         sync.WaitGroup
			now, at, ok atomic.Int64
		)
		for range cap(h.waiting) {
			all.Go(func() {
				err := h.run(t.Context(), func() {
					at.Store(max(at.Load(), now.Add(1)))
					time.Sleep(time.Second)
					now.Add(-1)
				})
				if err == nil {
					ok.Add(1)
				}
			})
		}
		all.Wait()
		if int(at.Load()) != cap(h.running) || int(ok.Load()) != cap(h.waiting) {
			t.Errorf("%d hashes, up to %d at a time, want %d and %d", ok.Load(), at.Load(), cap(h.waiting), cap(h.running))
		}
	})
}
