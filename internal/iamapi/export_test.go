package iamapi

import (
	"rollcall/internal/access"
	"rollcall/internal/awsquery"
)

// Operation is a row of a service's table as tests see it.
type Operation struct {
	Service, Name string
	ReadOnly      bool
	Handler       *awsquery.Handler[*access.Caller]
}

// Operations are the tables of what the API answers.
func Operations() []Operation {
	a := new(API)
	var all []Operation
	for service, operations := range map[string][]operation{"iam": a.iamOperations(), "sts": a.stsOperations()} {
		for _, op := range operations {
			all = append(all, Operation{service, op.name, op.readOnly, op.handler})
		}
	}
	return all
}

// Rules are what the inputs' check tags name.
var Rules = rules

// Statuses are those of the errors of package iam.
var Statuses = statuses
