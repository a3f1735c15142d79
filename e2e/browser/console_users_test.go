package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"rollcall/internal/apitest"
)

// consoleSite makes a site with an administrator and a browser that he is signed in
// with.
func consoleSite(t *testing.T) (*site, *tab) {
	t.Helper()
	s := newSite(t)
	return s, s.administer()
}

// administer makes an administrator and gives a browser that he is signed in
// with.
func (s *site) administer() *tab {
	s.t.Helper()
	b := newTab(s.t)
	s.admin("boss")
	b.signIn(s, "boss", goodPassword)
	return b
}

// registerUser calls RegisterUser; members come in pairs.
func (s *site) registerUser(members ...string) (link string) {
	s.t.Helper()
	body := map[string]string{"IdentityType": "QUICKSIGHT", "UserRole": "READER", "Email": "ana@example.com"}
	for i := 0; i < len(members); i += 2 {
		body[members[i]] = members[i+1]
	}
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	a := s.client.Call(s.t, http.MethodPost, s.users, string(text))
	if a.Status != http.StatusCreated {
		s.t.Fatalf("registering %v: %d %s", members, a.Status, a.Text)
	}
	link, _ = a.JSON["UserInvitationUrl"].(string)
	return link
}

// describe gives what DescribeUser says, nil for nobody.
func (s *site) describe(name string) map[string]any {
	s.t.Helper()
	a := s.client.Call(s.t, http.MethodGet, s.users+"/"+url.PathEscape(name), "")
	user, _ := a.JSON["User"].(map[string]any)
	return user
}

// principal is the PrincipalId of a user.
func (s *site) principal(name string) string {
	s.t.Helper()
	id, ok := s.describe(name)["PrincipalId"].(string)
	if !ok {
		s.t.Fatalf("there is no %q", name)
	}
	return id
}

// view gets a page with a cookie.
func (s *site) view(path string, c *http.Cookie) apitest.Answer {
	s.t.Helper()
	r := s.request(http.MethodGet, path, nil)
	r.AddCookie(c)
	return apitest.Send(s.t, r)
}

// openUser goes to a user's page.
func (b *tab) openUser(s *site, name string) {
	b.t.Helper()
	if status := b.open(s.url + userPage(s.principal(name))); status != http.StatusOK {
		b.t.Fatalf("%s's page: %d", name, status)
	}
}

func userPage(principalID string) string {
	return "/sn/console/user?" + url.Values{"PrincipalId": {principalID}}.Encode()
}

// press clicks the only link or button in the page that says so, and gives the
// status of the page that it leads to.
func (b *tab) press(label string) (status int) {
	b.t.Helper()
	found := eval[int](b, `(found => { if (found.length === 1) found[0].id = "pressed"; return found.length; })(
		[...document.querySelectorAll("main a, main button")].filter(e => e.innerText.trim() === `+strconv.Quote(label)+`))`)
	if found != 1 {
		b.t.Fatalf("%q is on the page %d times: %q", label, found, b.texts("main a, main button"))
	}
	return b.follow(chromedp.Click(chromedp.CSS("#pressed")))
}

// choose selects an option, as a person would, by its text.
func (b *tab) choose(selector, label string) {
	b.t.Helper()
	if !eval[bool](b, `(e => { const o = [...e.options].find(o => o.text === `+strconv.Quote(label)+`); if (o) e.value = o.value; return !!o; })(
		document.querySelector(`+strconv.Quote(selector)+`))`) {
		b.t.Fatalf("%s does not offer %q", selector, label)
	}
}

// retype types into a field in place of what is there.
func retype(field, text string) step {
	return chromedp.Steps(chromedp.Clear(chromedp.CSS("#"+field)), typed(field, text))
}

// listed are the names in the list of users.
func (b *tab) listed() []string { return b.texts("tbody th a") }

func numbered(from, to int) (names []string) {
	for i := from; i >= to; i-- {
		names = append(names, fmt.Sprintf("user-%03d", i))
	}
	return names
}

