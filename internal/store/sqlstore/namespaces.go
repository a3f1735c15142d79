package sqlstore

import (
	"sync"

	"rollcall/internal/store"
)

// namespaces are those that were found, each with the epoch that it is of:
// nearly every request needs one, and they hardly ever change.
type namespaces struct{ found sync.Map }

type namespaceKey struct{ accountID, name string }

type namespaceOf struct {
	epoch     int64
	namespace store.Namespace
}

func (n *namespaces) get(key namespaceKey, epoch int64) (store.Namespace, bool) {
	found, ok := n.found.Load(key)
	if !ok || epoch == 0 || found.(namespaceOf).epoch != epoch {
		return store.Namespace{}, false
	}
	return found.(namespaceOf).namespace, true
}

func (t *tx) Namespace(accountID, name string) (store.Namespace, error) {
	key := namespaceKey{accountID, name}
	if n, ok := t.namespaces.get(key, t.Epoch()); ok {
		return n, t.failed
	}
	n, err := t.readNamespace(accountID, name)
	if epoch := t.Epoch(); err == nil && epoch != 0 {
		t.namespaces.found.Store(key, namespaceOf{epoch, n})
	}
	return n, err
}

func (t *tx) readNamespace(accountID, name string) (n store.Namespace, err error) {
	err = t.one(store.RecordNamespace, `
		SELECT id, directory_id, created_at FROM namespaces WHERE account_id = $1 AND name = $2`,
		func(s *stmt) error {
			n = store.Namespace{
				ID:          s.ColumnInt64(0),
				AccountID:   accountID,
				Name:        name,
				DirectoryID: s.ColumnText(1),
				CreatedAt:   s.time(2),
			}
			return nil
		}, accountID, name)
	return n, err
}

func (t *tx) CreateNamespace(n store.Namespace) (store.Namespace, error) {
	err := t.writeOne(store.ErrExists, store.RecordNamespace,
		"INSERT INTO namespaces (account_id, name, directory_id, created_at) VALUES ($1, $2, $3, $4)",
		n.AccountID, n.Name, n.DirectoryID, n.CreatedAt)
	if err != nil {
		return n, err
	}
	return t.Namespace(n.AccountID, n.Name)
}
