package iam

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/policy"
	"rollcall/internal/store"
)

const (
	defaultSession = time.Hour // of a role
	// maxChained is the longest session of a role that was assumed with the
	// credentials of a role.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
	maxChained = time.Hour
	// maxSessionPolicies is how many managed policies a session may have.
	maxSessionPolicies = 10
)

// NewSession is what AssumeRole is asked for. "" and 0 mean absent.
type NewSession struct {
	RoleARN        string
	Name           string
	Duration       time.Duration
	Policy         string
	PolicyARNs     []string
	Tags           []Tag
	TransitiveKeys []string
	ExternalID     string
	SourceIdentity string
	WithMFA        bool // a device or a code was named
	WithContext    bool // a context of another service was given
}

// Assumed is a session just made.
type Assumed struct {
	Credentials    access.Credentials
	ID             string // AROA…:name
	ARN            string // of the session
	SourceIdentity string
	Size           int // of what its token has room for, in percent
}

var roleARN = regexp.MustCompile(`\Aarn:aws:iam::[0-9]{12}:role/(?:[!-~]{1,510}/)?[\w+=,.@-]{1,64}\z`)

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
	call := n.call(c, session)
	var role store.Principal
	// The token is made between two transactions, since packing it takes long;
	// the second finds out whether all is still as the first has found it.
	if err := i.guard.Read(ctx, c, call, func(r store.Reader) error {
		role, err = i.assumable(r, c, &n)
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
		now, err := i.assumable(tx, c, &n)
		if err == nil && now.UniqueID != role.UniqueID {
			err = &access.Denied{ARN: c.ARN, Action: call.Action, Resource: n.RoleARN}
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

// session is the session that is asked for, as far as it is known without the
// role.
func (n *NewSession) session(c *access.Caller) (*access.Session, error) {
	if err := n.check(c); err != nil {
		return nil, err
	}
	tags, err := newTags(n.Tags)
	if err != nil {
		return nil, err
	}
	issued := c.Request.Time.Unix()
	s := &access.Session{
		AccountID:      c.Account.ID,
		Name:           n.Name,
		IssuedAt:       issued,
		ExpiresAt:      issued + int64(n.duration()/time.Second),
		Policy:         n.Policy,
		PolicyARNs:     n.PolicyARNs,
		Tags:           tags,
		Transitive:     n.TransitiveKeys,
		SourceIdentity: n.SourceIdentity,
	}
	return s, inherit(s, c.Session)
}

func (n *NewSession) duration() time.Duration { return cmp.Or(n.Duration, defaultSession) }

// check refuses what is wrong whatever the role is.
func (n *NewSession) check(c *access.Caller) error {
	switch {
	case !roleARN.MatchString(n.RoleARN):
		return refuse(ValidationError, "%s is invalid", n.RoleARN)
	case n.WithMFA:
		return refuse(AccessDenied, "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	case n.WithContext:
		return refuse(ValidationError, "The provided context assertion is not valid.")
	case len(n.PolicyARNs) > maxSessionPolicies:
		return refuse(ValidationError, "A session may have at most %d managed policies.", maxSessionPolicies)
	case c.Session != nil && c.Session.OfRole() && n.duration() > maxChained:
		return refuse(ValidationError, "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	}
	for _, key := range n.TransitiveKeys {
		if !slices.ContainsFunc(n.Tags, func(t Tag) bool { return strings.EqualFold(t.Key, key) }) {
			return refuse(ValidationError, "The specified transitive tag key must be included in the requested tags.")
		}
	}
	return checkSessionPolicy(n.Policy)
}

// checkSessionPolicy refuses an inline session policy that is none; "" is
// fine.
func checkSessionPolicy(text string) error {
	if text == "" {
		return nil
	}
	if policy.Size(text) > policy.MaxSession {
		return refuse(ValidationError, "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to %d", policy.MaxSession)
	}
	if _, err := policy.Parse(text, policy.Session); err != nil {
		return refuse(MalformedPolicyDocument, "%v", err)
	}
	return nil
}

// inherit gives a session what it has from the one that it is made with: the
// source identity, which never changes, and transitive tags.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
func inherit(s, from *access.Session) error {
	if from == nil || !from.OfRole() {
		return nil
	}
	if from.SourceIdentity != "" && s.SourceIdentity != "" && s.SourceIdentity != from.SourceIdentity {
		return refuse(ValidationError, "The source identity of the calling session can't be changed.")
	}
	s.SourceIdentity = cmp.Or(from.SourceIdentity, s.SourceIdentity)
	for key, value := range from.Tags {
		is := func(other string) bool { return strings.EqualFold(other, key) }
		if !slices.ContainsFunc(from.Transitive, is) {
			continue
		}
		for other := range s.Tags {
			if is(other) {
				return refuse(ValidationError, "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
			}
		}
		if s.Tags == nil {
			s.Tags = store.Tags{}
		}
		s.Tags[key] = value
		s.Transitive = append(s.Transitive, key)
	}
	return nil
}

// call is the call that asks for a session.
func (n *NewSession) call(c *access.Caller, s *access.Session) access.Call {
	call := access.Call{
		Action:    "sts:AssumeRole",
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

const (
	defaultOwnSession = 12 * time.Hour
	maxRootSession    = time.Hour
)

// GetSessionToken makes a session of the caller's own; 0 is the default
// duration. It needs no permission.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
func (i *IAM) GetSessionToken(ctx context.Context, c *access.Caller, duration time.Duration, withMFA bool) (credentials access.Credentials, err error) {
	switch {
	case c.Session != nil:
		return credentials, refuse(AccessDenied, "Cannot call GetSessionToken with session credentials")
	case withMFA:
		return credentials, refuse(AccessDenied, "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	}
	duration = cmp.Or(duration, defaultOwnSession)
	if c.Kind == store.IAMRoot {
		duration = min(duration, maxRootSession)
	}
	issued := c.Request.Time.Unix()
	credentials, _, err = i.newSession(&access.Session{
		AccountID: c.Account.ID, Owner: c.UserID, IssuedAt: issued, ExpiresAt: issued + int64(duration/time.Second)})
	if err != nil {
		return credentials, err
	}
	call := access.Call{Action: "sts:GetSessionToken", AccountID: c.Account.ID, Resource: "*", Free: true, ReadOnly: true}
	return credentials, i.guard.Change(ctx, c, call, func(store.Tx) (string, error) {
		return response(map[string]any{"credentials": credentialsResponse(credentials)}), nil
	})
}
