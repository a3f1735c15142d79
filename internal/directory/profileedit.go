package directory

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/store"
)

// profileNamePattern is that of CustomPermissionsName in the service model, where
// it has 64 characters at most.
const profileNamePattern = `^[a-zA-Z0-9+=,.@_-]+$`

var profileName = regexp.MustCompile(`\A[a-zA-Z0-9+=,.@_-]+\z`)

// ValidProfileName says whether a custom permissions profile can have a name.
func ValidProfileName(name string) bool { return len(name) <= 64 && profileName.MatchString(name) }

func checkProfileName(name string) error {
	if ValidProfileName(name) {
		return nil
	}
	return invalidMember("customPermissionsName", name, "Member must satisfy regular expression pattern: "+profileNamePattern)
}

// CustomPermissionsEdit changes a part of a profile and keeps the rest. A value
// of "" takes out what the profile says.
type CustomPermissionsEdit struct {
	AccountID    string
	Name         string
	Capabilities map[string]string // ALLOW, DENY or ""
	Governance   map[string]string // DENY_BY_DEFAULT or ""

	// Seen is what the profile said of these capabilities when they were chosen:
	// if it says something else by now, nothing is changed.
	Seen map[string]string
}

// ErrEditedMeanwhile is the end of an edit of what somebody else has changed.
var ErrEditedMeanwhile = &Error{Kind: Conflict, Message: "Somebody else has changed these permissions in the meantime. Nothing was saved."}

// check wants what the service model takes for a whole profile.
func (e *CustomPermissionsEdit) check() error {
	for _, name := range slices.Sorted(maps.Keys(e.Capabilities)) {
		if !IsCapability(name) {
			return invalidMember("capabilities", name, "Member must be a capability")
		}
	}
	return errors.Join(
		checkValues("capabilities", e.Capabilities, Deny, Allow),
		checkValues("governance.defaultCategoryEffects", e.Governance, DenyByDefault),
	)
}

func checkValues(member string, values map[string]string, may ...string) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if value := values[name]; value != "" && !slices.Contains(may, value) {
			return invalidMember(member+"."+name, value, "Member must satisfy enum value set: ["+strings.Join(may, ", ")+"]")
		}
	}
	return nil
}

// EditCustomPermissions changes a part of a profile.
func (d *Directory) EditCustomPermissions(ctx context.Context, c *access.Caller, e CustomPermissionsEdit) error {
	call := profileCall(c, e.AccountID, "UpdateCustomPermissions", e.Name)
	call.Invalid = first(e.check())
	return d.changeProfile(ctx, c, call, e.Name, func(tx store.Tx, p store.CustomPermissions) error {
		for name := range e.Capabilities {
			if p.Capabilities[name] != e.Seen[name] {
				return ErrEditedMeanwhile
			}
		}
		p.Capabilities = edited(p.Capabilities, e.Capabilities)
		p.Governance = edited(p.Governance, e.Governance)
		if err := checkGovernance(p.Governance); err != nil {
			return err
		}
		return tx.UpdateCustomPermissions(p)
	})
}

// edited are values with some of them changed; nil for none.
func edited(values, changes map[string]string) map[string]string {
	if len(changes) == 0 {
		return values
	}
	all := map[string]string{}
	maps.Copy(all, values)
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_, value string) bool { return value == "" })
	if len(all) == 0 {
		return nil
	}
	return all
}
