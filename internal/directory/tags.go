package directory

import (
	"fmt"
	"strings"

	"rollcall/internal/store"
)

// maxTags is how many tags a resource may have.
// https://docs.aws.amazon.com/quicksight/latest/APIReference/API_TagResource.html
const maxTags = 50

// Tag is a tag as a request gives it.
type Tag struct{ Key, Value string }

// newTags checks the tags of a new resource.
func newTags(tags []Tag, resource ResourceType) (store.Tags, error) {
	if len(tags) == 0 {
		return nil, nil
	}
	all := make(store.Tags, len(tags))
	for _, t := range tags {
		if strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			return nil, invalidMember("tags", t.Key, "Tag keys must not begin with aws:, which is reserved")
		}
		if _, twice := all[t.Key]; twice {
			return nil, invalidMember("tags", t.Key, "Tag keys must be unique")
		}
		all[t.Key] = t.Value
	}
	if len(all) > maxTags {
		return nil, &Error{Kind: Limit, Resource: resource, Message: fmt.Sprintf(
			"A resource can have at most %d tags; %d were given.", maxTags, len(all))}
	}
	return all, nil
}
