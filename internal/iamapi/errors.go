package iamapi

import (
	"context"
	"errors"
	"net/http"

	"rollcall/internal/access"
	"rollcall/internal/awsquery"
	"rollcall/internal/iam"
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

// statuses are those of the errors of package iam, as the service models have
// them.
var statuses = map[iam.Code]int{
	iam.NoSuchEntity:            http.StatusNotFound,
	iam.EntityAlreadyExists:     http.StatusConflict,
	iam.DeleteConflict:          http.StatusConflict,
	iam.LimitExceeded:           http.StatusConflict,
	iam.InvalidInput:            http.StatusBadRequest,
	iam.ValidationError:         http.StatusBadRequest,
	iam.MalformedPolicyDocument: http.StatusBadRequest,
	iam.PackedPolicyTooLarge:    http.StatusBadRequest,
	iam.AccessDenied:            http.StatusForbidden,
	iam.InvalidIdentityToken:    http.StatusBadRequest,
	iam.ExpiredToken:            http.StatusBadRequest,
	iam.IDPCommunicationError:   http.StatusBadRequest,
}

// errOwnSession is what sessions get at IAM that a user or root has made of
// himself.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
var errOwnSession = &awsquery.Error{Code: "InvalidClientTokenId", Status: http.StatusForbidden,
	Message: "The security token included in the request is invalid."}

// accessDenied is what IAM's own refusals are called.
const accessDenied = string(iam.AccessDenied)

// wireError is the one place where errors become what is sent.
func wireError(err error) *awsquery.Error {
	var (
		sent      *awsquery.Error
		refused   *iam.Error
		denied    *access.Denied
		signature *sigv4.Error
	)
	switch {
	case errors.As(err, &sent):
		return sent
	case errors.As(err, &refused):
		return &awsquery.Error{Code: string(refused.Code), Status: statuses[refused.Code], Message: refused.Message}
	case errors.As(err, &denied):
		return &awsquery.Error{Code: accessDenied, Status: http.StatusForbidden, Message: denied.Error()}
	case errors.As(err, &signature):
		e := signatureErrors[signature.Kind]
		e.Message = signature.Message
		return &e
	case errors.Is(err, request.ErrCrossSite):
		return &awsquery.Error{Code: accessDenied, Status: http.StatusForbidden, Message: "Cross-site requests are not allowed."}
	case errors.Is(err, request.ErrTooLarge):
		return &awsquery.Error{Code: "RequestEntityTooLargeException", Status: http.StatusRequestEntityTooLarge, Message: err.Error()}
	case errors.Is(err, request.ErrAborted):
		return &awsquery.Error{Code: "RequestAborted", Status: http.StatusBadRequest, Message: err.Error()}
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &awsquery.Error{Code: "ServiceUnavailable", Status: http.StatusServiceUnavailable, Message: "Service is unavailable."}
	}
	return &awsquery.Error{Code: "InternalFailure", Status: http.StatusInternalServerError, Message: "An internal failure occurred."}
}
