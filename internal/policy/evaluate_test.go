package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A small world, so that generated statements and requests often meet.
var (
	someActions = rapid.SampledFrom([]string{
		"*", "quicksight:*", "quicksight:Describe*", "quicksight:DescribeUser", "quicksight:?eleteUser", "iam:GetUser",
	})
	someResources = rapid.SampledFrom([]string{
		"*", "arn:aws:quicksight:*", "arn:aws:quicksight:*:*:user/default/*", "arn:aws:quicksight:us-east-1:111122223333:user/default/ana",
		"arn:aws:quicksight:*:*:user/*/${aws:username}", "arn:aws:quicksight:*:*:user/*/${aws:username, 'ana'}",
	})
	someOperators = rapid.SampledFrom([]string{
		"StringEquals", "StringNotEquals", "StringLike", "StringNotLikeIfExists", "ArnNotLike", "Null",
		"ForAllValues:StringLike", "ForAllValues:StringNotLike", "ForAnyValue:StringEquals", "ForAnyValue:StringNotEqualsIfExists",
	})
	someKeys   = rapid.SampledFrom([]string{"aws:username", "aws:TagKeys", "aws:PrincipalTag/team"})
	someValues = rapid.SampledFrom([]string{"ana", "a*", "red", "${aws:PrincipalTag/team}", "true"})
)

func drawStatement(t *rapid.T, effect string) string {
	element := func(name string, values []string) string {
		if rapid.IntRange(0, 4).Draw(t, "negated") == 0 {
			name = "Not" + name
		}
		return fmt.Sprintf("%q: [%s]", name, quoted(values))
	}
	elements := []string{
		fmt.Sprintf(`"Effect": %q`, effect),
		element("Action", rapid.SliceOfN(someActions, 1, 2).Draw(t, "actions")),
		element("Resource", rapid.SliceOfN(someResources, 1, 2).Draw(t, "resources")),
	}
	if rapid.Bool().Draw(t, "conditional") {
		elements = append(elements, drawCondition(t))
	}
	return "{" + strings.Join(elements, ", ") + "}"
}

func drawCondition(t *rapid.T) string {
	operator := someOperators.Draw(t, "operator")
	values := rapid.SliceOfN(someValues, 0, 2).Draw(t, "values")
	if operator == "Null" {
		values = []string{"true"}
	}
	return fmt.Sprintf(`"Condition": {%q: {%q: [%s]}}`, operator, someKeys.Draw(t, "key"), quoted(values))
}

func quoted(values []string) string {
	var b strings.Builder
	for i, value := range values {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", value)
	}
	return b.String()
}

func drawStatements(t *rapid.T, label string) (statements []string) {
	for range rapid.IntRange(1, 4).Draw(t, label) {
		effect := rapid.SampledFrom([]string{"Allow", "Allow", "Deny"}).Draw(t, "effect")
		statements = append(statements, drawStatement(t, effect))
	}
	return statements
}

func drawRequest(t *rapid.T) *Request {
	context := map[string][]string{}
	for _, key := range []string{"aws:username", "aws:TagKeys", "aws:PrincipalTag/team"} {
		values := rapid.SampledFrom([][]string{nil, {""}, {"ana"}, {"red"}, {"ana", "red"}, {"true"}}).Draw(t, key)
		if values != nil {
			context[key] = values
		}
	}
	return &Request{
		Action:   rapid.SampledFrom([]string{"quicksight:DescribeUser", "quicksight:DeleteUser", "iam:GetUser"}).Draw(t, "action"),
		Resource: rapid.SampledFrom([]string{"*", "arn:aws:quicksight:us-east-1:111122223333:user/default/ana", "arn:aws:quicksight:us-east-1:111122223333:user/sales/ana"}).Draw(t, "resource"),
		Context:  keys(context),
	}
}

