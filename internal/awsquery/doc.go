// Package awsquery turns typed Go functions into operations of AWS's query
// protocol (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html): it
// reads the parameters of a request, finds the operation for its Action and
// Version, binds the parameters to the operation's input, checks the input by
// the constraints in its tags, and writes outputs and errors as XML.
//
// It knows the protocol and nothing of the services: who the caller is and
// what an operation means is the business of its callers, and so is the header
// with the request's id.
//
// An input is a struct that declares its members as package model has it. They
// travel as parameters of the same name:
//
//	UserName *string   UserName=ana
//	MaxItems *int      MaxItems=100
//	Forced   *bool     Forced=true
//	Tag      *Tag      Tag.Key=team
//	TagKeys  []string  TagKeys.member.1=team&TagKeys.member.2=site
//	Tags     []Tag     Tags.member.1.Key=team
//	TagKeys  []string  TagKeys=                 the empty list
//
// An output is a struct whose fields are written as elements of the same name,
// in the order of their declaration. A nil pointer or list is absent; a list
// that a client should find empty must not be nil.
//
// A declaration that makes no sense panics when it is made, which is at the
// program's start.
package awsquery
