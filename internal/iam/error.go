package iam

import "fmt"

// Code is the name of an error, which is that on the wire.
type Code string

// The errors of this package's verbs.
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
const (
	NoSuchEntity            Code = "NoSuchEntity"
	EntityAlreadyExists     Code = "EntityAlreadyExists"
	DeleteConflict          Code = "DeleteConflict"
	LimitExceeded           Code = "LimitExceeded"
	InvalidInput            Code = "InvalidInput"
	ValidationError         Code = "ValidationError"
	MalformedPolicyDocument Code = "MalformedPolicyDocument"
	PackedPolicyTooLarge    Code = "PackedPolicyTooLarge"
	AccessDenied            Code = "AccessDenied"
	InvalidIdentityToken    Code = "InvalidIdentityToken"
	ExpiredToken            Code = "ExpiredTokenException" // of an identity provider
	IDPCommunicationError   Code = "IDPCommunicationError"
)

// Error is a refusal. Its message is meant for the caller.
type Error struct {
	Code    Code
	Message string
}

func (e *Error) Error() string { return e.Message }

func refuse(code Code, format string, args ...any) *Error {
	return &Error{code, fmt.Sprintf(format, args...)}
}