func document(t *rapid.T, statements []string) *Document {
	text := `{"Version": "2012-10-17", "Statement": [` + strings.Join(statements, ",") + `]}`
	d, err := Parse(text, Identity)
	if err != nil {
		t.Fatalf("%v\nin %s", err, text)
	}
	return d
}

func decide(t *rapid.T, statements []string, r *Request) Decision {
	return Evaluate(&Set{Identity: []Policy{{"P", document(t, statements)}}}, r)
}

// TestStatementsAddUp checks the rule of the language against what each
// statement says alone: one must allow and none may deny, in whatever order.
func TestStatementsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		statements, r := drawStatements(t, "statements"), drawRequest(t)
		var allowed, denied bool
		for _, s := range statements {
			d := decide(t, []string{s}, r)
			allowed = allowed || d.Allowed
			denied = denied || d.Explicit
		}
		d := decide(t, rapid.Permutation(statements).Draw(t, "order"), r)
		if d.Allowed != (allowed && !denied) || d.Explicit != denied {
			t.Errorf("%+v, but alone: allowed %t, denied %t", d, allowed, denied)
		}
	})
}

// TestDenyNeverAllows checks that to add a statement that denies never allows
// more, and that to add one that allows never denies what was allowed.
func TestDenyNeverAllows(t *testing.T) { rapid.Check(t, checkMonotonic) }

func checkMonotonic(t *rapid.T) {
	statements, r := drawStatements(t, "statements"), drawRequest(t)
	before := decide(t, statements, r)
	at := rapid.IntRange(0, len(statements)).Draw(t, "at")
	for _, effect := range []string{"Deny", "Allow"} {
		added := drawStatement(t, effect)
		after := decide(t, slices.Insert(slices.Clone(statements), at, added), r)
		if effect == "Deny" && after.Allowed && !before.Allowed || effect == "Allow" && before.Allowed && !after.Allowed {
			t.Errorf("added %s: %+v, before %+v", added, after, before)
		}
	}
}

// TestLayersNarrow checks that a boundary and session policies allow only what
// identity-based policies and each of them allow.
func TestLayersNarrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		identity, boundary, session := drawStatements(t, "identity"), drawStatements(t, "boundary"), drawStatements(t, "session")
		r := drawRequest(t)
		got := Evaluate(&Set{
			Identity:   []Policy{{"I", document(t, identity)}},
			Boundary:   &Policy{"B", document(t, boundary)},
			Session:    []Policy{{"S", document(t, session)}},
			HasSession: true,
		}, r)
		want := decide(t, identity, r).Allowed && decide(t, boundary, r).Allowed && decide(t, session, r).Allowed
		if got.Allowed != want {
			t.Errorf("%+v, want allowed %t", got, want)
		}
		if reason := got.Reason(r.Action); (reason == "") != got.Allowed {
			t.Errorf("%+v: reason %q", got, reason)
		}
	})
}

func TestSessionWhosePoliciesAreGone(t *testing.T) {
	everything := []Policy{{"A", mustParse(t, allowsIf("{}"), Identity)}}
	r := listUsers(nil)
	if d := Evaluate(&Set{Identity: everything}, r); !d.Allowed {
		t.Errorf("without session policies: %+v", d)
	}
	if d := Evaluate(&Set{Identity: everything, HasSession: true}, r); d.Allowed || d.Kind != Session {
		t.Errorf("with deleted ones: %+v", d)
	}
}

// TestKeysThatDifferInCase: such keys of a request are one key.
func TestKeysThatDifferInCase(t *testing.T) {
	d := mustParse(t, allowsIf(`{"ForAllValues:StringEquals": {"aws:RequestTag/team": ["red", "blue"]}}`), Identity)
	context := map[string][]string{"aws:RequestTag/Team": {"red"}, "aws:RequestTag/team": {"blue"}}
	if !allows(d, listUsers(context)) {
		t.Error("red and blue: denied")
	}
	context["aws:RequestTag/TEAM"] = []string{"green"}
	if allows(d, listUsers(context)) {
		t.Error("red, blue and green: allowed")
	}
}

