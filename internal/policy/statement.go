package policy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// statement allows or denies what each of its elements matches.
type statement struct {
	name       string // Sid, or JSON pointer
	deny       bool
	principals *principals // of a trust policy
	actions    actions
	resources  resources
	conditions []condition
}

type actions struct {
	list    []action
	negated bool // NotAction
}

// resources of a trust policy are none, negated: they match anything.
type resources struct {
	list    []*pattern
	negated bool // NotResource
}

// applies checks first what rules out most statements at least cost.
func (s *statement) applies(e *evaluation) bool {
	return s.actions.match(&e.action) &&
		s.resources.match(e, s.deny) &&
		(s.principals == nil || s.principals.match(&e.request.Principal, s.deny)) &&
		s.conditionsHold(e)
}

func (s *statement) conditionsHold(e *evaluation) bool {
	for i := range s.conditions {
		if !s.conditions[i].holds(e, s.deny) {
			return false
		}
	}
	return true
}

func (a *actions) match(requested *action) bool {
	for i := range a.list {
		if a.list[i].covers(requested) {
			return !a.negated
		}
	}
	return a.negated
}

func (r *resources) match(e *evaluation, deny bool) bool {
	m := no
	for _, p := range r.list {
		m = max(m, p.match(e, e.request.Resource, glob))
	}
	return m.settle(r.negated, deny)
}

// compiler makes the statements of one document.
type compiler struct {
	trust     bool
	variables bool
	sids      []string // seen so far
}

func (c *compiler) compile(s *statement, w *wireStatement, where jsontext.Pointer) (err error) {
	if err := c.identify(s, w, where); err != nil {
		return err
	}
	if s.deny, err = parseEffect(w.Effect, where); err != nil {
		return err
	}
	if err := c.principals(s, w, where); err != nil {
		return err
	}
	if err := c.actions(s, w, where); err != nil {
		return err
	}
	if err := c.resources(s, w, where); err != nil {
		return err
	}
	s.conditions, err = parseConditions(w.Condition, c.variables, where.AppendToken("Condition"))
	return err
}

func (c *compiler) identify(s *statement, w *wireStatement, where jsontext.Pointer) error {
	s.name = cmp.Or(w.Sid, string(where))
	switch at := where.AppendToken("Sid"); {
	case strings.ContainsFunc(w.Sid, notAlphanumeric):
		return refuse(sidAlphanumeric, at, "%q", w.Sid)
	case w.Sid != "" && slices.Contains(c.sids, w.Sid):
		return refuse(sidNotUnique, at, "%q", w.Sid)
	}
	c.sids = append(c.sids, w.Sid)
	return nil
}

func notAlphanumeric(r rune) bool {
	return !('0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z')
}

func parseEffect(effect string, where jsontext.Pointer) (deny bool, err error) {
	switch effect {
	case "Allow":
		return false, nil
	case "Deny":
		return true, nil
	}
	return false, refuse(syntaxErrors, where.AppendToken("Effect"), `%q is neither "Allow" nor "Deny"`, effect)
}

func (c *compiler) principals(s *statement, w *wireStatement, where jsontext.Pointer) (err error) {
	switch {
	case !c.trust && (w.Principal != nil || w.NotPrincipal != nil):
		return refuse(noPrincipals, where, "")
	case !c.trust:
		return nil
	case w.NotPrincipal != nil:
		return refuse(notPrincipal, where, "")
	}
	s.principals, err = parsePrincipals(w.Principal, where.AppendToken("Principal"))
	return err
}

func (c *compiler) actions(s *statement, w *wireStatement, where jsontext.Pointer) error {
	texts, element, err := either(w.Action, w.NotAction, "Action", where, noActions)
	if err != nil {
		return err
	}
	parse := parseAction
	if c.trust {
		parse = parseTrustAction
	}
	s.actions.negated = w.NotAction != nil
	for _, text := range texts {
		a, err := parse(text, element)
		if err != nil {
			return err
		}
		s.actions.list = append(s.actions.list, a)
	}
	return nil
}

func (c *compiler) resources(s *statement, w *wireStatement, where jsontext.Pointer) error {
	if c.trust {
		s.resources.negated = true
		return c.noResources(w, where)
	}
	texts, element, err := either(w.Resource, w.NotResource, "Resource", where, noResources)
	if err != nil {
		return err
	}
	s.resources.negated = w.NotResource != nil
	for _, text := range texts {
		p, err := parseResource(text, syntax{wildcards: true, variables: c.variables}, element)
		if err != nil {
			return err
		}
		s.resources.list = append(s.resources.list, p)
	}
	return nil
}

func (c *compiler) noResources(w *wireStatement, where jsontext.Pointer) error {
	switch {
	case w.Resource != nil:
		return refuse("Has prohibited field Resource", where, "")
	case w.NotResource != nil:
		return refuse("Has prohibited field NotResource", where, "")
	}
	return nil
}

// either gives the element that is there: one of the two has to be, with
// something in it.
func either(positive, negative list[string], name string, where jsontext.Pointer, none string) (list[string], jsontext.Pointer, error) {
	switch {
	case positive != nil && negative != nil:
		return nil, "", refuse(syntaxErrors, where, "%s and Not%s exclude each other", name, name)
	case len(positive) > 0:
		return positive, where.AppendToken(name), nil
	case len(negative) > 0:
		return negative, where.AppendToken("Not" + name), nil
	}
	return nil, "", refuse(none, where, "")
}
