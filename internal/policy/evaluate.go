package policy

// Decision is what the policies say to a request, and which of them.
type Decision struct {
	Allowed  bool
	Explicit bool // denied by a statement; otherwise for want of one that allows

	// Kind of the policies that deny, or that allow.
	Kind Kind

	// Policy is the ID of the deciding policy and Statement its Sid, or where
	// it has none its JSON pointer, such as /Statement/0. Both are empty when
	// no statement allows.
	Policy    string
	Statement string
}

// Evaluate decides by the policies of a principal. A statement that denies
// wins; otherwise each kind of policy that applies must allow.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
func Evaluate(set *Set, r *Request) Decision {
	layers := make([]layer, 0, 3)
	layers = append(layers, layer{Identity, set.Identity})
	if set.Boundary != nil {
		layers = append(layers, layer{Boundary, []Policy{*set.Boundary}})
	}
	if set.HasSession {
		layers = append(layers, layer{Session, set.Session})
	}
	return newEvaluation(r).decide(layers)
}

// EvaluateTrust decides by the trust policy of a role, whatever the resource of
// the request.
func EvaluateTrust(d *Document, r *Request) Decision {
	return newEvaluation(r).decide([]layer{{Trust, []Policy{{Document: d}}}})
}

// layer is all policies of one kind.
type layer struct {
	kind     Kind
	policies []Policy
}

// contextKey is a condition key with its values.
type contextKey struct {
	key    string
	values []string
}

// evaluation is a request while it is being decided on.
type evaluation struct {
	request *Request
	action  action
	asked   []contextKey // so far: policies ask for few, and again and again
}

func newEvaluation(r *Request) *evaluation {
	return &evaluation{request: r, action: splitAction(r.Action)}
}

// decide reports the first layer that denies by a statement, then the first
// that does not allow. AWS names one kind too; which one is not documented.
func (e *evaluation) decide(layers []layer) Decision {
	var decision Decision
	for i := range layers {
		d := e.ask(&layers[i])
		if d.Explicit {
			return d
		}
		if i == 0 || decision.Allowed && !d.Allowed {
			decision = d
		}
	}
	return decision
}

func (e *evaluation) ask(l *layer) Decision {
	d := Decision{Kind: l.kind}
	for i := range l.policies {
		p := &l.policies[i]
		for j := range p.Document.statements {
			s := &p.Document.statements[j]
			if d.Allowed && !s.deny || !s.applies(e) {
				continue
			}
			d.Allowed, d.Explicit = !s.deny, s.deny
			d.Policy, d.Statement = p.ID, s.name
			if s.deny {
				return d
			}
		}
	}
	return d
}

// values of a condition key, which is in lower case.
func (e *evaluation) values(key string) []string {
	for i := range e.asked {
		if e.asked[i].key == key {
			return e.asked[i].values
		}
	}
	if e.request.Context == nil {
		return nil
	}
	values := e.request.Context(key)
	e.asked = append(e.asked, contextKey{key, values})
	return values
}

// phrases are the words of AWS for each kind. Its page has "a sessions policy"
// in one place; what people see is as here.
var phrases = [...]struct{ deny, none string }{
	Identity: {"an identity-based policy", "no identity-based policy"},
	Boundary: {"a permissions boundary", "no permissions boundary"},
	Session:  {"a session policy", "no session policy"},
	Trust:    {"the role trust policy", "no role trust policy"},
}

// Reason is the end of AWS's text for a denial, which begins with "User: … is
// not authorized to perform: …". It is empty when the action is allowed.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func (d Decision) Reason(action string) string {
	switch {
	case d.Allowed:
		return ""
	case d.Explicit:
		return "with an explicit deny in " + phrases[d.Kind].deny
	}
	return "because " + phrases[d.Kind].none + " allows the " + action + " action"
}