func TestSidBeforePointer(t *testing.T) {
	d := mustParse(t, `{"Statement": [
		{"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
		{"Effect": "Allow", "Action": "quicksight:*", "Resource": "*"}]}`, Identity)
	got := Evaluate(&Set{Identity: []Policy{{"P", d}}}, listUsers(nil))
	want := Decision{Allowed: true, Kind: Identity, Policy: "P", Statement: "/Statement/1"}
	if got != want || got.Reason("quicksight:ListUsers") != "" {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// benchmarkSet has 10 policies of 20 statements. In each policy 14 are about
// other actions; of the others 2 are about other resources, 2 have a variable
// and 2 a condition. The very last allows ListUsers.
func benchmarkSet(t testing.TB) *Set {
	var set Set
	for i := range 10 {
		var statements []string
		for j := range 20 {
			statement := fmt.Sprintf(`"Effect": "Allow", "Action": ["quicksight:DescribeThing%d", "quicksight:List%d*"], "Resource": "*"`, j, j)
			switch j {
			case 2, 12:
				statement = fmt.Sprintf(`"Effect": "Allow", "Action": "quicksight:*", "Resource": "arn:aws:quicksight:*:*:user/team-%d/*"`, i)
			case 5, 15:
				statement = `"Effect": "Allow", "Action": "quicksight:List*", "Resource": "arn:aws:quicksight:*:*:user/default/${aws:username}"`
			case 8, 18:
				statement = fmt.Sprintf(`"Effect": "Deny", "Action": "quicksight:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "team-%d"}}`, i)
			}
			statements = append(statements, "{"+statement+"}")
		}
		if i == 9 {
			statements[19] = `{"Effect": "Allow", "Action": "quicksight:ListUsers", "Resource": "arn:aws:quicksight:*:111122223333:user/default/*"}`
		}
		d := mustParse(t, `{"Version": "2012-10-17", "Statement": [`+strings.Join(statements, ",")+`]}`, Identity)
		set.Identity = append(set.Identity, Policy{fmt.Sprintf("Policy%d", i), d})
	}
	return &set
}

// BenchmarkEvaluate has the goal of 10 µs.
func BenchmarkEvaluate(b *testing.B) {
	set := benchmarkSet(b)
	context := map[string][]string{
		"aws:principalarn":         {"arn:aws:iam::111122223333:user/ana"},
		"aws:principalaccount":     {"111122223333"},
		"aws:principaltag/team":    {"red"},
		"aws:principaltag/costctr": {"4711"},
		"aws:principaltype":        {"User"},
		"aws:username":             {"ana"},
		"aws:userid":               {"AIDAEXAMPLEANA00"},
		"aws:sourceip":             {"203.0.113.77"},
		"aws:currenttime":          {"2026-07-01T12:00:00Z"},
		"aws:epochtime":            {"1782907200"},
		"aws:securetransport":      {"false"},
		"aws:useragent":            {"aws-cli/2.17"},
	}
	r := &Request{
		Action:   "quicksight:ListUsers",
		Resource: "arn:aws:quicksight:us-east-1:111122223333:user/default/*",
		Context:  func(key string) []string { return context[key] },
	}
	if d := Evaluate(set, r); d.Policy != "Policy9" || d.Statement != "/Statement/19" {
		b.Fatalf("decision %+v", d)
	}
	b.ReportAllocs()
	for b.Loop() {
		Evaluate(set, r)
	}
}

func BenchmarkParse(b *testing.B) {
	text := `{"Version": "2012-10-17", "Statement": [` + strings.Repeat(`{"Effect": "Allow", "Action": ["quicksight:Describe*", "quicksight:List*"], "Resource": "arn:aws:quicksight:*:*:user/default/${aws:username}"},`, 19) +
		`{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}]}`
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text, Identity); err != nil {
			b.Fatal(err)
		}
	}
}
