package policy

import (
	"encoding/base64"
	"errors"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// operator compares values of one type. When it is negated, it holds if none of
// the policy's values matches.
type operator struct {
	parse   parser
	negated bool
}

// parser reads a value in a policy, and makes the test of whether a value in
// the request matches it.
type parser func(value string, variables bool) (test, error)

type test func(e *evaluation, value string) match

// operators are those of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
// Their case counts.
var operators = map[string]operator{
	"StringEquals":              {parse: text(equal)},
	"StringNotEquals":           {parse: text(equal), negated: true},
	"StringEqualsIgnoreCase":    {parse: text(strings.EqualFold)},
	"StringNotEqualsIgnoreCase": {parse: text(strings.EqualFold), negated: true},
	"StringLike":                {parse: wild(glob)},
	"StringNotLike":             {parse: wild(glob), negated: true},

	"NumericEquals":            {parse: number(isZero)},
	"NumericNotEquals":         {parse: number(isZero), negated: true},
	"NumericLessThan":          {parse: number(isNegative)},
	"NumericLessThanEquals":    {parse: number(notPositive)},
	"NumericGreaterThan":       {parse: number(isPositive)},
	"NumericGreaterThanEquals": {parse: number(notNegative)},

	"DateEquals":            {parse: date(isZero)},
	"DateNotEquals":         {parse: date(isZero), negated: true},
	"DateLessThan":          {parse: date(isNegative)},
	"DateLessThanEquals":    {parse: date(notPositive)},
	"DateGreaterThan":       {parse: date(isPositive)},
	"DateGreaterThanEquals": {parse: date(notNegative)},

	"Bool":         {parse: boolean},
	"BinaryEquals": {parse: binary},
	"IpAddress":    {parse: address},
	"NotIpAddress": {parse: address, negated: true},

	// ArnEquals takes wildcards like ArnLike.
	"ArnEquals":    {parse: wild(matchARN)},
	"ArnNotEquals": {parse: wild(matchARN), negated: true},
	"ArnLike":      {parse: wild(matchARN)},
	"ArnNotLike":   {parse: wild(matchARN), negated: true},

	"Null": {parse: truth},
}

func equal(a, b string) bool { return a == b }

// What is asked of the sign of a comparison, request to policy.
func isZero(sign int) bool      { return sign == 0 }
func isNegative(sign int) bool  { return sign < 0 }
func isPositive(sign int) bool  { return sign > 0 }
func notNegative(sign int) bool { return sign >= 0 }
func notPositive(sign int) bool { return sign <= 0 }

func text(compare func(pattern, value string) bool) parser { return patterned(false, compare) }
func wild(compare func(pattern, value string) bool) parser { return patterned(true, compare) }

func patterned(wildcards bool, compare func(pattern, value string) bool) parser {
	return func(value string, variables bool) (test, error) {
		p, err := parsePattern(value, syntax{wildcards, variables})
		return func(e *evaluation, value string) match { return p.match(e, value, compare) }, err
	}
}

// fixed is a test that depends on the value alone.
func fixed(is func(value string) bool) test {
	return func(_ *evaluation, value string) match { return matched(is(value)) }
}

func number(holds func(sign int) bool) parser { return ordered(parseNumber, (*big.Rat).Cmp, holds) }
func date(holds func(sign int) bool) parser   { return ordered(parseDate, time.Time.Compare, holds) }

// ordered makes a parser of values that are less, equal or greater. A value in
// the request that is not of the type does not match.
func ordered[T any](read func(string) (T, error), compare func(T, T) int, holds func(sign int) bool) parser {
	return func(value string, _ bool) (test, error) {
		want, err := read(value)
		return fixed(func(value string) bool {
			got, err := read(value)
			return err == nil && holds(compare(got, want))
		}), err
	}
}

var errNumber = errors.New("not a number")

// parseNumber reads a decimal number, whose value is exact.
func parseNumber(text string) (*big.Rat, error) {
	// SetString takes fractions, exponents and other bases too, and exponents
	// can make numbers that fill the memory.
	const longest = 64
	if len(text) > longest || strings.Trim(text, "+-.0123456789") != "" {
		return nil, errNumber
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, errNumber
	}
	return r, nil
}

// dateFormats are those of https://www.w3.org/TR/NOTE-datetime. Seconds may
// have a fraction in any.
var dateFormats = []string{
	"2006",
	"2006-01",
	time.DateOnly,
	"2006-01-02T15:04Z07:00",
	time.RFC3339,
}

var errDate = errors.New("not a date: give one like 2006-01-02T15:04:05Z, or seconds since 1970")

// parseDate reads a date, or seconds since 1970 unless they have four digits,
// which are a year.
func parseDate(text string) (time.Time, error) {
	for _, format := range dateFormats {
		if t, err := time.Parse(format, text); err == nil {
			return t, nil
		}
	}
	const most = 1 << 53 // far from where time.Time wraps around
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds > most || seconds < -most {
		return time.Time{}, errDate
	}
	return time.Unix(seconds, 0), nil
}

var errBool = errors.New(`neither "true" nor "false"`)

// boolean takes variables, as the page about the operators says; that about
// variables says otherwise.
func boolean(value string, variables bool) (test, error) {
	if variables && strings.Contains(value, "${") {
		return text(strings.EqualFold)(value, true)
	}
	return truth(value, false)
}

func truth(want string, _ bool) (test, error) {
	if !strings.EqualFold(want, "true") && !strings.EqualFold(want, "false") {
		return nil, errBool
	}
	return fixed(func(value string) bool { return strings.EqualFold(value, want) }), nil
}

var errBase64 = errors.New("not base64")

// binary compares the bytes of a value with those that the policy encodes.
func binary(value string, _ bool) (test, error) {
	want, err := base64.StdEncoding.Strict().DecodeString(value)
	if err != nil {
		return nil, errBase64
	}
	return fixed(func(got string) bool { return got == string(want) }), nil
}

var errAddress = errors.New("neither an IP address nor a range such as 203.0.113.0/24")

// address takes a range, or a single address for the range of itself.
func address(value string, _ bool) (test, error) {
	want, err := netip.ParsePrefix(value)
	if err != nil {
		single, err := netip.ParseAddr(value)
		if err != nil || single.Zone() != "" {
			return nil, errAddress
		}
		want = netip.PrefixFrom(single, single.BitLen())
	}
	if want.Addr().Is4In6() {
		return nil, errAddress // it would match nothing: addresses of requests are unmapped
	}
	return fixed(func(value string) bool {
		got, err := netip.ParseAddr(value)
		return err == nil && want.Contains(got.Unmap().WithZone(""))
	}), nil
}
