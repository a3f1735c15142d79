package api_test

import (
	"encoding/json"
	"maps"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/api"
	"rollcall/internal/directory"
	tags "rollcall/internal/model"
	"rollcall/internal/modeltest"
	"rollcall/internal/restjson"
)

// capabilityStates gives the values that every capability has.
func capabilityStates(t testing.TB, m *modeltest.Model) []string {
	t.Helper()
	all := m.Shapes["Capabilities"].Members
	first := all[0]
	for _, s := range all {
		first.Name = s.Name
		if diff := cmp.Diff(first, s); diff != "" {
			t.Fatalf("capability %s is not like the others: %s", s.Name, diff)
		}
	}
	return first.Enum
}

func TestInputsAreDeclaredAsInTheModel(t *testing.T) {
	m := readModel(t)
	for _, op := range api.Operations() {
		t.Run(op.Name, func(t *testing.T) {
			want, ok := m.Operations[op.Name]
			if !ok {
				t.Fatal("the model has no such operation")
			}
			if op.Method != want.Method || op.URI != want.URI {
				t.Errorf("%s %s, want %s %s", op.Method, op.URI, want.Method, want.URI)
			}
			if diff := cmp.Diff(m.Declare(t, m.Input(op.Name)), modeltest.ByTags(op.Handler.Members())); diff != "" {
				t.Errorf("input (-model +tags):\n%s", diff)
			}
		})
	}
}

func TestEveryPatternAndEnumerationIsUsed(t *testing.T) {
	patterns, enums := map[string]bool{}, map[string]bool{}
	var use func([]tags.Member)
	use = func(all []tags.Member) {
		for _, m := range all {
			if m.Pattern != nil {
				patterns[m.Pattern.Model] = true
			}
			enums[strings.Join(m.Enum, ",")] = true
			use(m.Members)
		}
	}
	for _, op := range api.Operations() {
		use(op.Handler.Members())
	}
	for name, p := range api.Rules.Patterns {
		if !patterns[p.Model] {
			t.Errorf("no member has the pattern %s, or another name has it too", name)
		}
		delete(patterns, p.Model)
	}
	for name, values := range api.Rules.Enums {
		if !enums[strings.Join(values, ",")] {
			t.Errorf("no member has the enumeration %s, or another name has it too", name)
		}
		delete(enums, strings.Join(values, ","))
	}
}

// The model's capabilities come first, in its order; those behind them are
// known from newer clients alone.
func TestCapabilitiesAreThoseOfTheModelAndNewerOnes(t *testing.T) {
	text, err := os.ReadFile("../directory/capabilities.txt")
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Fields(string(text))
	var want []string
	for _, s := range readModel(t).Shapes["Capabilities"].Members {
		want = append(want, s.Name)
	}
	if len(want) != 279 {
		t.Fatalf("the model has %d capabilities, want 279", len(want))
	}
	if diff := cmp.Diff(want, names[:min(len(want), len(names))]); diff != "" {
		t.Errorf("capabilities.txt (-model +file):\n%s", diff)
	}
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
		if !directory.IsCapability(name) {
			t.Errorf("%s is not a capability", name)
		}
	}
	for _, name := range []string{"", "exportToCsv", "EXPORTTOCSV", "ExportToCsv "} {
		if directory.IsCapability(name) {
			t.Errorf("%q is a capability", name)
		}
	}
}

// What an operation sends is compared, rather than what its type says: the
// hot outputs write their own JSON.
func TestOutputsAreThoseOfTheModel(t *testing.T) {
	m := readModel(t)
	for _, op := range api.Operations() {
		t.Run(op.Name, func(t *testing.T) {
			output := m.Structure(m.Operations[op.Name].Output)
			status := slices.IndexFunc(output, func(s modeltest.Shape) bool { return s.Name == "Status" })
			if status < 0 {
				t.Fatal("the model has no Status: then op.StatusInBody says nothing")
			}
			if inBody := output[status].Location == ""; op.StatusInBody != inBody {
				t.Errorf("statusInBody is %v, want %v", op.StatusInBody, inBody)
			}
			out := reflect.New(op.Handler.Output())
			fill(t, m, out.Elem(), output)
			sent := httptest.NewRecorder()
			reply := restjson.Reply{RequestID: "id", Status: op.Status, StatusInBody: op.StatusInBody, Output: out.Interface()}
			if err := reply.Write(sent); err != nil {
				t.Fatal(err)
			}
			var got any
			if err := json.Unmarshal(sent.Body.Bytes(), &got); err != nil {
				t.Fatalf("%v in %s", err, sent.Body)
			}
			compare(t, m, op.Name, modeltest.Shape{Type: "structure", Members: output.Body()}, got)
		})
	}
}

