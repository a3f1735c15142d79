package restjson

import (
	"net/http/httptest"
	"testing"
)

type plainOutput struct {
	Name  string
	Items []int
}

type emptyOutput struct{}

type appendingOutput struct{}

func (*appendingOutput) AppendJSON(b []byte) []byte {
	return append(AppendString(append(b, '{'), "Text", "a\"b\n"), '}')
}

func TestReplyWritesMembersStatusAndRequestID(t *testing.T) {
	for name, c := range map[string]struct {
		reply Reply
		want  string
	}{
		"Plain":        {Reply{Status: 201, Output: &plainOutput{"<é>", nil}}, `{"Name":"<é>","Items":[],"RequestId":"r"}`},
		"StatusInBody": {Reply{Status: 200, StatusInBody: true, Output: &plainOutput{"a", []int{1}}}, `{"Name":"a","Items":[1],"Status":200,"RequestId":"r"}`},
		"Empty":        {Reply{Status: 200, Output: &emptyOutput{}}, `{"RequestId":"r"}`},
		"Appending":    {Reply{Status: 200, Output: &appendingOutput{}}, `{"Text":"a\"b\n","RequestId":"r"}`},
	} {
		t.Run(name, func(t *testing.T) {
			c.reply.RequestID = "r"
			w := httptest.NewRecorder()
			if err := c.reply.Write(w); err != nil {
				t.Fatal(err)
			}
			if w.Code != c.reply.Status || w.Body.String() != c.want {
				t.Errorf("%d %s, want %d %s", w.Code, w.Body, c.reply.Status, c.want)
			}
		})
	}
}

func TestErrorWritesWhatItsKindHas(t *testing.T) {
	for name, c := range map[string]struct {
		err  Error
		want string
	}{
		"Service":     {Error{Code: "XException", Status: 404, Message: "m ", ResourceType: "USER"}, `{"Message":"m ","ResourceType":"USER","RequestId":"r"}`},
		"NoRequestID": {Error{Code: "XException", Status: 401, Message: "m", NoRequestID: true}, `{"Message":"m"}`},
		"Framework":   {Error{Code: "XException", Status: 403, Message: "m", Framework: true}, `{"message":"m"}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			c.err.Write(w, "r")
			if w.Code != c.err.Status || w.Body.String() != c.want || w.Header().Get("x-amzn-ErrorType") != "XException" {
				t.Errorf("%d %v %s, want %d %s", w.Code, w.Header(), w.Body, c.err.Status, c.want)
			}
		})
	}
}
