package store

import "time"

// CustomPermissions is a custom permissions profile.
type CustomPermissions struct {
	ID           int64 // given by the store, growing with time
	AccountID    string
	Name         string
	Capabilities map[string]string // capability → ALLOW or DENY
	Governance   map[string]string // category → effect; nil: never set
	Tags         Tags
	CreatedAt    time.Time
}

// CustomPermissionsReader reads profiles.
type CustomPermissionsReader interface {
	CustomPermissions(accountID, name string) (CustomPermissions, error)
	// CustomPermissionsPage lists up to limit profiles of an account whose ID
	// is greater than after, in the order of their making.
	CustomPermissionsPage(accountID string, after int64, limit int) ([]CustomPermissions, error)
}

// CustomPermissionsWriter changes profiles. Names are unique in an account.
type CustomPermissionsWriter interface {
	CreateCustomPermissions(CustomPermissions) error
	// UpdateCustomPermissions replaces capabilities and governance of the
	// profile with that ID.
	UpdateCustomPermissions(CustomPermissions) error
	// DeleteCustomPermissions ends in ErrConflict while a user has it.
	DeleteCustomPermissions(id int64) error
}

// Tags are a resource's tags by their keys; nil and empty mean the same.
type Tags map[string]string
