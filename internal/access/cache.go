package access

import "sync"

// maxCached bounds each cache. One that is full is emptied: what is needed
// comes back at once, and nobody has to keep count of who was here last.
const maxCached = 4096

// cache keeps what was found or made, for all goroutines. The zero value is
// empty.
type cache[K comparable, V any] struct {
	mu    sync.RWMutex
	items map[K]V
	kept  map[K]V // outside the bound
}

func (c *cache[K, V]) get(key K) (V, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	v, ok := c.items[key]
	if !ok {
		v, ok = c.kept[key]
	}
	return v, ok
}

func (c *cache[K, V]) put(key K, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.items == nil || len(c.items) >= maxCached {
		c.items = map[K]V{}
	}
	c.items[key] = v
}

// keep is put for what must not be forgotten.
func (c *cache[K, V]) keep(key K, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[K]V{}
	}
	c.kept[key] = v
}

func (c *cache[K, V]) drop(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.items, key)
}
