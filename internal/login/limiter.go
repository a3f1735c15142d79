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

// failures are those in a row.
type failures struct {
	n    int
	last time.Time
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

func newAttempt(user, address string) attempt {
	n := network(address)
	name := func(parts ...string) digest { return sha256.Sum256([]byte(strings.Join(parts, "\x00"))) }
	return attempt{pair: name("pair", n, user), network: name("network", n), user: name("user", user)}
}

// Try says whether a password may be tried now, and counts it as a failure
// until Succeeded says otherwise: many tries at once are many.
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
	for _, name := range []digest{a.pair, a.network, a.user} {
		l.makeRoom()
		l.failures[name] = failures{l.count(name) + 1, l.now()}
	}
	return true
}

func (l *Limiter) count(name digest) int {
	f, ok := l.failures[name]
	if !ok || l.now().Sub(f.last) >= forgetAfter {
		return 0
	}
	return f.n
}

// Succeeded takes the last try back, forgets the failures of the user from that
// network, and knows the two together from now on.
func (l *Limiter) Succeeded(user, address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := newAttempt(user, address)
	delete(l.failures, a.pair)
	for _, name := range []digest{a.network, a.user} {
		if f := l.failures[name]; f.n > 0 {
			l.failures[name] = failures{f.n - 1, f.last}
		}
	}
	if len(l.known) >= maxTracked {
		clear(l.known)
	}
	l.known[a.pair] = l.now()
}

// makeRoom throws out what has been forgotten, and where that is not enough a
// tenth of the rest.
func (l *Limiter) makeRoom() {
	if len(l.failures) < maxTracked {
		return
	}
	for name := range l.failures {
		if l.count(name) == 0 {
			delete(l.failures, name)
		}
	}
	for name := range l.failures {
		if len(l.failures) < maxTracked*9/10 {
			return
		}
		delete(l.failures, name)
	}
}
