package login_test

import (
	"testing"

	"rollcall/internal/login"
)

// BenchmarkVerify is the work of a sign-in, beside which nothing else counts.
func BenchmarkVerify(b *testing.B) {
	h := login.NewHasher()
	hash, err := h.Hash(b.Context(), password)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if ok, _, err := h.Verify(b.Context(), password, hash); !ok || err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSignIn is a whole one: the goal is nine tenths of that rate.
func BenchmarkSignIn(b *testing.B) {
	k := newKit(b)
	for b.Loop() {
		if _, err := k.SignIn(b.Context(), k.attempt(password)); err != nil {
			b.Fatal(err)
		}
	}
}
