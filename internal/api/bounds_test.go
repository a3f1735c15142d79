package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/api"
	"rollcall/internal/apitest"
	"rollcall/rollcalltest"
)

// The tests of this file are made from the service model, not from our tags:
// every operation in the table is called with values at, inside and beyond
// each bound of each of its members. An operation that is added needs nothing
// here, unless the service's own rules refuse the request that valid makes.

// trial is a value for one member of an otherwise good request.
type trial struct {
	value any
	at    string // the member that an error blames, from the tried one on: "" or ".1.member.key"
	rule  string // what the value breaks; "": nothing
}

// trials are values for a member at, inside and beyond each of its bounds.
func (m *model) trials(t testing.TB, s shape) []trial {
	t.Helper()
	if s.Name != "" && s.Location == "" {
		return append(m.trialsOfType(t, s), trial{value: nil, rule: requiredRule(s)})
	}
	return m.trialsOfType(t, s)
}

func requiredRule(s shape) string {
	if s.Required {
		return "Member must not be null"
	}
	return ""
}

func (m *model) trialsOfType(t testing.TB, s shape) []trial {
	t.Helper()
	switch s.Type {
	case "string":
		return stringTrials(s)
	case "integer":
		return integerTrials(s)
	case "boolean":
		return []trial{{value: true}, {value: false}}
	case "structure":
		return m.structureTrials(t, s)
	case "list":
		return m.listTrials(t, s)
	case "map":
		return m.mapTrials(t, s)
	}
	t.Fatalf("no trials of type %s", s.Type)
	return nil
}

func stringTrials(s shape) []trial {
	values := map[string]bool{"": true, sample(s, 0): true}
	for i, e := range s.Enum {
		values[e] = true
		if i == 0 {
			values[strings.ToLower(e)], values[e+"S"] = true, true
		}
	}
	for _, n := range around(s.Min, s.Max) {
		for _, filler := range []string{"a", "1", "é", "😀"} {
			if s.Pattern == "" || s.matches(ofLength(n, filler)) {
				values[ofLength(n, filler)] = true
			}
		}
	}
	if s.Pattern != "" {
		for _, odd := range []string{" ", "/", "\n", "\x00", "é", "Ā", "😀"} {
			whole := sample(s, 0)
			for _, i := range []int{0, len(whole) / 2, len(whole) - 1} {
				values[whole[:i]+odd+whole[i+1:]] = true
			}
		}
	}
	var all []trial
	for _, value := range slices.Sorted(maps.Keys(values)) {
		all = append(all, trial{value: value, rule: s.rule(value)})
	}
	return all
}

func integerTrials(s shape) []trial {
	var all []trial
	for _, n := range append(around(s.Min, s.Max), -1) {
		all = append(all, trial{value: n, rule: s.boundsRule(n, "value")})
	}
	return all
}

func (m *model) structureTrials(t testing.TB, s shape) []trial {
	t.Helper()
	var all []trial
	for _, member := range m.structure(s.Shape) {
		for _, tr := range m.trials(t, member) {
			whole := m.sample(t, s, 0).(map[string]any)
			whole[member.Name] = tr.value
			all = append(all, trial{whole, "." + lowerFirst(member.Name) + tr.at, tr.rule})
		}
		if member.Required {
			whole := m.sample(t, s, 0).(map[string]any)
			delete(whole, member.Name)
			all = append(all, trial{whole, "." + lowerFirst(member.Name), requiredRule(member)})
		}
	}
	return all
}

func (m *model) listTrials(t testing.TB, s shape) []trial {
	t.Helper()
	element := m.element(s)
	var all []trial
	for _, n := range around(s.Min, s.Max) {
		list := []any{}
		for i := range n {
			list = append(list, m.sample(t, element, i))
		}
		all = append(all, trial{value: list, rule: s.boundsRule(n, "length")})
	}
	for _, tr := range m.trials(t, element) {
		all = append(all,
			trial{[]any{tr.value}, ".1.member" + tr.at, tr.rule},
			trial{[]any{m.sample(t, element, 7), tr.value}, ".2.member" + tr.at, tr.rule})
	}
	return all
}

