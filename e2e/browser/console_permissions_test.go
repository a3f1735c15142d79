package browser

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"rollcall/internal/directory"
)

// stored is what the API says of a profile.
type stored struct {
	Capabilities map[string]string
	Governance   struct{ DefaultCategoryEffects map[string]string }
}

// states are what a profile says of capabilities.
type states = map[string]string

func (s *site) profiles() string {
	account, _, _ := strings.Cut(s.users, "/namespaces")
	return account + "/custom-permissions"
}

// makeProfile calls CreateCustomPermissions.
func (s *site) makeProfile(name string, capabilities, governance states) {
	s.t.Helper()
	body := map[string]any{"CustomPermissionsName": name, "Capabilities": capabilities}
	if governance != nil {
		body["Governance"] = map[string]any{"DefaultCategoryEffects": governance}
	}
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	if a := s.client.Call(s.t, http.MethodPost, s.profiles(), string(text)); a.Status != http.StatusOK {
		s.t.Fatalf("making %s: %d %s", name, a.Status, a.Text)
	}
}

// describeProfile calls DescribeCustomPermissions.
func (s *site) describeProfile(name string) stored {
	s.t.Helper()
	a := s.client.Call(s.t, http.MethodGet, s.profiles()+"/"+url.PathEscape(name), "")
	var out struct{ CustomPermissions stored }
	if err := json.Unmarshal([]byte(a.Text), &out); err != nil || a.Status != http.StatusOK {
		s.t.Fatalf("describing %s: %d %s", name, a.Status, a.Text)
	}
	return out.CustomPermissions
}

// storing checks that a profile says exactly that.
func (s *site) storing(name string, capabilities, governance states) {
	s.t.Helper()
	have := s.describeProfile(name)
	if diff := cmp.Diff(capabilities, have.Capabilities); diff != "" {
		s.t.Errorf("capabilities of %s (-want +have):\n%s", name, diff)
	}
	if diff := cmp.Diff(governance, have.Governance.DefaultCategoryEffects); diff != "" {
		s.t.Errorf("governance of %s (-want +have):\n%s", name, diff)
	}
}

const permissions = "/sn/console/permissions"

func profilePage(name string) string {
	return permissions + "/profile?" + url.Values{"CustomPermissionsName": {name}}.Encode()
}

func areaPage(name, area string) string {
	return permissions + "/profile/area?" + url.Values{"CustomPermissionsName": {name}, "Area": {area}}.Encode()
}

// part goes to a part of the profile that is open.
func (b *tab) part(label string) {
	b.t.Helper()
	if status := b.follow(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(
		`[...document.querySelectorAll(".parts .tabs a")].find(a => a.firstChild.textContent.trim() === %q).click()`, label))); status != http.StatusOK {
		b.t.Fatalf("%s: %d", label, status)
	}
	if label != "Overview" && b.heading() != label {
		b.t.Fatalf("%s leads to %q", label, b.heading())
	}
}

// says are the texts of what is chosen for capabilities.
func (b *tab) says(capabilities ...string) (texts []string) {
	b.t.Helper()
	for _, c := range capabilities {
		texts = append(texts, eval[string](b, `document.querySelector("[name=`+c+`]").selectedOptions[0].text`))
	}
	return texts
}

// first is the text of the choice that says nothing of a capability.
func (b *tab) first(capability string) string {
	b.t.Helper()
	return eval[string](b, `document.querySelector("[name=`+capability+`]").options[0].text`)
}

// denials are the parts of the profile in which something is denied.
func (b *tab) denials() map[string]string {
	b.t.Helper()
	return eval[map[string]string](b, `Object.fromEntries([...document.querySelectorAll(".parts .tabs a")]
		.filter(a => a.querySelector(".number")).map(a => [a.firstChild.textContent.trim(), a.querySelector(".number").textContent]))`)
}

