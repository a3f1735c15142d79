package login

import (
	"fmt"
	"testing"
	"time"
)

// clock is a clock that stands still.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newLimiter() (*Limiter, *clock) {
	c := &clock{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	return NewLimiter(c.now), c
}

// tries is how many of n failing tries are let through.
func tries(l *Limiter, n int, user, address string) (let int) {
	for range n {
		if l.Try(user, address) {
			l.Failed(user, address)
			let++
		}
	}
	return let
}

func TestManyAtOnceAreMany(t *testing.T) {
	l, _ := newLimiter()
	let := 0
	for range 20 {
		if l.Try("ana", "203.0.113.7") {
			let++
		}
	}
	if let != maxOfPair {
		t.Errorf("%d tries are under way at once, want %d", let, maxOfPair)
	}
}

func TestOverloadLocksNobodyOut(t *testing.T) {
	l, _ := newLimiter()
	for range 200 {
		if !l.Try("ana", "203.0.113.7") {
			t.Fatal("locked out by tries that nobody has looked at")
		}
		l.TakeBack("ana", "203.0.113.7")
	}
	if len(l.failures) != 0 {
		t.Errorf("%d entries are kept", len(l.failures))
	}
}

// A day in an office behind one address: a slip now and then, and sign-ins all
// the time.
func TestSignInsDoNotKeepFailuresAlive(t *testing.T) {
	l, c := newLimiter()
	for minute := range 48 * 60 {
		c.at = c.at.Add(time.Minute)
		user := fmt.Sprint("user", minute%40)
		if !l.Try(user, "203.0.113.7") {
			t.Fatalf("locked out in minute %d", minute)
		}
		if minute%30 == 0 {
			l.Failed(user, "203.0.113.7")
		} else {
			l.Succeeded(user, "203.0.113.7")
		}
	}
}

// Somebody slips all the time where many work, and never twice.
func TestSlipsOfManyLockNobodyOut(t *testing.T) {
	l, c := newLimiter()
	for i := range 500 {
		c.at = c.at.Add(time.Minute)
		user := fmt.Sprint("user", i)
		if tries(l, 1, user, "203.0.113.7") != 1 {
			t.Fatalf("locked out after %d slips", i)
		}
		l.Try(user, "203.0.113.7")
		l.Succeeded(user, "203.0.113.7")
	}
	if let := tries(l, 100, "x", "203.0.113.7"); let != maxOfPair {
		t.Errorf("%d tries were let through, want %d", let, maxOfPair)
	}
}

func TestGuessingLocksTheGuesserOut(t *testing.T) {
	l, c := newLimiter()
	if let := tries(l, 20, "ana", "203.0.113.7"); let != maxOfPair {
		t.Errorf("%d tries were let through, want %d", let, maxOfPair)
	}
	for who, at := range map[string][2]string{
		"from elsewhere": {"ana", "198.51.100.1"}, "somebody else from there": {"ben", "203.0.113.7"},
	} {
		if tries(l, 1, at[0], at[1]) != 1 {
			t.Errorf("%s: locked out", who)
		}
	}
	c.at = c.at.Add(forgetAfter - time.Second)
	if l.Try("ana", "203.0.113.7") {
		t.Error("it is forgotten too soon")
	}
	c.at = c.at.Add(forgetAfter)
	if !l.Try("ana", "203.0.113.7") {
		t.Error("it is never forgotten")
	}
}

func TestOneNetworkTriesSoManyUsers(t *testing.T) {
	l, _ := newLimiter()
	let := 0
	for i := range 100 {
		let += tries(l, 1, fmt.Sprint("user", i), fmt.Sprintf("2001:db8::%x", i))
	}
	if let != maxOfNetwork {
		t.Errorf("%d tries were let through, want %d", let, maxOfNetwork)
	}
}

// Guessing from everywhere keeps strangers away from a user, and not himself.
func TestNobodyIsLockedOutWhereHeIsKnown(t *testing.T) {
	l, _ := newLimiter()
	l.Try("ana", "192.0.2.1")
	l.Succeeded("ana", "192.0.2.1")
	let := 0
	for i := range 200 {
		let += tries(l, 1, "ana", fmt.Sprintf("198.51.100.%d", i))
	}
	if let != maxOfUser {
		t.Errorf("%d tries from everywhere were let through, want %d", let, maxOfUser)
	}
	if l.Try("ana", "203.0.113.7") {
		t.Error("a stranger is let through")
	}
	if !l.Try("ana", "192.0.2.1") {
		t.Error("she is locked out at home")
	}
}

func TestSuccessTakesItsTryBack(t *testing.T) {
	l, _ := newLimiter()
	for range 200 {
		if !l.Try("ana", "203.0.113.7") {
			t.Fatal("locked out by signing in")
		}
		l.Succeeded("ana", "203.0.113.7")
	}
}

func TestMemoryOfFailuresIsBounded(t *testing.T) {
	l, _ := newLimiter()
	for i := range maxTracked {
		tries(l, 1, fmt.Sprint("user", i), fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255))
	}
	if n := len(l.failures); n > maxTracked+3 {
		t.Errorf("%d entries are kept", n)
	}
}
