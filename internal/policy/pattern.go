package policy

import (
	"errors"
	"strings"
)

// pattern is text of a policy with wildcards and variables.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
type pattern struct {
	head string // up to the first variable, compiled for glob
	tail []insertion
}

// insertion is a variable and the text after it.
type insertion struct {
	key         string // lower-case
	fallback    string
	hasFallback bool
	text        string // compiled for glob
}

// syntax says which characters of a policy's text are special.
type syntax struct {
	wildcards bool
	variables bool // not before version 2012-10-17
}

var errVariable = errors.New("a variable is written ${key} or ${key, 'default'}")

// parsePattern reads text; where a syntax is off, its characters are literal.
func parsePattern(text string, s syntax) (*pattern, error) {
	p := new(pattern)
	for {
		before, after, found := text, "", false
		if s.variables {
			before, after, found = strings.Cut(text, "${")
		}
		p.append(s.compile(before))
		if !found {
			return p, nil
		}
		inside, rest, closed := strings.Cut(after, "}")
		if !closed {
			return nil, errVariable
		}
		if err := p.insert(inside); err != nil {
			return nil, err
		}
		text = rest
	}
}

func (s syntax) compile(text string) string {
	if s.wildcards {
		return wildcards.Replace(text)
	}
	return text
}

func (p *pattern) append(text string) {
	if n := len(p.tail); n > 0 {
		p.tail[n-1].text += text
	} else {
		p.head += text
	}
}

// insert adds what stands between ${ and }. Of a few characters it makes
// literal ones.
func (p *pattern) insert(inside string) error {
	switch inside {
	case "*", "?", "$":
		p.append(inside)
		return nil
	}
	key, fallback, hasFallback := strings.Cut(inside, ",")
	if hasFallback {
		quoted := strings.TrimLeft(fallback, " ")
		if len(quoted) < 2 || quoted[0] != '\'' || quoted[len(quoted)-1] != '\'' {
			return errVariable
		}
		fallback = quoted[1 : len(quoted)-1]
	}
	if key == "" || strings.ContainsAny(key, "${'") {
		return errVariable
	}
	p.tail = append(p.tail, insertion{key: strings.ToLower(key), fallback: fallback, hasFallback: hasFallback})
	return nil
}

// expand puts in the values of the variables. It is false when one has neither
// a value nor a default, or when its key has several values.
func (p *pattern) expand(e *evaluation) (string, bool) {
	if p.tail == nil {
		return p.head, true
	}
	var b strings.Builder
	b.WriteString(p.head)
	for i := range p.tail {
		in := &p.tail[i]
		switch values := e.values(in.key); {
		case len(values) == 1:
			b.WriteString(literal(values[0]))
		case len(values) == 0 && in.hasFallback:
			b.WriteString(in.fallback)
		default:
			return "", false
		}
		b.WriteString(in.text)
	}
	return b.String(), true
}

// literal keeps wildcards out of what a caller may have chosen.
func literal(value string) string {
	return strings.ToValidUTF8(value, "\uFFFD")
}

// match tells how a value of the request compares with the expanded pattern.
func (p *pattern) match(e *evaluation, value string, compare func(pattern, value string) bool) match {
	expanded, ok := p.expand(e)
	if !ok {
		return unknown
	}
	return matched(compare(expanded, value))
}

// match is the result of a comparison. Of several, any of which suffices, the
// greatest counts.
type match int

const (
	no      match = iota
	unknown       // a variable has no value
	yes
)

func matched(is bool) match {
	if is {
		return yes
	}
	return no
}

// settle says whether a match is as a statement wants it. AWS documents that a
// variable without a value matches nothing and may make its statement invalid.
// That must not give access away: where a statement wants that nothing
// matches, it then does not apply if it allows, and applies if it denies.
func (m match) settle(negated, deny bool) bool {
	switch m {
	case yes:
		return !negated
	case no:
		return negated
	}
	return negated && deny
}
