package login

import (
	"sync"

	"golang.org/x/time/rate"
)

// paces bounds how fast something is begun, from each network and from all
// together: one that is too fast does not slow down others.
type paces struct {
	all *rate.Limiter

	mu   sync.Mutex
	each map[string]*rate.Limiter // by network
}

const (
	allRate, allBurst   = 200, 1000 // in a second, and at once
	eachRate, eachBurst = 2, 50
)

func newPaces() *paces {
	return &paces{all: rate.NewLimiter(allRate, allBurst), each: map[string]*rate.Limiter{}}
}

// allow says whether an address may begin one more.
func (p *paces) allow(address string) bool {
	name := network(address)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.each) >= maxTracked {
		clear(p.each) // who was fast has a burst again, and no more
	}
	if p.each[name] == nil {
		p.each[name] = rate.NewLimiter(eachRate, eachBurst)
	}
	return p.each[name].Allow() && p.all.Allow()
}
