package iam

import (
	"cmp"
	"context"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/store"
)

const (
	defaultOwnSession = 12 * time.Hour
	maxRootSession    = time.Hour
)

// GetSessionToken makes a session of the caller's own; 0 is the default
// duration. It needs no permission.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
func (i *IAM) GetSessionToken(ctx context.Context, c *access.Caller, duration time.Duration, withMFA bool) (credentials access.Credentials, err error) {
	switch {
	case c.Session != nil:
		return credentials, refuse(AccessDenied, "Cannot call GetSessionToken with session credentials")
	case withMFA:
		return credentials, refuse(AccessDenied, "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	}
	duration = cmp.Or(duration, defaultOwnSession)
	if c.Kind == store.IAMRoot {
		duration = min(duration, maxRootSession)
	}
	issued := c.Request.Time.Unix()
	credentials, _, err = i.newSession(&access.Session{
		AccountID: c.Account.ID, Owner: c.UserID, IssuedAt: issued, ExpiresAt: issued + int64(duration/time.Second)})
	if err != nil {
		return credentials, err
	}
	call := access.Call{Action: "sts:GetSessionToken", AccountID: c.Account.ID, Resource: "*", Free: true, ReadOnly: true}
	return credentials, i.guard.Change(ctx, c, call, func(store.Tx) (string, error) {
		return response(map[string]any{"credentials": credentialsResponse(credentials)}), nil
	})
}
