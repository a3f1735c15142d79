package access

import (
	"strings"
	"time"

	"rollcall/internal/store"
)

// awsManaged are the policies of AWS that are there in every account, by ARN.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html
var awsManaged = map[string]store.ManagedPolicy{
	AWSPolicyPrefix + "AdministratorAccess": {
		Name:        "AdministratorAccess",
		Path:        "/",
		UniqueID:    "ANPAIWMBCKSKIEE64ZLYK",
		Description: "Provides full access to AWS services and resources.",
		Default:     1,
		Versions: []store.PolicyVersion{{
			Number:    1,
			Document:  `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
			CreatedAt: administratorAccessMade,
		}},
		CreatedAt: administratorAccessMade,
		UpdatedAt: administratorAccessMade,
	},
}

var administratorAccessMade = time.Date(2015, 2, 6, 18, 39, 46, 0, time.UTC)

// AWSPolicyPrefix begins the ARNs of AWS's own policies.
const AWSPolicyPrefix = "arn:aws:iam::aws:policy/"

// AWSManagedPolicies are all policies of AWS.
func AWSManagedPolicies() []store.ManagedPolicy {
	all := make([]store.ManagedPolicy, 0, len(awsManaged))
	for _, p := range awsManaged {
		all = append(all, p)
	}
	return all
}

// ManagedPolicyARN names a policy.
func ManagedPolicyARN(p *store.ManagedPolicy) string {
	if p.AccountID == "" {
		return AWSPolicyPrefix + strings.TrimPrefix(p.Path, "/") + p.Name
	}
	return "arn:aws:iam::" + p.AccountID + ":policy" + p.Path + p.Name
}

// FindManagedPolicy finds a policy of AWS or of the account by its ARN.
func FindManagedPolicy(r store.Reader, accountID, arn string) (store.ManagedPolicy, error) {
	if p, ok := awsManaged[arn]; ok {
		return p, nil
	}
	missing := &store.Error{Kind: store.ErrNotFound, Record: store.RecordManagedPolicy}
	path, ok := strings.CutPrefix(arn, "arn:aws:iam::"+accountID+":policy/")
	if !ok {
		return store.ManagedPolicy{}, missing
	}
	p, err := r.ManagedPolicy(accountID, path[strings.LastIndex(path, "/")+1:])
	if err == nil && ManagedPolicyARN(&p) != arn {
		err = missing
	}
	return p, err
}

// DefaultVersion is the version of a policy that is in force.
func DefaultVersion(p *store.ManagedPolicy) store.PolicyVersion {
	for _, v := range p.Versions {
		if v.Number == p.Default {
			return v
		}
	}
	return store.PolicyVersion{} // no policy is without it
}
