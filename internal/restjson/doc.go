// Package restjson turns typed Go functions into operations of the rest-json
// protocol (https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html):
// it finds the operation for a request, binds path, query and body to the
// operation's input, checks the input by the constraints in its tags, and
// writes outputs and errors.
//
// It knows the protocol and nothing of the service: who the caller is and
// what an operation means is the business of its callers.
//
// An input is a struct that declares its members as package model has it. The
// members of path and query are hidden from the JSON decoder:
//
//	type DescribeThingRequest struct {
//		AccountID string  `uri:"AccountId" json:"-" check:"required,match=accountID"`
//		MaxItems  *int    `query:"max-items" json:"-" check:"len=1..100"`
//		Note      *string `check:"len=..64,match=note"`
//	}
//
// A declaration that makes no sense panics when it is made, which is at the
// program's start.
package restjson
