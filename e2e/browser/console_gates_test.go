package browser

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// gates are all that the console has about users, with what the forms send.
func gates(id string) (pages []string, forms map[string]url.Values) {
	about := "?" + url.Values{"PrincipalId": {id}}.Encode()
	return []string{"/sn/console", "/sn/console/", "/sn/console/users", "/sn/console/users?q=a", "/sn/console/invite",
			"/sn/console/user" + about, "/sn/console/user/disable" + about, "/sn/console/user/delete" + about},
		map[string]url.Values{
			"/sn/console/invite":       {"Email": {"eva@example.com"}, "UserRole": {"ADMIN"}},
			"/sn/console/user":         {"PrincipalId": {id}, "Email": {"eva@example.com"}, "Role": {"ADMIN"}},
			"/sn/console/user/link":    {"PrincipalId": {id}},
			"/sn/console/user/disable": {"PrincipalId": {id}},
			"/sn/console/user/enable":  {"PrincipalId": {id}},
			"/sn/console/user/delete":  {"PrincipalId": {id}},
		}
}

func TestConsoleUsersAreForAdministrators(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.admin("boss")
	link := s.register("cleo")
	id, before := s.principal("cleo"), s.describe("cleo")
	pages, forms := gates(id)
	for _, role := range []string{"READER", "READER_PRO", "AUTHOR", "AUTHOR_PRO"} {
		if a := s.post(form(s.registerUser("UserName", role, "UserRole", role), goodPassword, goodPassword)); a.Status != http.StatusOK {
			t.Fatal(a.Status)
		}
		c := s.session(role)
		for _, path := range pages[2:] {
			if a := s.view(path, c); a.Status != http.StatusForbidden || strings.Contains(a.Text, "cleo") {
				t.Errorf("%s opens %s: %d", role, path, a.Status)
			}
		}
		for path, values := range forms {
			if a := s.send(path, values, c); a.Status != http.StatusForbidden {
				t.Errorf("%s sends %s: %d", role, path, a.Status)
			}
		}
	}
	want := []string{"boss", "cleo", "READER", "READER_PRO", "AUTHOR", "AUTHOR_PRO"}
	if diff := cmp.Diff(want, s.names()); diff != "" {
		t.Errorf("the users (-want +have):\n%s", diff)
	}
	if diff := cmp.Diff(before, s.describe("cleo")); diff != "" {
		t.Errorf("the user (-before +after):\n%s", diff)
	}
	if a := s.get(link); a.Status != http.StatusOK {
		t.Errorf("the link: %d", a.Status)
	}
	if a := s.view("/sn/console/users", s.session("boss")); strings.Contains(a.Text, "badge off") {
		t.Error("somebody is disabled")
	}
}

// Who is an administrator no more finds that out with the next click.
func TestConsoleUsersOfAFormerAdministrator(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.admin("boss")
	s.register("cleo")
	c := s.session("boss")
	if a := s.view("/sn/console/users", c); a.Status != http.StatusOK {
		t.Fatal(a.Status)
	}
	s.update("boss", "ana@example.com", "AUTHOR")
	if a := s.view("/sn/console/users", c); a.Status != http.StatusForbidden {
		t.Errorf("the list: %d", a.Status)
	}
	if a := s.send("/sn/console/user/delete", url.Values{"PrincipalId": {s.principal("cleo")}}, c); a.Status != http.StatusForbidden {
		t.Errorf("deleting: %d", a.Status)
	}
}

func TestConsoleUsersWithoutSession(t *testing.T) {
	t.Parallel()
	s, b := newSite(t), newTab(t)
	s.admin("boss")
	s.register("cleo")
	pages, forms := gates(s.principal("cleo"))
	for path, values := range forms {
		if a := s.send(path, values); a.Status != http.StatusSeeOther || a.Header.Get("Location") != "/sn/signin" {
			t.Errorf("%s: %d to %q", path, a.Status, a.Header.Get("Location"))
		}
	}
	if have := s.names(); !cmp.Equal(have, []string{"boss", "cleo"}) {
		t.Errorf("the users are %q", have)
	}
	for _, path := range pages[2:] {
		if b.open(s.url + path); b.heading() != "Sign in" {
			t.Fatalf("%s leads to %q", path, b.heading())
		}
		b.follow(typed("username", "boss"), typed("password", goodPassword), save)
		if have := eval[string](b, "location.pathname + location.search"); have != path {
			t.Errorf("signing in for %s leads to %s", path, have)
		}
		b.open(s.url + "/sn/start")
		b.press("Sign out")
	}
}

