package directory

import (
	"regexp"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/iamid"
	"rollcall/internal/store"
)

// Identity types of the service model.
const (
	QuickSightIdentity     = "QUICKSIGHT"
	IAMIdentity            = "IAM"
	IdentityCenterIdentity = "IAM_IDENTITY_CENTER"
)

// IdentityTypes are all of them, in the order of the service model.
var IdentityTypes = []string{IAMIdentity, QuickSightIdentity, IdentityCenterIdentity}

// iamARN is what may follow "arn:aws:iam::<account>:", by the rules for names
// and paths of IAM:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
var iamARN = regexp.MustCompile(`\A(user|role)/(?:[!-~]{1,510}/)?([\w+=,.@-]{1,64})\z`)

// iamPrincipal is a principal of IAM as an ARN names it.
type iamPrincipal struct {
	arn  string
	kind store.IAMKind
	name string // without path; the account's ID for its root
}

// parseIAMARN reads the ARN of a user, a role or the root of an account. Path
// and account are not part of a principal's name.
func parseIAMARN(arn, accountID string) (p iamPrincipal, ok bool) {
	resource, ok := strings.CutPrefix(arn, "arn:aws:iam::"+accountID+":")
	if !ok {
		return p, false
	}
	if resource == "root" {
		return iamPrincipal{arn, store.IAMRoot, accountID}, true
	}
	m := iamARN.FindStringSubmatch(resource)
	if m == nil {
		return p, false
	}
	return iamPrincipal{arn, store.IAMKind(m[1]), m[2]}, true
}

// identity is who a principal is. It has to exist, with that very path, unless
// IAM is elsewhere: then it is made up once and kept.
func (d *Directory) identity(tx store.Tx, accountID string, p *iamPrincipal) (store.IAMIdentity, error) {
	id := store.IAMIdentity{AccountID: accountID, Kind: p.kind, Name: p.name}
	switch {
	case p.kind == store.IAMRoot:
		id.UniqueID = accountID
	case p.kind == store.IAMRole && d.anyIAM:
		id.UniqueID = iamid.New(iamid.Role)
	case d.anyIAM:
		id.UniqueID = iamid.New(iamid.User)
	default:
		found, err := tx.Principal(accountID, p.kind, p.name)
		if store.Missing(err, store.RecordPrincipal) || err == nil && access.PrincipalARN(&found) != p.arn {
			err = errIdentifiers
		}
		return found.IAMIdentity, err
	}
	return tx.EnsureIAMIdentity(id)
}

// errIdentifiers is the service's answer to an IamArn, or an IamArn and a
// SessionName, that lead to nobody.
var errIdentifiers = &Error{Kind: Invalid, Message: "Invalid resource identifiers provided. Please check the documentation. "}

// identify finds out who is to be registered: the name of the user and, for
// IAM, the principal behind it.
func (n *NewUser) identify() (name string, iam *iamPrincipal, err error) {
	switch n.IdentityType {
	case QuickSightIdentity:
		return n.identifyNative()
	case IAMIdentity:
		return n.identifyIAM()
	}
	return "", nil, n.scope().invalid("Users of identity type %s can't be registered in this account.", n.IdentityType)
}

func (n *NewUser) identifyNative() (string, *iamPrincipal, error) {
	err := n.scope().notApplicable(
		parameter{"IAM Arn", n.IAMARN != nil},
		parameter{"Session Name", n.SessionName != ""},
		parameter{"External Login", n.ExternalLogin.given()},
	)
	if err == nil && n.Name == "" {
		err = n.scope().invalid("The following parameters are required for this identity type: User Name.")
	}
	return n.Name, nil, err
}

func (n *NewUser) identifyIAM() (string, *iamPrincipal, error) {
	if err := n.scope().notApplicable(parameter{"User Name", n.Name != ""}); err != nil {
		return "", nil, err
	}
	if n.IAMARN == nil {
		return "", nil, errIdentifiers
	}
	p, ok := parseIAMARN(*n.IAMARN, n.AccountID)
	if !ok {
		return "", nil, errIdentifiers
	}
	if p.kind != store.IAMRole {
		return p.name, &p, n.scope().notApplicable(
			parameter{"Session Name", n.SessionName != ""},
			parameter{"External Login", n.ExternalLogin.given()},
		)
	}
	if n.SessionName == "" {
		return "", nil, errIdentifiers
	}
	return p.name + "/" + n.SessionName, &p, nil
}

// parameter is a member of a request, in the words of the service's error
// texts.
type parameter struct {
	name  string
	given bool
}

// notApplicable refuses parameters that the kind of user has no use for.
func (s scope) notApplicable(all ...parameter) error {
	var given []string
	for _, p := range all {
		if p.given {
			given = append(given, p.name)
		}
	}
	if given == nil {
		return nil
	}
	return s.invalid("The following parameters are not applicable to this identity type: %s.", strings.Join(given, ", "))
}
