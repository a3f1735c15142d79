package iam

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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

var roleARN = regexp.MustCompile(`\Aarn:aws:iam::[0-9]{12}:role/(?:[!-~]{1,510}/)?[\w+=,.@-]{1,64}\z`)

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
		Chained:        c.Session != nil && c.Session.OfRole(),
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
	if utf8.RuneCountInString(text) > policy.MaxSession { // white space counts here
		return refuse(ValidationError, "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to %d", policy.MaxSession)
	}
	if _, err := policy.Parse(text, policy.Session); err != nil {
		return refuse(MalformedPolicyDocument, "%v", err)
	}
	return nil
}

// inherit gives a session what it has from the one that it is made with: the
// source identity, which never changes, who it is at a provider of identities,
// and transitive tags.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
func inherit(s, from *access.Session) error {
	if from == nil || !from.OfRole() {
		return nil
	}
	if from.SourceIdentity != "" && s.SourceIdentity != "" && s.SourceIdentity != from.SourceIdentity {
		return refuse(ValidationError, "The source identity of the calling session can't be changed.")
	}
	s.SourceIdentity = cmp.Or(from.SourceIdentity, s.SourceIdentity)
	s.Federation = from.Federation // whoever he calls himself now
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
