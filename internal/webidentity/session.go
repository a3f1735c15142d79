package webidentity

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The claims that STS reads for the session. Those about tags are nested in one
// claim or, for providers that cannot nest, each a claim of its own.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
const (
	tagsClaim           = "https://aws.amazon.com/tags"
	tagClaimPrefix      = "https://aws.amazon.com/tags/principal_tags/"
	transitiveClaim     = "https://aws.amazon.com/tags/transitive_tag_keys"
	sourceIdentityClaim = "https://aws.amazon.com/source_identity"
)

// The limits of STS, in characters but for the first.
const (
	maxTags           = 50
	maxTagKey         = 128
	maxTagValue       = 256
	maxSourceIdentity = 64
)

// nestedTags is the value of tagsClaim.
type nestedTags struct {
	Tags       map[string]list `json:"principal_tags"`
	Transitive list            `json:"transitive_tag_keys"`
}

// readSession puts into t what is for the session.
func (c *claims) readSession(t *Token) error {
	tags, err := c.gatherTags()
	if err != nil {
		return err
	}
	if t.Tags, err = tags.single(); err != nil {
		return err
	}
	t.TransitiveTagKeys = tags.Transitive
	if err := tags.checkTransitive(); err != nil {
		return err
	}
	if err := c.read(sourceIdentityClaim, &t.SourceIdentity); err != nil {
		return err
	}
	if utf8.RuneCountInString(t.SourceIdentity) > maxSourceIdentity {
		return refuse(ErrTags, "the source identity is longer than %d characters", maxSourceIdentity)
	}
	return nil
}

// read reads a claim if it is there.
func (c *claims) read(name string, into any) error {
	value, has := c.Others[name]
	if !has || value.Kind() == jsontext.KindNull {
		return nil
	}
	if err := json.Unmarshal(value, into); err != nil {
		return refuse(ErrTags, "%q: %v", name, err)
	}
	return nil
}

// gatherTags reads tags of both forms, in the order of their names so that the
// same token gets the same error each time.
func (c *claims) gatherTags() (tags nestedTags, err error) {
	if err := c.read(tagsClaim, &tags); err != nil {
		return tags, err
	}
	for _, name := range slices.Sorted(maps.Keys(c.Others)) {
		key, is := strings.CutPrefix(name, tagClaimPrefix)
		if !is {
			continue
		}
		if _, twice := tags.Tags[key]; twice {
			return tags, refuse(ErrTags, "%.150q is there twice", key)
		}
		var values list
		if err := c.read(name, &values); err != nil {
			return tags, err
		}
		if tags.Tags == nil {
			tags.Tags = make(map[string]list)
		}
		tags.Tags[key] = values
	}
	var transitive list
	err = c.read(transitiveClaim, &transitive)
	tags.Transitive = append(tags.Transitive, transitive...)
	return tags, err
}

// single gives each tag its one value.
func (n *nestedTags) single() (map[string]string, error) {
	if len(n.Tags) > maxTags {
		return nil, refuse(ErrTags, "%d tags, more than %d", len(n.Tags), maxTags)
	}
	if len(n.Tags) == 0 {
		return nil, nil
	}
	tags := make(map[string]string, len(n.Tags))
	for _, key := range slices.Sorted(maps.Keys(n.Tags)) {
		values := n.Tags[key]
		switch {
		case len(values) != 1:
			return nil, refuse(ErrTags, "%.150q has %d values instead of one", key, len(values))
		case key == "" || utf8.RuneCountInString(key) > maxTagKey:
			return nil, refuse(ErrTags, "the key %.150q does not have 1 to %d characters", key, maxTagKey)
		case utf8.RuneCountInString(values[0]) > maxTagValue:
			return nil, refuse(ErrTags, "the value of %.150q is longer than %d characters", key, maxTagValue)
		}
		tags[key] = values[0]
	}
	return tags, nil
}

func (n *nestedTags) checkTransitive() error {
	if len(n.Transitive) > maxTags {
		return refuse(ErrTags, "%d transitive tag keys, more than %d", len(n.Transitive), maxTags)
	}
	for _, key := range n.Transitive {
		if key == "" || utf8.RuneCountInString(key) > maxTagKey {
			return refuse(ErrTags, "the transitive tag key %.150q does not have 1 to %d characters", key, maxTagKey)
		}
	}
	return nil
}
