package access

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"rollcall/internal/request"
	"rollcall/internal/sigv4"
)

// Shown are the credentials of a session that somebody shows as they are, and
// signs nothing with.
type Shown struct{ AccessKeyID, SecretAccessKey, SessionToken string }

// NotGood says whether an error means that credentials are not, or not any more,
// and not that something else has failed.
func NotGood(err error) bool {
	var e *sigv4.Error
	return errors.As(err, &e)
}

// SessionCaller finds out whose session the credentials are that somebody shows
// to a service. Whether its role is still there is for the Guard to say.
func (k *Keys) SessionCaller(ctx context.Context, s Shown, service string, now time.Time) (*Caller, error) {
	if s.SessionToken == "" {
		return nil, sigv4.LookupError(sigv4.ErrUnknownKey) // a long-term key is no session
	}
	found, err := k.findSession(ctx, s.AccessKeyID, s.SessionToken, now)
	if err != nil {
		return nil, sigv4.LookupError(err)
	}
	secret := k.sessions.secretKey(s.AccessKeyID)
	if subtle.ConstantTimeCompare([]byte(secret), []byte(s.SecretAccessKey)) != 1 {
		return nil, sigv4.LookupError(sigv4.ErrUnknownKey)
	}
	info := request.From(ctx)
	caller := found.caller
	caller.Request = Request{
		ID: info.ID, Service: service, Region: caller.Account.Region, SourceIP: info.SourceIP,
		UserAgent: clip(info.UserAgent), Secure: info.Secure, Time: now,
	}
	return &caller, nil
}
