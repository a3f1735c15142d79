package iamapi

import (
	"net/url"
	"slices"
	"strings"

	"rollcall/internal/awsquery"
	"rollcall/internal/iam"
	"rollcall/internal/store"
)

// Tag is a tag on the wire.
type Tag struct {
	Key   *string `check:"required,len=1..128,match=tagKey"`
	Value *string `check:"required,len=0..256,match=tagValue"`
}

func tags(in []Tag) []iam.Tag {
	var out []iam.Tag
	for _, t := range in {
		out = append(out, iam.Tag{Key: *t.Key, Value: *t.Value})
	}
	return out
}

// wireTags are tags in the order of their keys; nil for none.
func wireTags(in store.Tags) []Tag {
	var out []Tag
	for k, v := range in {
		out = append(out, Tag{&k, &v})
	}
	slices.SortFunc(out, func(a, b Tag) int { return strings.Compare(*a.Key, *b.Key) })
	return out
}

// listedTags are tags as they are listed.
func listedTags(in []iam.Tag) []Tag {
	out := []Tag{}
	for _, t := range in {
		out = append(out, Tag{&t.Key, &t.Value})
	}
	return out
}

// Boundary is a permissions boundary on the wire.
type Boundary struct {
	PermissionsBoundaryType string
	PermissionsBoundaryArn  string
}

func wireBoundary(arn string) *Boundary {
	if arn == "" {
		return nil
	}
	return &Boundary{"PermissionsBoundaryPolicy", arn}
}

// value is a member that may be absent.
func value[T any](p *T) T {
	if p == nil {
		return *new(T)
	}
	return *p
}

// present is a member that is absent when it is "".
func present(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// encoded is a policy document as answers have it.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
func encoded(document string) string {
	return strings.ReplaceAll(url.QueryEscape(document), "+", "%20")
}

// page is the part of a list that is asked for.
func page(size *int, marker *string) iam.Page {
	return iam.Page{Size: value(size), Marker: value(marker)}
}

// none is the answer of operations that have no output.
func none(err error) (*awsquery.NoOutput, error) { return &awsquery.NoOutput{}, err }
