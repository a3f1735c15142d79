package directory

import (
	_ "embed"
	"strings"
)

//go:embed capabilities.txt
var capabilityNames string

// capabilities are the members of Capabilities in the service model, first
// those of autumn 2026 and then those that the JavaScript SDK 3.1169 has beyond
// them: a DENY that a client can send must not be lost.
var capabilities = func() map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(capabilityNames) {
		all[name] = true
	}
	return all
}()

// IsCapability says whether there is a capability of that name.
func IsCapability(name string) bool { return capabilities[name] }
