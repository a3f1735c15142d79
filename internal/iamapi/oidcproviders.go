package iamapi

import (
	"context"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/awsquery"
	"rollcall/internal/iam"
)

// CreateOpenIDConnectProviderRequest is the input of
// CreateOpenIDConnectProvider.
type CreateOpenIDConnectProviderRequest struct {
	Url            *string  `check:"required,len=1..255"`
	ClientIDList   []string `each:"len=1..255"`
	ThumbprintList []string `each:"len=40..40"`
	Tags           []Tag    `check:"len=..50"`
}

// CreateOpenIDConnectProviderResponse is the output of
// CreateOpenIDConnectProvider.
type CreateOpenIDConnectProviderResponse struct {
	OpenIDConnectProviderArn string
	Tags                     []Tag
}

func (a *API) createOpenIDConnectProvider(ctx context.Context, c *access.Caller, in *CreateOpenIDConnectProviderRequest) (*CreateOpenIDConnectProviderResponse, error) {
	p, err := a.iam.CreateOIDCProvider(ctx, c, iam.NewOIDCProvider{
		URL:         *in.Url,
		ClientIDs:   in.ClientIDList,
		Thumbprints: in.ThumbprintList,
		Tags:        tags(in.Tags),
	})
	return &CreateOpenIDConnectProviderResponse{p.ARN, wireTags(p.Tags)}, err
}

// GetOpenIDConnectProviderRequest is the input of GetOpenIDConnectProvider.
type GetOpenIDConnectProviderRequest struct {
	OpenIDConnectProviderArn *string `check:"required,len=20..2048"`
}

// GetOpenIDConnectProviderResponse is the output of GetOpenIDConnectProvider,
// whose URL has no scheme.
type GetOpenIDConnectProviderResponse struct {
	Url            string
	ClientIDList   []string
	ThumbprintList []string
	CreateDate     time.Time
	Tags           []Tag
}

func (a *API) getOpenIDConnectProvider(ctx context.Context, c *access.Caller, in *GetOpenIDConnectProviderRequest) (*GetOpenIDConnectProviderResponse, error) {
	p, err := a.iam.GetOIDCProvider(ctx, c, *in.OpenIDConnectProviderArn)
	return &GetOpenIDConnectProviderResponse{
		Url:            p.URL,
		ClientIDList:   append([]string{}, p.ClientIDs...),
		ThumbprintList: append([]string{}, p.Thumbprints...),
		CreateDate:     p.CreatedAt,
		Tags:           wireTags(p.Tags),
	}, err
}

// ListOpenIDConnectProvidersRequest is the input of ListOpenIDConnectProviders.
type ListOpenIDConnectProvidersRequest struct{}

// OpenIDConnectProviderListEntry is a provider in a list.
type OpenIDConnectProviderListEntry struct{ Arn string }

// ListOpenIDConnectProvidersResponse is the output of
// ListOpenIDConnectProviders.
type ListOpenIDConnectProvidersResponse struct {
	OpenIDConnectProviderList []OpenIDConnectProviderListEntry
}

func (a *API) listOpenIDConnectProviders(ctx context.Context, c *access.Caller, _ *ListOpenIDConnectProvidersRequest) (*ListOpenIDConnectProvidersResponse, error) {
	providers, err := a.iam.ListOIDCProviders(ctx, c)
	out := &ListOpenIDConnectProvidersResponse{[]OpenIDConnectProviderListEntry{}}
	for _, p := range providers {
		out.OpenIDConnectProviderList = append(out.OpenIDConnectProviderList, OpenIDConnectProviderListEntry{p.ARN})
	}
	return out, err
}

// DeleteOpenIDConnectProviderRequest is the input of
// DeleteOpenIDConnectProvider.
type DeleteOpenIDConnectProviderRequest struct {
	OpenIDConnectProviderArn *string `check:"required,len=20..2048"`
}

