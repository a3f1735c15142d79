// Package store is the contract between rollcall's rules and the database
// that keeps its records: the records themselves, the transactions that read
// and change them, and the kinds of error these can end in.
//
// It holds no rules (package directory and package login do) and no SQL
// (package sqlstore does). Every implementation passes package storetest.
package store

import (
	"context"
	"time"
)

// Store keeps records durably. It is safe for concurrent use.
type Store interface {
	// View runs fn on a snapshot: all it reads is of one moment. When fn has
	// asked for the Epoch first and that changes before anything is read, the
	// first verb fails, and fn, which must give that error back, runs again.
	View(ctx context.Context, fn func(Reader) error) error

	// Update runs fn in a transaction and returns once its changes would
	// survive a power cut. When fn returns an error, nothing of it is kept
	// and Update returns that error.
	//
	// fn may run more than once and shares its transaction with other
	// callers' functions, so it must have no side effects outside the Tx and
	// do no slow work (no hashing, no network). After a verb that writes has
	// failed, every later verb of that Tx fails the same way.
	Update(ctx context.Context, fn func(Tx) error) error

	// Ready says whether records can be read and written now.
	Ready(ctx context.Context) error

	// Close finishes what was begun and leaves the database in one piece.
	Close() error
}

// Reader reads records. A record that is not there is an *Error of kind
// ErrNotFound that names what was missed.
type Reader interface {
	// Now is the time of the transaction: fixed once, UTC, whole milliseconds.
	Now() time.Time

	// Epoch changes whenever access keys, principals, managed policies or
	// namespaces have changed: what was made of them in a transaction holds
	// in every other of the same epoch. 0 equals no other epoch, not even 0.
	Epoch() int64

	SettingReader
	AccountReader
	NamespaceReader
	CustomPermissionsReader
	UserReader
	InvitationReader
	PrincipalReader
	ManagedPolicyReader
	OIDCProviderReader
	AuditReader
	WebSessionReader
	SignInReader
	MailReader
}

// Tx reads and changes records. What it changed, it reads.
type Tx interface {
	Reader

	SettingWriter
	AccountWriter
	NamespaceWriter
	CustomPermissionsWriter
	IAMIdentityWriter
	UserWriter
	InvitationWriter
	PrincipalWriter
	ManagedPolicyWriter
	OIDCProviderWriter
	AuditWriter
	LeaseWriter
	WebSessionWriter
	SignInWriter
	SigninTokenWriter
	MailWriter
}
