package restjson

import (
	"fmt"
	"net/url"
	"strings"
)

// Router finds the operation for a method and an escaped path. It matches
// segment by segment before it decodes, so that "role%2Fsession" is one
// label, and it never redirects: a redirected signature no longer fits.
type Router[T any] struct {
	routes map[shapeKey][]route[T]
}

// shapeKey is what a request must have in common with a route at least.
type shapeKey struct {
	method   string
	segments int
}

type route[T any] struct {
	segments []segment
	value    T
}

// segment is a part of a URI between slashes.
type segment struct {
	text  string // literal text, or the label's name
	label bool
}

// Labels are the decoded labels of a matched path.
type Labels []Label

// Label is one of them.
type Label struct{ Name, Value string }

// Get gives the value of a label, "" if there is none of that name.
func (l Labels) Get(name string) string {
	for _, label := range l {
		if label.Name == name {
			return label.Value
		}
	}
	return ""
}

// Add registers a value under a method and a URI such as
// "/accounts/{AwsAccountId}/users". A URI that ends in a slash stands for the
// one without it too: not all SDKs send the slash. It panics when method and
// URI are taken.
func (r *Router[T]) Add(method, uri string, value T) {
	if short, ok := strings.CutSuffix(uri, "/"); ok {
		r.add(method, short, value)
	}
	r.add(method, uri, value)
}

func (r *Router[T]) add(method, uri string, value T) {
	if r.routes == nil {
		r.routes = map[shapeKey][]route[T]{}
	}
	segments := parseURI(uri)
	key := shapeKey{method, len(segments)}
	for _, other := range r.routes[key] {
		if same(segments, other.segments) {
			panic(fmt.Sprintf("restjson: %s %s is declared twice", method, uri))
		}
	}
	r.routes[key] = append(r.routes[key], route[T]{segments, value})
}

func parseURI(uri string) []segment {
	var all []segment
	for part := range strings.SplitSeq(strings.TrimPrefix(uri, "/"), "/") {
		name, label := strings.CutPrefix(part, "{")
		all = append(all, segment{strings.TrimSuffix(name, "}"), label})
	}
	return all
}

// same says whether two URIs match the same paths.
func same(a, b []segment) bool {
	for i := range a {
		if a[i].label != b[i].label || !a[i].label && a[i].text != b[i].text {
			return false
		}
	}
	return true
}

// Match finds the value for a request. Of several that fit, it takes the one
// with a literal where the others have a label, from left to right. A path
// with an empty, "." or ".." segment, however it is encoded, fits none.
func (r *Router[T]) Match(method, escapedPath string) (value T, labels Labels, ok bool) {
	path, rooted := strings.CutPrefix(escapedPath, "/")
	if !rooted {
		return value, nil, false
	}
	var best *route[T]
	candidates := r.routes[shapeKey{method, strings.Count(path, "/") + 1}]
	for i := range candidates {
		if c := &candidates[i]; c.fits(path) && (best == nil || c.before(best)) {
			best = c
		}
	}
	if best == nil {
		return value, nil, false
	}
	labels, ok = best.labels(path)
	return best.value, labels, ok
}

func (r *route[T]) fits(path string) bool {
	for _, s := range r.segments {
		var part string
		part, path, _ = strings.Cut(path, "/")
		if !s.label && part != s.text {
			return false
		}
	}
	return true
}

func (r *route[T]) before(other *route[T]) bool {
	for i, s := range r.segments {
		if s.label != other.segments[i].label {
			return other.segments[i].label
		}
	}
	return false
}

// labels decodes the labels of a path that fits.
func (r *route[T]) labels(path string) (Labels, bool) {
	all := make(Labels, 0, len(r.segments))
	for _, s := range r.segments {
		var part string
		part, path, _ = strings.Cut(path, "/")
		if !s.label {
			continue
		}
		value, err := url.PathUnescape(part)
		if err != nil || value == "" || value == "." || value == ".." {
			return nil, false
		}
		all = append(all, Label{s.text, value})
	}
	return all, true
}
