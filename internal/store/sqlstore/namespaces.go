package sqlstore

import (
	"sync"

	"rollcall/internal/store"
)

// namespaceColumns are what namespace reads.
const (
	namespaceColumns = "n.id, n.account_id, n.name, n.directory_id, n.created_at"
	namespaceWidth   = 5
)

// namespace reads a namespace from the columns that begin at col.
func namespace(s *stmt, col int) store.Namespace {
	return store.Namespace{
		ID:          s.ColumnInt64(col),
		AccountID:   s.ColumnText(col + 1),
		Name:        s.ColumnText(col + 2),
		DirectoryID: s.ColumnText(col + 3),
		CreatedAt:   s.time(col + 4),
	}
}

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
	err = t.one(store.RecordNamespace, "SELECT "+namespaceColumns+" FROM namespaces n WHERE n.account_id = $1 AND n.name = $2",
		func(s *stmt) error {
			n = namespace(s, 0)
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
