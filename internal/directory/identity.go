package directory

import (
	"regexp"
	"strings"

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

// parseIAMARN reads the ARN of a user, a role or the root of an account. Path
// and account are not part of a principal's name.
func parseIAMARN(arn, accountID string) (id store.IAMIdentity, ok bool) {
	resource, ok := strings.CutPrefix(arn, "arn:aws:iam::"+accountID+":")
	if !ok {
		return id, false
	}
	if resource == "root" {
		return store.IAMIdentity{AccountID: accountID, Kind: store.IAMRoot, Name: accountID, UniqueID: accountID}, true
	}
	m := iamARN.FindStringSubmatch(resource)
	if m == nil {
		return id, false
	}
	id = store.IAMIdentity{AccountID: accountID, Kind: store.IAMKind(m[1]), Name: m[2]}
	if id.Kind == store.IAMRole {
		id.UniqueID = iamid.New(iamid.Role)
	} else {
		id.UniqueID = iamid.New(iamid.User)
	}
	return id, true
}

// errIdentifiers is the service's answer to an IamArn, or an IamArn and a
// SessionName, that lead to nobody.
var errIdentifiers = &Error{Kind: Invalid, Message: "Invalid resource identifiers provided. Please check the documentation. "}

// identify finds out who is to be registered: the name of the user and, for
// IAM, the principal behind it.
func (n *NewUser) identify() (name string, iam *store.IAMIdentity, err error) {
	switch n.IdentityType {
	case QuickSightIdentity:
		return n.identifyNative()
	case IAMIdentity:
		return n.identifyIAM()
	}
	return "", nil, n.scope().invalid("Users of identity type %s can't be registered in this account.", n.IdentityType)
}

func (n *NewUser) identifyNative() (string, *store.IAMIdentity, error) {
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

func (n *NewUser) identifyIAM() (string, *store.IAMIdentity, error) {
	if err := n.scope().notApplicable(parameter{"User Name", n.Name != ""}); err != nil {
		return "", nil, err
	}
	if n.IAMARN == nil {
		return "", nil, errIdentifiers
	}
	id, ok := parseIAMARN(*n.IAMARN, n.AccountID)
	if !ok {
		return "", nil, errIdentifiers
	}
	if id.Kind != store.IAMRole {
		return id.Name, &id, n.scope().notApplicable(
			parameter{"Session Name", n.SessionName != ""},
			parameter{"External Login", n.ExternalLogin.given()},
		)
	}
	if n.SessionName == "" {
		return "", nil, errIdentifiers
	}
	return id.Name + "/" + n.SessionName, &id, nil
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
