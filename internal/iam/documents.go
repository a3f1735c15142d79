package iam

import (
	"encoding/json"

	"rollcall/internal/policy"
)

// checkDocument refuses a policy document that is none.
func checkDocument(text string, kind policy.Kind) error {
	if _, err := policy.Parse(text, kind); err != nil {
		return refuse(MalformedPolicyDocument, "%v", err)
	}
	return nil
}

// checkManaged refuses the document of a managed policy that is none, of the
// old version of the language, or too long.
func checkManaged(text string) error {
	if err := checkDocument(text, policy.Identity); err != nil {
		return err
	}
	var d struct{ Version string }
	if err := json.Unmarshal([]byte(text), &d); err != nil || d.Version != "2012-10-17" {
		return refuse(MalformedPolicyDocument, "Policy document must be version 2012-10-17 or greater.")
	}
	if policy.Size(text) > policy.MaxManaged {
		return refuse(LimitExceeded, "Cannot exceed quota for PolicySize: %d", policy.MaxManaged)
	}
	return nil
}
