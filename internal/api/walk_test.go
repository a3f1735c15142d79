package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"rollcall/internal/api"
	"rollcall/internal/apitest"
	"rollcall/rollcalltest"
)

// authorized is what an operation is authorized on, and a body with which it
// gets as far as that.
type authorized struct {
	resource string // of the account; "*": none
	body     string
}

// authorization has each operation, as the Service Authorization Reference
// does: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonquicksight.html
var authorization = map[string]authorized{
	"RegisterUser":            {"user/default/ana", `{"IdentityType":"QUICKSIGHT","UserName":"ana","Email":"ana@example.com","UserRole":"READER"}`},
	"DescribeUser":            {"user/default/ana", ""},
	"UpdateUser":              {"user/default/ana", `{"Email":"ana@example.com","Role":"READER"}`},
	"DeleteUser":              {"user/default/ana", ""},
	"DeleteUserByPrincipalId": {"user/default/*", ""},
	"ListUsers":               {"user/default/*", ""},

	"CreateCustomPermissions":   {"custompermissions/p", `{"CustomPermissionsName":"p"}`},
	"DescribeCustomPermissions": {"custompermissions/p", ""},
	"UpdateCustomPermissions":   {"custompermissions/p", `{}`},
	"DeleteCustomPermissions":   {"*", ""},
	"ListCustomPermissions":     {"*", ""},
}

// Nobody may do anything that no policy of his allows, and with the one that
// allows it he may do that and nothing else.
func TestEveryOperationIsAuthorized(t *testing.T) {
	srv := rollcalltest.NewServer(t, nil)
	root := apitest.New(srv)
	path := strings.NewReplacer("{AwsAccountId}", srv.AccountID, "{Namespace}", "default", "{UserName}", "ana",
		"{CustomPermissionsName}", "p", "{PrincipalId}", "x")
	nobody := root.User(t, "nobody", "")
	operations := api.Operations()
	if len(operations) != len(authorization) {
		t.Errorf("%d operations, authorization of %d", len(operations), len(authorization))
	}
	for _, op := range operations {
		t.Run(op.Name, func(t *testing.T) {
			want, ok := authorization[op.Name]
			if !ok {
				t.Fatal("it is not in the table")
			}
			action, resource := "quicksight:"+op.Name, want.resource
			if resource != "*" {
				resource = "arn:aws:quicksight:us-east-1:" + srv.AccountID + ":" + resource
			}
			call := func(c apitest.Client) apitest.Answer { return c.Call(t, op.Method, path.Replace(op.URI), want.body) }
			statement := func(effect, action string) string {
				return fmt.Sprintf(`{"Effect":%q,"Action":%q,"Resource":%q}`, effect, action, resource)
			}
			user := func(name string, statements ...string) apitest.Client {
				return root.User(t, name+op.Name, `{"Version":"2012-10-17","Statement":[`+strings.Join(statements, ",")+`]}`)
			}
			deniedWith := func(c apitest.Client, name, reason string) {
				t.Helper()
				a := call(c)
				text := fmt.Sprintf("User: arn:aws:iam::%s:user/%s is not authorized to perform: %s on resource: %s %s", srv.AccountID, name, action, resource, reason)
				if a.Status != http.StatusForbidden || a.Code() != "AccessDeniedException" || a.Message() != text {
					t.Errorf("%d %s %q\nwant 403 AccessDeniedException %q", a.Status, a.Code(), a.Message(), text)
				}
			}
			none := "because no identity-based policy allows the " + action + " action"
			deniedWith(nobody, "nobody", none)
			deniedWith(user("other", `{"Effect":"Allow","NotAction":"`+action+`","Resource":"*"}`), "other"+op.Name, none)
			deniedWith(user("denied", `{"Effect":"Allow","Action":"*","Resource":"*"}`, statement("Deny", action)), "denied"+op.Name,
				"with an explicit deny in an identity-based policy")
			if a := call(user("may", statement("Allow", action))); a.Status == http.StatusForbidden || a.Status >= 500 {
				t.Errorf("with exactly that action on %s: %d %s", resource, a.Status, a.Text)
			}
		})
	}
}

// A name that is longer than any goes nowhere: not into the text of a denial,
// nor into the record of it.
func TestNamesThatAreTooLongAreNotRepeated(t *testing.T) {
	srv := rollcalltest.NewServer(t, nil)
	nobody := apitest.New(srv).User(t, "nobody", "")
	huge := strings.Repeat("x", 900<<10)
	for _, members := range []string{
		`"IdentityType":"QUICKSIGHT","UserName":"` + huge + `"`,
		`"IdentityType":"IAM","SessionName":"ana","IamArn":"arn:aws:iam::` + srv.AccountID + ":role/" + huge + `"`,
	} {
		a := nobody.Call(t, "POST", "/accounts/"+srv.AccountID+"/namespaces/default/users", `{"Email":"a@example.com","UserRole":"READER",`+members+`}`)
		if a.Status != http.StatusForbidden || len(a.Text) > 2000 {
			t.Errorf("%d with %d bytes", a.Status, len(a.Text))
		}
	}
}
