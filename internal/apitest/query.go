package apitest

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// versions are those of the services of the query protocol.
var versions = map[string]string{"iam": "2010-05-08", "sts": "2011-06-15"}

// XML is an answer of the query protocol.
type XML struct {
	Answer
	Error struct{ Code, Message string }
}

// Query calls an operation of IAM or STS with parameters, given as names and
// values in turn.
func (c Client) Query(t testing.TB, service, action string, parameters ...string) XML {
	t.Helper()
	c.Service = service
	return readXML(t, c.Call(t, "POST", "/", Form(service, action, parameters...)))
}

// Anonymous is Query without a signature.
func (c Client) Anonymous(t testing.TB, service, action string, parameters ...string) XML {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", c.URL+"/", strings.NewReader(Form(service, action, parameters...)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return readXML(t, Send(t, r))
}

// Form is what an operation is called with.
func Form(service, action string, parameters ...string) string {
	form := url.Values{"Action": {action}, "Version": {versions[service]}}
	for i := 0; i < len(parameters); i += 2 {
		form.Add(parameters[i], parameters[i+1])
	}
	return form.Encode()
}

func readXML(t testing.TB, a Answer) XML {
	t.Helper()
	x := XML{Answer: a}
	if err := xml.Unmarshal([]byte(x.Text), &x); err != nil {
		t.Fatalf("%v in %s", err, x.Text)
	}
	return x
}

// OK calls an operation that must succeed.
func (c Client) OK(t testing.TB, service, action string, parameters ...string) XML {
	t.Helper()
	x := c.Query(t, service, action, parameters...)
	if x.Status != 200 {
		t.Fatalf("%s: %d %s", action, x.Status, x.Text)
	}
	return x
}

// Get is the text of the first element of that name, "" for none.
func (x XML) Get(element string) string {
	m := regexp.MustCompile(`(?s)<` + element + `>(.*?)</` + element + `>`).FindStringSubmatch(x.Text)
	if m == nil {
		return ""
	}
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#34;", `"`, "&quot;", `"`, "&#39;", "'", "&amp;", "&").Replace(m[1])
}

// As is the client with the credentials of an answer.
func (c Client) As(x XML) Client {
	c.AccessKeyID, c.SecretAccessKey, c.SessionToken = x.Get("AccessKeyId"), x.Get("SecretAccessKey"), x.Get("SessionToken")
	return c
}

// User makes an IAM user who may do what a policy document says, "" for
// nothing, and gives a client with a key of his.
func (c Client) User(t testing.TB, name, policy string) Client {
	t.Helper()
	c.OK(t, "iam", "CreateUser", "UserName", name)
	if policy != "" {
		c.OK(t, "iam", "PutUserPolicy", "UserName", name, "PolicyName", "test", "PolicyDocument", policy)
	}
	return c.As(c.OK(t, "iam", "CreateAccessKey", "UserName", name))
}
