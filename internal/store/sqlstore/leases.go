package sqlstore

import (
	"time"

	"rollcall/internal/store"
)

func (t *tx) Lease(name, owner string, until time.Time) (bool, error) {
	n, err := t.write(store.RecordLease, `
		INSERT INTO leases (name, owner, until) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
		WHERE leases.owner = excluded.owner OR leases.until <= $4`, name, owner, until, t.now)
	return n > 0, err
}
