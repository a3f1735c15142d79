package login

import (
	"crypto/sha256"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Limits of failed sign-ins. What is counted is forgotten after a while without
// another failure.
const (
	maxOfPair    = 5  // of one user from one network
	maxOfNetwork = 30 // from one network, whomever it tries
	maxOfUser    = 50 // of one user from everywhere: then only networks that he has signed in from
	forgetAfter  = 15 * time.Minute
	maxTracked   = 100_000 // entries in memory
	knownFor     = 30 * 24 * time.Hour
)

// Limiter slows down those who guess passwords. It counts failures of a user
// from a network, which is what locks: somebody who guesses locks himself out
// and nobody else. Guessing from very many networks locks a user for those that
// he has never signed in from. It keeps all in memory.
type Limiter struct {
	now func() time.Time

	mu       sync.Mutex
	failures map[digest]failures
	known    map[digest]time.Time // user and network → last sign-in
}

// failures are those in a row, and the tries that are under way, which count
// like failures until it is known what they are: many at once are many.
type failures struct {
	n       int
	last    time.Time // of the failures
	pending int
}

// NewLimiter makes a Limiter.
func NewLimiter(now func() time.Time) *Limiter {
	return &Limiter{now: now, failures: map[digest]failures{}, known: map[digest]time.Time{}}
}

// network is the part of an address that somebody has for himself.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	bits := 32
	if ip = ip.Unmap(); ip.Is6() {
		bits = 64
	}
	prefix, _ := ip.WithZone("").Prefix(bits) // never more than the address has
	return prefix.String()
}

// digest is the hash of a name.
type digest [sha256.Size]byte

// attempt are the names under which failures count, hashed: whoever tries
// chooses how long his are.
type attempt struct{ pair, network, user digest }

func (a attempt) all() [3]digest { return [...]digest{a.pair, a.network, a.user} }

func newAttempt(user, address string) attempt {
	n := network(address)
	name := func(parts ...string) digest { return sha256.Sum256([]byte(strings.Join(parts, "\x00"))) }
	return attempt{pair: name("pair", n, user), network: name("network", n), user: name("user", user)}
}

// Try says whether a password may be tried now. Who may has to say what came of
// it: Failed, Succeeded, or TakeBack.
func (l *Limiter) Try(user, address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := newAttempt(user, address)
	if l.count(a.pair) >= maxOfPair || l.count(a.network) >= maxOfNetwork {
		return false
	}
	if l.count(a.user) >= maxOfUser && l.now().Sub(l.known[a.pair]) >= knownFor {
		return false
	}
	for _, name := range a.all() {
		l.makeRoom()
		f := l.failures[name]
		f.pending++
		l.failures[name] = f
	}
	return true
}

// count is how many failures there are, and tries under way.
func (l *Limiter) count(name digest) int {
	f := l.failures[name]
	if l.forgotten(f) {
		return f.pending
	}
	return f.n + f.pending
}

func (l *Limiter) forgotten(f failures) bool { return l.now().Sub(f.last) >= forgetAfter }

// Failed makes a failure of a try.
func (l *Limiter) Failed(user, address string) {
	l.end(user, address, func(_ attempt, _ digest, f failures) failures {
		if l.forgotten(f) {
			f.n = 0
		}
		f.n, f.last = f.n+1, l.now()
		return f
	})
}

// Succeeded forgets the failures of the user from that network, and knows the
// two together from now on.
func (l *Limiter) Succeeded(user, address string) {
	l.end(user, address, func(a attempt, name digest, f failures) failures {
		if name == a.pair {
			f.n = 0
			l.remember(a)
		}
		return f
	})
}

// TakeBack is for a try of which nobody knows what it would have been.
func (l *Limiter) TakeBack(user, address string) {
	l.end(user, address, func(_ attempt, _ digest, f failures) failures { return f })
}

// end ends a try under each of its names.
func (l *Limiter) end(user, address string, change func(attempt, digest, failures) failures) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := newAttempt(user, address)
	for _, name := range a.all() {
		f := l.failures[name]
		f.pending = max(0, f.pending-1)
		if f = change(a, name, f); f.n == 0 && f.pending == 0 {
			delete(l.failures, name)
		} else {
			l.failures[name] = f
		}
	}
}

// remember knows a user and a network together.
func (l *Limiter) remember(a attempt) {
	if len(l.known) >= maxTracked {
		for name, last := range l.known {
			if l.now().Sub(last) >= knownFor || len(l.known) >= maxTracked*9/10 {
				delete(l.known, name)
			}
		}
	}
	l.known[a.pair] = l.now()
}

// makeRoom throws out what has been forgotten, and where that is not enough a
// tenth of the rest.
func (l *Limiter) makeRoom() {
	if len(l.failures) < maxTracked {
		return
	}
	for name, f := range l.failures {
		if f.pending == 0 && l.forgotten(f) {
			delete(l.failures, name)
		}
	}
	for name, f := range l.failures {
		if len(l.failures) < maxTracked*9/10 {
			return
		}
		if f.pending == 0 {
			delete(l.failures, name)
		}
	}
}
