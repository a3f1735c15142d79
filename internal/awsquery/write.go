package awsquery

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"rollcall/internal/model"
)

// NoOutput is what an operation returns that has no output in the service
// model. Its answer has no Result element; clients expect one of all others.
type NoOutput struct{}

// Reply is a successful answer.
type Reply struct {
	Namespace string // of the service's documents
	Action    string
	RequestID string
	Output    any // pointer to a struct
}

// Write sends the reply.
func (r Reply) Write(w http.ResponseWriter) {
	var b bytes.Buffer
	open(&b, r.Action+"Response", r.Namespace)
	if _, none := r.Output.(*NoOutput); !none {
		writeElement(&b, r.Action+"Result", reflect.ValueOf(r.Output))
	}
	b.WriteString("<ResponseMetadata>")
	writeText(&b, "RequestId", r.RequestID)
	b.WriteString("</ResponseMetadata></" + r.Action + "Response>")
	send(w, http.StatusOK, b.Bytes())
}

// Error is an error as it is sent.
type Error struct {
	Code    string // as in the service model's error trait, e.g. NoSuchEntity
	Status  int    // HTTP status
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Write sends the error.
func (e *Error) Write(w http.ResponseWriter, namespace, requestID string) {
	var b bytes.Buffer
	open(&b, "ErrorResponse", namespace)
	b.WriteString("<Error>")
	writeText(&b, "Type", e.fault())
	writeText(&b, "Code", e.Code)
	writeText(&b, "Message", e.Message)
	b.WriteString("</Error>")
	writeText(&b, "RequestId", requestID)
	b.WriteString("</ErrorResponse>")
	send(w, e.Status, b.Bytes())
}

// fault says who is to blame.
func (e *Error) fault() string {
	if e.Status >= http.StatusInternalServerError {
		return "Receiver"
	}
	return "Sender"
}

func open(b *bytes.Buffer, name, namespace string) {
	b.WriteString("<" + name + ` xmlns="` + namespace + `">`)
}

func writeText(b *bytes.Buffer, name, text string) {
	writeElement(b, name, reflect.ValueOf(text))
}

// writeElement writes a value, or nothing when it is nil.
func writeElement(b *bytes.Buffer, name string, v reflect.Value) {
	if kind := v.Kind(); (kind == reflect.Pointer || kind == reflect.Slice) && v.IsNil() {
		return
	}
	b.WriteString("<" + name + ">")
	writeValue(b, reflect.Indirect(v))
	b.WriteString("</" + name + ">")
}

var timeType = reflect.TypeFor[time.Time]()

// writeValue writes what stands inside an element. XML cannot hold most
// control characters, not even escaped: they become U+FFFD.
func writeValue(b *bytes.Buffer, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		_ = xml.EscapeText(b, []byte(v.String())) // a buffer takes all
	case reflect.Int:
		b.Write(strconv.AppendInt(b.AvailableBuffer(), v.Int(), 10))
	case reflect.Bool:
		b.Write(strconv.AppendBool(b.AvailableBuffer(), v.Bool()))
	case reflect.Slice:
		for i := range v.Len() {
			writeElement(b, "member", v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == timeType {
			b.Write(v.Interface().(time.Time).UTC().AppendFormat(b.AvailableBuffer(), "2006-01-02T15:04:05Z"))
			return
		}
		for i := range v.NumField() {
			writeElement(b, model.Name(v.Type().Field(i)), v.Field(i))
		}
	}
}

// checkOutput finds a field that cannot be written.
func checkOutput(t reflect.Type) error {
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String, reflect.Int, reflect.Bool:
		return nil
	case reflect.Struct:
	default:
		return fmt.Errorf("no element can be a %s", t)
	}
	if t == timeType {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || f.Anonymous {
			return fmt.Errorf("%s.%s: only exported and named fields can be written", t, f.Name)
		}
		if err := checkOutput(f.Type); err != nil {
			return fmt.Errorf("%s.%s: %w", t, f.Name, err)
		}
	}
	return nil
}

func send(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h["Content-Type"] = contentType
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone needs no answer
}

var contentType = []string{"text/xml"}
