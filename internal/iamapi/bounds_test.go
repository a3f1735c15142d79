package iamapi_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/apitest"
	"rollcall/internal/iamapi"
	"rollcall/internal/modeltest"
	"rollcall/rollcalltest"
)

// The tests of this file are made from the service models: every operation in
// the tables is called with values at, inside and beyond each bound of each of
// its members. An operation that is added needs nothing here, unless the
// service's own rules refuse the request that valid makes.

const (
	allowAll  = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	trustAll  = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}}`
	anyAction = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*"}}`
)

// bench is a server with something of everything that requests can be about.
type bench struct {
	apitest.Client // of a user who may do anything
	models         map[string]*modeltest.Model
	values         map[string]any // by operation and member, or by member
}

func newBench(t testing.TB) *bench {
	p := newIDP(t, "", httptest.NewTLSServer)
	srv := rollcalltest.NewServer(t, &rollcalltest.Options{OIDCCAs: p.authorities()})
	c := apitest.New(srv)
	arn := func(name string) string { return "arn:aws:iam::" + srv.AccountID + ":policy/" + name }
	for _, name := range []string{"used", "loose"} {
		c.OK(t, "iam", "CreatePolicy", "PolicyName", name, "PolicyDocument", allowAll)
		c.OK(t, "iam", "CreatePolicyVersion", "PolicyArn", arn(name), "PolicyDocument", anyAction)
	}
	c.OK(t, "iam", "DeletePolicyVersion", "PolicyArn", arn("loose"), "VersionId", "v2")
	ana := c.User(t, "ana", allowAll)
	c.OK(t, "iam", "CreateUser", "UserName", "spare")
	c.OK(t, "iam", "AttachUserPolicy", "UserName", "ana", "PolicyArn", arn("used"))
	c.OK(t, "iam", "CreateOpenIDConnectProvider", "Url", p.issuer(), "ClientIDList.member.1", "app")
	c.OK(t, "iam", "CreateRole", "RoleName", "web", "AssumeRolePolicyDocument", trustIn(p.arn(), nil), "MaxSessionDuration", "43200")
	for _, name := range []string{"reader", "spare"} {
		c.OK(t, "iam", "CreateRole", "RoleName", name, "AssumeRolePolicyDocument", trustAll)
	}
	c.OK(t, "iam", "PutRolePolicy", "RoleName", "reader", "PolicyName", "test", "PolicyDocument", allowAll)
	c.OK(t, "iam", "AttachRolePolicy", "RoleName", "reader", "PolicyArn", arn("used"))
	key := c.OK(t, "iam", "CreateAccessKey", "UserName", "ana").Get("AccessKeyId")
	c.OK(t, "iam", "CreateOpenIDConnectProvider", "Url", "https://id.example.com", "ClientIDList.member.1", "app")
	return &bench{ana, readModels(t), map[string]any{
		"UserName":                 "ana",
		"RoleName":                 "reader",
		"PolicyName":               "test",
		"PolicyArn":                arn("used"),
		"PolicyDocument":           anyAction,
		"AssumeRolePolicyDocument": trustAll,
		"PermissionsBoundary":      arn("used"),
		"VersionId":                "v2",
		"AccessKeyId":              key,
		"Status":                   "Inactive",
		"OpenIDConnectProviderArn": providerARN("id.example.com"),
		"RoleArn":                  "arn:aws:iam::" + srv.AccountID + ":role/reader",

		"CreateUser.UserName":                   "newcomer",
		"DeleteUser.UserName":                   "spare",
		"CreateAccessKey.UserName":              "spare",
		"UpdateAccessKey.UserName":              "ana",
		"CreateRole.RoleName":                   "newcomer",
		"DeleteRole.RoleName":                   "spare",
		"UpdateAssumeRolePolicy.PolicyDocument": trustAll,
		"CreatePolicy.PolicyName":               "newcomer",
		"DeletePolicy.PolicyArn":                arn("loose"),

		"AssumeRoleWithWebIdentity.RoleArn":          "arn:aws:iam::" + srv.AccountID + ":role/web",
		"AssumeRoleWithWebIdentity.WebIdentityToken": p.token(t, nil),
	}}
}

func (b *bench) input(op iamapi.Operation) modeltest.Members {
	return b.models[op.Service].Input(op.Name)
}

// valid makes a request that the operation accepts: its required members, and
// those that b.values has for it.
func (b *bench) valid(t testing.TB, op iamapi.Operation) map[string]any {
	t.Helper()
	request := map[string]any{}
	for _, s := range b.input(op) {
		own, hasOwn := b.values[op.Name+"."+s.Name]
		common, hasCommon := b.values[s.Name]
		switch {
		case hasOwn:
			request[s.Name] = own
		case s.Required && hasCommon:
			request[s.Name] = common
		case s.Required:
			request[s.Name] = b.models[op.Service].Sample(t, s, 0)
		}
	}
	return request
}

func with(request map[string]any, member string, value any) map[string]any {
	request = maps.Clone(request)
	request[member] = value
	return request
}

// parameters writes a value under a name. A value of nil is absent.
func parameters(form url.Values, name string, value any) {
	switch v := value.(type) {
	case nil:
	case map[string]any:
		for member, value := range v {
			parameters(form, strings.TrimPrefix(name+"."+member, "."), value)
		}
	case []any:
		if len(v) == 0 {
			form.Set(name, "")
		}
		for i, value := range v {
			parameters(form, fmt.Sprintf("%s.member.%d", name, i+1), value)
		}
	default:
		form.Set(name, fmt.Sprint(v))
	}
}