func TestConsoleUsersPages(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	for i := range 120 {
		s.registerUser("UserName", fmt.Sprintf("user-%03d", i))
	}
	b.open(s.url + "/sn/console")
	if have := b.heading(); have != "Users 121" {
		t.Errorf("the page is called %q", have)
	}
	for i, want := range [][]string{numbered(119, 70), numbered(69, 20), append(numbered(19, 0), "boss")} {
		if diff := cmp.Diff(want, b.listed()); diff != "" {
			t.Errorf("page %d (-want +have):\n%s", i+1, diff)
		}
		if i < 2 {
			b.press("Next page")
		}
	}
	if have := b.texts(".pager a"); !cmp.Equal(have, []string{"First page"}) {
		t.Errorf("the last page leads to %q", have)
	}
	if b.press("First page"); !cmp.Equal(b.listed(), numbered(119, 70)) {
		t.Errorf("the first page has %q", b.listed())
	}

	// The pages of a search stay in it.
	b.follow(chromedp.SendKeys(chromedp.CSS("[name=q]"), "USER-"), chromedp.Click(chromedp.CSS(".toolbar button")))
	b.press("Next page")
	if have := eval[string](b, "document.querySelector('[name=q]').value"); have != "USER-" || !cmp.Equal(b.listed(), numbered(69, 20)) {
		t.Errorf("the second page of the search for %q has %q", have, b.listed())
	}
	b.press("Next page")
	if !cmp.Equal(b.listed(), numbered(19, 0)) {
		t.Errorf("the third page of the search has %q", b.listed())
	}
	if b.press("First page"); !cmp.Equal(b.listed(), numbered(119, 70)) {
		t.Errorf("the first page of the search has %q", b.listed())
	}
}

func TestConsoleUsersSearch(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	s.registerUser("UserName", "cleo", "Email", "Sales.One@example.com")
	s.registerUser("UserName", "dora", "UserRole", "AUTHOR_PRO")
	s.member("emil")
	s.send("/sn/console/user/disable", url.Values{"PrincipalId": {s.principal("emil")}}, s.session("boss"))
	list := s.url + "/sn/console/users"
	search := func(text string) {
		t.Helper()
		b.open(list)
		b.follow(chromedp.SendKeys(chromedp.CSS("[name=q]"), text), chromedp.Click(chromedp.CSS(".toolbar button")))
	}
	for text, want := range map[string][]string{
		"CL": {"cleo"}, "sales.one@": {"cleo"}, " dora ": {"dora"}, "leo": {}, "%": {}, "_": {}, `"><i>`: {}, "\u00e9": {},
	} {
		if search(text); !cmp.Equal(b.listed(), want) {
			t.Errorf("%q finds %q, want %q", text, b.listed(), want)
		}
	}
	if search("nobody"); !cmp.Equal(b.texts(".empty h2"), []string{"Nobody was found"}) {
		t.Errorf("who finds nobody is told %q", b.texts(".empty h2"))
	}
	if b.press("Clear the search"); len(b.listed()) != 4 {
		t.Errorf("cleared, the list has %q", b.listed())
	}
	for _, tt := range []struct {
		filter, label string
		want          []string
	}{
		{"role", "Author Pro", []string{"dora"}},
		{"role", "Admin", []string{"boss"}},
		{"role", "Admin Pro", []string{}},
		{"state", "Invited", []string{"dora", "cleo"}},
		{"state", "Active", []string{"boss"}},
		{"state", "Disabled", []string{"emil"}},
		{"identity", "QuickSight", []string{"emil", "dora", "cleo", "boss"}},
		{"identity", "IAM", []string{}},
	} {
		b.open(list)
		b.choose("[name="+tt.filter+"]", tt.label)
		b.follow(chromedp.Evaluate[chromedp.Void](`document.querySelector("[name=` + tt.filter + `]").dispatchEvent(new Event("change"))`))
		if !cmp.Equal(b.listed(), tt.want) {
			t.Errorf("%s %s finds %q, want %q", tt.filter, tt.label, b.listed(), tt.want)
		}
		if have := b.texts("[name=" + tt.filter + "] option:checked"); !cmp.Equal(have, []string{tt.label}) {
			t.Errorf("the form then says %q", have)
		}
	}
}

