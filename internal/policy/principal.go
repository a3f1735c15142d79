package policy

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// principals is a Principal element, whose names are compared as they are:
// only "*" alone stands for others.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
type principals struct {
	aws       []string // "*", accounts, ARNs and unique ids
	federated []string
	services  []string
}

// everyone is "*" in the list AWS. It is documented as equal to "*" for the
// whole element. Here it does not include who has no principal of AWS yet: to
// trust an identity provider or a service, one must name it. To deny all is to
// deny them too.
const everyone = "*"

func (ps *principals) match(p *Principal, deny bool) bool {
	switch {
	case deny && slices.Contains(ps.aws, everyone):
		return true
	case p.Federated != "":
		return slices.Contains(ps.federated, p.Federated)
	case p.Service != "":
		return slices.Contains(ps.services, p.Service)
	}
	return slices.ContainsFunc(ps.aws, p.is)
}

func (p *Principal) is(name string) bool {
	return name == p.Account || name == p.ARN || name == p.RoleARN || name == p.UniqueID || name == everyone && p.ARN != ""
}

var (
	// account is the root of an account, which stands for the account, or its
	// number.
	account = regexp.MustCompile(`\A(?:arn:aws[a-z-]*:iam::([0-9]{12}):root|([0-9]{12}))\z`)

	// awsPrincipal is a user, a role or a session.
	awsPrincipal = regexp.MustCompile(`\Aarn:aws[a-z-]*:(iam::[0-9]{12}:(user|role)/|sts::[0-9]{12}:(assumed-role/[^/*?\s]+/|federated-user/))[^*?\s]+\z`)

	// uniqueID is that of a user or role, by which IAM replaces the ARN when it
	// keeps a trust policy: a successor of the same name is not trusted.
	uniqueID = regexp.MustCompile(`\A(AIDA|AROA)[A-Z0-9]{12,124}\z`)

	// otherPrincipal is an identity provider or a service.
	otherPrincipal = regexp.MustCompile(`\A[^*?\s]+\z`)
)

func parsePrincipals(w wirePrincipal, where jsontext.Pointer) (*principals, error) {
	if len(w) == 0 {
		return nil, refuse(missingPrincipal, where, "")
	}
	ps := new(principals)
	for _, kind := range slices.Sorted(maps.Keys(w)) {
		at := where.AppendToken(kind)
		if len(w[kind]) == 0 {
			return nil, refuse(missingPrincipal, at, "")
		}
		for _, name := range w[kind] {
			if !ps.add(kind, name) {
				return nil, refuse(fmt.Sprintf(`Invalid principal in policy: "%s":"%s"`, clip(kind), clip(name)), at, "")
			}
		}
	}
	return ps, nil
}

func (ps *principals) add(kind, name string) bool {
	switch kind {
	case "AWS":
		if m := account.FindStringSubmatch(name); m != nil {
			ps.aws = append(ps.aws, m[1]+m[2])
			return true
		}
		ps.aws = append(ps.aws, name)
		return name == everyone || awsPrincipal.MatchString(name) || uniqueID.MatchString(name)
	case "Federated":
		ps.federated = append(ps.federated, name)
	case "Service":
		ps.services = append(ps.services, name)
	default:
		return false
	}
	return otherPrincipal.MatchString(name)
}
