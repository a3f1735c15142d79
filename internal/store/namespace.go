package store

import "time"

// Namespace is a set of users whose names are unique in it.
type Namespace struct {
	ID          int64 // given by the store
	AccountID   string
	Name        string
	DirectoryID string // d-…, the middle of its native users' PrincipalId
	CreatedAt   time.Time
}

// NamespaceReader reads namespaces.
type NamespaceReader interface {
	Namespace(accountID, name string) (Namespace, error)
}

// NamespaceWriter adds namespaces.
type NamespaceWriter interface {
	// CreateNamespace adds one and returns it with its ID. Names are unique
	// in an account.
	CreateNamespace(Namespace) (Namespace, error)
}
