package iam

import (
	"context"
	"errors"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/policy"
	"rollcall/internal/store"
)

// Assumed is a session just made.
type Assumed struct {
	Credentials    access.Credentials
	ID             string // AROA…:name
	ARN            string // of the session
	SourceIdentity string
	Size           int // of what its token has room for, in percent
}

// AssumeRole makes a session of a role.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func (i *IAM) AssumeRole(ctx context.Context, c *access.Caller, n NewSession) (a Assumed, err error) {
	if c.Kind == store.IAMRoot {
		return a, refuse(AccessDenied, "Roles may not be assumed by root accounts.")
	}
	session, invalid := n.session(c)
	if invalid != nil {
		return a, invalid
	}
	return i.assume(ctx, c, &n, session, n.call(c, session, "sts:AssumeRole"))
}

// assume makes a session of a role, if the call for it is allowed.
func (i *IAM) assume(ctx context.Context, c *access.Caller, n *NewSession, session *access.Session, call access.Call) (a Assumed, err error) {
	var role store.Principal
	// The token is made between two transactions, since packing it takes long;
	// the second finds out whether all is still as the first has found it.
	if err := i.guard.Read(ctx, c, call, func(r store.Reader) error {
		role, err = i.assumable(r, c, n)
		return err
	}); err != nil {
		return a, err
	}
	session.Owner = role.UniqueID
	if a.Credentials, a.Size, err = i.newSession(session); err != nil {
		return a, err
	}
	a.ID, a.ARN = role.UniqueID+":"+n.Name, "arn:aws:sts::"+c.Account.ID+":assumed-role/"+role.Name+"/"+n.Name
	a.SourceIdentity = session.SourceIdentity
	return a, i.guard.Change(ctx, c, call, func(tx store.Tx) (string, error) {
		now, err := i.assumable(tx, c, n)
		if err == nil && now.UniqueID != role.UniqueID {
			err = access.Refuse(c, &call)
		}
		return assumedResponse(&a), err
	})
}

// newSession makes the credentials of a session.
func (i *IAM) newSession(s *access.Session) (access.Credentials, int, error) {
	credentials, size, err := i.keys.NewSession(s)
	if errors.Is(err, access.ErrTokenTooLarge) {
		err = refuse(PackedPolicyTooLarge, "Packed size of session tags and policies consumes %d%% of allotted space.", size)
	}
	return credentials, size, err
}

// call is the call that asks for a session.
func (n *NewSession) call(c *access.Caller, s *access.Session, action string) access.Call {
	call := access.Call{
		Action:    action,
		AccountID: c.Account.ID,
		Resource:  n.RoleARN,
		Assume:    true,
		ReadOnly:  true,
		Keys:      access.TagKeys(s.Tags),
		Find:      n.find(c),
	}
	for key, value := range map[string]string{
		"sts:RoleSessionName": n.Name, "sts:ExternalId": n.ExternalID, "sts:SourceIdentity": s.SourceIdentity,
	} {
		if value != "" {
			call.Keys[key] = []string{value}
		}
	}
	if len(s.Transitive) > 0 {
		call.Keys["sts:TransitiveTagKeys"] = s.Transitive
	}
	if len(s.Tags) > 0 {
		call.Also = append(call.Also, "sts:TagSession")
	}
	if s.SourceIdentity != "" {
		call.Also = append(call.Also, "sts:SetSourceIdentity")
	}
	return call
}

// find finds whom the role trusts.
func (n *NewSession) find(c *access.Caller) func(store.Reader, *access.Call) error {
	return func(r store.Reader, call *access.Call) error {
		role, err := n.role(r, c)
		if store.Missing(err, store.RecordPrincipal) {
			return nil // who asks for what is not there learns no more than he who may not
		}
		if err != nil {
			return err
		}
		call.Keys = resourceTagKeys(role.Tags, call.Keys)
		call.Trust, err = policy.Parse(role.Trust, policy.Trust)
		return err
	}
}

// role is the role of that very ARN.
func (n *NewSession) role(r store.Reader, c *access.Caller) (store.Principal, error) {
	role, err := r.Principal(c.Account.ID, store.IAMRole, n.RoleARN[strings.LastIndex(n.RoleARN, "/")+1:])
	if err == nil && access.PrincipalARN(&role) != n.RoleARN {
		err = &store.Error{Kind: store.ErrNotFound, Record: store.RecordPrincipal}
	}
	return role, err
}

// assumable is the role, if it goes together with what is asked for.
func (i *IAM) assumable(r store.Reader, c *access.Caller, n *NewSession) (store.Principal, error) {
	role, err := n.role(r, c)
	if err != nil {
		return role, err
	}
	if n.duration() > role.MaxSession {
		return role, refuse(ValidationError, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	for _, arn := range n.PolicyARNs {
		if _, err := access.FindManagedPolicy(r, c.Account.ID, arn); err != nil {
			if store.Missing(err, store.RecordManagedPolicy) {
				err = refuse(ValidationError, "%s is invalid", arn)
			}
			return role, err
		}
	}
	return role, nil
}

// assumedResponse is a session in a record, without what would let its reader
// use it.
func assumedResponse(a *Assumed) string {
	v := map[string]any{
		"credentials":     credentialsResponse(a.Credentials),
		"assumedRoleUser": map[string]string{"assumedRoleId": a.ID, "arn": a.ARN},
	}
	if a.SourceIdentity != "" {
		v["sourceIdentity"] = a.SourceIdentity
	}
	return response(v)
}

func credentialsResponse(c access.Credentials) map[string]string {
	return map[string]string{"accessKeyId": c.AccessKeyID, "expiration": c.Expiration.Format("Jan 2, 2006, 3:04:05 PM")}
}
