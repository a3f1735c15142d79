// Package policy is the policy language of IAM: it reads documents and decides
// by them whether a request is allowed, and says by which statement.
//
// It is pure. It leaves to others which policies a caller has and what their
// documents may measure, that the root of an account needs none, which names
// in a document exist, which condition keys a request has, and how a refusal
// is sent.
//
// The language is that of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
// and the pages below it. It is read strictly: what would never match, such as
// a misspelt operator, is refused rather than kept.
package policy

import "unicode/utf8"

// Kind is a use of a policy.
type Kind int

// The kinds. The first three have one grammar: no Principal, and a Resource.
// A role trust policy has a Principal, and its resource is the role.
const (
	Identity Kind = iota // attached to a user or role
	Boundary             // the most that identity-based policies may give
	Session              // passed when a session was made
	Trust                // says who may assume a role
)

// Policy is a document in use.
type Policy struct {
	ID       string // ARN of a managed policy, or name of an inline one
	Document *Document
}

// Set is the policies that apply to a principal.
type Set struct {
	Identity []Policy
	Boundary *Policy // nil: not bounded
	Session  []Policy

	// HasSession: the session was made with policies, so that one of Session
	// must allow what it does. They may have been deleted since.
	HasSession bool
}

// Request is what a principal wants to do.
type Request struct {
	Action   string // such as "quicksight:RegisterUser"
	Resource string // an ARN, or "*" when the action has no resource

	// Context gives the values of a condition key, or of the policy variable of
	// that name, which is in lower case: the case of keys does not count. A key
	// that does not apply has none. Nil knows no key.
	Context func(key string) []string

	// Principal is compared with the Principal elements of trust policies. It
	// adds nothing to Context.
	Principal Principal
}

// Principal is who asks to assume a role. A field that does not apply is empty.
type Principal struct {
	// Account has 12 digits. Who asks again without it, after being allowed,
	// learns whether the principal itself is trusted; trust in its account as a
	// whole takes effect only together with an identity-based policy.
	Account string

	ARN      string // of a user, root or session
	RoleARN  string // of the role, when ARN is that of its session
	UniqueID string // of the user or role: AIDA… or AROA…

	// Federated or Service, when set, is all there is: the ARN of the identity
	// provider whose token is presented, or the name of the service that asks.
	Federated string
	Service   string
}

// The most that a document may measure, as Size does, by the kind of thing it
// is attached to. What is attached inline counts as one.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
const (
	MaxInlineUser = 2048
	MaxInlineRole = 10240
	MaxManaged    = 6144
	MaxTrust      = 2048
	MaxSession    = 2048
)

// Size counts the characters of a document as IAM does: without white space.
func Size(text string) int {
	n := utf8.RuneCountInString(text)
	for i := range len(text) {
		switch text[i] {
		case ' ', '\t', '\r', '\n':
			n--
		}
	}
	return n
}
