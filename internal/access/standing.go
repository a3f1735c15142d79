package access

import (
	"fmt"
	"strings"

	"rollcall/internal/policy"
	"rollcall/internal/sigv4"
	"rollcall/internal/store"
)

// standing is what a caller is and may do, as of an epoch of the store. It does
// not change.
type standing struct {
	epoch    int64
	identity Identity
	tags     store.Tags  // of the principal and, over them, of the session
	policies *policy.Set // nil: the root of an account, who needs none

	powerless  bool // may do nothing, whatever the policies are
	withoutIAM bool // nor anything about IAM
}

// standing gives a caller's standing in a transaction. Somebody who has gone,
// or whose key has, is refused as one who is not known.
func (g *Guard) standing(r store.Reader, c *Caller) (*standing, error) {
	if c.fixed {
		return &standing{identity: c.Identity}, nil
	}
	if c.browser != nil {
		return g.ofBrowser(r, c)
	}
	if c.federation != nil {
		return &standing{identity: c.Identity, powerless: true}, nil
	}
	if c.Session != nil { // it may have ended since it was found
		if err := c.Session.expired(c.Request.Time); err != nil {
			return nil, sigv4.LookupError(err)
		}
	}
	epoch := r.Epoch()
	if s, ok := g.standings.get(c.AccessKeyID); ok && epoch != 0 && s.epoch == epoch {
		return s, nil
	}
	s, err := g.readStanding(r, c)
	if err != nil {
		return nil, g.gone(c, err)
	}
	s.epoch = epoch
	if epoch != 0 {
		g.standings.put(c.AccessKeyID, s)
	}
	return s, nil
}

// gone gives the reason why a caller has no standing.
func (g *Guard) gone(c *Caller, err error) error {
	if store.Missing(err, store.RecordAccessKey) || store.Missing(err, store.RecordPrincipal) {
		g.keys.forget(c)
		return sigv4.LookupError(sigv4.ErrUnknownKey)
	}
	return err
}

func (g *Guard) readStanding(r store.Reader, c *Caller) (*standing, error) {
	if c.Session == nil {
		return g.ofKey(r, c)
	}
	if c.Session.Owner == c.Account.ID {
		return &standing{identity: rootIdentity(c.Account.ID)}, nil
	}
	p, err := r.PrincipalByUniqueID(c.Account.ID, c.Session.Owner)
	if err != nil {
		return nil, err
	}
	return g.ofSession(r, c.Session, &p)
}

func (g *Guard) ofKey(r store.Reader, c *Caller) (*standing, error) {
	key, err := r.AccessKey(c.AccessKeyID)
	if err != nil {
		return nil, err
	}
	if key.Inactive {
		return nil, &store.Error{Kind: store.ErrNotFound, Record: store.RecordAccessKey}
	}
	if key.IdentityID == 0 {
		return &standing{identity: rootIdentity(key.AccountID)}, nil
	}
	p, err := r.PrincipalByID(key.IdentityID)
	if err != nil {
		return nil, err
	}
	return g.ofPrincipal(r, &p)
}

// ofPrincipal is the standing of a user or role by its policies.
func (g *Guard) ofPrincipal(r store.Reader, p *store.Principal) (*standing, error) {
	set := new(policy.Set)
	for _, inline := range p.Inline {
		if err := g.add(&set.Identity, inline.Name, inline.Document); err != nil {
			return nil, err
		}
	}
	if err := g.addManaged(r, p.AccountID, &set.Identity, p.Attached...); err != nil {
		return nil, err
	}
	if p.Boundary != "" {
		var boundary []policy.Policy
		if err := g.addManaged(r, p.AccountID, &boundary, p.Boundary); err != nil {
			return nil, err
		}
		set.Boundary = &boundary[0]
	}
	return &standing{identity: userIdentity(p), tags: p.Tags, policies: set}, nil
}

// ofSession is the standing of a session, which may do no more than whom it is
// of.
func (g *Guard) ofSession(r store.Reader, session *Session, p *store.Principal) (*standing, error) {
	s, err := g.ofPrincipal(r, p)
	if err != nil || !session.OfRole() {
		return s, err
	}
	s.identity = session.identity(p)
	s.tags = session.tagsOver(p.Tags)
	s.policies.HasSession = session.HasPolicies()
	if session.Policy != "" {
		if err := g.add(&s.policies.Session, "", session.Policy); err != nil {
			return nil, err
		}
	}
	for _, arn := range session.PolicyARNs {
		// What has been deleted since allows nothing any more.
		err := g.addManaged(r, p.AccountID, &s.policies.Session, arn)
		if err != nil && !store.Missing(err, store.RecordManagedPolicy) {
			return nil, err
		}
	}
	return s, nil
}

// tagsOver are the tags of the session and those of its role that it has no
// other value for. Their keys are the same in any case.
func (s *Session) tagsOver(role store.Tags) store.Tags {
	all := store.Tags{}
	taken := map[string]bool{}
	for k, v := range s.Tags {
		all[k], taken[strings.ToLower(k)] = v, true
	}
	for k, v := range role {
		if !taken[strings.ToLower(k)] {
			all[k] = v
		}
	}
	return all
}

// addManaged adds the versions in force of managed policies.
func (g *Guard) addManaged(r store.Reader, accountID string, to *[]policy.Policy, arns ...string) error {
	for _, arn := range arns {
		p, err := FindManagedPolicy(r, accountID, arn)
		if err != nil {
			return err
		}
		if err := g.add(to, arn, DefaultVersion(&p).Document); err != nil {
			return err
		}
	}
	return nil
}

// add parses a document, or takes it from where it was parsed before: many
// callers have the same policies.
func (g *Guard) add(to *[]policy.Policy, id, document string) error {
	parsed, ok := g.documents.get(document)
	if !ok {
		var err error
		if parsed, err = policy.Parse(document, policy.Identity); err != nil {
			return fmt.Errorf("policy %s: %w", id, err)
		}
		g.documents.put(document, parsed)
	}
	*to = append(*to, policy.Policy{ID: id, Document: parsed})
	return nil
}
