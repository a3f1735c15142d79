package api

import (
	"context"
	"errors"
	"net/http"

	"rollcall/internal/directory"
	"rollcall/internal/model"
	"rollcall/internal/request"
	"rollcall/internal/restjson"
	"rollcall/internal/sigv4"
	"rollcall/internal/store"
)

// Errors from before an operation. Names and statuses are those of
// https://docs.aws.amazon.com/quicksight/latest/APIReference/CommonErrors.html
var (
	errTooLarge = &restjson.Error{
		Code: "RequestEntityTooLargeException", Status: http.StatusRequestEntityTooLarge, Framework: true,
		Message: "Request is too large. The body may have at most 1048576 bytes."}
	errAborted = &restjson.Error{
		Code: "RequestAbortedException", Status: http.StatusBadRequest, Framework: true,
		Message: "The request was aborted before its body was complete."}
	// errPreflight is what CORS preflight requests get, as recorded: there is
	// no CORS.
	errPreflight = &restjson.Error{
		Code: "MissingAuthenticationTokenException", Status: http.StatusForbidden, Framework: true,
		Message: "Missing Authentication Token"}
	errCrossSite = &restjson.Error{
		Code: "AccessDeniedException", Status: http.StatusForbidden, Framework: true,
		Message: "Cross-site requests are not allowed."}
)

func unknownOperation(message string) *restjson.Error {
	return &restjson.Error{Code: "UnknownOperationException", Status: http.StatusNotFound, Framework: true, Message: message}
}

// wireError is the one place where errors become what is sent.
func wireError(err error) *restjson.Error {
	var (
		sent      *restjson.Error
		refused   *directory.Error
		signature *sigv4.Error
		violation *model.Violation
		syntax    *restjson.SyntaxError
	)
	switch {
	case errors.As(err, &sent):
		return sent
	case errors.Is(err, request.ErrCrossSite):
		return errCrossSite
	case errors.Is(err, request.ErrTooLarge):
		return errTooLarge
	case errors.Is(err, request.ErrAborted):
		return errAborted
	case errors.As(err, &refused):
		return refusal(refused)
	case errors.As(err, &signature):
		return signatureError(signature)
	case errors.As(err, &violation):
		return &restjson.Error{Code: "InvalidParameterValueException", Status: http.StatusBadRequest, Message: violation.Error()}
	case errors.As(err, &syntax):
		return &restjson.Error{Code: "SerializationException", Status: http.StatusBadRequest, Framework: true, Message: syntax.Error()}
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &restjson.Error{Code: "ResourceUnavailableException", Status: http.StatusServiceUnavailable,
			Message: "This resource is currently unavailable."}
	}
	return &restjson.Error{Code: "InternalFailureException", Status: http.StatusInternalServerError,
		Message: "An internal failure occurred."}
}

// refusal names a refusal of the directory. AccessDeniedException has two
// statuses: 403 from IAM, as recorded, and 401 from the service itself, as
// recorded and as its API reference says of all of them.
func refusal(e *directory.Error) *restjson.Error {
	sent := &restjson.Error{Message: e.Message, ResourceType: string(e.Resource), NoRequestID: e.NoRequestID}
	switch e.Kind {
	case directory.Invalid:
		sent.Code, sent.Status = "InvalidParameterValueException", http.StatusBadRequest
	case directory.InvalidToken:
		sent.Code, sent.Status = "InvalidNextTokenException", http.StatusBadRequest
	case directory.Denied:
		sent.Code, sent.Status = "AccessDeniedException", http.StatusForbidden
	case directory.Disabled:
		sent.Code, sent.Status = "AccessDeniedException", http.StatusUnauthorized
	case directory.NotFound:
		sent.Code, sent.Status = "ResourceNotFoundException", http.StatusNotFound
	case directory.Exists:
		sent.Code, sent.Status = "ResourceExistsException", http.StatusConflict
	case directory.Conflict:
		sent.Code, sent.Status = "ConflictException", http.StatusConflict
	case directory.Limit:
		sent.Code, sent.Status = "LimitExceededException", http.StatusConflict
	default:
		panic("api: a refusal without a kind")
	}
	return sent
}

// signatureError names a defect of a signature as rest-json services do.
func signatureError(e *sigv4.Error) *restjson.Error {
	code := map[sigv4.Kind]string{
		sigv4.KindMissingToken:     "MissingAuthenticationTokenException",
		sigv4.KindIncomplete:       "IncompleteSignatureException",
		sigv4.KindInvalidSignature: "InvalidSignatureException",
		sigv4.KindUnknownKey:       "UnrecognizedClientException",
		sigv4.KindExpiredToken:     "ExpiredTokenException",
	}[e.Kind]
	return &restjson.Error{Code: code, Status: http.StatusForbidden, Framework: true, Message: e.Message}
}
