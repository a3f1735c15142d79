// Package access decides who a caller is and what he may do: it finds the keys
// that requests are signed with, opens the tokens of sessions, authorizes what
// is asked by the policies of IAM, and leaves a record of what was done.
//
// All verbs go through a Guard, which authorizes in the transaction that reads
// or changes: what was allowed is what was true then.
package access

import (
	"time"

	"rollcall/internal/store"
)

// Identity is who a caller is.
type Identity struct {
	Kind    store.IAMKind
	Name    string // of the user or of the session; "root"
	ARN     string // of a role: of its session
	UserID  string // as in aws:userid and sts:GetCallerIdentity
	RoleARN string // of a role
}

// Caller is who signed a request, and the request itself as far as
// authorization and records go.
type Caller struct {
	Identity
	Account     store.Account
	AccessKeyID string
	Session     *Session // nil: a long-term key
	Request     Request

	browser    *browser    // nil: calls by a key
	federation *Federation // nil: is somebody in IAM
	fixed      bool        // the key is in no store
	token      string      // of the session
	subject    string      // of the record; "": of none
}

// About names the user whom the caller's call is about, for its record, where
// the call itself could not.
func (c *Caller) About(name string) { c.subject = name }

// Request is what is known of a request whatever it asks for.
type Request struct {
	ID         string
	Service    string // that it was signed for
	Operation  string
	Region     string // that it was signed for
	SourceIP   string
	UserAgent  string
	Secure     bool // came over TLS
	Time       time.Time
	Parameters string // of the operation: a JSON object without secrets; "": unknown
}

// Root is the owner of an account, by no key in particular.
func Root(a store.Account) *Caller {
	return &Caller{Identity: rootIdentity(a.ID), Account: a, fixed: true}
}

func rootIdentity(accountID string) Identity {
	return Identity{Kind: store.IAMRoot, Name: "root", ARN: "arn:aws:iam::" + accountID + ":root", UserID: accountID}
}

// PrincipalARN names a user or role of IAM.
func PrincipalARN(p *store.Principal) string {
	return "arn:aws:iam::" + p.AccountID + ":" + string(p.Kind) + p.Path + p.Name
}

// userIdentity is that of an IAM user.
func userIdentity(p *store.Principal) Identity {
	return Identity{Kind: store.IAMUser, Name: p.Name, ARN: PrincipalARN(p), UserID: p.UniqueID}
}
