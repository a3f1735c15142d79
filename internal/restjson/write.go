package restjson

import (
	"net/http"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json"

	"rollcall/internal/model"
)

// Appender is an output that writes its own JSON object, for those that are
// read often or are large.
type Appender interface {
	AppendJSON(b []byte) []byte
}

// Reply is a successful answer.
type Reply struct {
	RequestID string
	Status    int // HTTP status
	// StatusInBody repeats the status as a member of the body, for operations
	// whose model does not bind it to the status line. Elsewhere it must not be
	// there: botocore lets a body member override the status line.
	StatusInBody bool
	Output       any // pointer to a struct; absent members are nil
}

// bodies are buffers for bodies. A page of users has 30 KB: without them most
// of its time would go into growing.
var bodies = sync.Pool{New: func() any { return new([]byte) }}

// Write sends the reply. RequestId is a member of the body of every operation.
func (r Reply) Write(w http.ResponseWriter) error {
	buffer := bodies.Get().(*[]byte)
	defer bodies.Put(buffer)
	body, err := r.appendBody((*buffer)[:0])
	if err != nil {
		return err
	}
	*buffer = body
	send(w, r.Status, body)
	return nil
}

func (r Reply) appendBody(body []byte) (_ []byte, err error) {
	if a, ok := r.Output.(Appender); ok {
		body = a.AppendJSON(body)
	} else if body, err = json.Marshal(r.Output, json.Deterministic(true)); err != nil {
		return nil, err
	}
	body = body[:len(body)-1] // open the object again
	if r.StatusInBody {
		body = appendComma(body)
		body = append(body, `"Status":`...)
		body = strconv.AppendInt(body, int64(r.Status), 10)
	}
	body = AppendString(body, "RequestId", r.RequestID)
	return append(body, '}'), nil
}

// AppendString appends a member to an open JSON object.
func AppendString(b []byte, name, value string) []byte {
	return model.AppendText(AppendName(b, name), value)
}

// AppendName appends a member's name to an open JSON object. Names are plain
// ASCII and need no escaping.
func AppendName(b []byte, name string) []byte {
	b = appendComma(b)
	b = append(b, '"')
	b = append(b, name...)
	return append(b, `":`...)
}

// appendComma separates a member from the one before it.
func appendComma(b []byte) []byte {
	if last := b[len(b)-1]; last != '{' && last != '[' {
		b = append(b, ',')
	}
	return b
}

// Error is an error as it is sent.
type Error struct {
	Code         string // bare name of the shape, e.g. ResourceNotFoundException
	Status       int    // HTTP status
	Message      string
	ResourceType string // "" leaves the member away
	// Framework errors come from before the service: their body has a
	// lower-case message, as AWS's own framework writes it.
	Framework bool
	// NoRequestID leaves RequestId out of the body, as recorded for some.
	NoRequestID bool
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Write sends the error. The header must be the bare name: Java does not
// strip a namespace there.
func (e *Error) Write(w http.ResponseWriter, requestID string) {
	w.Header().Set("X-Amzn-Errortype", e.Code)
	send(w, e.Status, e.body(requestID))
}

func (e *Error) body(requestID string) []byte {
	name := "Message"
	if e.Framework {
		name = "message"
	}
	body := AppendString([]byte{'{'}, name, e.Message)
	if e.ResourceType != "" {
		body = AppendString(body, "ResourceType", e.ResourceType)
	}
	if !e.NoRequestID && !e.Framework {
		body = AppendString(body, "RequestId", requestID)
	}
	return append(body, '}')
}

func send(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h["Content-Type"] = contentType
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone needs no answer
}

var contentType = []string{"application/json"}
