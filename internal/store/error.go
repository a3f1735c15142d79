package store

import (
	"errors"
	"fmt"
)

// The kinds of error that a store's verbs end in, for errors.Is.
var (
	ErrNotFound    = errors.New("not found")
	ErrExists      = errors.New("already exists")
	ErrConflict    = errors.New("in use by another record")
	ErrLimit       = errors.New("limit reached")
	ErrUnavailable = errors.New("store unavailable")
)

// Error is a kind of error, of a record where one is to blame.
type Error struct {
	Kind   error  // one of this package's Err values
	Record Record // what was missed, doubled or held; "" for ErrUnavailable
	Err    error  // the database's own words, for the log; may be nil
}

// Record names a kind of record.
type Record string

// The kinds of record that an Error names.
const (
	RecordSetting           Record = "setting"
	RecordAccount           Record = "account"
	RecordAccessKey         Record = "access key"
	RecordNamespace         Record = "namespace"
	RecordIAMIdentity       Record = "IAM identity"
	RecordPrincipal         Record = "IAM principal"
	RecordManagedPolicy     Record = "managed policy"
	RecordOIDCProvider      Record = "OIDC provider"
	RecordAudit             Record = "audit record"
	RecordLease             Record = "lease"
	RecordWebSession        Record = "web session"
	RecordSignIn            Record = "sign-in"
	RecordSigninToken       Record = "sign-in token"
	RecordPasswordReset     Record = "password reset"
	RecordMail              Record = "mail"
	RecordUser              Record = "user"
	RecordCustomPermissions Record = "custom permissions"
	RecordInvitation        Record = "invitation"
)

func (e *Error) Error() string {
	text := e.Kind.Error()
	if e.Record != "" {
		text = fmt.Sprintf("%s: %s", e.Record, text)
	}
	if e.Err != nil {
		text = fmt.Sprintf("%s: %v", text, e.Err)
	}
	return text
}

// Unwrap gives the kind, so that errors.Is(err, ErrNotFound) works, and the
// cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// Missing says whether err means that a record of this kind is not there.
func Missing(err error, record Record) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == ErrNotFound && e.Record == record
}
