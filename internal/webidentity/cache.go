package webidentity

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// How long documents are kept, and how often providers are asked.
const (
	fresh      = time.Hour        // until then a document is used without asking
	stale      = 24 * time.Hour   // until then it is used when the provider fails
	again      = time.Minute      // between askings, while there is a document
	retry      = 10 * time.Second // between askings, while there is none
	maxEntries = 256
)

// cache keeps documents of providers by where they come from. Who asks for the
// same at the same time shares one fetch.
type cache[T any] struct {
	now     func() time.Time
	fetch   func(ctx context.Context, from string) (*T, error)
	flights singleflight.Group
	doubts  singleflight.Group // flights of newer, which are due at other times

	mu      sync.Mutex
	entries map[string]entry[T]
}

// entry is what is known of a document.
type entry[T any] struct {
	value   *T        // nil for never; does not change
	at      time.Time // of the value
	err     error     // of the last fetch, nil if it went well
	tried   time.Time // the last fetch
	doubted time.Time // the last fetch because the value did not do
}

func newCache[T any](now func() time.Time, fetch func(context.Context, string) (*T, error)) *cache[T] {
	return &cache[T]{now: now, fetch: fetch, entries: make(map[string]entry[T])}
}

// get gives a document that is as new as it has to be.
func (c *cache[T]) get(ctx context.Context, from string) (*T, error) {
	e := c.entry(from)
	if c.due(e) {
		var err error
		if e, err = c.update(ctx, from, c.due, false); err != nil {
			return nil, err
		}
	}
	if c.usable(e) {
		return e.value, nil
	}
	return nil, e.err
}

func (c *cache[T]) usable(e entry[T]) bool {
	return e.value != nil && c.now().Sub(e.at) < stale
}

// due tells whether the provider has to be asked.
func (c *cache[T]) due(e entry[T]) bool {
	if e.value != nil && c.now().Sub(e.at) < fresh {
		return false
	}
	pause := retry
	if c.usable(e) {
		pause = again
	}
	return e.err == nil || c.now().Sub(e.tried) >= pause
}

// newer gives a document other than one that did not do, nil if there is none.
// It asks once a minute, whatever for: anybody can send tokens without end that
// no key fits.
func (c *cache[T]) newer(ctx context.Context, from string, than *T) *T {
	due := func(e entry[T]) bool { return e.value == than && c.now().Sub(e.doubted) >= again }
	e := c.entry(from)
	if due(e) {
		e, _ = c.update(ctx, from, due, true)
	}
	if e.value == than {
		return nil
	}
	return e.value
}

// update fetches a document if that is still due, on behalf of all who ask
// meanwhile: when one of them goes away, the fetch goes on.
func (c *cache[T]) update(ctx context.Context, from string, due func(entry[T]) bool, doubt bool) (entry[T], error) {
	flights := &c.flights
	if doubt {
		flights = &c.doubts
	}
	flight := flights.DoChan(from, func() (any, error) {
		e := c.entry(from)
		if !due(e) {
			return e, nil
		}
		value, err := c.fetch(context.WithoutCancel(ctx), from)
		return c.record(from, value, err, doubt), nil
	})
	select {
	case <-ctx.Done():
		return entry[T]{}, ctx.Err()
	case done := <-flight:
		return done.Val.(entry[T]), nil
	}
}

func (c *cache[T]) entry(from string) entry[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entries[from]
}

// record keeps what came of a fetch.
func (c *cache[T]) record(from string, value *T, err error, doubt bool) entry[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[from]
	e.tried, e.err = c.now(), nil
	if doubt {
		e.doubted = e.tried
	}
	switch {
	case err == nil:
		e.value, e.at = value, e.tried
	case errors.Is(err, ErrDiscovery):
		e.value, e.err = nil, err // it is up, and not whom it was
	default:
		e.err = blame(err)
	}
	c.makeRoom(from)
	c.entries[from] = e
	return e
}

// makeRoom throws out what has not been asked for the longest.
func (c *cache[T]) makeRoom(from string) {
	if _, has := c.entries[from]; has || len(c.entries) < maxEntries {
		return
	}
	oldest := from
	for other := range c.entries {
		if oldest == from || c.entries[other].tried.Before(c.entries[oldest].tried) {
			oldest = other
		}
	}
	delete(c.entries, oldest)
}