func (b *bench) do(t testing.TB, op iamapi.Operation, request map[string]any) apitest.XML {
	t.Helper()
	form := url.Values{}
	parameters(form, "", request)
	var list []string
	for name, values := range form {
		list = append(list, name, values[0])
	}
	if op.Name == "AssumeRoleWithWebIdentity" {
		return b.Anonymous(t, op.Service, op.Name, list...)
	}
	return b.Query(t, op.Service, op.Name, list...)
}

// stored is all that the operations could have changed.
func (b *bench) stored(t testing.TB) map[string]string {
	t.Helper()
	of := map[string][]string{
		"GetUser": {"UserName", "ana"}, "GetRole": {"RoleName", "reader"}, "GetPolicy": {"PolicyArn", b.values["PolicyArn"].(string)},
		"ListUsers": nil, "ListRoles": nil, "ListPolicies": nil,
		"ListAccessKeys": {"UserName", "ana"}, "ListPolicyVersions": {"PolicyArn", b.values["PolicyArn"].(string)},
		"ListUserPolicies": {"UserName", "ana"}, "ListRolePolicies": {"RoleName", "reader"},
		"ListAttachedUserPolicies": {"UserName", "ana"}, "ListAttachedRolePolicies": {"RoleName", "reader"},
		"GetOpenIDConnectProvider": {"OpenIDConnectProviderArn", b.values["OpenIDConnectProviderArn"].(string)}, "ListOpenIDConnectProviders": nil,
		"GetUserPolicy": {"UserName", "ana", "PolicyName", "test"}, "GetRolePolicy": {"RoleName", "reader", "PolicyName", "test"},
	}
	all := map[string]string{}
	for action, parameters := range of {
		text := b.OK(t, "iam", action, parameters...).Text
		all[action], _, _ = strings.Cut(text, "<ResponseMetadata>")
	}
	return all
}

func TestValuesBeyondABoundAreRefusedAndNothingIsStored(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.stored(t)
	for _, op := range iamapi.Operations() {
		for _, s := range b.input(op) {
			t.Run(op.Name+"/"+s.Name, func(t *testing.T) {
				for _, tr := range b.models[op.Service].Trials(t, s) {
					if tr.Rule != "" {
						a := b.do(t, op, with(b.valid(t, op), s.Name, tr.Value))
						violates(t, a, modeltest.LowerFirst(s.Name)+tr.At, tr.Rule)
						repeats(t, a, tr.Value)
					}
				}
			})
		}
	}
	if diff := cmp.Diff(before, b.stored(t)); diff != "" {
		t.Errorf("stored (-before +after):\n%s", diff)
	}
}

// violates checks that an answer names a member and the rule that it breaks.
func violates(t testing.TB, a apitest.XML, member, rule string) {
	t.Helper()
	blame := fmt.Sprintf(" at '%s' failed to satisfy constraint: %s", member, rule)
	if a.Status != http.StatusBadRequest || a.Error.Code != "ValidationError" ||
		!strings.HasPrefix(a.Error.Message, "1 validation error detected: Value") || !strings.HasSuffix(a.Error.Message, blame) {
		t.Errorf("%d %s %q, want 400 ValidationError that ends in %q", a.Status, a.Error.Code, a.Error.Message, blame)
	}
}

// repeats checks that an answer has the value, if that is a short text and fit
// for XML. One that is sensitive is left out.
func repeats(t testing.TB, a apitest.XML, value any) {
	t.Helper()
	text, ok := value.(string)
	if !ok || len(text) > 256 || strings.ContainsAny(text, "\x00") || strings.Contains(a.Error.Message, "Value at '") {
		return
	}
	if want := "Value '" + text + "' at"; utf8.ValidString(text) && !strings.Contains(a.Error.Message, want) {
		t.Errorf("message is %q, want it to have %q", a.Error.Message, want)
	}
}

func TestValuesAtAndInsideABoundAreNoViolation(t *testing.T) {
	t.Parallel()
	for _, op := range iamapi.Operations() {
		t.Run(op.Name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			if a := b.do(t, op, b.valid(t, op)); a.Status != http.StatusOK {
				t.Fatalf("the request that all trials begin with: %d %s", a.Status, a.Text)
			}
			for _, s := range b.input(op) {
				for _, tr := range b.models[op.Service].Trials(t, s) {
					if tr.Rule != "" {
						continue
					}
					a := b.do(t, op, with(b.valid(t, op), s.Name, tr.Value))
					if !b.modelled(op, a) || strings.Contains(a.Error.Message, "failed to satisfy constraint") {
						t.Errorf("%s %.300q: %d %s", s.Name, fmt.Sprint(tr.Value), a.Status, a.Text)
					}
				}
			}
		})
	}
}

// modelled says whether the model lets the operation answer so, or the service
// as a whole.
func (b *bench) modelled(op iamapi.Operation, a apitest.XML) bool {
	switch {
	case a.Status == http.StatusOK,
		a.Error.Code == "AccessDenied" && a.Status == http.StatusForbidden,
		a.Error.Code == "ValidationError" && a.Status == http.StatusBadRequest:
		return true
	}
	status, ok := b.models[op.Service].Operations[op.Name].Errors[a.Error.Code]
	return ok && a.Status == status
}
