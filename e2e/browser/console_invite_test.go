package browser

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"rollcall/rollcalltest"
)

func TestConsoleInvite(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	if b.open(s.url + "/sn/console/users"); len(b.texts(".empty h2")) != 1 {
		t.Error("who is alone is not told to invite others")
	}
	eval[chromedp.Void](b, `document.querySelector(".empty").remove()`)
	b.press("Invite a user")
	if have := eval[[]string](b, `[...document.querySelectorAll("[name=UserRole]")].map(e => e.value + (e.checked ? "!" : ""))`); !cmp.Equal(have,
		[]string{"READER!", "READER_PRO", "AUTHOR", "AUTHOR_PRO", "ADMIN", "ADMIN_PRO"}) {
		t.Errorf("the roles offered are %q", have)
	}
	b.do(typed("email", "cleo@example.com"), chromedp.Click(chromedp.CSS("[value=AUTHOR]")))
	if status := b.press("Invite"); status != http.StatusOK || b.heading() != "cleo@example.com is invited" {
		t.Fatalf("inviting: %d %q", status, b.heading())
	}
	if have := b.texts(".note"); len(have) != 1 || !strings.Contains(have[0], "shown only now") || !strings.Contains(have[0], "24 hours") {
		t.Errorf("the page says %q of the link", have)
	}
	link := b.texts(".copy code")[0]
	user := s.describe("cleo@example.com")
	if user["Role"] != "AUTHOR" || user["Email"] != "cleo@example.com" || user["Active"] != false || user["IdentityType"] != "QUICKSIGHT" {
		t.Errorf("the user is %v", user)
	}
	b.press("Open the user")
	if have := b.heading(); have != "cleo@example.com Invited" {
		t.Errorf("the user's page is called %q", have)
	}
	if strings.Contains(s.view(userPage(s.principal("cleo@example.com")), s.session("boss")).Text, "token=") {
		t.Error("the user's page has the link too")
	}
	other := newTab(t)
	if status := other.open(link); status != http.StatusOK {
		t.Fatalf("the link: %d", status)
	}
	if other.follow(fill(goodPassword, goodPassword), save); !s.active("cleo@example.com") {
		t.Errorf("the user is not active: %q", other.heading())
	}
	if b.openUser(s, "cleo@example.com"); b.heading() != "cleo@example.com Active" {
		t.Errorf("then the page is called %q", b.heading())
	}
}

func TestConsoleInviteWithProfile(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	s.profile("Analysts")
	b.open(s.url + "/sn/console/invite")
	b.do(typed("email", "cleo@example.com"), typed("username", "cleo"))
	b.choose("#profile", "Analysts")
	b.press("Invite")
	if user := s.describe("cleo"); user["CustomPermissionsName"] != "Analysts" || user["Role"] != "READER" {
		t.Errorf("the user is %v", user)
	}
	b.openUser(s, "cleo")
	if have := b.texts("#profile option:checked"); !cmp.Equal(have, []string{"Analysts"}) {
		t.Errorf("the page says %q", have)
	}
	b.choose("#profile", "None")
	b.press("Save")
	if user := s.describe("cleo"); user["CustomPermissionsName"] != nil {
		t.Errorf("the user is %v", user)
	}
}

// profile makes a custom permissions profile.
func (s *site) profile(name string) {
	s.t.Helper()
	account, _, _ := strings.Cut(s.users, "/namespaces")
	body := `{"CustomPermissionsName":"` + name + `","Capabilities":{"ExportToCsv":"DENY"}}`
	if a := s.client.Call(s.t, http.MethodPost, account+"/custom-permissions", body); a.Status/100 != 2 {
		s.t.Fatalf("%d %s", a.Status, a.Text)
	}
}

func TestConsoleInviteRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.admin("boss")
	s.registerUser("UserName", "cleo")
	c := s.session("boss")
	for name, tt := range map[string]struct {
		change url.Values
		says   string
	}{
		"Exists":      {url.Values{"UserName": {"cleo"}}, "There is a user of this name already."},
		"NoEmail":     {url.Values{"Email": {""}}, "The following parameters are required: Email."},
		"Nothing":     {url.Values{"Email": {""}, "UserName": {""}}, "required"},
		"Spaces":      {url.Values{"Email": {"  "}}, "The following parameters are required: Email."},
		"NoRole":      {url.Values{"UserRole": {""}}, "Member must satisfy enum value set: [ADMIN,"},
		"Role":        {url.Values{"UserRole": {"EMPEROR"}}, "Member must satisfy enum value set: [ADMIN,"},
		"Restricted":  {url.Values{"UserRole": {"RESTRICTED_READER"}}, "available for use"},
		"LongName":    {url.Values{"UserName": {strings.Repeat("x", 257)}}, "Member must have length less than or equal to 256"},
		"LongEmail":   {url.Values{"Email": {strings.Repeat("x", 1025)}}, "Member must have length less than or equal to 1024"},
		"Newline":     {url.Values{"UserName": {"a\nBcc: b@example.com"}}, "Member must satisfy regular expression pattern"},
		"NotUTF8":     {url.Values{"UserName": {"a\xff"}}, "Member must satisfy regular expression pattern"},
		"Dots":        {url.Values{"UserName": {".."}}, "Member must not be a relative path segment"},
		"Null":        {url.Values{"Email": {"a\x00b"}}, "Member must not contain the character U+0000"},
		"Profile":     {url.Values{"CustomPermissionsName": {"none such"}}, "There is no permissions profile of this name."},
		"EmailAsName": {url.Values{"UserName": {""}, "Email": {"\u0416@example.com"}}, "Member must satisfy regular expression pattern"},
	} {
		t.Run(name, func(t *testing.T) {
			values := url.Values{"Email": {"eva@example.com"}, "UserName": {"eva"}, "UserRole": {"AUTHOR"}}
			for field, v := range tt.change {
				values[field] = v
			}
			a := s.send("/sn/console/invite", values, c)
			if a.Status != http.StatusUnprocessableEntity || !strings.Contains(alert(a.Text), tt.says) || strings.Contains(a.Text, "AWS account ID") {
				t.Errorf("%d, want %q in %s", a.Status, tt.says, alert(a.Text))
			}
			if have := s.names(); !cmp.Equal(have, []string{"boss", "cleo"}) {
				t.Errorf("now there are %q", have)
			}
		})
	}
	if a := s.send("/sn/console/invite", url.Values{"Email": {strings.Repeat("x", 70_000)}}, c); a.Status/100 != 4 {
		t.Errorf("a form that is too large: %d", a.Status)
	}
}

func alert(page string) string {
	_, text, _ := strings.Cut(page, `role="alert">`)
	text, _, _ = strings.Cut(text, "</p>")
	return html.UnescapeString(text)
}

// names are those of all users in the order of their making.
func (s *site) names() (names []string) {
	s.t.Helper()
	users, _ := s.client.Call(s.t, http.MethodGet, s.users, "").JSON["UserList"].([]any)
	for _, u := range users {
		name, _ := u.(map[string]any)["UserName"].(string)
		names = append(names, name)
	}
	return names
}

// What was typed is there to be mended.
func TestConsoleInviteKeepsTheForm(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	s.registerUser("UserName", "cleo")
	b.open(s.url + "/sn/console/invite")
	b.do(typed("email", "other@example.com"), typed("username", "cleo"), chromedp.Click(chromedp.CSS("[value=ADMIN_PRO]")))
	if status := b.press("Invite"); status != http.StatusUnprocessableEntity {
		t.Errorf("a name that is taken: %d", status)
	}
	if have := eval[[]string](b, `[...document.querySelectorAll("#email, #username, [name=UserRole]:checked")].map(e => e.value)`); !cmp.Equal(have,
		[]string{"other@example.com", "cleo", "ADMIN_PRO"}) {
		t.Errorf("the form has %q", have)
	}
	if b.press("Open that user"); b.heading() != "cleo Invited" {
		t.Errorf("the link leads to %q", b.heading())
	}
}

func TestConsoleInviteTwice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.admin("boss")
	c := s.session("boss")
	statuses := make(chan int, 8)
	var wg sync.WaitGroup
	for range cap(statuses) {
		wg.Go(func() {
			statuses <- s.send("/sn/console/invite", url.Values{"Email": {"cleo@example.com"}, "UserName": {"cleo"}, "UserRole": {"READER"}}, c).Status
		})
	}
	wg.Wait()
	close(statuses)
	made := 0
	for status := range statuses {
		switch status {
		case http.StatusOK:
			made++
		case http.StatusUnprocessableEntity:
		default:
			t.Errorf("one of them: %d", status)
		}
	}
	if made != 1 || !cmp.Equal(s.names(), []string{"boss", "cleo"}) {
		t.Errorf("%d were made, there are %q", made, s.names())
	}
}

func TestConsoleInviteLimit(t *testing.T) {
	t.Parallel()
	s := openSite(t, &rollcalltest.Options{MaxUsers: 1})
	s.admin("boss")
	a := s.send("/sn/console/invite", url.Values{"Email": {"cleo@example.com"}, "UserRole": {"READER"}}, s.session("boss"))
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "as many users as it may have") {
		t.Errorf("%d %s", a.Status, alert(a.Text))
	}
}
