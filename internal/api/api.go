// Package api answers QuickSight's user-management API. operations.go is its
// table of contents; each resource has a file with the members of its
// operations' inputs and outputs and the way from them to the verbs of package
// directory, which has the rules.
package api

import (
	"net/http"
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/directory"
	"rollcall/internal/restface"
)

// Config is what an API stands on.
type Config struct {
	Directory *directory.Directory
	Guard     *access.Guard
	Keys      *access.Keys
	Now       func() time.Time // nil: time.Now
}

// api has the functions of the operations.
type api struct{ directory *directory.Directory }

// New makes the API. It panics when an operation's declaration makes no sense.
func New(c Config) http.Handler {
	a := &api{c.Directory}
	return restface.New(restface.Config{
		Service:    "quicksight",
		Operations: slices.Concat(a.operations(), elsewhere()),
		Guard:      c.Guard,
		Keys:       c.Keys,
		Now:        c.Now,
		Check:      directory.CheckRegion,
		Refusal:    refusal,
	})
}