func (a *API) deleteOpenIDConnectProvider(ctx context.Context, c *access.Caller, in *DeleteOpenIDConnectProviderRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.DeleteOIDCProvider(ctx, c, *in.OpenIDConnectProviderArn))
}

// AddClientIDToOpenIDConnectProviderRequest is the input of
// AddClientIDToOpenIDConnectProvider.
type AddClientIDToOpenIDConnectProviderRequest struct {
	OpenIDConnectProviderArn *string `check:"required,len=20..2048"`
	ClientID                 *string `check:"required,len=1..255"`
}

func (a *API) addClientIDToOpenIDConnectProvider(ctx context.Context, c *access.Caller, in *AddClientIDToOpenIDConnectProviderRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.AddClientID(ctx, c, *in.OpenIDConnectProviderArn, *in.ClientID))
}

// RemoveClientIDFromOpenIDConnectProviderRequest is the input of
// RemoveClientIDFromOpenIDConnectProvider.
type RemoveClientIDFromOpenIDConnectProviderRequest struct {
	OpenIDConnectProviderArn *string `check:"required,len=20..2048"`
	ClientID                 *string `check:"required,len=1..255"`
}

func (a *API) removeClientIDFromOpenIDConnectProvider(ctx context.Context, c *access.Caller, in *RemoveClientIDFromOpenIDConnectProviderRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.RemoveClientID(ctx, c, *in.OpenIDConnectProviderArn, *in.ClientID))
}

// UpdateOpenIDConnectProviderThumbprintRequest is the input of
// UpdateOpenIDConnectProviderThumbprint.
type UpdateOpenIDConnectProviderThumbprintRequest struct {
	OpenIDConnectProviderArn *string  `check:"required,len=20..2048"`
	ThumbprintList           []string `check:"required" each:"len=40..40"`
}

func (a *API) updateOpenIDConnectProviderThumbprint(ctx context.Context, c *access.Caller, in *UpdateOpenIDConnectProviderThumbprintRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.UpdateThumbprints(ctx, c, *in.OpenIDConnectProviderArn, in.ThumbprintList))
}

// TagOpenIDConnectProviderRequest is the input of TagOpenIDConnectProvider.
type TagOpenIDConnectProviderRequest struct {
	OpenIDConnectProviderArn *string `check:"required,len=20..2048"`
	Tags                     []Tag   `check:"required,len=..50"`
}

func (a *API) tagOpenIDConnectProvider(ctx context.Context, c *access.Caller, in *TagOpenIDConnectProviderRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.TagOIDCProvider(ctx, c, *in.OpenIDConnectProviderArn, tags(in.Tags)))
}

// UntagOpenIDConnectProviderRequest is the input of UntagOpenIDConnectProvider.
type UntagOpenIDConnectProviderRequest struct {
	OpenIDConnectProviderArn *string  `check:"required,len=20..2048"`
	TagKeys                  []string `check:"required,len=..50" each:"len=1..128,match=tagKey"`
}

func (a *API) untagOpenIDConnectProvider(ctx context.Context, c *access.Caller, in *UntagOpenIDConnectProviderRequest) (*awsquery.NoOutput, error) {
	return none(a.iam.UntagOIDCProvider(ctx, c, *in.OpenIDConnectProviderArn, in.TagKeys))
}

// ListOpenIDConnectProviderTagsRequest is the input of
// ListOpenIDConnectProviderTags.
type ListOpenIDConnectProviderTagsRequest struct {
	OpenIDConnectProviderArn *string `check:"required,len=20..2048"`
	Marker                   *string `check:"len=1..320,match=marker"`
	MaxItems                 *int    `check:"len=1..1000"`
}

func (a *API) listOpenIDConnectProviderTags(ctx context.Context, c *access.Caller, in *ListOpenIDConnectProviderTagsRequest) (*ListTagsResponse, error) {
	tags, marker, err := a.iam.ListOIDCProviderTags(ctx, c, *in.OpenIDConnectProviderArn, page(in.MaxItems, in.Marker))
	return wireTagPage(tags, marker), err
}
