package access

import (
	"errors"
	"testing"
	"time"

	"rollcall/internal/seal"
	"rollcall/internal/store"
)

func (k *kit) shown(p store.Principal, name string) Shown {
	k.Helper()
	made, _, err := k.keys.NewSession(&Session{AccountID: account, Owner: p.UniqueID, Name: name, IssuedAt: k.clock().Unix(), ExpiresAt: k.clock().Add(time.Hour).Unix()})
	if err != nil {
		k.Fatal(err)
	}
	return Shown{made.AccessKeyID, made.SecretAccessKey, made.SessionToken}
}

func TestShownCredentialsAreThoseOfASession(t *testing.T) {
	k := newKit(t)
	role := k.principal(store.IAMRole, "reading", "")
	good, other := k.shown(role, "eva"), k.shown(role, "ada")
	c, err := k.keys.SessionCaller(t.Context(), good, "signin", k.clock())
	if err != nil || c.UserID != role.UniqueID+":eva" || c.AccessKeyID != good.AccessKeyID || c.Request.Service != "signin" || c.Request.Region != "us-east-1" {
		t.Fatalf("%+v, %v", c, err)
	}
	foreign := newSessions(seal.NewKey())
	made, _, err := foreign.make(c.Session)
	if err != nil {
		t.Fatal(err)
	}
	long, _ := k.user("ana", allowAll)
	for what, s := range map[string]Shown{
		"nothing":             {},
		"no token":            {good.AccessKeyID, good.SecretAccessKey, ""},
		"no secret":           {good.AccessKeyID, "", good.SessionToken},
		"another's secret":    {good.AccessKeyID, other.SecretAccessKey, good.SessionToken},
		"a longer secret":     {good.AccessKeyID, good.SecretAccessKey + "=", good.SessionToken},
		"another's token":     {good.AccessKeyID, good.SecretAccessKey, other.SessionToken},
		"another's key":       {other.AccessKeyID, good.SecretAccessKey, good.SessionToken},
		"a long-term key":     {long.AccessKeyID, good.SecretAccessKey, good.SessionToken},
		"of another master":   {made.AccessKeyID, made.SecretAccessKey, made.SessionToken},
		"of a role not there": k.shown(store.Principal{IAMIdentity: store.IAMIdentity{UniqueID: "AROANOBODY"}}, "eva"),
	} {
		if c, err := k.keys.SessionCaller(t.Context(), s, "signin", k.clock()); c != nil || !NotGood(err) {
			t.Errorf("%s: %+v, %v", what, c, err)
		}
	}
	if c, err := k.keys.SessionCaller(t.Context(), good, "signin", k.clock().Add(time.Hour)); c != nil || !NotGood(err) {
		t.Errorf("at their end: %+v, %v", c, err)
	}
	if NotGood(nil) || NotGood(errors.New("disk is gone")) || NotGood(&Denied{}) {
		t.Error("what else fails is not the credentials' fault")
	}
}

// An open call is for everybody whom no statement keeps out.
func TestOpenCalls(t *testing.T) {
	k := newKit(t)
	const denyAll = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`
	limit := func(document string) func(*Session) { return func(s *Session) { s.Policy = document } }
	none, keptOut := k.principal(store.IAMRole, "none", ""), k.principal(store.IAMRole, "keptout", denyAll)
	for what, tt := range map[string]struct {
		caller *Caller
		denied bool
	}{
		"no policy":                  {k.session(none, "eva"), false},
		"a session policy of others": {k.session(none, "eva", limit(allowRead)), false},
		"denied by its role":         {k.session(keptOut, "eva"), true},
		"denied by its own policy":   {k.session(none, "eva", limit(denyAll)), true},
		"root":                       {Root(store.Account{ID: account, Region: "us-east-1"}), false},
		"a browser of nobody":        {&Caller{Account: store.Account{ID: account}, federation: &Federation{}}, true},
	} {
		call := Call{Action: "test:Enter", AccountID: account, Resource: "*", Open: true}
		var d *Denied
		if err := k.Read(t.Context(), tt.caller, call, nil); errors.As(err, &d) != tt.denied || err != nil && !tt.denied {
			t.Errorf("%s: %v", what, err)
		}
	}
}
