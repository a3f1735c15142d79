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
	"rollcall/internal/iam"
	"rollcall/internal/pagetoken"
	"rollcall/internal/restface"
	"rollcall/internal/restjson"
	"rollcall/internal/seal"
)

// Config is what the API stands on.
type Config struct {
	Guard *access.Guard
	IAM   *iam.IAM
	Keys  *access.Keys
	Key   *seal.Key        // that page tokens are sealed under
	Now   func() time.Time // nil: time.Now

	Callback string // URL that people come back to from identity providers
}

// api has the functions of the operations.
type api struct {
	guard  *access.Guard
	iam    *iam.IAM
	tokens *pagetoken.Tokens

	callback string
}

// New makes the API. It panics when an operation's declaration makes no sense.
func New(c Config) http.Handler {
	if c.Now == nil {
		c.Now = time.Now
	}
	a := &api{c.Guard, c.IAM, pagetoken.New(c.Key, c.Now), c.Callback}
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
	if refused, ok := errors.AsType[*iam.Error](err); ok {
		return refusals[refused.Code].with(refused.Message)
	}
	return nil
}

// wire is how a refusal of package iam is sent.
type wire struct {
	code   string
	status int
}

// refusals are those that the API's verbs end in.
var refusals = map[iam.Code]wire{
	iam.NoSuchEntity:    {"ResourceNotFoundException", http.StatusNotFound},
	iam.LimitExceeded:   {"LimitExceededException", http.StatusConflict},
	iam.InvalidInput:    {"InvalidParameterValueException", http.StatusBadRequest},
	iam.ValidationError: {"InvalidParameterValueException", http.StatusBadRequest},
}

func (w wire) with(message string) *restjson.Error {
	return &restjson.Error{Code: w.code, Status: w.status, Message: message}
}
