package policy

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// condition is one key under one operator.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
type condition struct {
	key string // lower-case
	comparison
	tests []test // one for each value in the policy; any of them suffices
}

// comparison is what the name of an operator says.
type comparison struct {
	operator
	quantifier quantifier
	ifExists   bool // true when the request does not have the key
	null       bool // whether the key is absent is the value to compare
}

// quantifier says how many of the request's values have to pass.
type quantifier int

const (
	// unquantified is for keys with one value. AWS does not say what becomes of
	// several: here all have to pass for an Allow, and any for a Deny.
	unquantified quantifier = iota
	forAllValues            // also true of none
	forAnyValue             // false of none, even of a negated operator
)

// parseComparison reads the name of an operator, such as
// ForAnyValue:StringLikeIfExists.
func parseComparison(name string) (c comparison, ok bool) {
	if rest, found := strings.CutPrefix(name, "ForAllValues:"); found {
		c.quantifier, name = forAllValues, rest
	} else if rest, found := strings.CutPrefix(name, "ForAnyValue:"); found {
		c.quantifier, name = forAnyValue, rest
	}
	name, c.ifExists = strings.CutSuffix(name, "IfExists")
	c.operator, ok = operators[name]
	c.null = name == "Null"
	return c, ok && !(c.null && (c.ifExists || c.quantifier != unquantified))
}

// parseConditions reads a Condition element, in the order of its names so that
// the same document gets the same error each time.
func parseConditions(w wireConditions, variables bool, where jsontext.Pointer) (cs []condition, err error) {
	for _, name := range slices.Sorted(maps.Keys(w)) {
		at := where.AppendToken(name)
		comparison, ok := parseComparison(name)
		if !ok {
			return nil, refuse(syntaxErrors, at, "unknown operator %q", name)
		}
		seen := make(map[string]bool)
		for _, key := range slices.Sorted(maps.Keys(w[name])) {
			c := condition{key: strings.ToLower(key), comparison: comparison}
			if seen[c.key] {
				return nil, refuse(syntaxErrors, at.AppendToken(key), "the key is there twice, with different case")
			}
			seen[c.key] = true
			if err := c.parseTests(w[name][key], variables, at.AppendToken(key)); err != nil {
				return nil, err
			}
			cs = append(cs, c)
		}
	}
	return cs, nil
}

func (c *condition) parseTests(values []scalar, variables bool, where jsontext.Pointer) error {
	for _, value := range values {
		t, err := c.parse(string(value), variables)
		if err != nil {
			return refuse(legacyParsing, where, "%q: %v", value, err)
		}
		c.tests = append(c.tests, t)
	}
	return nil
}

// holds tells whether the request meets the condition of a statement that
// denies or allows.
func (c *condition) holds(e *evaluation, deny bool) bool {
	values := e.values(c.key)
	if c.null {
		values = []string{strconv.FormatBool(len(values) == 0)}
	}
	if len(values) == 0 && c.ifExists {
		return true
	}
	any := c.quantifier == forAnyValue
	switch {
	case c.quantifier != unquantified && len(values) == 1 && values[0] == "":
		values = nil // so AWS documents it
	case c.quantifier == unquantified && len(values) < 2:
		return c.best(e, values).settle(c.negated, deny)
	case c.quantifier == unquantified:
		any = deny
	}
	passes := func(value string) bool {
		return c.best(e, []string{value}).settle(c.negated, deny)
	}
	if any {
		return slices.ContainsFunc(values, passes)
	}
	for _, value := range values {
		if !passes(value) {
			return false
		}
	}
	return true
}

// best compares each value of the request with each of the policy.
func (c *condition) best(e *evaluation, values []string) (m match) {
	for _, value := range values {
		for _, t := range c.tests {
			m = max(m, t(e, value))
		}
	}
	return m
}
