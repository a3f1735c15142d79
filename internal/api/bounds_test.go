package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/api"
	"rollcall/internal/apitest"
	"rollcall/internal/modeltest"
	"rollcall/rollcalltest"
)

// The tests of this file are made from the service model, not from our tags:
// every operation in the table is called with values at, inside and beyond
// each bound of each of its members. An operation that is added needs nothing
// here, unless the service's own rules refuse the request that valid makes.

// bench is a server with a user and a profile that requests can be about.
type bench struct {
	*modeltest.Model
	apitest.Client
	account string
	values  map[string]any // by operation and member, or by member
}

func newBench(t testing.TB) *bench {
	srv := rollcalltest.NewServer(t, nil)
	b := &bench{Model: readModel(t), Client: apitest.New(srv), account: srv.AccountID}
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
	for _, s := range b.Input(op.Name) {
		own, hasOwn := b.values[op.Name+"."+s.Name]
		common, hasCommon := b.values[s.Name]
		switch {
		case hasOwn:
			request[s.Name] = own
		case s.Required && hasCommon:
			request[s.Name] = common
		case s.Required:
			request[s.Name] = b.Sample(t, s, 0)
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
	for _, s := range b.Input(op.Name) {
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
	body := b.Input(op.Name).Body()
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
		for _, s := range b.Input(op.Name) {
			t.Run(op.Name+"/"+s.Name, func(t *testing.T) {
				for _, tr := range b.Trials(t, s) {
					if tr.Rule != "" {
						b.refuses(t, op, s, tr)
					}
				}
				if s.Required && s.Location == "" {
					request := b.valid(t, op)
					delete(request, s.Name)
					violates(t, b.do(t, op, request), modeltest.LowerFirst(s.Name), modeltest.RequiredRule(s))
				}
				b.unchanged(t, before)
			})
		}
	}
}

func (b *bench) refuses(t testing.TB, op api.Operation, s modeltest.Shape, tr modeltest.Trial) {
	t.Helper()
	a := b.do(t, op, with(b.valid(t, op), s.Name, tr.Value))
	if s.Location == "uri" && tr.Value == "" { // no label is empty: it is another path
		if a.Status != http.StatusNotFound || a.Code() != "UnknownOperationException" {
			t.Errorf("empty: %d %s, want 404 UnknownOperationException", a.Status, a.Text)
		}
		return
	}
	violates(t, a, modeltest.LowerFirst(s.Name)+tr.At, tr.Rule)
	if text, ok := tr.Value.(string); ok && len(text) <= 256 {
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
			for _, s := range b.Input(op.Name) {
				for _, tr := range b.Trials(t, s) {
					if tr.Rule != "" || s.Location == "uri" && tr.Value == "" {
						continue
					}
					a := b.do(t, op, with(b.valid(t, op), s.Name, tr.Value))
					if !b.modelled(op, a) || strings.Contains(a.Message(), "failed to satisfy constraint") {
						t.Errorf("%s %.300q: %d %s", s.Name, fmt.Sprint(tr.Value), a.Status, a.Text)
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
func wrongTypes(t testing.TB, m *modeltest.Model, s modeltest.Shape) []any {
	t.Helper()
	wrong := map[string]any{"string": "1", "integer": 1, "boolean": true, "list": []any{}, "structure": map[string]any{}}
	delete(wrong, strings.Replace(s.Type, "map", "structure", 1))
	values := slices.Collect(maps.Values(wrong))
	switch s.Type {
	case "integer":
		values = append(values, 1.5)
	case "structure":
		for _, member := range m.Structure(s.Shape) {
			for _, value := range wrongTypes(t, m, member) {
				values = append(values, map[string]any{member.Name: value})
			}
		}
	case "list":
		for _, value := range wrongTypes(t, m, m.Element(s)) {
			values = append(values, []any{value})
		}
	case "map":
		for _, value := range wrongTypes(t, m, m.ValueOf(t, s)) {
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
		for _, s := range b.Input(op.Name).Body() {
			t.Run(op.Name+"/"+s.Name, func(t *testing.T) {
				for _, value := range wrongTypes(t, b.Model, s) {
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
	return slices.DeleteFunc(api.Operations(), func(op api.Operation) bool { return b.Input(op.Name).Body() == nil })
}

// A query has no types of JSON, but what is no integer is no integer.
func TestAnUnreadableIntegerInTheQueryIsASerializationException(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, op := range api.Operations() {
		for _, s := range b.Input(op.Name) {
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
		for _, s := range b.Input(op.Name).Body() {
			if !s.Required {
				continue
			}
			t.Run(op.Name+"/"+s.Name, func(t *testing.T) {
				for _, other := range []string{modeltest.LowerFirst(s.Name), strings.ToUpper(s.Name), strings.ToLower(s.Name)} {
					body := strings.Replace(b.body(t, op, b.valid(t, op)), `"`+s.Name+`"`, `"`+other+`"`, 1)
					violates(t, b.Call(t, op.Method, b.path(op, b.valid(t, op)), body), modeltest.LowerFirst(s.Name), modeltest.RequiredRule(s))
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
			for _, s := range b.Input(op.Name).Body() {
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
			for _, s := range b.Input(op.Name) {
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
