package adminapi

import (
	"context"

	"rollcall/internal/access"
	"rollcall/internal/model"
	"rollcall/internal/restface"
	"rollcall/internal/restjson"
)

// rules are the patterns that the inputs' check tags name.
var rules = &model.Rules{
	Patterns: map[string]model.Pattern{
		"accountID": model.MustPattern(`[0-9]{12}`),
		"printable": model.MustPattern(`[\P{C}]+`),
	},
}

// handle makes the handler of an operation from its function.
func handle[In, Out any](fn func(context.Context, *access.Caller, *In) (*Out, error)) *restjson.Handler[*access.Caller] {
	return restjson.Handle(rules, fn)
}

// operations are what the API answers.
func (a *api) operations() []restface.Operation {
	return []restface.Operation{
		{Name: "ListAuditRecords", Method: "GET", URI: "/v1/accounts/{AccountId}/audit-records", Status: 200, ReadOnly: true, Handler: handle(a.listAuditRecords)},
		{Name: "PutIdentityProvider", Method: "PUT", URI: "/v1/accounts/{AccountId}/identity-providers", Status: 200, Handler: handle(a.putIdentityProvider)},
		{Name: "ListIdentityProviders", Method: "GET", URI: "/v1/accounts/{AccountId}/identity-providers", Status: 200, ReadOnly: true, Handler: handle(a.listIdentityProviders)},
		{Name: "DeleteIdentityProvider", Method: "DELETE", URI: "/v1/accounts/{AccountId}/identity-providers", Status: 200, Handler: handle(a.deleteIdentityProvider)},
	}
}

// own refuses callers of another account, in the words of IAM: no policy can
// let them in, since none belongs to the records of an account.
func own(c *access.Caller, accountID, action string) error {
	if c.Account.ID == accountID {
		return nil
	}
	return &access.Denied{ARN: c.ARN, Action: action, Resource: "*",
		Reason: "because no resource-based policy allows the " + action + " action"}
}
