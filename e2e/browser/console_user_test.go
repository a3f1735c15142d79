package browser

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestConsoleNewLink(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	old := s.register("cleo")
	b.openUser(s, "cleo")
	b.press("Show a new link")
	link := b.texts(".copy code")[0]
	if a := s.get(old); a.Status != http.StatusNotFound {
		t.Errorf("the old link: %d", a.Status)
	}
	if a := s.post(form(link, goodPassword, goodPassword)); a.Status != http.StatusOK || !s.active("cleo") {
		t.Errorf("the new link: %d", a.Status)
	}
	b.openUser(s, "cleo")
	b.press("Show a link to choose a new password")
	first := b.texts(".copy code")[0]
	b.press("Back to the user")
	b.press("Show a link to choose a new password")
	link = b.texts(".copy code")[0]
	if a := s.get(first); a.Status != http.StatusGone {
		t.Errorf("the link before: %d", a.Status)
	}
	c := s.session("cleo")
	other := newTab(t)
	other.open(link)
	other.follow(fill("Other-horse-8", "Other-horse-8"), save)
	if a := s.send("/sn/signin", credentials("cleo", "Other-horse-8")); a.Status != http.StatusSeeOther {
		t.Errorf("the other password: %d", a.Status)
	}
	if a := s.send("/sn/signin", credentials("cleo", goodPassword)); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("the password before: %d", a.Status)
	}
	if s.greets("cleo", c) {
		t.Error("the session lives on")
	}
}

func TestConsoleUserStates(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	s.register("cleo")
	fact := func(name string) string {
		t.Helper()
		b.openUser(s, "cleo")
		all := append(b.texts("dt"), b.texts("dd")...)
		at := slices.Index(all, name)
		if at < 0 {
			return ""
		}
		return all[len(all)/2+at]
	}
	if have := fact("Invitation"); !strings.HasPrefix(have, "open until ") {
		t.Errorf("the invitation is %q", have)
	}
	if have := fact("Last active"); have != "never" {
		t.Errorf("was here %q", have)
	}
	s.setAhead(25 * time.Hour)
	b.signIn(s, "boss", goodPassword)
	if have := fact("Invitation"); !strings.HasPrefix(have, "expired on ") {
		t.Errorf("the invitation is %q", have)
	}
	b.press("Show a new link")
	s.post(form(b.texts(".copy code")[0], goodPassword, goodPassword))
	if have := fact("Invitation"); !strings.HasPrefix(have, "used on ") {
		t.Errorf("the invitation is %q", have)
	}
	if have := fact("Last active"); have == "never" {
		t.Error("was never here")
	}
	if have, want := fact("ARN"), s.describe("cleo")["Arn"]; !strings.HasPrefix(have, want.(string)) {
		t.Errorf("the ARN is %q, want %v", have, want)
	}
}

func TestConsoleUpdateUser(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	s.member("cleo")
	c := s.session("cleo")
	b.openUser(s, "cleo")
	b.choose("#role", "Author Pro")
	if b.press("Save"); s.describe("cleo")["Role"] != "AUTHOR_PRO" {
		t.Errorf("the user is %v", s.describe("cleo"))
	}
	if have := b.texts(".success"); !cmp.Equal(have, []string{"The changes are saved."}) {
		t.Errorf("the page says %q", have)
	}
	if !s.greets("cleo", c) {
		t.Error("another role has ended the session")
	}
	b.do(retype("email", "new@example.com"))
	if b.press("Save"); s.describe("cleo")["Email"] != "new@example.com" {
		t.Errorf("the user is %v", s.describe("cleo"))
	}
	if s.greets("cleo", c) {
		t.Error("another e-mail has not ended the session")
	}

	// What is refused changes nothing and stays in the form.
	b.do(retype("email", "third@example.com"))
	b.choose("#role", "Reader")
	if status := b.press("Save"); status != http.StatusUnprocessableEntity {
		t.Errorf("a downgrade: %d", status)
	}
	if have := b.texts("[role=alert]"); !cmp.Equal(have, []string{"A user can't be downgraded from AUTHOR_PRO to READER. Delete the user and register it again."}) {
		t.Errorf("the page says %q", have)
	}
	if have := eval[[]string](b, `[...document.querySelectorAll("#email, #role")].map(e => e.value)`); !cmp.Equal(have, []string{"third@example.com", "READER"}) {
		t.Errorf("the form has %q", have)
	}
	if user := s.describe("cleo"); user["Email"] != "new@example.com" || user["Role"] != "AUTHOR_PRO" {
		t.Errorf("the user is %v", user)
	}
}

