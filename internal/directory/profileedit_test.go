package directory_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/directory"
)

// profile makes a profile that denies and allows something.
func (k *kit) profile(t testing.TB, governance map[string]string) {
	t.Helper()
	_, err := k.CreateCustomPermissions(t.Context(), root(account), directory.CustomPermissionsChange{
		AccountID: account, Name: "p", Governance: governance,
		Capabilities: map[string]string{"ExportToCsv": "DENY", "ExportToPdf": "ALLOW", "ChatAgent": "DENY"}})
	if err != nil {
		t.Fatal(err)
	}
}

func (k *kit) described(t testing.TB) directory.CustomPermissions {
	t.Helper()
	p, err := k.DescribeCustomPermissions(t.Context(), root(account), account, "p")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (k *kit) edit(t testing.TB, e directory.CustomPermissionsEdit) error {
	e.AccountID = account
	e.Name = "p"
	return k.EditCustomPermissions(t.Context(), root(account), e)
}

func TestAnEditKeepsTheRest(t *testing.T) {
	k := newKit(t)
	k.profile(t, map[string]string{"OTHER": "DENY_BY_DEFAULT"})
	err := k.edit(t, directory.CustomPermissionsEdit{
		Capabilities: map[string]string{"ExportToCsv": "", "ExportToPdf": "DENY", "PrintReports": "ALLOW", "Flow": ""},
		Seen:         map[string]string{"ExportToCsv": "DENY", "ExportToPdf": "ALLOW"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.edit(t, directory.CustomPermissionsEdit{Governance: map[string]string{"AI": "DENY_BY_DEFAULT"}}); err != nil {
		t.Fatal(err)
	}
	p := k.described(t)
	if diff := cmp.Diff(map[string]string{"ExportToPdf": "DENY", "PrintReports": "ALLOW", "ChatAgent": "DENY"}, p.Capabilities); diff != "" {
		t.Errorf("capabilities (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"OTHER": "DENY_BY_DEFAULT", "AI": "DENY_BY_DEFAULT"}, p.Governance); diff != "" {
		t.Errorf("governance (-want +got):\n%s", diff)
	}
	if err := k.edit(t, directory.CustomPermissionsEdit{Governance: map[string]string{"AI": "", "OTHER": ""}}); err != nil {
		t.Fatal(err)
	}
	if got := k.described(t); got.Governance != nil || len(got.Capabilities) != 3 {
		t.Errorf("after the last category: %+v", got)
	}
}

func TestEditsThatAreRefused(t *testing.T) {
	k := newKit(t)
	full := map[string]string{}
	for i := range 50 {
		full[fmt.Sprint("C", i)] = "DENY_BY_DEFAULT"
	}
	k.profile(t, full)
	before := k.described(t)
	seen := map[string]string{"ExportToCsv": "DENY"}
	for outcome, tt := range map[string]struct {
		edit  directory.CustomPermissionsEdit
		kind  directory.Kind
		words string
	}{
		"a capability that there is not": {directory.CustomPermissionsEdit{Capabilities: map[string]string{"EMPEROR": "DENY"}}, directory.Invalid, "'EMPEROR' at 'capabilities'"},
		"a value that there is not":      {directory.CustomPermissionsEdit{Capabilities: map[string]string{"ExportToCsv": "MAYBE"}, Seen: seen}, directory.Invalid, "[DENY, ALLOW]"},
		"a value in small letters":       {directory.CustomPermissionsEdit{Capabilities: map[string]string{"ExportToCsv": "deny"}, Seen: seen}, directory.Invalid, "'deny'"},
		"an effect that there is not":    {directory.CustomPermissionsEdit{Governance: map[string]string{"AI": "ALLOW"}}, directory.Invalid, "[DENY_BY_DEFAULT]"},
		"one category too many":          {directory.CustomPermissionsEdit{Governance: map[string]string{"AI": "DENY_BY_DEFAULT"}}, directory.Invalid, "{51 entries}"},
		"denied meanwhile":               {directory.CustomPermissionsEdit{Capabilities: map[string]string{"PrintReports": "DENY", "ExportToCsv": ""}}, directory.Conflict, "Somebody else"},
		"taken out meanwhile":            {directory.CustomPermissionsEdit{Capabilities: map[string]string{"Flow": ""}, Seen: map[string]string{"Flow": "DENY"}}, directory.Conflict, "Somebody else"},
		"changed meanwhile":              {directory.CustomPermissionsEdit{Capabilities: map[string]string{"ExportToPdf": ""}, Seen: map[string]string{"ExportToPdf": "DENY"}}, directory.Conflict, "Somebody else"},
	} {
		t.Run(outcome, func(t *testing.T) {
			var e *directory.Error
			err := k.edit(t, tt.edit)
			if !errors.As(err, &e) || e.Kind != tt.kind || !strings.Contains(e.Message, tt.words) {
				t.Errorf("got %v, want kind %d and %q", err, tt.kind, tt.words)
			}
			if diff := cmp.Diff(before, k.described(t)); diff != "" {
				t.Errorf("something has changed:\n%s", diff)
			}
		})
	}
	var e *directory.Error
	err := k.EditCustomPermissions(t.Context(), root(account), directory.CustomPermissionsEdit{AccountID: account, Name: "q"})
	if !errors.As(err, &e) || e.Kind != directory.NotFound {
		t.Errorf("a profile that is not there: %v", err)
	}
}

// Of two who have seen the same, one is told.
func TestEditsAtOnce(t *testing.T) {
	k := newKit(t)
	k.profile(t, nil)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			errs[i] = k.edit(t, directory.CustomPermissionsEdit{Capabilities: map[string]string{"PrintReports": "DENY"}})
		})
	}
	wg.Wait()
	saved := 0
	for _, err := range errs {
		if err == nil {
			saved++
		} else if !errors.Is(err, directory.ErrEditedMeanwhile) {
			t.Error(err)
		}
	}
	if saved != 1 {
		t.Errorf("%d edits were saved, want 1", saved)
	}
}

func TestProfileNames(t *testing.T) {
	k := newKit(t)
	for name, want := range map[string]bool{
		"p": true, "a+b=c,d.e@f_G-9": true, ".": true, strings.Repeat("n", 64): true,
		"": false, "a b": false, "a/b": false, "a\n": false, "é": false, strings.Repeat("n", 65): false,
	} {
		_, err := k.CreateCustomPermissions(t.Context(), root(account), directory.CustomPermissionsChange{AccountID: account, Name: name})
		if have := directory.ValidProfileName(name); have != want || (err == nil) != want {
			t.Errorf("%q: valid %v, made with %v; want %v", name, have, err, want)
		}
	}
}

func TestDenial(t *testing.T) {
	denies := func(governed bool, states ...string) directory.CustomPermissions {
		p := directory.CustomPermissions{Capabilities: map[string]string{}}
		for i := 0; i < len(states); i += 2 {
			p.Capabilities[states[i]] = states[i+1]
		}
		if governed {
			p.Governance = map[string]string{"AI": "DENY_BY_DEFAULT"}
		}
		return p
	}
	for _, tt := range []struct {
		outcome    string
		profile    directory.CustomPermissions
		capability string
		want       directory.Denial
	}{
		{"nothing said", denies(false), "ExportToCsv", directory.NotDenied},
		{"denied", denies(false, "ExportToCsv", "DENY"), "ExportToCsv", directory.DeniedItself},
		{"a sibling denied", denies(false, "ExportToCsv", "DENY"), "ExportToPdf", directory.NotDenied},
		{"the parent denied", denies(false, "Dashboard", "DENY"), "ShareDashboards", directory.DeniedAbove},
		{"allowed below a denied parent", denies(false, "Dashboard", "DENY", "ShareDashboards", "ALLOW"), "ShareDashboards", directory.DeniedAbove},
		{"denied below a denied parent", denies(false, "Dashboard", "DENY", "ShareDashboards", "DENY"), "ShareDashboards", directory.DeniedItself},
		{"a child denied", denies(false, "ShareDashboards", "DENY"), "Dashboard", directory.NotDenied},
		{"a grandparent of another area denied", denies(false, "Action", "DENY"), "UseZoomAction", directory.DeniedAbove},
		{"AI governed", denies(true), "ChatAgent", directory.DeniedByDefault},
		{"AI governed and allowed", denies(true, "ChatAgent", "ALLOW"), "ChatAgent", directory.NotDenied},
		{"AI governed and the child not allowed", denies(true, "ChatAgent", "ALLOW"), "ShareChatAgents", directory.DeniedByDefault},
		{"AI governed and only the child allowed", denies(true, "ShareChatAgents", "ALLOW"), "ShareChatAgents", directory.DeniedAbove},
		{"AI below something else", denies(true), "GenerateAnalyses", directory.DeniedByDefault},
		{"no AI", denies(true), "Analysis", directory.NotDenied},
		{"no AI below no AI", denies(true), "ShareAnalyses", directory.NotDenied},
	} {
		t.Run(tt.outcome, func(t *testing.T) {
			if have := tt.profile.Denial(tt.capability); have != tt.want {
				t.Errorf("%d, want %d", have, tt.want)
			}
		})
	}
}