// mapTrials blames the map for its keys, and for a value the key as it was
// sent.
func (m *model) mapTrials(t testing.TB, s shape) []trial {
	t.Helper()
	value := m.value(t, s)
	all := []trial{{value: map[string]any{}}}
	for _, tr := range stringTrials(*s.KeyIs) {
		all = append(all, trial{map[string]any{tr.value.(string): m.sample(t, value, 0)}, "", tr.rule})
	}
	for _, tr := range m.trials(t, value) {
		all = append(all, trial{map[string]any{"AI": tr.value}, ".AI" + tr.at, tr.rule})
	}
	return all
}

// around gives the numbers at and beside two bounds that are not negative.
func around(bounds ...*int) []int {
	var all []int
	for _, b := range bounds {
		if b != nil {
			all = append(all, *b-1, *b, *b+1)
		}
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(n int) bool { return n < 0 })
}

// ofLength repeats a character up to a length in UTF-16 units.
func ofLength(n int, filler string) string {
	units := length(filler)
	return strings.Repeat(filler, n/units) + strings.Repeat("a", n%units)
}

// sample gives the nth of a series of good strings, in ASCII and not empty.
func sample(s shape, n int) string {
	if s.Enum != nil {
		return s.Enum[n%len(s.Enum)]
	}
	text := strconv.Itoa(n)
	if s.Min != nil {
		text = strings.Repeat("1", max(0, *s.Min-len(text))) + text
	}
	return text
}

// sample gives the nth of a series of good values.
func (m *model) sample(t testing.TB, s shape, n int) any {
	t.Helper()
	switch s.Type {
	case "string":
		value := sample(s, n)
		if rule := s.rule(value); rule != "" {
			t.Fatalf("the sample %q for %s %s: %s", value, s.Name, s.Shape, rule)
		}
		return value
	case "integer":
		return *s.Min
	case "boolean":
		return true
	case "structure":
		whole := map[string]any{}
		for _, member := range m.structure(s.Shape) {
			if member.Required {
				whole[member.Name] = m.sample(t, member, n)
			}
		}
		return whole
	case "list":
		return []any{m.sample(t, m.element(s), n)}
	case "map":
		return map[string]any{sample(*s.KeyIs, n): m.sample(t, m.value(t, s), n)}
	}
	t.Fatalf("no sample of type %s", s.Type)
	return nil
}

// bench is a server with a user and a profile that requests can be about.
type bench struct {
	*model
	apitest.Client
	account string
	values  map[string]any // by operation and member, or by member
}

func newBench(t testing.TB) *bench {
	srv := rollcalltest.NewServer(t, nil)
	b := &bench{model: readModel(t), Client: apitest.New(srv), account: srv.AccountID}
	b.values = map[string]any{
		"AwsAccountId":          srv.AccountID,
		"Namespace":             "default",
		"UserName":              "ana",
		"Role":                  "ADMIN",
		"CustomPermissionsName": "analysts",

		"RegisterUser.IdentityType": "QUICKSIGHT",
		"RegisterUser.UserName":     "newcomer",

		"CreateCustomPermissions.CustomPermissionsName": "newcomers",
	}
	b.restore(t)
	return b
}

// restore makes what an operation may have deleted.
func (b *bench) restore(t testing.TB) {
	t.Helper()
	users := "/accounts/" + b.account + "/namespaces/default/users"
	b.Call(t, "POST", users, `{"IdentityType":"QUICKSIGHT","UserName":"ana","Email":"ana@example.com","UserRole":"AUTHOR"}`)
	b.Call(t, "POST", "/accounts/"+b.account+"/custom-permissions", `{"CustomPermissionsName":"analysts"}`)
	a := b.Call(t, "GET", users+"/ana", "")
	user, ok := a.JSON["User"].(map[string]any)
	if !ok {
		t.Fatalf("describing the user: %s", a.Text)
	}
	b.values["PrincipalId"] = user["PrincipalId"]
}

// valid makes a request that the operation accepts: its required members, and
// those that b.values has for it.
func (b *bench) valid(t testing.TB, op api.Operation) map[string]any {
	t.Helper()
	request := map[string]any{}
	for _, s := range b.input(op.Name) {
		own, hasOwn := b.values[op.Name+"."+s.Name]
		common, hasCommon := b.values[s.Name]
		switch {
		case hasOwn:
			request[s.Name] = own
		case s.Required && hasCommon:
			request[s.Name] = common
		case s.Required:
			request[s.Name] = b.sample(t, s, 0)
		}
	}
	return request
}

func with(request map[string]any, member string, value any) map[string]any {
	request = maps.Clone(request)
	request[member] = value
	return request
}

