package api

import "rollcall/internal/directory"

// value is an optional member's value, "" when it is absent.
func value(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// page is the part of a list that a request asks for.
func page(maxResults *int, nextToken *string) directory.Page {
	p := directory.Page{Token: value(nextToken)}
	if maxResults != nil {
		p.Size = *maxResults
	}
	return p
}

// Tag is a tag on the wire.
type Tag struct {
	Key   *string `check:"required,len=1..128"`
	Value *string `check:"required,len=1..256"`
}

func tags(all []Tag) []directory.Tag {
	var out []directory.Tag
	for _, t := range all {
		out = append(out, directory.Tag{Key: *t.Key, Value: *t.Value})
	}
	return out
}
