package directory

// Denial is why a custom permissions profile denies a capability.
type Denial int

// The reasons, and that there is none.
const (
	NotDenied       Denial = iota
	DeniedItself           // the profile says so
	DeniedAbove            // its parent is denied
	DeniedByDefault        // its category is, and the profile does not allow it
)

// What a profile can say of a capability, and of a category of them.
const (
	Allow         = "ALLOW"
	Deny          = "DENY"
	DenyByDefault = "DENY_BY_DEFAULT"
)

// CategoryAI is the one category of capabilities that AWS governs so far.
const CategoryAI = "AI"

// Governed says whether all capabilities of the category AI are denied that the
// profile does not allow.
func (p *CustomPermissions) Governed() bool { return p.Governance[CategoryAI] == DenyByDefault }

// Denial says whether and why the profile denies a capability.
// https://docs.aws.amazon.com/quicksight/latest/APIReference/API_Governance.html
func (p *CustomPermissions) Denial(capability string) Denial {
	unsaid := p.Unsaid(capability)
	switch said := p.Capabilities[capability]; {
	case said == Deny:
		return DeniedItself
	case said == Allow && unsaid == DeniedByDefault:
		return NotDenied
	}
	return unsaid
}

// Unsaid is what Denial would be if the profile itself said nothing of the
// capability.
func (p *CustomPermissions) Unsaid(capability string) Denial {
	switch parent := ParentOf(capability); {
	case parent != "" && p.Denial(parent) != NotDenied:
		return DeniedAbove
	case p.Governed() && aiCapabilities[capability]:
		return DeniedByDefault
	}
	return NotDenied
}