// do sends a request, each member where the model has it.
func (b *bench) do(t testing.TB, op api.Operation, request map[string]any) apitest.Answer {
	t.Helper()
	return b.Call(t, op.Method, b.path(op, request), b.body(t, op, request))
}

func (b *bench) path(op api.Operation, request map[string]any) string {
	path, query := op.URI, ""
	for _, s := range b.input(op.Name) {
		value, ok := request[s.Name]
		if !ok {
			continue
		}
		switch text := escape(fmt.Sprint(value)); s.Location {
		case "uri":
			path = strings.Replace(path, "{"+s.LocationName+"}", text, 1)
		case "querystring":
			query += "&" + s.LocationName + "=" + text
		}
	}
	if query != "" {
		path += "?" + query[1:]
	}
	return path
}

// escape encodes a label or a parameter as the SDKs do.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// body is "" for an operation without members in the body.
func (b *bench) body(t testing.TB, op api.Operation, request map[string]any) string {
	t.Helper()
	members := map[string]any{}
	body := b.input(op.Name).body()
	for _, s := range body {
		if value, ok := request[s.Name]; ok {
			members[s.Name] = value
		}
	}
	if body == nil {
		return ""
	}
	text, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// stored is all that the operations could have changed.
func (b *bench) stored(t testing.TB) map[string]any {
	t.Helper()
	users := b.Call(t, "GET", "/accounts/"+b.account+"/namespaces/default/users", "")
	profiles := b.Call(t, "GET", "/accounts/"+b.account+"/custom-permissions", "")
	if users.Status != http.StatusOK || profiles.Status != http.StatusOK {
		t.Fatalf("listing: %s %s", users.Text, profiles.Text)
	}
	return map[string]any{"users": users.JSON["UserList"], "profiles": profiles.JSON["CustomPermissionsList"]}
}

// unchanged fails the test if anything was stored since before.
func (b *bench) unchanged(t testing.TB, before map[string]any) {
	t.Helper()
	if diff := cmp.Diff(before, b.stored(t)); diff != "" {
		t.Errorf("stored (-before +after):\n%s", diff)
	}
}

func TestValuesBeyondABoundAreRefusedAndNothingIsStored(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.stored(t)
	for _, op := range api.Operations() {
		for _, s := range b.input(op.Name) {
			t.Run(op.Name+"/"+s.Name, func(t *testing.T) {
				for _, tr := range b.trials(t, s) {
					if tr.rule != "" {
						b.refuses(t, op, s, tr)
					}
				}
				if s.Required && s.Location == "" {
					request := b.valid(t, op)
					delete(request, s.Name)
					violates(t, b.do(t, op, request), lowerFirst(s.Name), requiredRule(s))
				}
				b.unchanged(t, before)
			})
		}
	}
}

func (b *bench) refuses(t testing.TB, op api.Operation, s shape, tr trial) {
	t.Helper()
	a := b.do(t, op, with(b.valid(t, op), s.Name, tr.value))
	if s.Location == "uri" && tr.value == "" { // no label is empty: it is another path
		if a.Status != http.StatusNotFound || a.Code() != "UnknownOperationException" {
			t.Errorf("empty: %d %s, want 404 UnknownOperationException", a.Status, a.Text)
		}
		return
	}
	violates(t, a, lowerFirst(s.Name)+tr.at, tr.rule)
	if text, ok := tr.value.(string); ok && len(text) <= 256 {
		if want := "Value '" + text + "' at"; !strings.Contains(a.Message(), want) {
			t.Errorf("message is %q, want it to have %q", a.Message(), want)
		}
	}
}

// violates checks that an answer names a member and the rule that it breaks.
func violates(t testing.TB, a apitest.Answer, member, rule string) {
	t.Helper()
	blame := fmt.Sprintf(" at '%s' failed to satisfy constraint: %s", member, rule)
	if a.Status != http.StatusBadRequest || a.Code() != "InvalidParameterValueException" ||
		!strings.HasPrefix(a.Message(), "1 validation error detected: Value ") || !strings.HasSuffix(a.Message(), blame) {
		t.Errorf("%d %s %q, want 400 InvalidParameterValueException that ends in %q", a.Status, a.Code(), a.Message(), blame)
	}
}

func TestValuesAtAndInsideABoundAreNoViolation(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, op := range api.Operations() {
		t.Run(op.Name, func(t *testing.T) {
			b.restore(t)
			if a := b.do(t, op, b.valid(t, op)); a.Status != op.Status {
				t.Fatalf("the request that all trials begin with: %d %s, want %d", a.Status, a.Text, op.Status)
			}
			for _, s := range b.input(op.Name) {
				for _, tr := range b.trials(t, s) {
					if tr.rule != "" || s.Location == "uri" && tr.value == "" {
						continue
					}
					a := b.do(t, op, with(b.valid(t, op), s.Name, tr.value))
					if !b.modelled(op, a) || strings.Contains(a.Message(), "failed to satisfy constraint") {
						t.Errorf("%s %.300q: %d %s", s.Name, fmt.Sprint(tr.value), a.Status, a.Text)
					}
				}
			}
		})
	}
}

// modelled says whether the model lets the operation answer so, or IAM.
func (b *bench) modelled(op api.Operation, a apitest.Answer) bool {
	if a.Code() == "AccessDeniedException" && a.Status == http.StatusForbidden {
		return true
	}
	status, ok := b.Operations[op.Name].Errors[a.Code()]
	return a.Status == op.Status || ok && a.Status == status
}

// wrongTypes are values of other JSON types than the member's.
func (m *model) wrongTypes(t testing.TB, s shape) []any {
	t.Helper()
	wrong := map[string]any{"string": "1", "integer": 1, "boolean": true, "list": []any{}, "structure": map[string]any{}}
	delete(wrong, strings.Replace(s.Type, "map", "structure", 1))
	values := slices.Collect(maps.Values(wrong))
	switch s.Type {
	case "integer":
		values = append(values, 1.5)
	case "structure":
		for _, member := range m.structure(s.Shape) {
			for _, value := range m.wrongTypes(t, member) {
				values = append(values, map[string]any{member.Name: value})
			}
		}
	case "list":
		for _, value := range m.wrongTypes(t, m.element(s)) {
			values = append(values, []any{value})
		}
	case "map":
		for _, value := range m.wrongTypes(t, m.value(t, s)) {
			values = append(values, map[string]any{"AI": value})
		}
	}
	return values
}

func TestAValueOfAnotherJSONTypeIsASerializationException(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.stored(t)
	for _, op := range api.Operations() {
		for _, s := range b.input(op.Name).body() {
			t.Run(op.Name+"/"+s.Name, func(t *testing.T) {
				for _, value := range b.wrongTypes(t, s) {
					request := with(b.valid(t, op), s.Name, value)
					unreadable(t, b.body(t, op, request), b.do(t, op, request))
				}
				b.unchanged(t, before)
			})
		}
	}
}

func unreadable(t testing.TB, sent string, a apitest.Answer) {
	t.Helper()
	if a.Status != http.StatusBadRequest || a.Code() != "SerializationException" || a.Message() == "" {
		t.Errorf("%.200s: %d %s %s, want 400 SerializationException with a message", sent, a.Status, a.Code(), a.Text)
	}
}

func TestABodyThatIsNoJSONObjectIsASerializationException(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.stored(t)
	for _, op := range b.operationsWithBody() {
		t.Run(op.Name, func(t *testing.T) {
			good := b.body(t, op, b.valid(t, op))
			for _, broken := range []string{
				good[:len(good)-1], good + "}", good + good, "[" + good + "]", "{", "}", "x", `"x"`, "1", "true", "[]",
				strings.Replace(good, `":`, `"=`, 1), strings.Replace(good, `"`, `'`, 2), good[:len(good)-1] + ",}",
				strings.Replace(good, `":`, `":"`+"\n"+`","X":`, 1), strings.Replace(good, `":`, `":"`+"\xff"+`","X":`, 1),
				"\ufeff" + good,
				strings.Replace(good, `{"`, `{"X":0,"X":"`+"\xff"+`","`, 1), strings.Replace(good, `{"`, `{"X":0,"X":"\ud800","`, 1),
			} {
				if broken != good { // there may be no members to break
					unreadable(t, broken, b.Call(t, op.Method, b.path(op, b.valid(t, op)), broken))
				}
			}
			b.unchanged(t, before)
		})
	}
}

func (b *bench) operationsWithBody() []api.Operation {
	return slices.DeleteFunc(api.Operations(), func(op api.Operation) bool { return b.input(op.Name).body() == nil })
}

// A query has no types of JSON, but what is no integer is no integer.
func TestAnUnreadableIntegerInTheQueryIsASerializationException(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, op := range api.Operations() {
		for _, s := range b.input(op.Name) {
			if s.Location != "querystring" || s.Type != "integer" {
				continue
			}
			t.Run(op.Name+"/"+s.Name, func(t *testing.T) {
				for _, text := range []string{"", "ten", "1.5", "1e1", " 1", "0x1", "true"} {
					unreadable(t, text, b.do(t, op, with(b.valid(t, op), s.Name, text)))
				}
			})
		}
	}
}

func TestMembersThatTheModelLacksAreIgnored(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, op := range b.operationsWithBody() {
		t.Run(op.Name, func(t *testing.T) {
			b.restore(t)
			unknown := `{"":0,"Nope":{"Deep":[1,null,{"x":"y"}]},"__type":"x",`
			body := strings.Replace(b.body(t, op, b.valid(t, op)), "{", unknown, 1)
			body = strings.Replace(body, ",}", "}", 1) // there may be no other members
			if a := b.Call(t, op.Method, b.path(op, b.valid(t, op)), body); a.Status != op.Status {
				t.Errorf("%s: %d %s", body, a.Status, a.Text)
			}
		})
	}
}

// A client that is newer than the server may know more capabilities.
func TestCapabilitiesThatNobodyKnowsAreNotStored(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	known := map[string]any{"ExportToCsv": "DENY"}
	body := `{"Capabilities":{"Nope":"DENY","ExportToCsv":"DENY","exportToPdf":"DENY","Deep":{"ExportToPdf":"DENY"},"None":null},` +
		`"Governance":{"Nope":1,"DefaultCategoryEffects":{"AI":"DENY_BY_DEFAULT"}}}`
	if a := b.Call(t, "PUT", b.profiles()+"/analysts", body); a.Status != http.StatusOK {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	profile, _ := b.Call(t, "GET", b.profiles()+"/analysts", "").JSON["CustomPermissions"].(map[string]any)
	if diff := cmp.Diff(any(known), profile["Capabilities"]); diff != "" {
		t.Errorf("capabilities (-want +got):\n%s", diff)
	}
	governance := map[string]any{"DefaultCategoryEffects": map[string]any{"AI": "DENY_BY_DEFAULT"}}
	if diff := cmp.Diff(any(governance), profile["Governance"]); diff != "" {
		t.Errorf("governance (-want +got):\n%s", diff)
	}
}

func TestAMemberInAnotherCaseIsNotThatMember(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.stored(t)
	for _, op := range b.operationsWithBody() {
		for _, s := range b.input(op.Name).body() {
			if !s.Required {
				continue
			}
			t.Run(op.Name+"/"+s.Name, func(t *testing.T) {
				for _, other := range []string{lowerFirst(s.Name), strings.ToUpper(s.Name), strings.ToLower(s.Name)} {
					body := strings.Replace(b.body(t, op, b.valid(t, op)), `"`+s.Name+`"`, `"`+other+`"`, 1)
					violates(t, b.Call(t, op.Method, b.path(op, b.valid(t, op)), body), lowerFirst(s.Name), requiredRule(s))
				}
				b.unchanged(t, before)
			})
		}
	}
}

func TestNullIsAsIfAbsent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, op := range b.operationsWithBody() {
		t.Run(op.Name, func(t *testing.T) {
			b.restore(t)
			request := b.valid(t, op)
			for _, s := range b.input(op.Name).body() {
				if _, used := request[s.Name]; !used {
					request[s.Name] = nil
				}
			}
			if a := b.do(t, op, request); a.Status != op.Status {
				t.Errorf("%s: %d %s", b.body(t, op, request), a.Status, a.Text)
			}
		})
	}
}

// A member of the path or the query has no place in the body, which must not
// change whom a request is about.
func TestABodyCannotSetAMemberOfThePath(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, op := range b.operationsWithBody() {
		t.Run(op.Name, func(t *testing.T) {
			b.restore(t)
			members := map[string]any{}
			for _, s := range b.input(op.Name) {
				if s.Location != "" {
					members[s.Name] = "999999999999"
				} else if value, ok := b.valid(t, op)[s.Name]; ok {
					members[s.Name] = value
				}
			}
			body, err := json.Marshal(members)
			if err != nil {
				t.Fatal(err)
			}
			if a := b.Call(t, op.Method, b.path(op, b.valid(t, op)), string(body)); a.Status != op.Status {
				t.Errorf("%s: %d %s", body, a.Status, a.Text)
			}
		})
	}
}