// What stands in an address may be anything.
func TestConsoleUsersAddresses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.admin("boss")
	for i := range 60 {
		s.registerUser("UserName", strconv.Itoa(i))
	}
	c := s.session("boss")
	_, next, _ := strings.Cut(s.view("/sn/console/users", c).Text, "?token=")
	next, _, _ = strings.Cut(next, `"`)
	if a := s.view("/sn/console/users?token="+next, c); a.Status != http.StatusOK || next == "" {
		t.Fatalf("the next page: %d", a.Status)
	}
	for query, want := range map[string]string{
		"token=x":                            "/sn/console/users",
		"token=%00%ff":                       "/sn/console/users",
		"q=1&token=" + next:                  "/sn/console/users?q=1",
		"state=active&q=a%26b&token=" + next: "/sn/console/users?q=a%26b&state=active",
	} {
		if a := s.view("/sn/console/users?"+query, c); a.Status != http.StatusSeeOther || a.Header.Get("Location") != want {
			t.Errorf("%s: %d to %q, want %q", query, a.Status, a.Header.Get("Location"), want)
		}
	}
	for _, query := range []string{"q=%00", "q=%ff%fe", "role=EMPEROR", "state=x", "identity=%00", "q=" + strings.Repeat("x", 10_000)} {
		if a := s.view("/sn/console/users?"+query, c); a.Status != http.StatusOK || !strings.Contains(a.Text, "Nobody was found") {
			t.Errorf("%.20s: %d", query, a.Status)
		}
	}
	for _, query := range []string{"", "?PrincipalId=", "?PrincipalId=x", "?PrincipalId=%00", "?PrincipalId=federated%2fiam%2f", "?PrincipalId=user%2fx%2fy"} {
		for _, page := range []string{"/sn/console/user", "/sn/console/user/disable", "/sn/console/user/delete"} {
			if a := s.view(page+query, c); a.Status != http.StatusNotFound {
				t.Errorf("%s%s: %d", page, query, a.Status)
			}
		}
	}
}

func TestConsoleUserNamesAreText(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	names := []string{
		`<b id="injected">x</b>`, `"><script id="injected">document.title = "x"</script>`, `a/b/../c?d=e#f&g=h%2f`,
		`&lt;b&gt; {{.Title}}`, strings.Repeat("W", 256), `' onclick='document.title="x"' id='injected`, `José "Pepe" O'Neil`, "N/A", "+ %20",
	}
	for _, name := range names {
		s.registerUser("UserName", name, "Email", name+"@example.com")
	}
	b.open(s.url + "/sn/console/users")
	have := b.listed()
	slices.Reverse(have)
	if diff := cmp.Diff(append([]string{"boss"}, names...), have); diff != "" {
		t.Errorf("the list (-want +have):\n%s", diff)
	}
	for i, name := range names {
		b.open(s.url + "/sn/console/users")
		b.follow(chromedp.Click(chromedp.CSS(fmt.Sprintf("tbody tr:nth-child(%d) a", len(names)-i))))
		if have := b.heading(); have != name+" Invited" {
			t.Errorf("%q has a page called %q", name, have)
		}
		for label, want := range map[string]string{"Disable": "Disable " + name + "?", "Delete": "Delete " + name + "?"} {
			if b.openUser(s, name); b.press(label) != http.StatusOK || b.heading() != want {
				t.Errorf("%s leads to %q, want %q", label, b.heading(), want)
			}
		}
		if n := eval[int](b, "document.querySelectorAll('#injected').length + (document.title === 'x')"); n > 0 {
			t.Errorf("%q became a part of the page", name)
		}
	}
}

// crowd fills a site with users of all kinds.
func (s *site) crowd() {
	s.t.Helper()
	s.profile("Analysts")
	s.client.OK(s.t, "iam", "CreateUser", "UserName", "gone")
	s.registerUser("IdentityType", "IAM", "IamArn", "arn:aws:iam::111122223333:user/gone", "Email", "gone@example.com")
	s.client.OK(s.t, "iam", "DeleteUser", "UserName", "gone")
	roles := []string{"READER", "AUTHOR", "READER_PRO", "ADMIN", "AUTHOR_PRO", "ADMIN_PRO"}
	for i := range 52 {
		name := fmt.Sprintf("maria.garcia-%d", i)
		s.registerUser("UserName", name, "Email", name+"@analytics.example.com", "UserRole", roles[i%len(roles)])
	}
	s.registerUser("UserName", strings.Repeat("Wide", 64), "Email", strings.Repeat("wide", 64)+"@example.com", "CustomPermissionsName", "Analysts")
	s.registerUser("UserName", "<b>Bold</b>", "UserRole", "ADMIN_PRO")
	s.member("off")
	s.send("/sn/console/user/disable", url.Values{"PrincipalId": {s.principal("off")}}, s.session("boss"))
	s.member("cleo")
}
