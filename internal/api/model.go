package api

import (
	"rollcall/internal/directory"
	"rollcall/internal/model"
)

// rules are the patterns and enumerations of the service model that the
// inputs' check tags name.
var rules = &model.Rules{
	Patterns: map[string]model.Pattern{
		"accountID":   model.MustPattern(`^[0-9]{12}$`),
		"namespace":   model.MustPattern(`^[a-zA-Z0-9._-]*$`),
		"userName":    model.MustPattern(`[\u0020-\u00FF]+`, `[\x{20}-\x{FF}]+`),
		"sessionName": model.MustPattern(`[\w+=.@-]*`),
		"profileName": model.MustPattern(`^[a-zA-Z0-9+=,.@_-]+$`),
	},
	Enums: map[string][]string{
		"identityType":          directory.IdentityTypes,
		"role":                  directory.Roles,
		"capabilityState":       {"DENY", "ALLOW"},
		"defaultCategoryEffect": {"DENY_BY_DEFAULT"},
	},
}
