package access

import "rollcall/internal/policy"

// decideTrust decides who may assume a role. Its trust policy must allow it in
// any case. Trust in the account as a whole hands the decision over to the
// caller's own policies; trust in the caller himself does not need them, and
// then only what they deny counts, and for a role what bounds it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-iam-resource.html
func decideTrust(c *Caller, s *standing, call *Call) error {
	if s.policies == nil || call.Trust == nil {
		return &Denied{ARN: s.identity.ARN, Action: call.Action, Resource: call.Resource}
	}
	for _, action := range append([]string{call.Action}, call.Also...) {
		if !mayAssume(c, s, call, action) {
			return &Denied{ARN: s.identity.ARN, Action: action, Resource: call.Resource}
		}
	}
	return nil
}

func mayAssume(c *Caller, s *standing, call *Call, action string) bool {
	r := policyRequest(c, s, action, call.Resource, call.Keys)
	trusted := func(p policy.Principal) bool {
		asked := *r
		asked.Principal = p
		return policy.EvaluateTrust(call.Trust, &asked).Allowed
	}
	who := r.Principal
	if !trusted(who) {
		return false
	}
	own := policy.Evaluate(s.policies, r)
	if own.Allowed || own.Explicit {
		return own.Allowed
	}
	himself := policy.Principal{ARN: who.ARN}
	if who.RoleARN == "" { // the unique id of a session is its role's
		himself.UniqueID = who.UniqueID
	}
	if trusted(himself) {
		return true
	}
	who.Account = ""
	return trusted(who) && withoutIdentity(s.policies, r)
}

// withoutIdentity says whether boundary and session allow a request.
func withoutIdentity(set *policy.Set, r *policy.Request) bool {
	bounds := *set
	bounds.Identity = everything
	return policy.Evaluate(&bounds, r).Allowed
}

var everything = func() []policy.Policy {
	d, err := policy.Parse(`{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`, policy.Identity)
	if err != nil {
		panic(err)
	}
	return []policy.Policy{{Document: d}}
}()
