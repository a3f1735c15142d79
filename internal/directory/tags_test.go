package directory

import (
	"fmt"
	"testing"
)

func TestTags(t *testing.T) {
	numbered := func(n int) []Tag {
		var all []Tag
		for i := range n {
			all = append(all, Tag{fmt.Sprint("key", i), "value"})
		}
		return all
	}
	const member = "1 validation error detected: Value '%s' at 'tags' failed to satisfy constraint: %s"
	for _, tt := range []struct {
		outcome string
		tags    []Tag
		kind    Kind
		refused string
	}{
		{"none", nil, 0, ""},
		{"fifty", numbered(50), 0, ""},
		{"keys that differ in case", []Tag{{"owner", "a"}, {"Owner", "b"}}, 0, ""},
		{"the same value twice", []Tag{{"a", "x"}, {"b", "x"}}, 0, ""},
		{"aws within a key", []Tag{{"my-aws:key", "x"}, {"aws", "x"}, {"awsome:", "x"}}, 0, ""},
		{"a value that begins with aws:", []Tag{{"k", "aws:x"}}, 0, ""},
		{"fifty-one", numbered(51), Limit, "A resource can have at most 50 tags; 51 were given."},
		{"a key twice", []Tag{{"a", "x"}, {"b", "y"}, {"a", "z"}}, Invalid, fmt.Sprintf(member, "a", "Tag keys must be unique")},
		{"a key of AWS's", []Tag{{"aws:x", "y"}}, Invalid, fmt.Sprintf(member, "aws:x", "Tag keys must not begin with aws:")},
		{"a key of AWS's in capitals", []Tag{{"AwS:", "y"}}, Invalid, fmt.Sprintf(member, "AwS:", "Tag keys must not begin with aws:")},
	} {
		t.Run(tt.outcome, func(t *testing.T) {
			got, err := newTags(tt.tags, UserResource)
			refused(t, err, tt.kind, tt.refused)
			if tt.refused != "" {
				return
			}
			want := map[string]string{}
			for _, tag := range tt.tags {
				want[tag.Key] = tag.Value
			}
			if len(got) != len(want) {
				t.Fatalf("got %v, want %v", got, want)
			}
			for key, value := range want {
				if got[key] != value {
					t.Errorf("%s is %q, want %q", key, got[key], value)
				}
			}
		})
	}
}
