package iamapi

import (
	"context"
	"errors"
	"net/http"

	"rollcall/internal/awsquery"
	"rollcall/internal/request"
	"rollcall/internal/sigv4"
	"rollcall/internal/store"
)

// signatureErrors are the names of defects of a signature in query services,
// as recorded; https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
// has others.
var signatureErrors = map[sigv4.Kind]awsquery.Error{
	sigv4.KindMissingToken:     {Code: "MissingAuthenticationToken", Status: http.StatusForbidden},
	sigv4.KindIncomplete:       {Code: "IncompleteSignature", Status: http.StatusBadRequest},
	sigv4.KindInvalidSignature: {Code: "SignatureDoesNotMatch", Status: http.StatusForbidden},
	sigv4.KindUnknownKey:       {Code: "InvalidClientTokenId", Status: http.StatusForbidden},
	sigv4.KindExpiredToken:     {Code: "ExpiredToken", Status: http.StatusForbidden},
}

// wireError is the one place where errors become what is sent.
func wireError(err error) *awsquery.Error {
	var (
		sent      *awsquery.Error
		signature *sigv4.Error
	)
	switch {
	case errors.As(err, &sent):
		return sent
	case errors.As(err, &signature):
		e := signatureErrors[signature.Kind]
		e.Message = signature.Message
		return &e
	case errors.Is(err, request.ErrCrossSite):
		return &awsquery.Error{Code: "AccessDenied", Status: http.StatusForbidden, Message: "Cross-site requests are not allowed."}
	case errors.Is(err, request.ErrTooLarge):
		return &awsquery.Error{Code: "RequestEntityTooLarge", Status: http.StatusRequestEntityTooLarge, Message: err.Error()}
	case errors.Is(err, request.ErrAborted):
		return &awsquery.Error{Code: "RequestAborted", Status: http.StatusBadRequest, Message: err.Error()}
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &awsquery.Error{Code: "ServiceUnavailable", Status: http.StatusServiceUnavailable, Message: "Service is unavailable."}
	}
	return &awsquery.Error{Code: "InternalFailure", Status: http.StatusInternalServerError, Message: "An internal failure occurred."}
}
