package directory

import (
	"slices"
	"strings"
)

// Roles of users as the service model lists them.
const (
	Admin            = "ADMIN"
	Author           = "AUTHOR"
	Reader           = "READER"
	RestrictedAuthor = "RESTRICTED_AUTHOR"
	RestrictedReader = "RESTRICTED_READER"
	AdminPro         = "ADMIN_PRO"
	AuthorPro        = "AUTHOR_PRO"
	ReaderPro        = "READER_PRO"
)

// Roles are all of them, in the order of the service model.
var Roles = []string{Admin, Author, Reader, RestrictedAuthor, RestrictedReader, AdminPro, AuthorPro, ReaderPro}

// checkRole refuses what is no role, which requests to the API never have, and
// the roles that are in the model but, by the words of the API reference, not
// available for use.
func checkRole(s scope, role string) error {
	if !slices.Contains(Roles, role) {
		return invalidMember("role", role, "Member must satisfy enum value set: ["+strings.Join(Roles, ", ")+"]")
	}
	if role == RestrictedAuthor || role == RestrictedReader {
		return s.invalid("The role %s isn't currently available for use.", role)
	}
	return nil
}

// checkRoleChange refuses to make a reader of somebody who is more: such users
// have to be deleted and registered anew. All other changes are allowed.
// https://docs.aws.amazon.com/quicksight/latest/user/managing-users-enterprise.html
func checkRoleChange(s scope, from, to string) error {
	readers := []string{Reader, ReaderPro}
	if slices.Contains(readers, to) && !slices.Contains(readers, from) {
		return s.invalid("A user can't be downgraded from %s to %s. Delete the user and register it again.", from, to)
	}
	return nil
}
