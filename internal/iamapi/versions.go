package iamapi

import (
	"context"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/awsquery"
	"rollcall/internal/iam"
)

// PolicyVersion is a version of a managed policy on the wire. Only
// GetPolicyVersion shows its document.
type PolicyVersion struct {
	Document         *string // percent-encoded
	VersionId        string
	IsDefaultVersion bool
	CreateDate       time.Time
}

func wireVersion(v iam.Version) PolicyVersion {
	return PolicyVersion{VersionId: iam.VersionID(v.Number), IsDefaultVersion: v.IsDefault, CreateDate: v.CreatedAt}
}

// PolicyVersionResponse is the output of CreatePolicyVersion and of
// GetPolicyVersion.
type PolicyVersionResponse struct{ PolicyVersion PolicyVersion }

// CreatePolicyVersionRequest is the input of CreatePolicyVersion.
type CreatePolicyVersionRequest struct {
	PolicyArn      *string `check:"required,len=20..2048"`
	PolicyDocument *string `check:"required,len=1..131072,match=latin1"`
	SetAsDefault   *bool
}

func (a *API) createPolicyVersion(ctx context.Context, c *access.Caller, in *CreatePolicyVersionRequest) (*PolicyVersionResponse, error) {
	v, err := a.iam.CreatePolicyVersion(ctx, c, *in.PolicyArn, *in.PolicyDocument, value(in.SetAsDefault))
	return &PolicyVersionResponse{wireVersion(v)}, err
}

// GetPolicyVersionRequest is the input of GetPolicyVersion.
type GetPolicyVersionRequest struct {
	PolicyArn *string `check:"required,len=20..2048"`
	VersionId *string `check:"required,match=versionID"`
}

func (a *API) getPolicyVersion(ctx context.Context, c *access.Caller, in *GetPolicyVersionRequest) (*PolicyVersionResponse, error) {
	v, err := a.iam.GetPolicyVersion(ctx, c, *in.PolicyArn, *in.VersionId)
	out := &PolicyVersionResponse{wireVersion(v)}
	out.PolicyVersion.Document = present(encoded(v.Document))
	return out, err
}

// ListPolicyVersionsRequest is the input of ListPolicyVersions.
type ListPolicyVersionsRequest struct {
	PolicyArn *string `check:"required,len=20..2048"`
	Marker    *string `check:"len=1..320,match=marker"`
	MaxItems  *int    `check:"len=1..1000"`
}

// ListPolicyVersionsResponse is the output of ListPolicyVersions.
type ListPolicyVersionsResponse struct {
	Versions    []PolicyVersion
	IsTruncated bool
	Marker      *string
}

func (a *API) listPolicyVersions(ctx context.Context, c *access.Caller, in *ListPolicyVersionsRequest) (*ListPolicyVersionsResponse, error) {
	versions, marker, err := a.iam.ListPolicyVersions(ctx, c, *in.PolicyArn, page(in.MaxItems, in.Marker))
	out := &ListPolicyVersionsResponse{[]PolicyVersion{}, marker != "", present(marker)}
	for _, v := range versions {
		out.Versions = append(out.Versions, wireVersion(v))
	}
	return out, err
}

// SetDefaultPolicyVersionRequest is the input of SetDefaultPolicyVersion.
type SetDefaultPolicyVersionRequest struct {
	PolicyArn *string `check:"required,len=20..2048"`
	VersionId *string `check:"required,match=versionID"`
}

func (a *API) setDefaultPolicyVersion(ctx context.Context, c *access.Caller, in *SetDefaultPolicyVersionRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.SetDefaultPolicyVersion(ctx, c, *in.PolicyArn, *in.VersionId))
}

// DeletePolicyVersionRequest is the input of DeletePolicyVersion.
type DeletePolicyVersionRequest struct {
	PolicyArn *string `check:"required,len=20..2048"`
	VersionId *string `check:"required,match=versionID"`
}

func (a *API) deletePolicyVersion(ctx context.Context, c *access.Caller, in *DeletePolicyVersionRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.DeletePolicyVersion(ctx, c, *in.PolicyArn, *in.VersionId))
}
