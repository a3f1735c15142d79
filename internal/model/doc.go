// Package model reads what the struct tags of an operation's input declare of
// the service model, and checks values by it. Both protocols check by it; how
// a value travels in a request is their business.
//
// An input is a struct whose fields are named as the members of the service
// model:
//
//	type CreateThingRequest struct {
//		AccountID string   `uri:"AccountId" check:"required,match=accountID"`
//		MaxItems  *int     `query:"max-items" check:"len=1..100"`
//		Note      *string  `check:"len=..64,match=note"`
//		Colours   []string `check:"len=..5" each:"enum=colour"`
//		Arn       *string  `name:"arn"`
//	}
//
// A field without uri or query is a member of the body. Path members are plain
// strings, all others pointers, lists or maps, since "absent" and "empty"
// differ on the wire. A name is for a member that Go's spelling of a field
// cannot give. A check is a list of:
//
//	required    must be present and not null
//	len=a..b    length of a string in UTF-16 units, as the service's own
//	            language counts; elements of a list or map; an integer's value.
//	            Either bound may be left out
//	match=name  the whole value matches the pattern of that name
//	enum=name   the value, or each value of a map, is one of that list
//	keys=a..b   length of each key of a map
//	sensitive   errors do not repeat the value
//
// What each of a list's strings has to keep to stands in a tag of its own.
package model