func TestConsolePermissionsFromFirstToLast(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	b.open(s.url + permissions)
	if have := b.texts(".empty h2"); !cmp.Equal(have, []string{"There are no profiles yet"}) {
		t.Errorf("the list says %q", have)
	}
	b.press("Create a profile")
	b.do(typed("CustomPermissionsName", "Analysts"))
	if status := b.press("Create"); status != http.StatusOK || b.heading() != "Dashboards and reports" {
		t.Fatalf("creating leads to %d %q", status, b.heading())
	}
	s.storing("Analysts", states{}, nil)

	// A parent takes its children with it, and keeps what they say themselves.
	b.choose("[name=Dashboard]", "Deny")
	b.choose("[name=ExportToCsv]", "Deny")
	b.choose("[name=ShareDashboards]", "Allow")
	b.press("Save")
	if have := b.texts(".success"); !cmp.Equal(have, []string{"The changes are saved."}) {
		t.Errorf("the page says %q", have)
	}
	if diff := cmp.Diff([]string{"Deny", "As the role", "Deny", "Allow", "Denied above", "Denied above"},
		b.says("ExportToCsv", "ExportToPdf", "Dashboard", "ShareDashboards", "SubscribeDashboardEmailReports", "CreateDashboardExecutiveSummaryWithQ")); diff != "" {
		t.Errorf("the area says (-want +have):\n%s", diff)
	}
	if have := b.texts(".tree ul > .hint"); !cmp.Equal(have, []string{"Denied with Dashboards, whatever is chosen here."}) {
		t.Errorf("the children are said to be %q", have)
	}
	want := states{"Dashboard": "DENY", "ExportToCsv": "DENY", "ShareDashboards": "ALLOW"}
	s.storing("Analysts", want, nil)

	// Another area, whose parent is in one before.
	b.part("Actions, A to C")
	b.choose("[name=Action]", "Deny")
	b.choose("[name=AsanaAction]", "Allow")
	b.press("Save")
	b.part("Actions, Q to Z")
	if have := b.says("ZoomAction", "UseZoomAction"); !cmp.Equal(have, []string{"Denied above", "Denied above"}) {
		t.Errorf("the last area of actions says %q", have)
	}
	if have := b.texts(".note"); !cmp.Equal(have, []string{"Denied with Actions in other services, whatever is chosen here."}) {
		t.Errorf("the last area of actions says %q", have)
	}
	want["Action"], want["AsanaAction"] = "DENY", "ALLOW"
	s.storing("Analysts", want, nil)
	if diff := cmp.Diff(map[string]string{"Dashboards and reports": "5 denied", "Actions, A to C": "69 denied", "Actions, D to G": "60 denied",
		"Actions, H to P": "76 denied", "Actions, Q to Z": "84 denied"}, b.denials()); diff != "" {
		t.Errorf("denied (-want +have):\n%s", diff)
	}

	// All that is not allowed of AI.
	b.part("Overview")
	b.press("Deny AI by default")
	b.part("AI")
	b.choose("[name=ChatAgent]", "Allow")
	b.press("Save")
	if diff := cmp.Diff([]string{"Allow", "Denied by default", "Denied by default", "Denied above"},
		b.says("ChatAgent", "ShareChatAgents", "Flow", "UseBedrockModels")); diff != "" {
		t.Errorf("AI says (-want +have):\n%s", diff)
	}
	want["ChatAgent"] = "ALLOW"
	s.storing("Analysts", want, states{"AI": "DENY_BY_DEFAULT"})

	b.part("Overview")
	if diff := cmp.Diff([]string{"Dashboards and reports", "Export to CSV, Dashboards",
		"Analyses", "Add or run anomaly detection, Analyses (Build calculated fields with AI, Edit visuals with AI, Generate analyses with AI)",
		"AI", "Chat agents (Create chat agents, Share chat agents), Search the web, Flows, Triggers of flows and automations, Automations, Apps, Spaces, Research, Topics, Stories, Scenarios",
		"Extensions", "Extensions", "Knowledge bases", "Knowledge bases", "Actions, A to C", "Actions in other services",
		"Actions, D to G", "All of them, with Actions in other services", "Actions, H to P", "All of them, with Actions in other services",
		"Actions, Q to Z", "All of them, with Actions in other services",
	}, b.texts(".facts dt, .facts dd")); diff != "" {
		t.Errorf("the overview says (-want +have):\n%s", diff)
	}
	if have := b.texts(".copy code"); !cmp.Equal(have, []string{"arn:aws:quicksight:us-east-1:111122223333:custompermissions/Analysts"}) {
		t.Errorf("the ARN is %q", have)
	}
	b.open(s.url + permissions)
	if have := b.texts("tbody th, tbody td"); !cmp.Equal(have, []string{"Analysts", "AI denied", "3", "3"}) {
		t.Errorf("the list has %q", have)
	}
	b.press("Analysts")
	b.press("Stop denying AI by default")
	s.storing("Analysts", want, nil)

	// What is chosen no longer is gone.
	b.part("Dashboards and reports")
	for _, c := range []string{"Dashboard", "ExportToCsv", "ShareDashboards"} {
		b.choose("[name="+c+"]", b.first(c))
	}
	b.press("Save")
	s.storing("Analysts", states{"Action": "DENY", "AsanaAction": "ALLOW", "ChatAgent": "ALLOW"}, nil)

	// In use it stays.
	s.registerUser("UserName", "cleo", "CustomPermissionsName", "Analysts")
	b.part("Overview")
	b.press("Delete")
	if status := b.press("Delete the profile"); status != http.StatusUnprocessableEntity ||
		!strings.HasPrefix(b.texts(".problem")[0], "Updating or deleting a resource can cause an inconsistent state.") {
		t.Errorf("deleting it in use: %d %q", status, b.texts(".problem"))
	}
	s.describeProfile("Analysts")
	s.remove("cleo")
	b.press("Delete the profile")
	if have := b.texts(".success, .empty h2"); !cmp.Equal(have, []string{"The profile is deleted.", "There are no profiles yet"}) {
		t.Errorf("the list says %q", have)
	}
	if status := b.open(s.url + profilePage("Analysts")); status != http.StatusNotFound {
		t.Errorf("its page: %d", status)
	}
}