// record is one of rollcall's.
type record struct {
	EventSource       string
	EventName         string
	UserIdentity      struct{ UserName, PrincipalID string }
	RequestParameters map[string]any
	ErrorCode         string
	Additional        struct{ Subject string } `json:"additionalEventData"`
}

// records are those that were made for what somebody did.
func (s *site) records(caller string) (found []record) {
	s.t.Helper()
	account, _, _ := strings.Cut(s.users, "/namespaces")
	c := s.client
	c.Service = "rollcall"
	a := c.Call(s.t, http.MethodGet, "/v1"+account+"/audit-records?max-results=1000", "")
	var all struct{ Records []record }
	if err := json.Unmarshal([]byte(a.Text), &all); err != nil || a.Status != http.StatusOK {
		s.t.Fatalf("%v in %d %s", err, a.Status, a.Text)
	}
	for _, r := range all.Records {
		if r.UserIdentity.UserName == caller {
			found = append(found, r)
		}
	}
	return found
}

func TestConsoleUsersAreOnRecord(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.profile("Analysts")
	s.admin("boss")
	c, boss := s.session("boss"), s.principal("boss")
	s.send("/sn/console/invite", url.Values{"Email": {"cleo@example.com"}, "UserRole": {"AUTHOR"}, "CustomPermissionsName": {"Analysts"}}, c)
	const name = "cleo@example.com"
	id := s.principal(name)
	about := url.Values{"PrincipalId": {id}}
	s.send("/sn/console/user", url.Values{"PrincipalId": {id}, "Email": {name}, "Role": {"ADMIN"}, "CustomPermissionsName": {""}}, c)
	for _, what := range []string{"link", "disable", "enable", "delete"} {
		s.send("/sn/console/user/"+what, about, c)
	}
	type line struct {
		Name, Subject string
		Parameters    map[string]any
	}
	var have []line
	for _, r := range s.records("boss") {
		if r.EventName == "ConsoleLogin" || r.EventName == "AcceptInvitation" {
			continue
		}
		if r.UserIdentity.PrincipalID != boss {
			t.Errorf("%s was done by %s", r.EventName, r.UserIdentity.PrincipalID)
		}
		source, _, _ := strings.Cut(r.EventSource, ".")
		have = append(have, line{source + " " + r.EventName, r.Additional.Subject, r.RequestParameters})
	}
	want := []line{
		{"quicksight RegisterUser", name, map[string]any{"email": name, "userName": name, "userRole": "AUTHOR", "customPermissionsName": "Analysts"}},
		{"quicksight UpdateUser", name, map[string]any{"principalId": id, "email": name, "role": "ADMIN", "unapplyCustomPermissions": "true"}},
		{"rollcall IssueLink", name, map[string]any{"principalId": id}},
		{"rollcall DisableUser", name, map[string]any{"principalId": id}},
		{"rollcall EnableUser", name, map[string]any{"principalId": id}},
		{"quicksight DeleteUser", name, map[string]any{"principalId": id}},
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("the record (-want +have):\n%s", diff)
	}
}

// What is denied is on record too.
func TestConsoleUsersDeniedIsOnRecord(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.member("cleo")
	c := s.session("cleo")
	s.send("/sn/console/invite", url.Values{"Email": {"eva@example.com"}, "UserRole": {"ADMIN"}}, c)
	denied := func(r record) bool { return r.ErrorCode == "AccessDenied" }
	for deadline := time.Now().Add(patience); !slices.ContainsFunc(s.records("cleo"), denied); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the record is %+v", s.records("cleo"))
		}
	}
}