// fill gives every member of an output a value. A member that the type lacks
// is left to compare to find.
func fill(t testing.TB, m *modeltest.Model, v reflect.Value, all modeltest.Members) {
	t.Helper()
	for _, s := range all {
		if field := v.FieldByName(s.Name); field.IsValid() {
			fillValue(t, m, field, s)
		}
	}
}

func fillValue(t testing.TB, m *modeltest.Model, v reflect.Value, s modeltest.Shape) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillValue(t, m, v.Elem(), s)
	case reflect.Struct:
		fill(t, m, v, m.Structure(s.Shape))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillValue(t, m, v.Index(0), m.Element(s))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		names := []string{"key"}
		if s.Type == "structure" { // Capabilities
			names = nil
			for _, member := range m.Structure(s.Shape) {
				names = append(names, member.Name)
			}
		}
		for _, name := range names {
			v.SetMapIndex(reflect.ValueOf(name), reflect.ValueOf("x"))
		}
	default:
		t.Fatalf("%s: no way to fill a %s", s.Name, v.Type())
	}
}

// compare checks that a JSON value has the members of a shape, each of the
// right type, and no others.
func compare(t testing.TB, m *modeltest.Model, path string, s modeltest.Shape, got any) {
	t.Helper()
	switch s.Type {
	case "structure":
		object, ok := got.(map[string]any)
		if !ok {
			t.Errorf("%s is %v, want an object", path, got)
			return
		}
		var want []string
		for _, member := range s.Members {
			want = append(want, member.Name)
			if value, ok := object[member.Name]; ok {
				compare(t, m, path+"."+member.Name, m.Whole(member), value)
			}
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(object))); diff != "" {
			t.Errorf("members of %s (-model +sent):\n%s", path, diff)
		}
	case "list":
		list, ok := got.([]any)
		if !ok || len(list) != 1 {
			t.Errorf("%s is %v, want a list of one", path, got)
			return
		}
		compare(t, m, path+"[]", m.Element(s), list[0])
	case "map":
		if diff := cmp.Diff(map[string]any{"key": "x"}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	default:
		want := map[string]reflect.Kind{"string": reflect.String, "boolean": reflect.Bool, "integer": reflect.Float64}[s.Type]
		if kind := reflect.ValueOf(got).Kind(); kind != want {
			t.Errorf("%s is a %s, want %s", path, kind, want)
		}
	}
}

func TestEveryOperationIsAnsweredOrRefusedByName(t *testing.T) {
	m := readModel(t)
	table := map[string]string{}
	for _, op := range api.Operations() {
		table[op.Name] = op.Method + " " + op.URI
	}
	elsewhere := map[string][]string{}
	for _, op := range api.Elsewhere() {
		elsewhere[op.Name] = append(elsewhere[op.Name], op.Method+" "+op.URI)
		if table[op.Name] != "" {
			t.Errorf("%s is in the table and in elsewhere.txt", op.Name)
		}
	}
	for name, op := range m.Operations {
		route := op.Method + " " + op.URI
		if table[name] == "" && !slices.Contains(elsewhere[name], route) {
			t.Errorf("%s %s is neither in the table nor in elsewhere.txt", name, route)
		}
		delete(elsewhere, name)
	}
	if len(elsewhere) != 208 {
		t.Errorf("elsewhere.txt has %d operations beside the model's, want 208", len(elsewhere))
	}
}
