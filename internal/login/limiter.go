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

// failures are those that count, and the tries that are under way, which count
// like failures until it is known what they are: many at once are many.
type failures struct {
	n       float64
	last    time.Time // of the failures
	pending int
}

// limit is how many failures lock, and how they are forgotten: all at once when
// there has been none for a while, or a bit all the time. The slips of many
// people in one network go on all day.
type limit struct {
	most  float64
	fades bool
}

var (
	ofPair    = limit{maxOfPair, false}
	ofNetwork = limit{maxOfNetwork, true}
	ofUser    = limit{maxOfUser, true}
)

// left are the failures that still count after a time without another.
func (l limit) left(n float64, since time.Duration) float64 {
	switch {
	case since >= forgetAfter:
		return 0
	case l.fades:
		return max(0, n-l.most*since.Seconds()/forgetAfter.Seconds())
	}
	return n
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

// counted is a name with its limit.
type counted struct {
	digest
	limit
}

func (a attempt) all() [3]counted {
	return [...]counted{{a.pair, ofPair}, {a.network, ofNetwork}, {a.user, ofUser}}
}

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
	for _, c := range a.all() {
		if l.full(c) && (c.digest != a.user || l.now().Sub(l.known[a.pair]) >= knownFor) {
			return false
		}
	}
	for _, c := range a.all() {
		l.makeRoom()
		f := l.failures[c.digest]
		f.pending++
		l.failures[c.digest] = f
	}
	return true
}

// full says whether there is no room for another failure, when all tries under
// way are some.
func (l *Limiter) full(c counted) bool {
	f := l.failures[c.digest]
	return c.left(f.n, l.now().Sub(f.last))+float64(f.pending) > c.most-1
}

func (l *Limiter) forgotten(f failures) bool { return l.now().Sub(f.last) >= forgetAfter }

// Failed makes a failure of a try.
func (l *Limiter) Failed(user, address string) {
	l.end(user, address, func(_ attempt, c counted, f failures) failures {
		f.n, f.last = c.left(f.n, l.now().Sub(f.last))+1, l.now()
		return f
	})
}

// Succeeded forgets the failures of the user from that network, and knows the
// two together from now on.
func (l *Limiter) Succeeded(user, address string) {
	l.end(user, address, func(a attempt, c counted, f failures) failures {
		if c.digest == a.pair {
			f.n = 0
			l.remember(a)
		}
		return f
	})
}

// TakeBack is for a try of which nobody knows what it would have been.
func (l *Limiter) TakeBack(user, address string) {
	l.end(user, address, func(_ attempt, _ counted, f failures) failures { return f })
}

// end ends a try under each of its names.
func (l *Limiter) end(user, address string, change func(attempt, counted, failures) failures) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := newAttempt(user, address)
	for _, c := range a.all() {
		f := l.failures[c.digest]
		f.pending = max(0, f.pending-1)
		if f = change(a, c, f); f.n == 0 && f.pending == 0 {
			delete(l.failures, c.digest)
		} else {
			l.failures[c.digest] = f
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
