package access

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"rollcall/internal/policy"
	"rollcall/internal/store"
)

// Denied is a refusal by IAM.
type Denied struct {
	ARN      string // of the caller; "": who is nobody in IAM
	Action   string
	Resource string
	Reason   string // "because …" or "with …"; "": AWS gives none
	Explicit bool   // by a statement that denies

	// Policy and Statement decided, where one did: for the log.
	Policy, Statement string
}

// Error is AWS's text.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func (d *Denied) Error() string {
	if d.ARN == "" {
		return "Not authorized to perform " + d.Action
	}
	text := fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s", d.ARN, d.Action, d.Resource)
	if d.Reason != "" {
		text += " " + d.Reason
	}
	return text
}

// Refuse is the refusal of a call by something else than a policy.
func Refuse(c *Caller, call *Call) *Denied {
	d := &Denied{ARN: c.ARN, Action: call.Action, Resource: call.Resource}
	if c.federation != nil {
		d.ARN = "" // which is the provider's
	}
	return d
}

// Why names the policy and the statement that an error comes from, for the log;
// "" for none. Callers are not told.
func Why(err error) string {
	var d *Denied
	if !errors.As(err, &d) {
		return ""
	}
	return strings.TrimSpace(d.Policy + " " + d.Statement)
}

// verdict is what a standing was found to allow.
type verdict struct {
	standing *standing
	err      error
}

// foresee decides about a call before its transaction, where nobody has to
// wait for it. The verdict holds if the caller has the same standing then; nil
// is none.
func (g *Guard) foresee(c *Caller, call Call) *verdict {
	s, ok := g.standings.get(c.AccessKeyID)
	if !ok || call.Find != nil {
		return nil
	}
	return &verdict{s, call.decide(c, s)}
}

// authorize says whether the caller may make a call, in the call's own
// transaction.
func (g *Guard) authorize(r store.Reader, c *Caller, call *Call, early *verdict) error {
	s, err := g.standing(r, c)
	if err != nil {
		return err
	}
	c.Identity = s.identity // as it is now, for the record
	if early != nil && early.standing == s {
		err = early.err
	} else {
		if call.Find != nil {
			if err := call.Find(r, call); err != nil {
				return err
			}
			c.subject = call.Subject
		}
		err = call.decide(c, s)
	}
	if err == nil {
		err = call.Invalid
	}
	return err
}

// decide is the decision of IAM about a call.
func (call *Call) decide(c *Caller, s *standing) error {
	switch {
	case c.federation != nil:
		return decideFederated(c, s, call)
	case call.Free:
		return nil
	case call.Assume:
		return decideTrust(c, s, call)
	case call.Open:
		return decideOpen(c, s, call)
	}
	return decide(c, s, call)
}

// decideOpen is decide where nothing has to allow.
func decideOpen(c *Caller, s *standing, call *Call) error {
	var d *Denied
	if err := decide(c, s, call); s.powerless || !errors.As(err, &d) || d.Explicit {
		return err
	}
	return nil
}

// ofIAM says whether an action is about IAM: also one of rollcall's own that
// says whose word is taken for who somebody is.
func ofIAM(action string) bool {
	return strings.HasPrefix(action, "iam:") || strings.HasPrefix(action, "rollcall:") && strings.Contains(action, "IdentityProvider")
}

// decide is that of most calls: the caller's own policies must allow, and for
// another account's resource a policy there would have to as well, which no
// resource here has.
func decide(c *Caller, s *standing, call *Call) error {
	if s.powerless || s.withoutIAM && ofIAM(call.Action) {
		return &Denied{ARN: s.name(), Action: call.Action, Resource: call.Resource}
	}
	if s.policies != nil {
		d := policy.Evaluate(s.policies, policyRequest(c, s, call.Action, call.Resource, call.Keys))
		if !d.Allowed {
			return &Denied{ARN: s.identity.ARN, Action: call.Action, Resource: call.Resource,
				Reason: d.Reason(call.Action), Explicit: d.Explicit, Policy: d.Policy, Statement: d.Statement}
		}
	}
	if call.AccountID != c.Account.ID {
		return &Denied{ARN: s.name(), Action: call.Action, Resource: call.Resource,
			Reason: "because no resource-based policy allows the " + call.Action + " action"}
	}
	return nil
}

// name is what refusals call the caller: users of QuickSight have no ARN of
// their own to call by.
func (s *standing) name() string { return cmp.Or(s.identity.ARN, s.identity.UserID) }

func policyRequest(c *Caller, s *standing, action, resource string, keys map[string][]string) *policy.Request {
	return &policy.Request{
		Action:   action,
		Resource: resource,
		Context:  (&conditions{c, s, keys}).values,
		Principal: policy.Principal{
			Account:  c.Account.ID,
			ARN:      s.identity.ARN,
			RoleARN:  s.identity.RoleARN,
			UniqueID: uniqueID(s.identity.UserID),
		},
	}
}