func TestConsolePermissionsNames(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	for _, name := range []string{"a b", "a/b", "é", "a<i>b", "a*"} {
		b.open(s.url + permissions + "/create")
		b.do(typed("CustomPermissionsName", name))
		if status := b.press("Create"); status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", name, status)
		}
		if have := b.texts("#problem"); len(have) != 1 || !strings.Contains(have[0], "1 to 64 characters") {
			t.Errorf("%q: the page says %q", name, have)
		}
		if have := eval[string](b, "document.querySelector('#CustomPermissionsName').value"); have != name {
			t.Errorf("%q: the field has %q", name, have)
		}
	}
	c := s.session("boss")
	create := func(name string) int {
		return s.send(permissions+"/create", url.Values{"CustomPermissionsName": {name}}, c).Status
	}
	for _, name := range []string{"", " ", strings.Repeat("n", 65), "a\x00"} {
		if status := create(name); status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", name, status)
		}
	}
	b.open(s.url + permissions)
	if have := b.texts("tbody a"); len(have) > 0 {
		t.Errorf("there are %q", have)
	}
	names := []string{"a+b=c,d.e@f_G-9", "..", strings.Repeat("n", 64), "new"}
	for _, name := range names {
		if status := create(name); status != http.StatusSeeOther {
			t.Errorf("%q: %d", name, status)
		}
		b.open(s.url + permissions)
		if b.press(name); b.heading() != name {
			t.Errorf("the page of %s is called %q", name, b.heading())
		}
		b.part("Data")
		b.choose("[name=ShareDatasets]", "Deny")
		if b.press("Save"); !cmp.Equal(b.texts(".success"), []string{"The changes are saved."}) {
			t.Errorf("changing %q: %q", name, b.texts("main p"))
		}
	}
	b.open(s.url + permissions)
	if diff := cmp.Diff(names, b.texts("tbody a")); diff != "" {
		t.Errorf("the list (-want +have):\n%s", diff)
	}
	b.press("Create a profile")
	b.do(typed("CustomPermissionsName", "new"))
	if status := b.press("Create"); status != http.StatusUnprocessableEntity ||
		!cmp.Equal(b.texts("#problem"), []string{"There is a profile of this name already. Choose another one."}) {
		t.Errorf("a name that is taken: %d %q", status, b.texts("#problem"))
	}
	s.storing("new", states{"ShareDatasets": "DENY"}, nil)
}

func TestConsolePermissionsPages(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	var names []string
	for i := range 51 {
		names = append(names, fmt.Sprintf("p%d", i))
		s.makeProfile(names[i], nil, nil)
	}
	b.open(s.url + permissions)
	if have := b.texts("tbody a"); !cmp.Equal(have, names[:50]) {
		t.Errorf("the first page has %q", have)
	}
	b.press("Next page")
	if have := b.texts("tbody a"); !cmp.Equal(have, names[50:]) {
		t.Errorf("the second page has %q", have)
	}
	b.press("First page")
	if have := b.texts("tbody a"); !cmp.Equal(have, names[:50]) {
		t.Errorf("the first page again has %q", have)
	}
	if a := s.view(permissions+"?token=old", s.session("boss")); a.Status != http.StatusSeeOther {
		t.Errorf("a token of no use: %d", a.Status)
	}
}

