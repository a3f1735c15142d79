// Package adminapi answers what rollcall's own commands ask for, in the form
// of an AWS service: rest-json requests that are signed for the service
// rollcall, authorized by the policies of IAM and recorded like all others.
// operations.go is its table of contents.
package adminapi

import (
	"errors"
	"net/http"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/pagetoken"
	"rollcall/internal/restface"
	"rollcall/internal/restjson"
	"rollcall/internal/seal"
)

// Config is what the API stands on.
type Config struct {
	Guard *access.Guard
	Keys  *access.Keys
	Key   *seal.Key        // that page tokens are sealed under
	Now   func() time.Time // nil: time.Now
}

// api has the functions of the operations.
type api struct {
	guard  *access.Guard
	tokens *pagetoken.Tokens
}

// New makes the API. It panics when an operation's declaration makes no sense.
func New(c Config) http.Handler {
	if c.Now == nil {
		c.Now = time.Now
	}
	a := &api{c.Guard, pagetoken.New(c.Key, c.Now)}
	return restface.New(restface.Config{
		Service:    "rollcall",
		Operations: a.operations(),
		Guard:      c.Guard,
		Keys:       c.Keys,
		Now:        c.Now,
		Refusal:    refusal,
	})
}

// refusal names the API's own errors as QuickSight's are; nil for all others.
func refusal(err error) *restjson.Error {
	if errors.Is(err, pagetoken.ErrInvalid) {
		return &restjson.Error{Code: "InvalidNextTokenException", Status: http.StatusBadRequest, Message: "The NextToken value isn't valid."}
	}
	return nil
}
