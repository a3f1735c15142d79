package access

import (
	"context"
	"time"

	"rollcall/internal/policy"
	"rollcall/internal/request"
	"rollcall/internal/store"
)

// Federation is who somebody is at a provider of identities.
type Federation struct {
	Provider string `json:"p"` // as trust policies name it: an ARN, or cognito-identity.amazonaws.com
	Issuer   string `json:"i"` // of the token, as it says itself
	Subject  string `json:"s"`
	Audience string `json:"a"`
}

// WebIdentity is a caller who has shown a provider's token and is nobody in IAM.
// He may assume roles that trust the provider, and nothing else.
func WebIdentity(ctx context.Context, a store.Account, now time.Time, f *Federation) *Caller {
	info := request.From(ctx)
	return &Caller{
		Identity: Identity{Kind: store.WebIdentity, Name: f.Subject, ARN: f.Provider,
			UserID: f.Provider + ":" + f.Audience + ":" + f.Subject},
		Account: a,
		Request: Request{
			ID: info.ID, Service: "sts", Operation: "AssumeRoleWithWebIdentity", Region: a.Region, SourceIP: info.SourceIP,
			UserAgent: clip(info.UserAgent), Secure: info.Secure, Time: now,
		},
		federation: f,
	}
}

// Federation is who the caller is at a provider, nil for who is somebody in
// IAM.
func (c *Caller) Federation() *Federation { return c.federation }

// decideFederated decides by the trust policy alone. What has none is denied,
// even where others need no permission.
func decideFederated(c *Caller, s *standing, call *Call) error {
	for _, action := range append([]string{call.Action}, call.Also...) {
		r := policyRequest(c, s, action, call.Resource, call.Keys)
		r.Principal = policy.Principal{Federated: c.federation.Provider}
		if !call.Assume || call.Trust == nil || !policy.EvaluateTrust(call.Trust, r).Allowed {
			return &Denied{Action: action, Resource: call.Resource}
		}
	}
	return nil
}
