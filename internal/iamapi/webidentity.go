package iamapi

import (
	"context"
	"net/http"

	"rollcall/internal/access"
	"rollcall/internal/awsquery"
	"rollcall/internal/iam"
	"rollcall/internal/request"
)

// withWebIdentity is the operation that nobody signs, since who calls it has a
// token and no key.
const withWebIdentity = "AssumeRoleWithWebIdentity"

// AssumeRoleWithWebIdentityRequest is the input of AssumeRoleWithWebIdentity.
type AssumeRoleWithWebIdentityRequest struct {
	RoleArn          *string            `check:"required,len=20..2048,match=text"`
	RoleSessionName  *string            `check:"required,len=2..64,match=sessionName"`
	WebIdentityToken *string            `check:"required,len=4..20000,sensitive"`
	ProviderId       *string            `check:"len=4..2048"`
	PolicyArns       []PolicyDescriptor ``
	Policy           *string            `check:"len=1..2048,match=latin1"`
	DurationSeconds  *int               `check:"len=900..43200"`
}

// AssumeRoleWithWebIdentityResponse is the output of AssumeRoleWithWebIdentity.
type AssumeRoleWithWebIdentityResponse struct {
	Credentials                 Credentials
	SubjectFromWebIdentityToken string
	AssumedRoleUser             AssumedRoleUser
	PackedPolicySize            *int // of sessions with policies or tags
	Provider                    string
	Audience                    string
	SourceIdentity              *string
}

// assumeRoleWithWebIdentity does not look at the caller: the token says who it
// is.
func (a *API) assumeRoleWithWebIdentity(ctx context.Context, _ *access.Caller, in *AssumeRoleWithWebIdentityRequest) (*AssumeRoleWithWebIdentityResponse, error) {
	if in.ProviderId != nil {
		return nil, &iam.Error{Code: iam.InvalidIdentityToken, Message: "ProviderId is for the access tokens of OAuth 2.0 providers, none of which is known here."}
	}
	n := iam.NewSession{
		RoleARN:  *in.RoleArn,
		Name:     *in.RoleSessionName,
		Duration: seconds(in.DurationSeconds),
		Policy:   value(in.Policy),
	}
	for _, p := range in.PolicyArns {
		n.PolicyARNs = append(n.PolicyARNs, value(p.Arn))
	}
	s, err := a.iam.AssumeRoleWithWebIdentity(ctx, n, *in.WebIdentityToken)
	out := &AssumeRoleWithWebIdentityResponse{
		Credentials:                 wireCredentials(s.Credentials),
		SubjectFromWebIdentityToken: s.Federation.Subject,
		AssumedRoleUser:             AssumedRoleUser{s.ID, s.ARN},
		Provider:                    s.Federation.Issuer,
		Audience:                    s.Federation.Audience,
		SourceIdentity:              present(s.SourceIdentity),
	}
	if s.Federation.Provider == iam.CognitoProvider {
		out.Provider = iam.CognitoProvider
	}
	if n.Policy != "" || n.PolicyARNs != nil || s.Tagged {
		out.PackedPolicySize = &s.Size
	}
	return out, err
}

// maxUnsigned bounds the body of a request that nobody has signed, in bytes.
const maxUnsigned = 128 << 10

// unsigned reads the form of the operation that comes without a signature. It
// is nil for all that is something else, or too large to be told apart.
func unsigned(w http.ResponseWriter, r *http.Request) awsquery.Form {
	if len(r.Header["Authorization"]) > 0 || r.URL.Query().Has("X-Amz-Algorithm") || r.ContentLength > maxUnsigned {
		return nil
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxUnsigned)
	body, err := request.ReadBody(w, r)
	if err != nil {
		return nil
	}
	form, err := awsquery.Parse(r.URL.RawQuery, body)
	if err != nil {
		return nil
	}
	if action, _ := form.Get("Action"); action != withWebIdentity {
		return nil
	}
	return form
}

// callUnsigned runs the operation that is the same whether or not somebody has
// signed it. It keeps its records itself: they are of whom the token is about.
func callUnsigned(ctx context.Context, op *operation, _ *access.Caller, form awsquery.Form) (any, error) {
	in, err := op.handler.Bind(form)
	if err != nil {
		return nil, err
	}
	return op.handler.Call(ctx, nil, in)
}
