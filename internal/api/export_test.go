package api

import "rollcall/internal/restface"

// Operation is a row of the table.
type Operation = restface.Operation

// Operations is the table of what the API answers.
func Operations() []Operation { return new(api).operations() }

// Elsewhere is the table of what it refuses by name.
func Elsewhere() []Operation { return elsewhere() }

// Rules are what the inputs' check tags name.
var Rules = rules
