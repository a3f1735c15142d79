package api

import (
	"rollcall/internal/directory"
	"rollcall/internal/restjson"
)

// Operation is a row of the table as tests see it.
type Operation struct {
	Name, Method, URI string
	Status            int
	StatusInBody      bool
	Handler           *restjson.Handler[directory.Caller]
}

// Operations is the table of what the API answers.
func Operations() []Operation { return seen(new(API).operations()) }

// Elsewhere is the table of what it refuses by name.
func Elsewhere() []Operation { return seen(operationsElsewhere()) }

func seen(rows []operation) []Operation {
	var all []Operation
	for _, op := range rows {
		all = append(all, Operation{op.name, op.method, op.uri, op.status, op.statusInBody, op.handler})
	}
	return all
}

// Rules are what the inputs' check tags name.
var Rules = rules
