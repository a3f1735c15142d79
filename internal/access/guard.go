package access

import (
	"context"
	"encoding/json"

	"rollcall/internal/audit"
	"rollcall/internal/policy"
	"rollcall/internal/store"
)

// Guard is what all verbs go through.
type Guard struct {
	store     store.Store
	keys      *Keys
	audit     *audit.Log
	standings cache[string, *standing] // by access key id
	documents cache[string, *policy.Document]
}

// NewGuard makes a Guard over a store. What is refused goes to the log.
func NewGuard(s store.Store, k *Keys, log *audit.Log) *Guard {
	return &Guard{store: s, keys: k, audit: log}
}

// Call is a use of an operation.
type Call struct {
	Action    string // such as quicksight:RegisterUser
	AccountID string // whom the resource belongs to
	Resource  string // ARN, or "*" for an action on no resource

	// Find fills in Resource and Keys where they are in the store. It runs in
	// the call's transaction, before the caller is authorized: what it finds
	// missing, it leaves as the request names it.
	Find func(store.Reader, *Call) error

	// Keys are the condition keys of the action, such as quicksight:IamArn.
	Keys map[string][]string

	// Free calls need no permission.
	Free bool

	// Open calls need none either, but a statement that denies them counts: by
	// such a one sessions are revoked.
	Open bool

	// Assume makes it a call to assume the role with this trust policy; nil
	// trusts nobody. Also are further actions on the role that it takes, such
	// as sts:TagSession.
	Assume bool
	Trust  *policy.Document
	Also   []string

	// ReadOnly calls change nothing and are recorded all the same.
	ReadOnly bool

	// Invalid is what is wrong with the request itself. Only who may make the
	// call is told.
	Invalid error

	Subject string // name of the user whom the call is about; "": of none
}

// Read authorizes a call and runs fn on the same snapshot. Nil does nothing
// more.
func (g *Guard) Read(ctx context.Context, c *Caller, call Call, fn func(store.Reader) error) error {
	c.subject = call.Subject
	return g.store.View(ctx, func(r store.Reader) error {
		if err := g.authorize(r, c, &call, nil); err != nil || fn == nil {
			return err
		}
		return fn(r)
	})
}

// Change authorizes a call, runs fn and records the call, all in one
// transaction. What fn returns is kept as the answer: a JSON object without
// secrets, or "". What store.Store says of Update's functions goes for fn.
func (g *Guard) Change(ctx context.Context, c *Caller, call Call, fn func(store.Tx) (response string, err error)) error {
	if call.Invalid != nil {
		return g.Read(ctx, c, call, nil)
	}
	c.subject = call.Subject
	early := g.foresee(c, call)
	return g.store.Update(ctx, func(tx store.Tx) error {
		call := call // fn may run again
		if err := g.authorize(tx, c, &call, early); err != nil {
			return err
		}
		response, err := fn(tx)
		if err != nil {
			return err
		}
		return Record(tx, c, &call, response)
	})
}

// Identify says who a caller is now. It needs no permission.
func (g *Guard) Identify(ctx context.Context, c *Caller) (id Identity, err error) {
	err = g.store.View(ctx, func(r store.Reader) error {
		s, err := g.standing(r, c)
		if err == nil {
			id = s.identity
			c.Identity = id
		}
		return err
	})
	return id, err
}

// Keeps says whether there is a record of a call that was no change: one that
// only read, which is denied or not, or one that failed. What IAM denies is
// always kept.
func (g *Guard) Keeps(readOnly, denied bool) bool {
	return !readOnly || denied || g.audit.Reads()
}

// Ended records a call that was no change, by the name and the text of the
// error that was sent; "" for none.
func (g *Guard) Ended(c *Caller, readOnly bool, code, message string) {
	record := newRecord(c, &Call{Action: c.Request.Service + ":" + c.Request.Operation, ReadOnly: readOnly})
	record.ErrorCode, record.ErrorMessage = code, clip(message)
	if record.Subject == "" { // it did not come as far as to a verb
		var about struct{ UserName string }
		_ = json.Unmarshal([]byte(record.Parameters), &about) // "" is no JSON, and has no name
		record.Subject = clip(about.UserName)
	}
	keep(g.audit, c, record)
}
