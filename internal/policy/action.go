package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// action is a service's prefix and the name of what it does, both in lower
// case: the case of actions does not count.
type action struct {
	vendor, name string
	literal      int // bytes of a policy's name before its first wildcard
}

func splitAction(text string) action {
	vendor, name, _ := strings.Cut(strings.ToLower(text), ":")
	return action{vendor: vendor, name: name, literal: len(name)}
}

// everyAction is what "*" stands for.
var everyAction = action{vendor: "*"}

// covers tells whether an action of a policy, whose name is compiled for glob,
// is that of a request. Names differ more often than vendors, and most of them
// before any wildcard.
func (a *action) covers(requested *action) bool {
	switch {
	case a.vendor == everyAction.vendor:
		return true
	case a.literal == len(a.name):
		return a.name == requested.name && a.vendor == requested.vendor
	}
	return strings.HasPrefix(requested.name, a.name[:a.literal]) && glob(a.name, requested.name) && a.vendor == requested.vendor
}

// parseAction reads an element of Action. A vendor, unlike the name, may not
// have wildcards.
func parseAction(text string, where jsontext.Pointer) (action, error) {
	if text == "*" {
		return everyAction, nil
	}
	a := splitAction(text)
	switch colons := strings.Count(text, ":"); {
	case colons == 0:
		return action{}, refuse(noVendor, where, "%q", text)
	case colons > 1:
		return action{}, refuse(oneColon, where, "%q", text)
	case strings.ContainsAny(a.vendor, "*?"):
		return action{}, refuse(vendorWildcard, where, "%q", text)
	case a.vendor == "", strings.ContainsFunc(a.vendor, notOfVendor):
		vendor, _, _ := strings.Cut(text, ":")
		return action{}, refuse(fmt.Sprintf("Vendor %s is not valid", clip(vendor)), where, "%q", text)
	}
	if i := strings.IndexAny(a.name, "*?"); i >= 0 {
		a.literal = i
	}
	a.name = wildcards.Replace(a.name)
	return a, nil
}

func notOfVendor(c rune) bool {
	return !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.')
}

// trustActions are all that a trust policy may name, in lower case; wildcards
// are not among it.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
var trustActions = []string{
	"sts:assumerole",
	"sts:assumerolewithsaml",
	"sts:assumerolewithwebidentity",
	"sts:setcontext",
	"sts:setsourceidentity",
	"sts:tagsession",
}

func parseTrustAction(text string, where jsontext.Pointer) (action, error) {
	if !slices.Contains(trustActions, strings.ToLower(text)) {
		return action{}, refuse(foreignActions, where, "%q", text)
	}
	return splitAction(text), nil
}
