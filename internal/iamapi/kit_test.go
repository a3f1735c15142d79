package iamapi_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"rollcall/internal/apitest"
	"rollcall/rollcalltest"
)

// account is that of a new server. In calls it stands for itself.
const account = "111122223333"

func newRoot(t testing.TB) apitest.Client {
	t.Helper()
	return apitest.New(rollcalltest.NewServer(t, nil))
}

// call is a call of IAM with parameters, as names and values in turn, and what
// comes of it: "" for success, or an error's status, name and text.
type call struct {
	action     string
	parameters []string
	want       string
}

// run makes calls one after another.
func run(t *testing.T, c apitest.Client, calls ...call) {
	t.Helper()
	for i, call := range calls {
		if got := outcome(c.Query(t, "iam", call.action, call.parameters...)); got != call.want {
			t.Errorf("call %d, %s %.200q\n got: %s\nwant: %s", i+1, call.action, call.parameters, got, call.want)
		}
	}
}

func outcome(a apitest.XML) string {
	if a.Status == http.StatusOK {
		return ""
	}
	return fmt.Sprintf("%d %s %s", a.Status, a.Error.Code, a.Error.Message)
}

// elements are the texts of all elements of a name that hold no others.
func elements(a apitest.XML, name string) []string {
	all := []string{}
	for _, m := range regexp.MustCompile(`<`+name+`>([^<]*)</`+name+`>`).FindAllStringSubmatch(a.Text, -1) {
		all = append(all, m[1])
	}
	return all
}

// is parameters for brevity.
func is(parameters ...string) []string { return parameters }

func policyARN(name string) string { return "arn:aws:iam::" + account + ":policy/" + name }

// providerARN is the ARN of an OpenID Connect provider.
func providerARN(url string) string { return "arn:aws:iam::" + account + ":oidc-provider/" + url }

// sized is a policy document of that many characters, not counting white
// space, of which it has more.
func sized(n int) string {
	text := `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"x:%s","Resource":"*"}}`
	return "\n\t " + fmt.Sprintf(text, strings.Repeat("y", n-len(text)+2)) + "\r\n"
}

// trust is a trust policy in AWS principals.
func trust(principals ...string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["` + strings.Join(principals, `","`) + `"]},"Action":"sts:AssumeRole"}]}`
}

// may is a policy document that allows actions on a resource.
func may(resource string, actions ...string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["` + strings.Join(actions, `","`) + `"],"Resource":"` + resource + `"}}`
}
