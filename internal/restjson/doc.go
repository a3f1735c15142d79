// Package restjson turns typed Go functions into operations of the rest-json
// protocol (https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html):
// it finds the operation for a request, binds path, query and body to the
// operation's input, checks the input by the constraints in its tags, and
// writes outputs and errors.
//
// It knows the protocol and nothing of the service: who the caller is and
// what an operation means is the business of its callers.
//
// An input is a struct whose fields are named as the members of the service
// model:
//
//	type DescribeThingRequest struct {
//		AccountID string  `uri:"AccountId" json:"-" check:"required,match=accountID"`
//		MaxItems  *int    `query:"max-items" json:"-" check:"len=1..100"`
//		Note      *string `check:"len=..64,match=note"`
//	}
//
// A field without uri or query is a member of the JSON body. Path members are
// plain strings, all others pointers, lists or maps, since "absent" and
// "empty" differ on the wire. A check is a list of:
//
//	required    must be present and not null
//	len=a..b    length of a string in UTF-16 units, as the service's own
//	            language counts; elements of a list or map; an integer's value.
//	            Either bound may be left out
//	match=name  the whole value matches the pattern of that name
//	enum=name   the value, or each value of a map, is one of that list
//	keys=a..b   length of each key of a map
//
// A declaration that makes no sense panics when it is made, which is at the
// program's start.
package restjson
