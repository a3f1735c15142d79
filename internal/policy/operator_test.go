package policy

import (
	"fmt"
	"strings"
	"testing"
)

// allowsIf makes a policy that allows everything under a condition.
func allowsIf(condition string) string {
	return `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": ` + condition + `}}`
}

func mustParse(t testing.TB, text string, kind Kind) *Document {
	t.Helper()
	d, err := Parse(text, kind)
	if err != nil {
		t.Fatalf("%v\nin %s", err, text)
	}
	return d
}

// allows tells whether a document by itself allows a request.
func allows(d *Document, r *Request) bool {
	return Evaluate(&Set{Identity: []Policy{{"P", d}}}, r).Allowed
}

func listUsers(context map[string][]string) *Request {
	return &Request{Action: "quicksight:ListUsers", Resource: "*", Context: keys(context)}
}

// keys gives the values of a map's keys, whatever their case.
func keys(context map[string][]string) func(string) []string {
	return func(key string) (values []string) {
		for name, more := range context {
			if strings.EqualFold(name, key) {
				values = append(values, more...)
			}
		}
		return values
	}
}

type values = []string

// TestOperators has what each operator takes for a match. The request has the
// values under the key; nil is a request without it.
func TestOperators(t *testing.T) {
	for _, c := range []struct {
		operator string
		policy   string // JSON
		request  values
		want     bool
	}{
		{"StringEquals", `"ana"`, values{"ana"}, true},
		{"StringEquals", `"ana"`, values{"Ana"}, false},
		{"StringEquals", `"an*"`, values{"ana"}, false}, // no wildcards
		{"StringEquals", `"an*"`, values{"an*"}, true},
		{"StringEquals", `["ben", "ana"]`, values{"ana"}, true},
		{"StringEquals", `"ana"`, nil, false},
		{"StringEquals", `[]`, values{"ana"}, false},
		{"StringEquals", `[]`, values{""}, false},
		{"StringEquals", `""`, values{""}, true},
		{"StringEquals", `7`, values{"7"}, true}, // quotation marks are optional
		{"StringEquals", `true`, values{"true"}, true},
		{"StringNotEquals", `"ana"`, values{"ben"}, true},
		{"StringNotEquals", `["ben", "ana"]`, values{"ana"}, false},
		{"StringNotEquals", `"ana"`, nil, true},
		{"StringNotEquals", `[]`, values{"ana"}, true},
		{"StringEqualsIgnoreCase", `"ANA"`, values{"aNa"}, true},
		{"StringEqualsIgnoreCase", `"ANA"`, values{"anna"}, false},
		{"StringNotEqualsIgnoreCase", `"ANA"`, values{"aNa"}, false},
		{"StringLike", `"a*"`, values{"ana"}, true},
		{"StringLike", `"a?a"`, values{"aña"}, true}, // one character, though two bytes
		{"StringLike", `"a?a"`, values{"aa"}, false},
		{"StringLike", `"a*"`, values{"Ana"}, false},
		{"StringLike", `"*"`, values{""}, true},
		{"StringLike", `"*"`, nil, false},
		{"StringNotLike", `["a*", "b*"]`, values{"cleo"}, true},
		{"StringNotLike", `["a*", "b*"]`, values{"ben"}, false},

		{"NumericEquals", `"10"`, values{"10.0"}, true},
		{"NumericEquals", `10`, values{"+010"}, true},
		{"NumericEquals", `"9007199254740993"`, values{"9007199254740992"}, false}, // exact
		{"NumericEquals", `"10"`, values{"ten"}, false},
		{"NumericEquals", `"10"`, values{"1e1"}, false}, // decimals only
		{"NumericEquals", `"10"`, nil, false},
		{"NumericNotEquals", `"10"`, values{"11"}, true},
		{"NumericNotEquals", `"10"`, values{"10"}, false},
		{"NumericNotEquals", `"10"`, values{"ten"}, true},
		{"NumericLessThan", `"0.5"`, values{"-0.25"}, true},
		{"NumericLessThan", `"0.5"`, values{"0.5"}, false},
		{"NumericLessThanEquals", `"0.5"`, values{".5"}, true},
		{"NumericLessThanEquals", `"0.5"`, values{"0.51"}, false},
		{"NumericGreaterThan", `["10", "20"]`, values{"15"}, true},
		{"NumericGreaterThan", `"10"`, values{"9"}, false},
		{"NumericGreaterThanEquals", `"10"`, values{"10"}, true},

		{"DateEquals", `"2026-07-01T00:00:00Z"`, values{"2026-07-01T02:00:00+02:00"}, true},
		{"DateEquals", `"2026-07"`, values{"2026-07-01"}, true},
		{"DateEquals", `"1767225600"`, values{"2026-01-01T00:00Z"}, true}, // seconds since 1970
		{"DateEquals", `2026`, values{"2026-01-01T00:00:00Z"}, true},      // four digits are a year
		{"DateNotEquals", `"2026"`, values{"2027"}, true},
		{"DateNotEquals", `"2026"`, values{"2026"}, false},
		{"DateLessThan", `"2026-07-01T00:00:00.5Z"`, values{"2026-07-01T00:00:00.25Z"}, true},
		{"DateLessThan", `"2026-07-01T00:00:00Z"`, values{"1783000000"}, false},
		{"DateLessThanEquals", `"2026-07-01"`, values{"2026-07-01T00:00:00Z"}, true},
		{"DateGreaterThan", `"2026-07-01"`, values{"2026-07-02T00:00:00Z"}, true},
		{"DateGreaterThan", `"2026-07-01"`, values{"yesterday"}, false},
		{"DateGreaterThanEquals", `"2026-07-01"`, values{"2026-06-30T23:59:59Z"}, false},
		{"DateGreaterThan", `"2026-07-01"`, nil, false},

		{"Bool", `"true"`, values{"true"}, true},
		{"Bool", `true`, values{"TRUE"}, true},
		{"Bool", `false`, values{"true"}, false},
		{"Bool", `false`, nil, false},
		{"Bool", `"${k:other, 'true'}"`, values{"true"}, true},

		{"BinaryEquals", `"YW5h"`, values{"ana"}, true},
		{"BinaryEquals", `"YW5h"`, values{"YW5h"}, false},

		{"IpAddress", `"203.0.113.0/24"`, values{"203.0.113.77"}, true},
		{"IpAddress", `"203.0.113.0/24"`, values{"203.0.114.77"}, false},
		{"IpAddress", `"203.0.113.77"`, values{"203.0.113.77"}, true}, // without a prefix, itself
		{"IpAddress", `"203.0.113.77"`, values{"203.0.113.78"}, false},
		{"IpAddress", `"203.0.113.0/24"`, values{"::ffff:203.0.113.77"}, true},
		{"IpAddress", `["203.0.113.0/24", "2001:DB8:1234:5678::/64"]`, values{"2001:db8:1234:5678::1"}, true},
		{"IpAddress", `"2001:db8::1"`, values{"2001:db8::1%eth0"}, true},
		{"IpAddress", `"0.0.0.0/0"`, values{"::1"}, false},
		{"IpAddress", `"0.0.0.0/0"`, values{"localhost"}, false},
		{"NotIpAddress", `["10.0.0.0/8", "203.0.113.0/24"]`, values{"203.0.113.77"}, false},
		{"NotIpAddress", `["10.0.0.0/8", "203.0.113.0/24"]`, values{"192.0.2.1"}, true},
		{"NotIpAddress", `"10.0.0.0/8"`, nil, true},

		{"ArnEquals", `"arn:aws:iam::111122223333:role/Readers"`, values{"arn:aws:iam::111122223333:role/Readers"}, true},
		{"ArnEquals", `"arn:aws:iam::*:role/R*"`, values{"arn:aws:iam::111122223333:role/Readers"}, true},
		{"ArnEquals", `"arn:aws:iam::111122223333:role/readers"`, values{"arn:aws:iam::111122223333:role/Readers"}, false},
		{"ArnLike", `"arn:aws:sns:*:111122223333:finance/*"`, values{"arn:aws:sns:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"}, false},
		{"StringLike", `"arn:aws:sns:*:111122223333:finance/*"`, values{"arn:aws:sns:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"}, true},
		{"ArnLike", `"arn:aws:sns:*:*:*"`, values{"arn:aws:sns:us-east-2:111122223333:topic:with:colons"}, true},
		{"ArnLike", `"arn:aws:iam::${k:account, '111122223333'}:user/*"`, values{"arn:aws:iam::111122223333:user/ana"}, true},
		{"ArnLike", `"arn:aws:iam::*"`, values{"arn:aws:iam::111122223333:user/ana"}, false}, // six components, or none match
		{"ArnLike", `"*"`, values{"arn:aws:iam::111122223333:user/ana"}, false},
		{"ArnLike", `"arn:aws:iam::*:user/*"`, values{"ana"}, false},
		{"ArnNotEquals", `"arn:aws:iam::*:role/R*"`, values{"arn:aws:iam::111122223333:role/Readers"}, false},
		{"ArnNotLike", `"arn:aws:iam::*:role/R*"`, values{"arn:aws:iam::111122223333:role/Admins"}, true},
		{"ArnNotLike", `"arn:aws:iam::*:role/R*"`, nil, true},

		{"Null", `"true"`, nil, true},
		{"Null", `true`, values{"ana"}, false},
		{"Null", `"false"`, values{"ana"}, true},
		{"Null", `false`, values{}, false},
		{"Null", `false`, values{""}, true}, // an empty tag is a tag
		{"Null", `[true, false]`, nil, true},

		{"StringEqualsIfExists", `"ana"`, nil, true},
		{"StringEqualsIfExists", `"ana"`, values{"ana"}, true},
		{"StringEqualsIfExists", `"ana"`, values{"ben"}, false},
		{"StringNotEqualsIfExists", `"ana"`, nil, true},
		{"NumericLessThanIfExists", `"10"`, nil, true},
		{"IpAddressIfExists", `"10.0.0.0/8"`, values{"192.0.2.1"}, false},

		{"ForAllValues:StringEquals", `["a", "b"]`, values{"a", "b"}, true},
		{"ForAllValues:StringEquals", `["a", "b"]`, values{"a", "c"}, false},
		{"ForAllValues:StringEquals", `["a", "b"]`, nil, true},
		{"ForAllValues:StringEquals", `["a", "b"]`, values{""}, true}, // an empty string counts as no value
		{"ForAllValues:StringEquals", `[]`, values{"a"}, false},
		{"ForAllValues:StringNotEquals", `["a", "b"]`, values{"c", "d"}, true},
		{"ForAllValues:StringNotEquals", `["a", "b"]`, values{"a", "c"}, false},
		{"ForAllValues:StringNotEquals", `["a", "b"]`, nil, true},
		{"ForAnyValue:StringEquals", `["a", "b"]`, values{"a", "c"}, true},
		{"ForAnyValue:StringEquals", `["a", "b"]`, values{"c", "d"}, false},
		{"ForAnyValue:StringEquals", `["a", "b"]`, nil, false},
		{"ForAnyValue:StringEquals", `""`, values{""}, false},
		{"ForAnyValue:StringNotEquals", `["a", "b"]`, values{"a", "c"}, true},
		{"ForAnyValue:StringNotEquals", `["a", "b"]`, values{"a", "b"}, false},
		{"ForAnyValue:StringNotEquals", `["a", "b"]`, nil, false},
		{"ForAnyValue:StringEqualsIfExists", `"a"`, nil, true},
		{"ForAllValues:ArnLike", `"arn:aws:kms:*:*:key/*"`, values{"arn:aws:kms:us-east-1:111122223333:key/1"}, true},
		{"ForAnyValue:NumericGreaterThan", `"10"`, values{"1", "11"}, true},

		// Not documented: several values of a key under an operator for one.
		{"StringEquals", `"a"`, values{"a", "b"}, false},
		{"StringEquals", `["a", "b"]`, values{"a", "b"}, true},
		{"StringNotEquals", `"a"`, values{"a", "b"}, false},
		{"StringNotEquals", `"a"`, values{"b", "c"}, true},
	} {
		condition := fmt.Sprintf(`{%q: {"k:k": %s}}`, c.operator, c.policy)
		context := map[string][]string{}
		if c.request != nil {
			context["K:K"] = c.request
		}
		r := listUsers(context)
		if got := allows(mustParse(t, allowsIf(condition), Identity), r); got != c.want {
			t.Errorf("%s, request %q: %t", condition, c.request, got)
		}
	}
}

