package iamapi

import "rollcall/internal/model"

// rules are the patterns and enumerations that the inputs' check tags name, as
// the service models have them.
var rules = &model.Rules{
	Patterns: map[string]model.Pattern{
		"name":         model.MustPattern(`[\w+=,.@-]+`),
		"path":         model.MustPattern(`(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`, `/|/[!-~]+/`),
		"policyPath":   model.MustPattern(`((/[A-Za-z0-9\.,\+@=_-]+)*)/`),
		"pathPrefix":   model.MustPattern(`\u002F[\u0021-\u007F]*`, `/[\x21-\x7F]*`),
		"marker":       model.MustPattern(`[\u0020-\u00FF]+`, `[\x{20}-\x{FF}]+`),
		"text":         model.MustPattern(`[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`, `[\x{9}\x{A}\x{D}\x{20}-\x{7E}\x{85}\x{A0}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]+`),
		"latin1":       model.MustPattern(`[\u0009\u000A\u000D\u0020-\u00FF]+`, `[\x{9}\x{A}\x{D}\x{20}-\x{FF}]+`),
		"description":  model.MustPattern(`[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*`, `[\x{9}\x{A}\x{D}\x{20}-\x{7E}\x{A1}-\x{FF}]*`),
		"keyID":        model.MustPattern(`[\w]+`),
		"versionID":    model.MustPattern(`v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`),
		"sessionName":  model.MustPattern(`[\w+=,.@-]*`),
		"externalID":   model.MustPattern(`[\w+=,.@:\/-]*`, `[\w+=,.@:/-]*`),
		"serialNumber": model.MustPattern(`[\w+=/:,.@-]*`),
		"tokenCode":    model.MustPattern(`[\d]*`),
		"tagKey":       model.MustPattern(`[\p{L}\p{Z}\p{N}_.:/=+\-@]+`),
		"tagValue":     model.MustPattern(`[\p{L}\p{Z}\p{N}_.:/=+\-@]*`),
	},
	Enums: map[string][]string{
		"keyStatus": {"Active", "Inactive", "Expired"},
		"scope":     {"All", "AWS", "Local"},
		"usage":     {"PermissionsPolicy", "PermissionsBoundary"},
		"entity":    {"User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"},
	},
}