// many are capabilities of all areas.
var many = states{"ExportToCsv": "DENY", "ShareDashboards": "ALLOW", "Analysis": "DENY", "ShareDatasets": "DENY", "CreateSharedFolders": "DENY",
	"ShareAthenaDataSource": "DENY", "ShareTwitterDataSource": "ALLOW", "ChatAgent": "DENY", "UseWordAddInExtension": "ALLOW",
	"S3KnowledgeBase": "DENY", "AsanaAction": "DENY", "UseJiraAction": "DENY", "ZoomAction": "ALLOW"}

func TestConsolePermissionsOfOtherAreasStay(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	all := maps.Clone(many)
	s.makeProfile("many", all, states{"FINANCE": "DENY_BY_DEFAULT"})
	b.open(s.url + profilePage("many"))
	for label, change := range map[string]struct{ name, choice, value string }{
		"Data":                       {"ShareDataSources", "Deny", "DENY"},
		"Shared folders and account": {"CreateSharedFolders", "Allow", "ALLOW"},
		"Actions, H to P":            {"UseJiraAction", "As the role", ""},
		"Actions, A to C":            {"AsanaAction", "Allow", "ALLOW"},
	} {
		b.part(label)
		b.choose("[name="+change.name+"]", change.choice)
		b.press("Save")
		if all[change.name] = change.value; change.value == "" {
			delete(all, change.name)
		}
		s.storing("many", all, states{"FINANCE": "DENY_BY_DEFAULT"})
	}
	b.part("Overview")
	b.press("Deny AI by default")
	s.storing("many", all, states{"FINANCE": "DENY_BY_DEFAULT", "AI": "DENY_BY_DEFAULT"})
	b.press("Stop denying AI by default")
	s.storing("many", all, states{"FINANCE": "DENY_BY_DEFAULT"})
}

func TestConsolePermissionsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.admin("boss")
	c := s.session("boss")
	before := states{"ExportToCsv": "DENY"}
	s.makeProfile("p", before, nil)
	form := func(more url.Values) url.Values {
		values := url.Values{"CustomPermissionsName": {"p"}, "Area": {"dashboards"}, "Seen": {"D-------------"}, "PrintReports": {"DENY"}}
		maps.Copy(values, more)
		return values
	}
	for outcome, tt := range map[string]struct {
		path   string
		values url.Values
		status int
		words  string
	}{
		"capability that there is not":  {"/area", form(url.Values{"EMPEROR": {"DENY"}}), 422, "EMPEROR"},
		"capability of another area":    {"/area", form(url.Values{"Flow": {"DENY"}}), 422, "“Dashboards and reports”"},
		"value that there is not":       {"/area", form(url.Values{"ExportToPdf": {"MAYBE"}}), 422, "[DENY, ALLOW]"},
		"value in small letters":        {"/area", form(url.Values{"ExportToPdf": {"deny"}}), 422, "[DENY, ALLOW]"},
		"two values":                    {"/area", form(url.Values{"ExportToPdf": {"DENY", "ALLOW"}}), 422, "[DENY, ALLOW]"},
		"nothing seen":                  {"/area", form(url.Values{"Seen": {""}}), 409, "Somebody else"},
		"nonsense seen":                 {"/area", form(url.Values{"Seen": {"D<>"}}), 409, "Somebody else"},
		"no area":                       {"/area", form(url.Values{"Area": {"emperors"}}), 404, "no such page"},
		"no profile":                    {"/area", form(url.Values{"CustomPermissionsName": {"q"}}), 404, "no such page"},
		"governance neither on nor off": {"/governance", url.Values{"CustomPermissionsName": {"p"}, "DenyAIByDefault": {"MAYBE"}}, 422, "true or false"},
		"governance of no profile":      {"/governance", url.Values{"CustomPermissionsName": {"q"}, "DenyAIByDefault": {"true"}}, 404, "no such page"},
		"deleting no profile":           {"/delete", url.Values{"CustomPermissionsName": {"q"}}, 404, "no such page"},
	} {
		t.Run(outcome, func(t *testing.T) {
			a := s.send(permissions+"/profile"+tt.path, tt.values, c)
			if a.Status != tt.status || !strings.Contains(html.UnescapeString(a.Text), tt.words) {
				t.Errorf("%d, want %d and %q in %q", a.Status, tt.status, tt.words, alert(a.Text))
			}
		})
	}
	s.storing("p", before, nil)
	for _, path := range []string{areaPage("p", "emperors"), areaPage("q", "data"), profilePage("q"), profilePage(""), profilePage("a b\x00"),
		strings.Replace(profilePage("q"), "profile", "profile/delete", 1)} {
		if a := s.view(path, c); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	// What was chosen is kept beside what was wrong.
	a := s.send(permissions+"/profile/area", form(url.Values{"ExportToPdf": {"MAYBE"}}), c)
	if !strings.Contains(a.Text, `name="PrintReports"><option value="">As the role<option value="DENY" selected>`) {
		t.Error("the choice for PrintReports is lost")
	}
	if a := s.send(permissions+"/profile/area", form(nil), c); a.Status != http.StatusSeeOther {
		t.Errorf("without what was wrong: %d", a.Status)
	}
	s.storing("p", states{"ExportToCsv": "DENY", "PrintReports": "DENY"}, nil)
}