// TestOneOfSeveralValuesIsEnoughToDeny is the other side of what an Allow needs
// all values for: who gives two must not choose which of them counts.
func TestOneOfSeveralValuesIsEnoughToDeny(t *testing.T) {
	for operator, want := range map[string]bool{"StringEquals": true, "StringNotEquals": true, "StringLike": true} {
		text := fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"},
			{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {%q: {"k:k": "a"}}}]}`, operator)
		d := Evaluate(&Set{Identity: []Policy{{"P", mustParse(t, text, Identity)}}}, listUsers(map[string][]string{"k:k": {"a", "b"}}))
		if d.Explicit != want {
			t.Errorf("%s: denied is %t", operator, d.Explicit)
		}
	}
}

// TestNegation checks that a negated operator holds where its positive does
// not, whatever the value.
func TestNegation(t *testing.T) {
	pairs := map[string]string{
		"StringEquals":           "StringNotEquals",
		"StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
		"StringLike":             "StringNotLike",
		"NumericEquals":          "NumericNotEquals",
		"DateEquals":             "DateNotEquals",
		"IpAddress":              "NotIpAddress",
		"ArnEquals":              "ArnNotEquals",
		"ArnLike":                "ArnNotLike",
	}
	policies := map[string]string{
		"Num": `["2026", 7]`,
		"Dat": `["2026", "2026-07-01"]`,
		"IpA": `["10.0.0.0/8", "2001:db8::1"]`,
		"Arn": `["arn:aws:iam::*:user/*"]`,
		"Str": `["ana", "b*", ""]`,
	}
	requests := []values{nil, {}, {""}, {"ana"}, {"b*"}, {"2026"}, {"7"}, {"10.1.2.3"}, {"arn:aws:iam::111122223333:user/ana"}}
	for positive, negative := range pairs {
		for _, request := range requests {
			context := map[string][]string{"k:k": request}
			holds := func(operator string) bool {
				condition := fmt.Sprintf(`{%q: {"k:k": %s}}`, operator, policies[positive[:3]])
				return allows(mustParse(t, allowsIf(condition), Identity), listUsers(context))
			}
			if holds(positive) == holds(negative) {
				t.Errorf("%s and %s agree on %q", positive, negative, request)
			}
		}
	}
}
