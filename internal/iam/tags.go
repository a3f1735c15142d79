package iam

import (
	"context"
	"maps"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/store"
)

// Tag is a tag of a principal, a policy, a provider or a session.
type Tag struct{ Key, Value string }

// maxTags is how many tags a resource may have.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const maxTags = 50

// newTags are the tags of something new. Keys that differ only in case are
// one.
func newTags(given []Tag) (store.Tags, error) {
	if len(given) == 0 {
		return nil, nil
	}
	tags, seen := store.Tags{}, map[string]bool{}
	for _, t := range given {
		lower := strings.ToLower(t.Key)
		if seen[lower] {
			return nil, refuse(InvalidInput, "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		if strings.HasPrefix(lower, "aws:") {
			return nil, refuse(InvalidInput, "Tag keys that begin with aws: are reserved.")
		}
		seen[lower], tags[t.Key] = true, t.Value
	}
	return tags, nil
}

// withTags are tags with others over them; what they are of is for the error.
func withTags(tags, others store.Tags, of string) (store.Tags, error) {
	merged := withoutTags(tags, slices.Collect(maps.Keys(others)))
	maps.Copy(merged, others)
	if len(merged) > maxTags {
		return nil, refuse(LimitExceeded, "Cannot exceed quota for TagsPer%s: %d", of, maxTags)
	}
	return merged, nil
}

// withoutTags are tags without those of some keys, in whatever case.
func withoutTags(tags store.Tags, keys []string) store.Tags {
	gone := map[string]bool{}
	for _, key := range keys {
		gone[strings.ToLower(key)] = true
	}
	left := store.Tags{}
	for key, value := range tags {
		if !gone[strings.ToLower(key)] {
			left[key] = value
		}
	}
	return left
}

// untagKeys are the condition keys of a call that takes tags away.
func untagKeys(keys []string) map[string][]string {
	if len(keys) == 0 {
		return nil
	}
	return map[string][]string{"aws:TagKeys": keys}
}

// tagList are tags one by one.
func tagList(tags store.Tags) []Tag {
	var all []Tag
	for key, value := range tags {
		all = append(all, Tag{key, value})
	}
	return all
}

func tagKey(t *Tag) string { return t.Key }

// TagPrincipal gives a principal tags.
func (i *IAM) TagPrincipal(ctx context.Context, c *access.Caller, p Ref, given []Tag) error {
	tags, invalid := newTags(given)
	call := p.call(c, "Tag*", access.TagKeys(tags))
	call.Invalid = invalid
	return i.changePrincipal(ctx, c, call, p, func(_ store.Tx, found *store.Principal) (err error) {
		found.Tags, err = withTags(found.Tags, tags, title[p.kind])
		return err
	})
}

// UntagPrincipal takes tags from a principal.
func (i *IAM) UntagPrincipal(ctx context.Context, c *access.Caller, p Ref, keys []string) error {
	return i.changePrincipal(ctx, c, p.call(c, "Untag*", untagKeys(keys)), p, func(_ store.Tx, found *store.Principal) error {
		found.Tags = withoutTags(found.Tags, keys)
		return nil
	})
}

// ListPrincipalTags gives a page of a principal's tags, in the order of keys.
func (i *IAM) ListPrincipalTags(ctx context.Context, c *access.Caller, p Ref, page Page) ([]Tag, string, error) {
	return partOfPrincipal(ctx, i, c, "List*Tags", p, page, part[store.Principal, Tag]{
		all: func(_ store.Reader, found *store.Principal) ([]Tag, error) { return tagList(found.Tags), nil },
		key: tagKey,
	})
}

// TagPolicy gives a managed policy tags.
func (i *IAM) TagPolicy(ctx context.Context, c *access.Caller, arn string, given []Tag) error {
	tags, invalid := newTags(given)
	return i.changePolicy(ctx, c, policyTagCall(c, "TagPolicy", arn, access.TagKeys(tags), invalid), func(_ store.Tx, p *store.ManagedPolicy) (err error) {
		p.Tags, err = withTags(p.Tags, tags, "Policy")
		return err
	})
}

// UntagPolicy takes tags from a managed policy.
func (i *IAM) UntagPolicy(ctx context.Context, c *access.Caller, arn string, keys []string) error {
	return i.changePolicy(ctx, c, policyTagCall(c, "UntagPolicy", arn, untagKeys(keys), nil), func(_ store.Tx, p *store.ManagedPolicy) error {
		p.Tags = withoutTags(p.Tags, keys)
		return nil
	})
}

// ListPolicyTags gives a page of a managed policy's tags, in the order of keys.
func (i *IAM) ListPolicyTags(ctx context.Context, c *access.Caller, arn string, page Page) ([]Tag, string, error) {
	return partOfPolicy(ctx, i, c, policyTagCall(c, "ListPolicyTags", arn, nil, nil), page, part[store.ManagedPolicy, Tag]{
		all: func(_ store.Reader, p *store.ManagedPolicy) ([]Tag, error) { return tagList(p.Tags), nil },
		key: tagKey,
	})
}