func TestConsolePermissionsOfTwoAdministrators(t *testing.T) {
	t.Parallel()
	s, ana := consoleSite(t)
	s.admin("ben")
	ben := newTab(t)
	ben.signIn(s, "ben", goodPassword)
	s.makeProfile("p", nil, nil)
	for _, b := range []*tab{ana, ben} {
		b.open(s.url + areaPage("p", "dashboards"))
	}
	ana.choose("[name=ExportToCsv]", "Deny")
	ana.press("Save")
	ben.choose("[name=PrintReports]", "Deny")
	if status := ben.press("Save"); status != http.StatusConflict {
		t.Errorf("the second: %d", status)
	}
	if have := ben.texts(".problem"); !cmp.Equal(have, []string{
		"Somebody else has changed these permissions in the meantime. Nothing was saved. This is how they are now."}) {
		t.Errorf("the second is told %q", have)
	}
	if have := ben.says("ExportToCsv", "PrintReports"); !cmp.Equal(have, []string{"Deny", "As the role"}) {
		t.Errorf("the second sees %q", have)
	}
	s.storing("p", states{"ExportToCsv": "DENY"}, nil)
	ben.choose("[name=PrintReports]", "Deny")
	ben.press("Save")
	s.storing("p", states{"ExportToCsv": "DENY", "PrintReports": "DENY"}, nil)

	// In different areas they are not in each other's way.
	ana.open(s.url + areaPage("p", "data"))
	ben.choose("[name=PrintReports]", "Allow")
	ben.press("Save")
	ana.choose("[name=ShareDatasets]", "Deny")
	if status := ana.press("Save"); status != http.StatusOK {
		t.Errorf("in another area: %d", status)
	}
	s.storing("p", states{"ExportToCsv": "DENY", "PrintReports": "ALLOW", "ShareDatasets": "DENY"}, nil)
	s.client.Call(t, http.MethodDelete, s.profiles()+"/p", "")
	if status := ana.press("Save"); status != http.StatusNotFound {
		t.Errorf("when it is gone: %d", status)
	}
}

func TestConsolePermissionsFilter(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	s.makeProfile("p", states{"JiraAction": "DENY"}, nil)
	b.open(s.url + areaPage("p", "actions-h-p"))
	b.do(typed("filter", "jira"))
	have := eval[[]string](b, `[...document.querySelectorAll("select")].filter(e => e.checkVisibility()).map(e => e.name)`)
	if want := []string{"JiraAction", "CreateAndUpdateJiraAction", "ShareJiraAction", "UseJiraAction"}; !cmp.Equal(have, want) {
		t.Errorf("jira finds %q, want %q", have, want)
	}
	b.choose("[name=UseJiraAction]", "Allow")
	b.press("Save") // what is out of sight, too
	s.storing("p", states{"JiraAction": "DENY", "UseJiraAction": "ALLOW"}, nil)
}

