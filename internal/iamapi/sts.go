package iamapi

import (
	"context"
	"time"

	"rollcall/internal/access"
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
func (a *API) getCallerIdentity(ctx context.Context, c *access.Caller, _ *GetCallerIdentityRequest) (*GetCallerIdentityResponse, error) {
	id, err := a.guard.Identify(ctx, c)
	return &GetCallerIdentityResponse{UserId: id.UserID, Account: c.Account.ID, Arn: id.ARN}, err
}

// Credentials are temporary credentials on the wire.
type Credentials struct {
	AccessKeyId     string
	SecretAccessKey string
	SessionToken    string
	Expiration      time.Time
}

func wireCredentials(c access.Credentials) Credentials {
	return Credentials{c.AccessKeyID, c.SecretAccessKey, c.SessionToken, c.Expiration}
}

// PolicyDescriptor is a managed session policy on the wire.
type PolicyDescriptor struct {
	Arn *string `name:"arn" check:"len=20..2048,match=text"`
}

// ProvidedContext is what another service says of the caller.
type ProvidedContext struct {
	ProviderArn      *string `check:"len=20..2048,match=text"`
	ContextAssertion *string `check:"len=4..2048"`
}

// AssumeRoleRequest is the input of AssumeRole.
type AssumeRoleRequest struct {
	RoleArn           *string            `check:"required,len=20..2048,match=text"`
	RoleSessionName   *string            `check:"required,len=2..64,match=sessionName"`
	PolicyArns        []PolicyDescriptor ``
	Policy            *string            `check:"len=1..,match=latin1"`
	DurationSeconds   *int               `check:"len=900..43200"`
	Tags              []Tag              `check:"len=..50"`
	TransitiveTagKeys []string           `check:"len=..50" each:"len=1..128,match=tagKey"`
	ExternalId        *string            `check:"len=2..1224,match=externalID"`
	SerialNumber      *string            `check:"len=9..256,match=serialNumber"`
	TokenCode         *string            `check:"len=6..6,match=tokenCode,sensitive"`
	SourceIdentity    *string            `check:"len=2..64,match=sessionName"`
	ProvidedContexts  []ProvidedContext  `check:"len=1..5"`
}

// AssumedRoleUser is who a session is.
type AssumedRoleUser struct{ AssumedRoleId, Arn string }

// AssumeRoleResponse is the output of AssumeRole.
type AssumeRoleResponse struct {
	Credentials      Credentials
	AssumedRoleUser  AssumedRoleUser
	PackedPolicySize *int // of sessions with policies or tags
	SourceIdentity   *string
}

func (a *API) assumeRole(ctx context.Context, c *access.Caller, in *AssumeRoleRequest) (*AssumeRoleResponse, error) {
	n := iam.NewSession{
		RoleARN:        *in.RoleArn,
		Name:           *in.RoleSessionName,
		Duration:       seconds(in.DurationSeconds),
		Policy:         value(in.Policy),
		Tags:           tags(in.Tags),
		TransitiveKeys: in.TransitiveTagKeys,
		ExternalID:     value(in.ExternalId),
		SourceIdentity: value(in.SourceIdentity),
		WithMFA:        in.SerialNumber != nil || in.TokenCode != nil,
		WithContext:    in.ProvidedContexts != nil,
	}
	for _, p := range in.PolicyArns {
		n.PolicyARNs = append(n.PolicyARNs, value(p.Arn))
	}
	s, err := a.iam.AssumeRole(ctx, c, n)
	out := &AssumeRoleResponse{
		Credentials:     wireCredentials(s.Credentials),
		AssumedRoleUser: AssumedRoleUser{s.ID, s.ARN},
		SourceIdentity:  present(s.SourceIdentity),
	}
	if n.Policy != "" || n.PolicyARNs != nil || n.Tags != nil {
		out.PackedPolicySize = &s.Size
	}
	return out, err
}

func seconds(n *int) time.Duration { return time.Duration(value(n)) * time.Second }

// GetSessionTokenRequest is the input of GetSessionToken.
type GetSessionTokenRequest struct {
	DurationSeconds *int    `check:"len=900..129600"`
	SerialNumber    *string `check:"len=9..256,match=serialNumber"`
	TokenCode       *string `check:"len=6..6,match=tokenCode,sensitive"`
}

// GetSessionTokenResponse is the output of GetSessionToken.
type GetSessionTokenResponse struct{ Credentials Credentials }

func (a *API) getSessionToken(ctx context.Context, c *access.Caller, in *GetSessionTokenRequest) (*GetSessionTokenResponse, error) {
	credentials, err := a.iam.GetSessionToken(ctx, c, seconds(in.DurationSeconds), in.SerialNumber != nil || in.TokenCode != nil)
	return &GetSessionTokenResponse{wireCredentials(credentials)}, err
}
