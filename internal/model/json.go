package model

import (
	"reflect"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// AppendJSON appends a struct as a JSON object whose names begin in lower case,
// as CloudTrail writes the parameters of a request. Absent members and
// sensitive ones are left out.
func AppendJSON(b []byte, members []Member, v reflect.Value) []byte {
	b = append(b, '{')
	for i := range members {
		m := &members[i]
		field := v.Field(m.Index)
		if m.Sensitive || field.Kind() != reflect.String && field.IsNil() {
			continue
		}
		b = AppendText(appendComma(b), lowerFirst(m.Name))
		b = m.appendValue(append(b, ':'), reflect.Indirect(field))
	}
	return append(b, '}')
}

func (m *Member) appendValue(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.String:
		return AppendText(b, v.String())
	case reflect.Int:
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.Struct:
		return AppendJSON(b, m.Members, v)
	case reflect.Slice:
		b = append(b, '[')
		for i := range v.Len() {
			b = m.appendValue(appendComma(b), v.Index(i))
		}
		return append(b, ']')
	}
	return appendMap(b, v)
}

// appendMap appends a map of strings in the order of its keys.
func appendMap(b []byte, m reflect.Value) []byte {
	b = append(b, '{')
	for _, key := range sortedKeys(m) {
		b = AppendText(appendComma(b), key)
		b = AppendText(append(b, ':'), m.MapIndex(reflect.ValueOf(key)).String())
	}
	return append(b, '}')
}

// AppendText appends a JSON string. Invalid UTF-8 becomes U+FFFD.
func AppendText(b []byte, s string) []byte {
	if plain(s) {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	b, _ = jsontext.AppendQuote(b, s)
	return b
}

// plain says whether a text needs no escaping, which most do not.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func appendComma(b []byte) []byte {
	if last := b[len(b)-1]; last != '{' && last != '[' {
		b = append(b, ',')
	}
	return b
}
