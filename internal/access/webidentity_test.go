package access

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/policy"
	"rollcall/internal/store"
)

var ana = Federation{
	Provider: "arn:aws:iam::" + account + ":oidc-provider/id.example.com", Issuer: "https://id.example.com", Subject: "ana-1", Audience: "app"}

func (k *kit) webIdentity() *Caller {
	return WebIdentity(k.Context(), store.Account{ID: account, Region: "us-east-1"}, k.clock(), &ana)
}

// Who has nothing but a provider's token may assume roles that trust the
// provider. That is all, whatever needs no permission of others.
func TestAWebIdentityHasNoPower(t *testing.T) {
	k := newKit(t)
	for name, call := range map[string]Call{
		"OfIAM":          {Action: "iam:CreateUser", Resource: "arn:aws:iam::" + account + ":user/eve"},
		"OfQuickSight":   {Action: "quicksight:ListUsers", Resource: "*"},
		"Free":           {Action: "sts:GetSessionToken", Resource: "*", Free: true},
		"Open":           {Action: "sts:GetSessionToken", Resource: "*", Open: true},
		"TrustOfNobody":  {Action: "sts:AssumeRoleWithWebIdentity", Resource: "*", Assume: true},
		"NotForAssuming": {Action: "sts:AssumeRoleWithWebIdentity", Resource: "*", Trust: trusts(t, "sts:AssumeRoleWithWebIdentity")},
		"AnotherAction":  {Action: "sts:AssumeRole", Resource: "*", Assume: true, Trust: trusts(t, "sts:AssumeRoleWithWebIdentity")},
	} {
		t.Run(name, func(t *testing.T) {
			call.AccountID = account
			ran := false
			read := func(store.Reader) error { ran = true; return nil }
			change := func(store.Tx) (string, error) { ran = true; return "", nil }
			for _, err := range []error{k.Read(t.Context(), k.webIdentity(), call, read), k.Change(t.Context(), k.webIdentity(), call, change)} {
				if text := denied(t, err).Error(); text != "Not authorized to perform "+call.Action {
					t.Error(text)
				}
			}
			if ran {
				t.Error("it ran")
			}
		})
	}
}

func trusts(t *testing.T, action string) *policy.Document {
	d, err := policy.Parse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"`+ana.Provider+`"},"Action":"`+action+`"}}`, policy.Trust)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAWebIdentityMayWhatATrustPolicyAllows(t *testing.T) {
	k := newKit(t)
	call := Call{Action: "sts:AssumeRoleWithWebIdentity", AccountID: account, Resource: "*", Assume: true,
		Trust: trusts(t, "sts:AssumeRoleWithWebIdentity")}
	if err := k.Read(t.Context(), k.webIdentity(), call, nil); err != nil {
		t.Error(err)
	}
	call.Also = []string{"sts:TagSession"}
	if d := denied(t, k.Read(t.Context(), k.webIdentity(), call, nil)); d.Action != "sts:TagSession" {
		t.Error(d)
	}
	call.Also, call.Invalid = nil, errors.New("wrong")
	if err := k.Read(t.Context(), k.webIdentity(), call, nil); err == nil || err.Error() != "wrong" {
		t.Error(err)
	}
	c := k.webIdentity()
	if diff := cmp.Diff(Identity{Kind: store.WebIdentity, Name: "ana-1", ARN: ana.Provider, UserID: ana.Provider + ":app:ana-1"}, c.Identity); diff != "" {
		t.Error(diff)
	}
	if d := Refuse(c, &call); d.Error() != "Not authorized to perform sts:AssumeRoleWithWebIdentity" {
		t.Error(d)
	}
}

// A session keeps whom it was made for.
func TestASessionOfAWebIdentity(t *testing.T) {
	k := newKit(t)
	role := k.principal(store.IAMRole, "web", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"test:Read","Resource":"*",
		"Condition":{"StringEquals":{"aws:FederatedProvider":"`+ana.Provider+`"}}}}`)
	c := k.session(role, "ana", func(s *Session) { s.Federation = &ana })
	if diff := cmp.Diff(&ana, c.Session.Federation); diff != "" {
		t.Error(diff)
	}
	if err := k.read(c); err != nil {
		t.Error(err)
	}
	denied(t, k.read(k.session(role, "ana")))
	denied(t, k.read(k.session(role, "ana", func(s *Session) { s.Federation, s.Chained = &ana, true })))
	if c.Federation() != nil {
		t.Error("who calls with the session is somebody in IAM")
	}
}
