package directory

import (
	"context"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/store"
)

// UserSearch selects users of a namespace. What is "" leaves nobody out.
type UserSearch struct {
	AccountID    string
	Namespace    string
	Prefix       string // of name or e-mail, in any case
	Role         string
	IdentityType string
	State        store.UserState
}

// MemberList is a part of the users that were searched.
type MemberList struct {
	Members   []Member
	NextToken string // "": the list ends here
}

// SearchUsers gives a page of users, the newest first. The action is one that
// QuickSight's console needs and no operation has.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonquicksight.html
func (d *Directory) SearchUsers(ctx context.Context, c *access.Caller, q UserSearch, p Page) (list MemberList, err error) {
	s := scope{q.AccountID, q.Namespace}
	kind := "search " + strings.Join([]string{q.AccountID, q.Namespace, q.Prefix, q.Role, q.IdentityType, string(q.State)}, "\x00")
	position, invalid := d.position(kind, p)
	call := call(q.AccountID, "SearchUsers", s.userARN(c, "*"))
	call.Invalid = invalid
	query := store.UserQuery{Prefix: q.Prefix, Role: q.Role, Identity: q.IdentityType, State: q.State, Limit: p.size() + 1}
	copy(query.Before[:], position)
	err = d.guard.Read(ctx, c, call, func(r store.Reader) error {
		ns, err := r.Namespace(q.AccountID, q.Namespace)
		if err != nil {
			return s.user(err, "")
		}
		query.NamespaceID = ns.ID
		found, err := r.FindUsers(query)
		if err != nil {
			return err
		}
		if len(found) > p.size() {
			found = found[:p.size()]
			list.NextToken = d.pages.Seal(kind, found[len(found)-1].ID[:])
		}
		list.Members = members(newShow(c, ns), found)
		return nil
	})
	return list, err
}

func members(s show, users []store.User) []Member {
	all := make([]Member, len(users))
	for i := range users {
		all[i] = s.member(&users[i])
	}
	return all
}