func TestConsolePermissionsAreForAdministrators(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.registerUser("UserName", "boss", "UserRole", "ADMIN")
	s.makeProfile("p", states{"ExportToCsv": "DENY"}, nil)
	if a := s.post(form(s.registerUser("UserName", "ana"), goodPassword, goodPassword)); a.Status != http.StatusOK {
		t.Fatal(a.Status)
	}
	c := s.session("ana")
	for _, path := range []string{permissions, permissions + "/create", profilePage("p"), profilePage("q"), areaPage("p", "data"),
		strings.Replace(profilePage("p"), "profile", "profile/delete", 1)} {
		if a := s.view(path, c); a.Status != http.StatusForbidden {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	for path, values := range map[string]url.Values{
		"/create":             {"CustomPermissionsName": {"mine"}},
		"/profile/area":       {"CustomPermissionsName": {"p"}, "Area": {"dashboards"}, "Seen": {"D-------------"}, "ExportToCsv": {""}},
		"/profile/governance": {"CustomPermissionsName": {"p"}, "DenyAIByDefault": {"true"}},
		"/profile/delete":     {"CustomPermissionsName": {"p"}},
	} {
		if a := s.send(permissions+path, values, c); a.Status != http.StatusForbidden {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	s.storing("p", states{"ExportToCsv": "DENY"}, nil)
	a := s.client.Call(t, http.MethodGet, s.profiles(), "")
	if list, _ := a.JSON["CustomPermissionsList"].([]any); len(list) != 1 {
		t.Errorf("there are %s", a.Text)
	}
}

func TestConsolePermissionsAreOnRecord(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.admin("boss")
	c := s.session("boss")
	name := url.Values{"CustomPermissionsName": {"p"}}
	s.send(permissions+"/create", name, c)
	s.send(permissions+"/profile/area", url.Values{"CustomPermissionsName": {"p"}, "Area": {"data"}, "Seen": {"------"},
		"ShareDatasets": {"DENY"}, "ShareDataSources": {""}}, c)
	s.send(permissions+"/profile/governance", url.Values{"CustomPermissionsName": {"p"}, "DenyAIByDefault": {"true"}}, c)
	s.send(permissions+"/profile/delete", name, c)
	want := map[string]map[string]any{
		"CreateCustomPermissions 0": {"customPermissionsName": "p"},
		"UpdateCustomPermissions 1": {"customPermissionsName": "p", "area": "data", "seen": "------", "shareDatasets": "DENY"},
		"UpdateCustomPermissions 2": {"customPermissionsName": "p", "denyAIByDefault": "true"},
		"DeleteCustomPermissions 3": {"customPermissionsName": "p"},
	}
	if diff := cmp.Diff(want, s.changes("boss")); diff != "" {
		t.Errorf("the record (-want +have):\n%s", diff)
	}
}

// changes are what somebody did of QuickSight's, numbered, with the parameters.
func (s *site) changes(caller string) map[string]map[string]any {
	s.t.Helper()
	found := map[string]map[string]any{}
	for _, r := range s.records(caller) {
		if r.ErrorCode == "" && r.EventName != "ConsoleLogin" && r.EventName != "AcceptInvitation" {
			found[fmt.Sprint(r.EventName, " ", len(found))] = r.RequestParameters
		}
	}
	return found
}

// TestLooksPermissions looks at the pages about profiles, empty and full.
func TestLooksPermissions(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	wide := strings.Repeat("W", 64)
	full, leaves := states{}, states{}
	for _, area := range directory.CapabilityAreas() {
		for parent, c := range area.All() {
			delete(leaves, parent)
			full[c.Name], leaves[c.Name] = "DENY", "DENY"
		}
	}
	look := func(pages ...[2]string) {
		for _, p := range pages {
			b.lookAt(t, s, []page{{p[0], http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + p[1]) }}})
		}
	}
	look(
		[2]string{"permissions-empty", permissions},
		[2]string{"permissions-create", permissions + "/create"},
	)
	s.makeProfile("Everything", nil, nil)
	s.makeProfile("Analysts", many, nil)
	s.makeProfile("governed", states{"ChatAgent": "ALLOW", "ExportToCsv": "DENY"}, states{"AI": "DENY_BY_DEFAULT"})
	s.makeProfile(wide, full, states{"AI": "DENY_BY_DEFAULT"})
	s.makeProfile("leaves", leaves, nil)
	look(
		[2]string{"permissions-full", permissions},
		[2]string{"permission-empty", profilePage("Everything")},
		[2]string{"permission-some", profilePage("Analysts")},
		[2]string{"permission-all", profilePage(wide)},
		[2]string{"permission-area-some", areaPage("Analysts", "dashboards")},
		[2]string{"permission-area-ai", areaPage("governed", "ai")},
		[2]string{"permission-area-all", areaPage(wide, "actions-q-z")},
		[2]string{"permission-delete", strings.Replace(profilePage(wide), "profile", "profile/delete", 1)},
	)
	// These look like those before, but are the heaviest.
	for _, path := range []string{
		profilePage("leaves"),
		profilePage("governed"),
		areaPage(wide, "data-sources-a-d"),
		areaPage("leaves", "actions-q-z"),
	} {
		if status := b.open(s.url + path); status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
		b.checkWeight()
	}
}
