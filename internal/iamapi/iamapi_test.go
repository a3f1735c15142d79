package iamapi_test

import (
	"encoding/xml"
	"net/http"
	"testing"

	"rollcall/internal/apitest"
	"rollcall/rollcalltest"
)

// answer is any answer of the two services.
type answer struct {
	XMLName xml.Name
	Result  struct{ UserId, Account, Arn string } `xml:"GetCallerIdentityResult"`
	Error   struct{ Type, Code, Message string }  `xml:"Error"`

	Metadata  struct{ RequestId string } `xml:"ResponseMetadata"`
	RequestID string                     `xml:"RequestId"` // of an error
}

func parse(t *testing.T, a apitest.Answer) (out answer) {
	t.Helper()
	if err := xml.Unmarshal([]byte(a.Text), &out); err != nil {
		t.Fatalf("%v in %s", err, a.Text)
	}
	if got := a.Header.Get("Content-Type"); got != "text/xml" {
		t.Errorf("Content-Type is %q", got)
	}
	if id := a.Header.Get("X-Amzn-Requestid"); id == "" || id != out.Metadata.RequestId+out.RequestID {
		t.Errorf("request id is %q in the header, %+v in the body", id, out)
	}
	return out
}

const whoAmI = "Action=GetCallerIdentity&Version=2011-06-15"

func TestGetCallerIdentityNamesTheRoot(t *testing.T) {
	srv := rollcalltest.NewServer(t, nil)
	c := apitest.New(srv)
	c.Service = "sts"
	c.Region = "eu-west-1" // identity is everywhere
	for name, a := range map[string]apitest.Answer{
		"Post": c.Call(t, "POST", "/", whoAmI),
		"Get":  c.Call(t, "GET", "/?"+whoAmI, ""),
	} {
		t.Run(name, func(t *testing.T) {
			out := parse(t, a)
			want := xml.Name{Space: "https://sts.amazonaws.com/doc/2011-06-15/", Local: "GetCallerIdentityResponse"}
			if a.Status != http.StatusOK || out.XMLName != want {
				t.Errorf("%d %v, want 200 %v", a.Status, out.XMLName, want)
			}
			if out.Result.Account != srv.AccountID || out.Result.UserId != srv.AccountID || out.Result.Arn != "arn:aws:iam::"+srv.AccountID+":root" {
				t.Errorf("it is %+v", out.Result)
			}
		})
	}
}

func TestErrorsAreNamedAsQueryServicesDo(t *testing.T) {
	c := apitest.New(rollcalltest.NewServer(t, nil))
	c.Service = "sts"
	with := func(change func(*apitest.Client)) apitest.Client {
		changed := c
		change(&changed)
		return changed
	}
	unsigned, err := http.NewRequestWithContext(t.Context(), "POST", c.URL+"/?"+whoAmI, nil)
	if err != nil {
		t.Fatal(err)
	}
	crossSite := c.Request(t, "GET", "/?"+whoAmI, "")
	crossSite.Header.Set("Sec-Fetch-Site", "cross-site")
	iam := with(func(c *apitest.Client) { c.Service = "iam" })
	for _, tt := range []struct {
		code   string
		answer apitest.Answer
		status int
	}{
		{"MissingAuthenticationToken", apitest.Send(t, unsigned), 403},
		{"InvalidClientTokenId", with(func(c *apitest.Client) { c.AccessKeyID = "AKIAAAAAAAAAAAAAAAAA" }).Call(t, "POST", "/", whoAmI), 403},
		{"SignatureDoesNotMatch", with(func(c *apitest.Client) { c.SecretAccessKey = "wrong" }).Call(t, "POST", "/", whoAmI), 403},
		{"SignatureDoesNotMatch", with(func(c *apitest.Client) { c.Service = "s3" }).Call(t, "POST", "/", whoAmI), 403},
		{"AccessDenied", apitest.Send(t, crossSite), 403},
		{"MissingAction", c.Call(t, "POST", "/", "Version=2011-06-15"), 400},
		{"InvalidAction", c.Call(t, "POST", "/", "Action=GetCallerIdentity&Version=2010-05-08"), 400},
		{"InvalidAction", iam.Call(t, "POST", "/", "Action=CreateGroup&Version=2010-05-08"), 400},
	} {
		t.Run(tt.code, func(t *testing.T) {
			out := parse(t, tt.answer)
			if tt.answer.Status != tt.status || out.Error.Code != tt.code || out.Error.Type != "Sender" || out.Error.Message == "" {
				t.Errorf("%d %+v, want %d %s", tt.answer.Status, out.Error, tt.status, tt.code)
			}
		})
	}
}

func TestQuickSightsCallersGetNoXML(t *testing.T) {
	c := apitest.New(rollcalltest.NewServer(t, nil))
	if a := c.Call(t, "POST", "/", whoAmI); a.Status != http.StatusNotFound || a.Code() != "UnknownOperationException" || a.JSON == nil {
		t.Errorf("%d %s %s, want 404 UnknownOperationException in JSON", a.Status, a.Code(), a.Text)
	}
}
