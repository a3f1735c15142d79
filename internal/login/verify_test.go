package login

import (
	"context"
	"strings"
	"testing"
)

func TestVerify(t *testing.T) {
	h := NewHasher()
	stored, err := h.Hash(t.Context(), "Correct-horse-7")
	if err != nil {
		t.Fatal(err)
	}
	weak := WeakHash("Correct-horse-7")
	for name, tt := range map[string]struct {
		password, stored string
		ok, outdated     bool
	}{
		"Right":           {"Correct-horse-7", stored, true, false},
		"Wrong":           {"correct-horse-7", stored, false, false},
		"Empty":           {"", stored, false, false},
		"OldCost":         {"Correct-horse-7", weak, true, true},
		"WrongAtOldCost":  {"Correct-horse-8", weak, false, false},
		"NoHash":          {"Correct-horse-7", "", false, false},
		"OtherAlgorithm":  {"Correct-horse-7", strings.Replace(stored, "argon2id", "argon2i", 1), false, false},
		"OtherVersion":    {"Correct-horse-7", strings.Replace(stored, "v=19", "v=16", 1), false, false},
		"TooCostly":       {"Correct-horse-7", strings.Replace(stored, "m=19456", "m=99999999", 1), false, false},
		"ShortKey":        {"Correct-horse-7", stored[:len(stored)-40], false, false},
		"NotAHash":        {"Correct-horse-7", "Correct-horse-7", false, false},
		"TooManyElements": {"Correct-horse-7", stored + "$", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			ok, outdated, err := h.Verify(t.Context(), tt.password, tt.stored)
			if ok != tt.ok || outdated != tt.outdated || err != nil {
				t.Errorf("ok %t, outdated %t, %v", ok, outdated, err)
			}
		})
	}
}

func TestVerifyEndsWithItsContext(t *testing.T) {
	h := NewHasher()
	for range cap(h.running) {
		h.running <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if ok, _, err := h.Verify(ctx, "x", ""); ok || err != context.Canceled {
		t.Errorf("%t %v", ok, err)
	}
}
