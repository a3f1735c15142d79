package api

import (
	"errors"
	"net/http"

	"rollcall/internal/directory"
	"rollcall/internal/restjson"
)

// refusal names a refusal of the directory; nil for all other errors.
// AccessDeniedException has two statuses: 401 from the service itself, as
// recorded and as its API reference says of all of them, and 403 from IAM, as
// recorded.
func refusal(err error) *restjson.Error {
	var e *directory.Error
	if !errors.As(err, &e) {
		return nil
	}
	sent := &restjson.Error{Message: e.Message, ResourceType: string(e.Resource), NoRequestID: e.NoRequestID}
	switch e.Kind {
	case directory.Invalid:
		sent.Code, sent.Status = "InvalidParameterValueException", http.StatusBadRequest
	case directory.InvalidToken:
		sent.Code, sent.Status = "InvalidNextTokenException", http.StatusBadRequest
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
