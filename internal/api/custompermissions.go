package api

import (
	"context"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rollcall/internal/access"
	"rollcall/internal/directory"
)

// Capabilities is a structure of 279 members, all of one type: a map from
// their names is the handier form of it.
type Capabilities map[string]string

// UnmarshalJSONFrom reads the members that the model knows and passes over
// others and nulls, as for every structure.
func (c *Capabilities) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() == 'n' {
		return d.SkipValue()
	}
	var members map[string]jsontext.Value
	if err := json.UnmarshalDecode(d, &members); err != nil {
		return err
	}
	*c = Capabilities{}
	for name, raw := range members {
		if !directory.IsCapability(name) || raw.Kind() == 'n' {
			continue
		}
		var state string
		if err := json.Unmarshal(raw, &state); err != nil {
			return err
		}
		(*c)[name] = state
	}
	return nil
}

// Governance is the default effect of categories of capabilities.
type Governance struct {
	DefaultCategoryEffects map[string]string `json:",omitzero" check:"keys=1..128,enum=defaultCategoryEffect"`
}

func governance(g *Governance) map[string]string {
	if g == nil {
		return nil
	}
	if g.DefaultCategoryEffects == nil {
		return map[string]string{} // set, and empty
	}
	return g.DefaultCategoryEffects
}

// CustomPermissions is a profile on the wire.
type CustomPermissions struct {
	Arn                   string
	CustomPermissionsName string
	Capabilities          Capabilities
	Governance            *Governance `json:",omitzero"`
}

func wireCustomPermissions(p directory.CustomPermissions) CustomPermissions {
	out := CustomPermissions{Arn: p.ARN, CustomPermissionsName: p.Name, Capabilities: p.Capabilities}
	if p.Governance != nil {
		out.Governance = &Governance{p.Governance}
	}
	return out
}

// CreateCustomPermissionsRequest is the input of CreateCustomPermissions.
type CreateCustomPermissionsRequest struct {
	AwsAccountId          string       `uri:"AwsAccountId" json:"-" check:"required,len=12..12,match=accountID"`
	CustomPermissionsName *string      `check:"required,len=1..64,match=profileName"`
	Capabilities          Capabilities `check:"enum=capabilityState"`
	Governance            *Governance
	Tags                  []Tag `check:"len=1..200"`
}

// ArnResponse is the output of the operations that change a profile.
type ArnResponse struct{ Arn string }

func (a *api) createCustomPermissions(ctx context.Context, c *access.Caller, in *CreateCustomPermissionsRequest) (*ArnResponse, error) {
	arn, err := a.directory.CreateCustomPermissions(ctx, c, directory.CustomPermissionsChange{
		AccountID:    in.AwsAccountId,
		Name:         *in.CustomPermissionsName,
		Capabilities: in.Capabilities,
		Governance:   governance(in.Governance),
		Tags:         tags(in.Tags),
	})
	return &ArnResponse{arn}, err
}

// CustomPermissionsRequest is the input of DescribeCustomPermissions and of
// DeleteCustomPermissions.
type CustomPermissionsRequest struct {
	AwsAccountId          string `uri:"AwsAccountId" json:"-" check:"required,len=12..12,match=accountID"`
	CustomPermissionsName string `uri:"CustomPermissionsName" json:"-" check:"required,len=1..64,match=profileName"`
}

// DescribeCustomPermissionsResponse is the output of DescribeCustomPermissions.
type DescribeCustomPermissionsResponse struct{ CustomPermissions CustomPermissions }

func (a *api) describeCustomPermissions(ctx context.Context, c *access.Caller, in *CustomPermissionsRequest) (*DescribeCustomPermissionsResponse, error) {
	p, err := a.directory.DescribeCustomPermissions(ctx, c, in.AwsAccountId, in.CustomPermissionsName)
	return &DescribeCustomPermissionsResponse{wireCustomPermissions(p)}, err
}

// UpdateCustomPermissionsRequest is the input of UpdateCustomPermissions.
type UpdateCustomPermissionsRequest struct {
	AwsAccountId          string       `uri:"AwsAccountId" json:"-" check:"required,len=12..12,match=accountID"`
	CustomPermissionsName string       `uri:"CustomPermissionsName" json:"-" check:"required,len=1..64,match=profileName"`
	Capabilities          Capabilities `check:"enum=capabilityState"`
	Governance            *Governance
}

func (a *api) updateCustomPermissions(ctx context.Context, c *access.Caller, in *UpdateCustomPermissionsRequest) (*ArnResponse, error) {
	arn, err := a.directory.UpdateCustomPermissions(ctx, c, directory.CustomPermissionsChange{
		AccountID:    in.AwsAccountId,
		Name:         in.CustomPermissionsName,
		Capabilities: in.Capabilities,
		Governance:   governance(in.Governance),
	})
	return &ArnResponse{arn}, err
}

func (a *api) deleteCustomPermissions(ctx context.Context, c *access.Caller, in *CustomPermissionsRequest) (*ArnResponse, error) {
	arn, err := a.directory.DeleteCustomPermissions(ctx, c, in.AwsAccountId, in.CustomPermissionsName)
	return &ArnResponse{arn}, err
}

// ListCustomPermissionsRequest is the input of ListCustomPermissions.
type ListCustomPermissionsRequest struct {
	AwsAccountId string  `uri:"AwsAccountId" json:"-" check:"required,len=12..12,match=accountID"`
	MaxResults   *int    `query:"max-results" json:"-" check:"len=1..100"`
	NextToken    *string `query:"next-token" json:"-"`
}

// ListCustomPermissionsResponse is the output of ListCustomPermissions.
type ListCustomPermissionsResponse struct {
	CustomPermissionsList []CustomPermissions
	NextToken             string `json:",omitempty"`
}

func (a *api) listCustomPermissions(ctx context.Context, c *access.Caller, in *ListCustomPermissionsRequest) (*ListCustomPermissionsResponse, error) {
	list, err := a.directory.ListCustomPermissions(ctx, c, in.AwsAccountId, page(in.MaxResults, in.NextToken))
	out := &ListCustomPermissionsResponse{NextToken: list.NextToken}
	for _, p := range list.Profiles {
		out.CustomPermissionsList = append(out.CustomPermissionsList, wireCustomPermissions(p))
	}
	return out, err
}
