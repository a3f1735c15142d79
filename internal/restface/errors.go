package restface

import (
	"context"
	"errors"
	"net/http"

	"rollcall/internal/access"
	"rollcall/internal/model"
	"rollcall/internal/request"
	"rollcall/internal/restjson"
	"rollcall/internal/sigv4"
	"rollcall/internal/store"
)

// framework is an error from before an operation. Names and statuses are those
// of https://docs.aws.amazon.com/quicksight/latest/APIReference/CommonErrors.html
func framework(code string, status int, message string) *restjson.Error {
	return &restjson.Error{Code: code, Status: status, Message: message, Framework: true}
}

var (
	// errPreflight is what CORS preflight requests get, as recorded: there is
	// no CORS.
	errPreflight = framework("MissingAuthenticationTokenException", http.StatusForbidden, "Missing Authentication Token")
	errCrossSite = framework("AccessDeniedException", http.StatusForbidden, "Cross-site requests are not allowed.")
	errTooLarge  = framework("RequestEntityTooLargeException", http.StatusRequestEntityTooLarge,
		"Request is too large. The body may have at most 1048576 bytes.")
	errAborted = framework("RequestAbortedException", http.StatusBadRequest,
		"The request was aborted before its body was complete.")
)

func unknownOperation(message string) *restjson.Error {
	return framework("UnknownOperationException", http.StatusNotFound, message)
}

// wireError is the one place where errors become what is sent.
func (f *Face) wireError(err error) *restjson.Error {
	if f.config.Refusal != nil {
		if sent := f.config.Refusal(err); sent != nil {
			return sent
		}
	}
	var (
		sent      *restjson.Error
		denied    *access.Denied
		violation *model.Violation
	)
	switch {
	case errors.As(err, &sent):
		return sent
	case errors.As(err, &denied):
		return &restjson.Error{Code: "AccessDeniedException", Status: http.StatusForbidden, Message: denied.Error()}
	case errors.As(err, &violation):
		return &restjson.Error{Code: "InvalidParameterValueException", Status: http.StatusBadRequest, Message: violation.Error()}
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &restjson.Error{Code: "ResourceUnavailableException", Status: http.StatusServiceUnavailable,
			Message: "This resource is currently unavailable."}
	}
	return requestError(err)
}

// requestError names what is wrong with a request whatever it asks for. All
// else is our own failure.
func requestError(err error) *restjson.Error {
	var (
		signature *sigv4.Error
		syntax    *restjson.SyntaxError
	)
	switch {
	case errors.As(err, &signature):
		return framework(signatureErrors[signature.Kind], http.StatusForbidden, signature.Message)
	case errors.As(err, &syntax):
		return framework("SerializationException", http.StatusBadRequest, syntax.Error())
	case errors.Is(err, request.ErrCrossSite):
		return errCrossSite
	case errors.Is(err, request.ErrTooLarge):
		return errTooLarge
	case errors.Is(err, request.ErrAborted):
		return errAborted
	}
	return &restjson.Error{Code: "InternalFailureException", Status: http.StatusInternalServerError,
		Message: "An internal failure occurred."}
}

// signatureErrors are the names of defects of a signature in rest-json
// services.
var signatureErrors = map[sigv4.Kind]string{
	sigv4.KindMissingToken:     "MissingAuthenticationTokenException",
	sigv4.KindIncomplete:       "IncompleteSignatureException",
	sigv4.KindInvalidSignature: "InvalidSignatureException",
	sigv4.KindUnknownKey:       "UnrecognizedClientException",
	sigv4.KindExpiredToken:     "ExpiredTokenException",
}
