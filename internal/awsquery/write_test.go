package awsquery

import (
	"encoding/xml"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

const namespace = "https://iam.amazonaws.com/doc/2010-05-08/"

// user has the tags with which the standard library reads it back.
type user struct {
	Name    string
	Note    *string
	Size    *int
	Good    bool
	Created *time.Time
	Last    *struct{}
	Keys    []string `xml:"Keys>member"`
	Tags    []tag    `xml:"Tags>member"`
}

type tag struct{ Key, Value *string }

type output struct {
	User     *user
	Lower    *string `name:"arn" xml:"arn"`
	IsLonger *bool
}

func TestReplyWritesMembersInOrder(t *testing.T) {
	east := time.FixedZone("", 3600)
	for name, c := range map[string]struct {
		output any
		want   string
	}{
		"NoOutput": {&NoOutput{}, ""},
		"Empty":    {&struct{}{}, "<DoResult></DoResult>"},
		"Absent":   {&output{}, "<DoResult></DoResult>"},
		"Zero":     {&output{User: &user{}}, "<DoResult><User><Name></Name><Good>false</Good></User></DoResult>"},
		"Full": {
			&output{
				User: &user{
					Name: "ana", Note: new(""), Size: new(-7), Good: true, Created: new(time.Date(2014, 10, 25, 0, 0, 23, 999999999, east)), Last: &struct{}{},
					Keys: []string{"a", ""}, Tags: []tag{{new("k"), new("v")}, {}},
				},
				Lower: new("arn:aws"), IsLonger: new(false),
			},
			"<DoResult><User><Name>ana</Name><Note></Note><Size>-7</Size><Good>true</Good><Created>2014-10-24T23:00:23Z</Created><Last></Last>" +
				"<Keys><member>a</member><member></member></Keys>" +
				"<Tags><member><Key>k</Key><Value>v</Value></member><member></member></Tags></User>" +
				"<arn>arn:aws</arn><IsLonger>false</IsLonger></DoResult>",
		},
		"EmptyLists": {&output{User: &user{Keys: []string{}, Tags: []tag{}}}, "<DoResult><User><Name></Name><Good>false</Good><Keys></Keys><Tags></Tags></User></DoResult>"},
		"Escaped": {
			&output{Lower: new("<a b=\"c\" d='e'>&amp; ]]>\t\r\n\x00\x0b\x1f\x7f\ufffe\xff💡")},
			"<DoResult><arn>&lt;a b=&#34;c&#34; d=&#39;e&#39;&gt;&amp;amp; ]]&gt;&#x9;&#xD;&#xA;\ufffd\ufffd\ufffd\x7f\ufffd\ufffd💡</arn></DoResult>",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			Reply{Namespace: namespace, Action: "Do", RequestID: "r", Output: c.output}.Write(w)
			want := `<DoResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">` + c.want + "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></DoResponse>"
			wantSent(t, w, 200, want)
		})
	}
}

func wantSent(t *testing.T, w *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	if w.Code != status || w.Header().Get("Content-Type") != "text/xml" || w.Header().Get("Content-Length") != strconv.Itoa(len(body)) {
		t.Errorf("%d %v, want %d", w.Code, w.Header(), status)
	}
	if diff := cmp.Diff(body, w.Body.String()); diff != "" {
		t.Errorf("body (-want +got)\n%s", diff)
	}
}

func TestErrorSaysWhoIsToBlame(t *testing.T) {
	for name, c := range map[string]struct {
		err  Error
		want string
	}{
		"Sender":   {Error{"NoSuchEntity", 404, "The user with name <ana\x01> cannot be found."}, "<Type>Sender</Type><Code>NoSuchEntity</Code><Message>The user with name &lt;ana\ufffd&gt; cannot be found.</Message>"},
		"Receiver": {Error{"ServiceFailure", 500, ""}, "<Type>Receiver</Type><Code>ServiceFailure</Code><Message></Message>"},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			c.err.Write(w, namespace, "r")
			wantSent(t, w, c.err.Status, `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error>`+c.want+"</Error><RequestId>r</RequestId></ErrorResponse>")
		})
	}
}

// What is written is XML, and says what the output says.
func TestOutputsAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := &output{User: maybe(t, users), Lower: maybe(t, held), IsLonger: maybe(t, rapid.Bool())}
		w := httptest.NewRecorder()
		Reply{Namespace: namespace, Action: "Do", RequestID: "r", Output: want}.Write(w)
		var got struct {
			XMLName   xml.Name `xml:"https://iam.amazonaws.com/doc/2010-05-08/ DoResponse"`
			Output    *output  `xml:"DoResult"`
			RequestID string   `xml:"ResponseMetadata>RequestId"`
		}
		decoder := xml.NewDecoder(w.Body)
		if err := decoder.Decode(&got); err != nil || decoder.InputOffset() != int64(w.Result().ContentLength) {
			t.Fatalf("read to %d: %v", decoder.InputOffset(), err)
		}
		if diff := cmp.Diff(want, got.Output, cmpopts.EquateEmpty()); diff != "" || got.RequestID != "r" {
			t.Errorf("request id %q (-want +got)\n%s", got.RequestID, diff)
		}
	})
}

// held are strings that XML can hold.
var (
	held = rapid.Map(rapid.String(), func(s string) string {
		return strings.Map(func(r rune) rune {
			if r < ' ' && !strings.ContainsRune("\t\n\r", r) || r == 0xfffe || r == 0xffff {
				return -1
			}
			return r
		}, strings.ToValidUTF8(s, ""))
	})
	times = rapid.Map(rapid.Int64Range(0, 1<<37), func(s int64) time.Time { return time.Unix(s, 0).UTC() })
	users = rapid.Custom(func(t *rapid.T) user {
		return user{
			Name: held.Draw(t, "name"), Note: maybe(t, held), Size: maybe(t, rapid.Int()), Good: rapid.Bool().Draw(t, "good"), Created: maybe(t, times),
			Keys: rapid.SliceOfN(held, 0, 5).Draw(t, "keys"),
			Tags: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) tag { return tag{maybe(t, held), maybe(t, held)} }), 0, 5).Draw(t, "tags"),
		}
	})
)
