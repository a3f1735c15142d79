package iam

import (
	"context"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/policy"
	"rollcall/internal/store"
)

// PutInlinePolicy gives a principal an inline policy, in the place of one that
// has the name.
func (i *IAM) PutInlinePolicy(ctx context.Context, c *access.Caller, p Ref, name, document string) error {
	call := p.boundedCall(c, "Put*Policy", nil)
	call.Invalid = checkDocument(document, policy.Identity)
	return i.changePrincipal(ctx, c, call, p, func(_ store.Tx, found *store.Principal) error {
		at, there := inlinePolicy(found, name)
		if !there {
			found.Inline = slices.Insert(found.Inline, at, store.InlinePolicy{Name: name})
		}
		found.Inline[at].Document = document
		return checkInlineSize(found)
	})
}

// inlinePolicy is the place of an inline policy.
func inlinePolicy(p *store.Principal, name string) (at int, there bool) {
	return slices.BinarySearchFunc(p.Inline, name, func(inline store.InlinePolicy, name string) int {
		return strings.Compare(inline.Name, name)
	})
}

// maxInline is the size of all inline policies of a principal together.
var maxInline = map[store.IAMKind]int{store.IAMUser: policy.MaxInlineUser, store.IAMRole: policy.MaxInlineRole}

// maxInlineBytes bounds them with their white space, which does not count for
// their size but is kept.
const maxInlineBytes = 128 << 10

func checkInlineSize(p *store.Principal) error {
	size, bytes := 0, 0
	for _, inline := range p.Inline {
		size += policy.Size(inline.Document)
		bytes += len(inline.Document)
	}
	if most := maxInline[p.Kind]; size > most || bytes > maxInlineBytes {
		return refuse(LimitExceeded, "Maximum policy size of %d bytes exceeded for %s %s", most, noun[p.Kind], p.Name)
	}
	return nil
}

// GetInlinePolicy gives the document of an inline policy.
func (i *IAM) GetInlinePolicy(ctx context.Context, c *access.Caller, p Ref, name string) (document string, err error) {
	err = i.readPrincipal(ctx, c, "Get*Policy", p, func(_ store.Reader, found *store.Principal) error {
		at, there := inlinePolicy(found, name)
		if !there {
			return noInline(p, name)
		}
		document = found.Inline[at].Document
		return nil
	})
	return document, err
}

func noInline(p Ref, name string) error {
	return refuse(NoSuchEntity, "The %s policy with name %s cannot be found.", noun[p.kind], name)
}

// ListInlinePolicies gives a page of the names of a principal's inline
// policies.
func (i *IAM) ListInlinePolicies(ctx context.Context, c *access.Caller, p Ref, page Page) (names []string, marker string, err error) {
	return partOfPrincipal(ctx, i, c, "List*Policies", p, page, part[store.Principal, string]{
		all: func(_ store.Reader, found *store.Principal) (names []string, err error) {
			for _, inline := range found.Inline {
				names = append(names, inline.Name)
			}
			return names, nil
		},
		key: func(name *string) string { return *name },
	})
}

// DeleteInlinePolicy takes an inline policy from a principal.
func (i *IAM) DeleteInlinePolicy(ctx context.Context, c *access.Caller, p Ref, name string) error {
	return i.changePrincipal(ctx, c, p.boundedCall(c, "Delete*Policy", nil), p, func(_ store.Tx, found *store.Principal) error {
		at, there := inlinePolicy(found, name)
		if !there {
			return noInline(p, name)
		}
		found.Inline = slices.Delete(found.Inline, at, at+1)
		return nil
	})
}
