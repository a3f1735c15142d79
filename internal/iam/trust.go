package iam

import (
	"regexp"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/policy"
	"rollcall/internal/store"
)

// checkTrust refuses a trust policy that is none, or too long.
func checkTrust(text string) error {
	if err := checkDocument(text, policy.Trust); err != nil {
		return err
	}
	if policy.Size(text) > policy.MaxTrust {
		return refuse(LimitExceeded, "Cannot exceed quota for ACLSizePerRole: %d", policy.MaxTrust)
	}
	return nil
}

// keepTrust is a trust policy as it is kept: with the unique ids of the
// account's users and roles in the place of their ARNs, so that it does not
// trust a later one of the same name. They have to exist.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
func keepTrust(r store.Reader, accountID, text string) (string, error) {
	return policy.RewritePrincipals(text, func(name string) (string, error) {
		kept, err := keepPrincipal(r, accountID, name)
		if store.Missing(err, store.RecordPrincipal) {
			err = refuse(MalformedPolicyDocument, `Invalid principal in policy: "AWS":"%s"`, name)
		}
		return kept, err
	})
}

// showTrust is a kept trust policy as it is shown. The unique id of one who is
// gone stays.
func showTrust(r store.Reader, accountID, text string) (string, error) {
	return policy.RewritePrincipals(text, func(name string) (string, error) {
		if !principalID.MatchString(name) {
			return name, nil
		}
		p, err := r.PrincipalByUniqueID(accountID, name)
		if store.Missing(err, store.RecordPrincipal) {
			return name, nil
		}
		return access.PrincipalARN(&p), err
	})
}

var (
	// principalID is the unique id of a user or role.
	principalID = regexp.MustCompile(`\A(AIDA|AROA)[A-Z0-9]+\z`)

	// bareAccount is short for the root of an account.
	bareAccount = regexp.MustCompile(`\A[0-9]{12}\z`)

	// principalARN is the ARN of a user, a role or a role's session: its
	// account, what it is, and its path and name.
	principalARN = regexp.MustCompile(`\Aarn:[^:]*:(?:iam|sts)::([0-9]{12}):(user|role|assumed-role)/(.+)\z`)
)

// keepPrincipal is an AWS principal as it is kept: an account by the ARN of its
// root. One that is not there is an error of the store.
func keepPrincipal(r store.Reader, accountID, name string) (string, error) {
	if bareAccount.MatchString(name) {
		return "arn:aws:iam::" + name + ":root", nil
	}
	if principalID.MatchString(name) {
		_, err := r.PrincipalByUniqueID(accountID, name)
		return name, err
	}
	m := principalARN.FindStringSubmatch(name)
	if m == nil || m[1] != accountID {
		return name, nil
	}
	if m[2] == "assumed-role" { // stays, but the role has to exist
		role, _, _ := strings.Cut(m[3], "/")
		_, err := r.Principal(accountID, store.IAMRole, role)
		return name, err
	}
	p, err := r.Principal(accountID, store.IAMKind(m[2]), m[3][strings.LastIndex(m[3], "/")+1:])
	if err == nil && access.PrincipalARN(&p) != name {
		err = &store.Error{Kind: store.ErrNotFound, Record: store.RecordPrincipal}
	}
	return p.UniqueID, err
}
