package iamapi

import (
	"context"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/awsquery"
)

// AccessKey is an access key just made. The root of an account has no name.
type AccessKey struct {
	UserName        *string
	AccessKeyId     string
	Status          string
	SecretAccessKey string
	CreateDate      time.Time
}

// CreateAccessKeyRequest is the input of CreateAccessKey.
type CreateAccessKeyRequest struct {
	UserName *string `check:"len=1..128,match=name"`
}

// CreateAccessKeyResponse is the output of CreateAccessKey, the only one that
// has the secret.
type CreateAccessKeyResponse struct{ AccessKey AccessKey }

func (a *API) createAccessKey(ctx context.Context, c *access.Caller, in *CreateAccessKeyRequest) (*CreateAccessKeyResponse, error) {
	k, err := a.iam.CreateAccessKey(ctx, c, value(in.UserName))
	return &CreateAccessKeyResponse{AccessKey{present(k.UserName), k.ID, k.Status(), k.Key.Secret, k.CreatedAt}}, err
}

// AccessKeyMetadata is an access key without its secret.
type AccessKeyMetadata struct {
	UserName    *string
	AccessKeyId string
	Status      string
	CreateDate  time.Time
}

// ListAccessKeysRequest is the input of ListAccessKeys.
type ListAccessKeysRequest struct {
	UserName *string `check:"len=1..128,match=name"`
	Marker   *string `check:"len=1..320,match=marker"`
	MaxItems *int    `check:"len=1..1000"`
}

// ListAccessKeysResponse is the output of ListAccessKeys.
type ListAccessKeysResponse struct {
	AccessKeyMetadata []AccessKeyMetadata
	IsTruncated       bool
	Marker            *string
}

func (a *API) listAccessKeys(ctx context.Context, c *access.Caller, in *ListAccessKeysRequest) (*ListAccessKeysResponse, error) {
	keys, marker, err := a.iam.ListAccessKeys(ctx, c, value(in.UserName), page(in.MaxItems, in.Marker))
	out := &ListAccessKeysResponse{[]AccessKeyMetadata{}, marker != "", present(marker)}
	for _, k := range keys {
		out.AccessKeyMetadata = append(out.AccessKeyMetadata, AccessKeyMetadata{present(k.UserName), k.ID, k.Status(), k.CreatedAt})
	}
	return out, err
}

// UpdateAccessKeyRequest is the input of UpdateAccessKey.
type UpdateAccessKeyRequest struct {
	UserName    *string `check:"len=1..128,match=name"`
	AccessKeyId *string `check:"required,len=16..128,match=keyID"`
	Status      *string `check:"required,enum=keyStatus"`
}

func (a *API) updateAccessKey(ctx context.Context, c *access.Caller, in *UpdateAccessKeyRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.UpdateAccessKey(ctx, c, value(in.UserName), *in.AccessKeyId, *in.Status))
}

// DeleteAccessKeyRequest is the input of DeleteAccessKey.
type DeleteAccessKeyRequest struct {
	UserName    *string `check:"len=1..128,match=name"`
	AccessKeyId *string `check:"required,len=16..128,match=keyID"`
}

func (a *API) deleteAccessKey(ctx context.Context, c *access.Caller, in *DeleteAccessKeyRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.DeleteAccessKey(ctx, c, value(in.UserName), *in.AccessKeyId))
}