// Who has had the page open since before another's change does not undo it.
func TestConsoleUpdateUserSeenBefore(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	s.member("cleo")
	b.openUser(s, "cleo")
	s.update("cleo", "moved@example.com", "AUTHOR_PRO")
	b.choose("#role", "Admin")
	if status := b.press("Save"); status != http.StatusUnprocessableEntity {
		t.Errorf("an old form: %d", status)
	}
	if have := b.texts("[role=alert]"); len(have) != 1 || !strings.HasPrefix(have[0], "Somebody else has changed this user meanwhile.") {
		t.Errorf("the page says %q", have)
	}
	if user := s.describe("cleo"); user["Email"] != "moved@example.com" || user["Role"] != "AUTHOR_PRO" {
		t.Errorf("the user is %v", user)
	}
}

func TestConsoleUpdateUserRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.admin("boss")
	s.registerUser("UserName", "cleo")
	before, c := s.describe("cleo"), s.session("boss")
	for name, tt := range map[string]struct {
		values url.Values
		says   string
	}{
		"NoEmail":   {url.Values{"Role": {"AUTHOR"}}, "The following parameters are required: Email."},
		"LongEmail": {url.Values{"Email": {strings.Repeat("x", 1025)}, "Role": {"AUTHOR"}}, "Member must have length less than or equal to 1024"},
		"NoRole":    {url.Values{"Email": {"x@example.com"}}, "Member must satisfy enum value set"},
		"Role":      {url.Values{"Email": {"x@example.com"}, "Role": {"EMPEROR"}}, "Member must satisfy enum value set"},
		"Profile":   {url.Values{"Email": {"x@example.com"}, "Role": {"AUTHOR"}, "CustomPermissionsName": {"x"}}, "There is no permissions profile"},
	} {
		tt.values.Set("PrincipalId", s.principal("cleo"))
		if a := s.send("/sn/console/user", tt.values, c); a.Status != http.StatusUnprocessableEntity || !strings.Contains(alert(a.Text), tt.says) {
			t.Errorf("%s: %d %s", name, a.Status, alert(a.Text))
		}
	}
	if diff := cmp.Diff(before, s.describe("cleo")); diff != "" {
		t.Errorf("the user (-before +after):\n%s", diff)
	}
}

func TestConsoleDisableUser(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	s.member("cleo")
	c, before := s.session("cleo"), s.describe("cleo")
	b.openUser(s, "cleo")
	b.press("Show a link to choose a new password")
	link := b.texts(".copy code")[0]
	b.openUser(s, "cleo")
	b.press("Disable")
	if !s.greets("cleo", c) {
		t.Fatal("the question alone has ended the session")
	}
	if b.press("Disable the user"); b.heading() != "cleo Disabled" {
		t.Errorf("the page is called %q", b.heading())
	}
	if s.greets("cleo", c) {
		t.Error("the session lives on")
	}
	if a := s.send("/sn/signin", credentials("cleo", goodPassword)); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("signing in: %d", a.Status)
	}
	if a := s.get(link); a.Status != http.StatusGone {
		t.Errorf("the link: %d", a.Status)
	}
	if diff := cmp.Diff(before, s.describe("cleo")); diff != "" {
		t.Errorf("the API's user (-before +after):\n%s", diff)
	}
	if slices.Contains(b.texts("main button"), "Show a link to choose a new password") {
		t.Error("there is a button for a link")
	}
	a := s.send("/sn/console/user/link", url.Values{"PrincipalId": {s.principal("cleo")}}, s.session("boss"))
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "is disabled.") {
		t.Errorf("a link all the same: %d", a.Status)
	}
	if b.press("Enable"); b.heading() != "cleo Active" {
		t.Errorf("the page is called %q", b.heading())
	}
	if s.greets("cleo", c) {
		t.Error("the old session is back")
	}
	if c := s.session("cleo"); !s.greets("cleo", c) {
		t.Error("not signed in")
	}
}

