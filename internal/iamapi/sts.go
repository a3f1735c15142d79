package iamapi

import (
	"context"

	"rollcall/internal/iam"
)

// GetCallerIdentityRequest is the input of GetCallerIdentity.
type GetCallerIdentityRequest struct{}

// GetCallerIdentityResponse is the output of GetCallerIdentity.
type GetCallerIdentityResponse struct {
	UserId  string // the account's id for its root
	Account string
	Arn     string
}

// getCallerIdentity needs no permission.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
func getCallerIdentity(_ context.Context, caller *iam.Key, _ *GetCallerIdentityRequest) (*GetCallerIdentityResponse, error) {
	id := caller.Account.ID
	return &GetCallerIdentityResponse{UserId: id, Account: id, Arn: caller.ARN()}, nil
}
