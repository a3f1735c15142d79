package iam

import (
	"crypto/sha256"
	"slices"
	"strings"

	"rollcall/internal/pagetoken"
)

// Page says which part of a list is wanted.
type Page struct {
	Size   int    // 1 to 1000; 0: the default
	Marker string // from the part before; "": the first part
}

// defaultPageSize is the size of a page when none is asked for.
const defaultPageSize = 100

func (p Page) size() int {
	if p.Size == 0 {
		return defaultPageSize
	}
	return p.Size
}

// after is the name that the page comes after.
func (p Page) after(t *pagetoken.Tokens, list string) (string, error) {
	position, err := t.Open(list, p.Marker)
	if err != nil {
		return "", refuse(ValidationError, "Invalid Marker.")
	}
	return string(position), nil
}

// cut gives the page of what was read, one more than asked for, and the marker
// of the rest; "" when there is none.
func cut[T any](t *pagetoken.Tokens, list string, all []T, p Page, name func(*T) string) ([]T, string) {
	if len(all) <= p.size() {
		return all, ""
	}
	all = all[:p.size()]
	return all, t.Seal(list, []byte(name(&all[len(all)-1])))
}

// pageOf is a page of a list that is all there, in the order of its keys, no
// two of which are the same.
func pageOf[T any](t *pagetoken.Tokens, list string, all []T, p Page, key func(*T) string) ([]T, string, error) {
	after, err := p.after(t, list)
	if err != nil {
		return nil, "", err
	}
	at := func(item *T) string { return position(key(item)) }
	slices.SortFunc(all, func(a, b T) int { return strings.Compare(at(&a), at(&b)) })
	for len(all) > 0 && at(&all[0]) <= after {
		all = all[1:]
	}
	all = all[:min(len(all), p.size()+1)]
	all, marker := cut(t, list, all, p, at)
	return all, marker, nil
}

// maxPosition keeps markers, which are sealed positions, below the 320
// characters that a request can have of them.
const maxPosition = 128

// position is the place of a key in a list. Long keys that begin alike come in
// no particular order.
func position(key string) string {
	if len(key) <= maxPosition {
		return key
	}
	hash := sha256.Sum256([]byte(key))
	return key[:maxPosition-len(hash)] + string(hash[:])
}