func TestConsoleDeleteUser(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	s.member("cleo")
	c := s.session("cleo")
	b.openUser(s, "cleo")
	page := eval[string](b, "location.href")
	b.press("Delete")
	if b.press("Cancel"); b.heading() != "cleo Active" || s.describe("cleo") == nil {
		t.Errorf("cancelling leads to %q", b.heading())
	}
	b.press("Delete")
	if b.press("Delete the user"); b.heading() != "Users 1" || s.describe("cleo") != nil {
		t.Errorf("deleting leads to %q", b.heading())
	}
	if have := b.texts(".success"); !cmp.Equal(have, []string{"The user is deleted."}) {
		t.Errorf("the page says %q", have)
	}
	if s.greets("cleo", c) {
		t.Error("the session lives on")
	}
	if status := b.open(page); status != http.StatusNotFound {
		t.Errorf("the user's page: %d", status)
	}
}

// Nobody shuts himself out.
func TestConsoleOwnUser(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	before, id := s.describe("boss"), s.principal("boss")
	b.openUser(s, "boss")
	if have := b.texts(".note"); len(have) != 1 || !strings.HasPrefix(have[0], "This is you.") {
		t.Errorf("the page says %q", have)
	}
	if have := b.texts("main button[type=submit], .danger-zone"); !cmp.Equal(have, []string{"Save"}) {
		t.Errorf("the page has %q", have)
	}
	for _, what := range []string{"disable", "delete"} {
		if b.open(s.url + "/sn/console/user/" + what + "?PrincipalId=" + url.QueryEscape(id)); b.heading() != "boss Active" {
			t.Errorf("to %s leads to %q", what, b.heading())
		}
	}
	c := s.session("boss")
	for path, values := range map[string]url.Values{
		"/sn/console/user/disable": {},
		"/sn/console/user/enable":  {},
		"/sn/console/user/delete":  {},
		"/sn/console/user":         {"Email": {"ana@example.com"}, "Role": {"AUTHOR"}},
		"/sn/console/user?":        {"Email": {"other@example.com"}, "Role": {"ADMIN"}},
	} {
		values.Set("PrincipalId", id)
		if a := s.send(path, values, c); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "your own user") {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if diff := cmp.Diff(before, s.describe("boss")); diff != "" || !s.greets("boss", c) {
		t.Errorf("the user (-before +after):\n%s", diff)
	}
	b.openUser(s, "boss")
	if have := b.texts("#role option"); !cmp.Equal(have, []string{"Admin", "Admin Pro"}) {
		t.Errorf("the roles offered are %q", have)
	}
	b.choose("#role", "Admin Pro")
	if b.press("Save"); s.describe("boss")["Role"] != "ADMIN_PRO" {
		t.Errorf("the user is %v", s.describe("boss"))
	}
}

func TestConsoleUsersOfIAM(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	s.client.OK(t, "iam", "CreateUser", "UserName", "gus")
	s.registerUser("IdentityType", "IAM", "IamArn", "arn:aws:iam::111122223333:user/gus")
	s.member("N/A") // which stands for the name of an orphan
	b.openUser(s, "gus")
	id := s.principal("gus")
	if have := b.texts("main button[type=submit]"); !cmp.Equal(have, []string{"Save"}) {
		t.Errorf("the page has %q", have)
	}
	c := s.session("boss")
	a := s.send("/sn/console/user/link", url.Values{"PrincipalId": {id}}, c)
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "no password here") {
		t.Errorf("a link: %d", a.Status)
	}

	s.client.OK(t, "iam", "DeleteUser", "UserName", "gus")
	b.open(s.url + "/sn/console/users")
	if have := b.texts("tbody tr:nth-child(2) :is(a, .badge)"); !cmp.Equal(have, []string{"N/A", "Gone"}) {
		t.Errorf("the list has %q", have)
	}
	namesake := s.describe("N/A")
	for path, values := range map[string]url.Values{
		"/sn/console/user/disable": {},
		"/sn/console/user/enable":  {},
		"/sn/console/user/link":    {},
		"/sn/console/user":         {"Email": {"other@example.com"}, "Role": {"ADMIN"}},
	} {
		values.Set("PrincipalId", id)
		if a := s.send(path, values, c); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "can only be deleted") {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	b.open(s.url + userPage(id))
	if have := b.texts("main button[type=submit]"); len(have) > 0 {
		t.Errorf("the page of an orphan has %q", have)
	}
	b.press("Delete")
	b.press("Delete the user")
	if have := b.listed(); !cmp.Equal(have, []string{"N/A", "boss"}) {
		t.Errorf("deleting leaves %q", have)
	}
	if diff := cmp.Diff(namesake, s.describe("N/A")); diff != "" || s.session("N/A") == nil {
		t.Errorf("the namesake (-before +after):\n%s", diff)
	}
}
