package directory

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// roleChanges has a row for the role before and a column for the role after:
// + allowed, D refused as a downgrade, R refused since nobody can have it. For
// that reason the rows of these say nothing that could be observed.
const roleChanges = `
                  ADMIN AUTHOR READER RESTRICTED_AUTHOR RESTRICTED_READER ADMIN_PRO AUTHOR_PRO READER_PRO
ADMIN             +     +      D      R                 R                 +         +          D
AUTHOR            +     +      D      R                 R                 +         +          D
READER            +     +      +      R                 R                 +         +          +
RESTRICTED_AUTHOR +     +      D      R                 R                 +         +          D
RESTRICTED_READER +     +      D      R                 R                 +         +          D
ADMIN_PRO         +     +      D      R                 R                 +         +          D
AUTHOR_PRO        +     +      D      R                 R                 +         +          D
READER_PRO        +     +      +      R                 R                 +         +          +
`

func TestNoRole(t *testing.T) {
	for _, role := range []string{"", "EMPEROR", "admin", "ADMIN "} {
		refused(t, checkRole(here, role), Invalid, "1 validation error detected: Value '"+role+"' at 'role' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [ADMIN, AUTHOR, ")
	}
}

func TestRoleChanges(t *testing.T) {
	var to []string
	pairs := 0
	for line := range strings.Lines(strings.TrimSpace(roleChanges)) {
		fields := strings.Fields(line)
		if to == nil {
			to = fields
			continue
		}
		from := fields[0]
		for i, outcome := range fields[1:] {
			pairs++
			want := map[string]string{
				"+": "",
				"D": fmt.Sprintf("A user can't be downgraded from %s to %s. ", from, to[i]),
				"R": fmt.Sprintf("The role %s isn't currently available for use. ", to[i]),
			}[outcome]
			t.Run(from+" to "+to[i], func(t *testing.T) {
				err := errors.Join(checkRole(here, to[i]), checkRoleChange(here, from, to[i]))
				refused(t, first(err), Invalid, want)
			})
		}
	}
	if pairs != 64 {
		t.Errorf("%d pairs, want 64", pairs)
	}
	if diff := cmp.Diff(Roles, to); diff != "" {
		t.Errorf("columns (-roles +table):\n%s", diff)
	}
}
