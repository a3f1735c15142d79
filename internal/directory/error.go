package directory

import (
	"errors"
	"fmt"

	"rollcall/internal/model"
	"rollcall/internal/store"
)

// Kind is a kind of refusal.
type Kind int

// The kinds of refusal, each with the exception that stands for it in the
// API.
const (
	Invalid      Kind = iota + 1 // a value breaks a rule: InvalidParameterValueException
	InvalidToken                 // a page token is of no use: InvalidNextTokenException
	Disabled                     // the service itself says no: AccessDeniedException, with 401
	NotFound                     // ResourceNotFoundException
	Exists                       // ResourceExistsException
	Conflict                     // ConflictException
	Limit                        // LimitExceededException
)

// ResourceType is the service's word for what was missing, doubled or full
// (ExceptionResourceType of the service model); "" where it has none.
type ResourceType string

// The resource types of this package's errors.
const (
	NoResource   ResourceType = ""
	UserResource ResourceType = "USER"
)

// Error is a refusal. Its message is meant for the caller.
type Error struct {
	Kind     Kind
	Resource ResourceType
	Message  string
	// NoRequestID: the service was recorded to leave the request's id out of
	// the body of this one.
	NoRequestID bool
}

func (e *Error) Error() string { return e.Message }

// scope is the account and namespace that a request is about, which the
// service's error texts name.
type scope struct{ accountID, namespace string }

// invalid is a broken rule of an operation on a namespace.
func (s scope) invalid(format string, args ...any) error {
	return &Error{Kind: Invalid, Message: fmt.Sprintf(format, args...) +
		fmt.Sprintf(" AWS account ID: %s, Namespace: %s. ", s.accountID, s.namespace)}
}

// invalidMember is a broken bound that the service model does not have, in the
// words for those that it has.
func invalidMember(member, value, rule string) error {
	v := model.Violation{Member: member, Value: "'" + model.Shorten(value) + "'", Rule: rule}
	return &Error{Kind: Invalid, Message: v.Error()}
}

// user gives an error of the store about a user the words of the service.
// Both texts are recorded ones; neither AWS's body of the second names a
// resource type or a request.
func (s scope) user(err error, name string) error {
	if store.Missing(err, store.RecordNamespace) {
		return &Error{Kind: NotFound, NoRequestID: true, Message: fmt.Sprintf(
			"Namespace %[2]s not found in account %[1]s. AWS account ID: %[1]s, Namespace: %[2]s.",
			s.accountID, s.namespace)}
	}
	return wrap(err, UserResource, fmt.Sprintf(
		"AWS account id: %s, Namespace: %s, Username: %s. ", s.accountID, s.namespace, name))
}

// profileError gives an error of the store about a custom permissions profile
// the words of the service: a guess in the style of a user's, and for a
// profile in use the text of ConflictException in the service model.
func profileError(err error, accountID, name string) error {
	about := fmt.Sprintf("AWS account id: %s, Custom permissions name: %s. ", accountID, name)
	if errors.Is(err, store.ErrConflict) {
		about = "Updating or deleting a resource can cause an inconsistent state. " + about
	}
	return wrap(err, NoResource, about)
}

// wrap turns an error of the store into a refusal, if it is one.
func wrap(err error, resource ResourceType, message string) error {
	var kind Kind
	switch {
	case errors.Is(err, store.ErrNotFound):
		kind = NotFound
	case errors.Is(err, store.ErrExists):
		kind = Exists
	case errors.Is(err, store.ErrConflict):
		kind = Conflict
	case errors.Is(err, store.ErrLimit):
		kind = Limit
	default:
		return err
	}
	return &Error{Kind: kind, Resource: resource, Message: message}
}

// first is the first of joined errors: an answer names one rule at a time.
func first(err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()[0]
	}
	return err
}
