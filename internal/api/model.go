package api

import (
	"rollcall/internal/directory"
	"rollcall/internal/restjson"
)

// rules are the patterns and enumerations of the service model that the
// inputs' check tags name.
var rules = &restjson.Rules{
	Patterns: map[string]restjson.Pattern{
		"accountID":   restjson.MustPattern(`^[0-9]{12}$`),
		"namespace":   restjson.MustPattern(`^[a-zA-Z0-9._-]*$`),
		"userName":    restjson.MustPattern(`[\u0020-\u00FF]+`, `[\x{20}-\x{FF}]+`),
		"sessionName": restjson.MustPattern(`[\w+=.@-]*`),
		"profileName": restjson.MustPattern(`^[a-zA-Z0-9+=,.@_-]+$`),
	},
	Enums: map[string][]string{
		"identityType":          directory.IdentityTypes,
		"role":                  directory.Roles,
		"capabilityState":       {"DENY", "ALLOW"},
		"defaultCategoryEffect": {"DENY_BY_DEFAULT"},
	},
}
