package browser

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

const settings = "/sn/console/settings"

// facts are what the page says of the account.
func (b *tab) facts() map[string]string {
	b.t.Helper()
	return eval[map[string]string](b, `Object.fromEntries([...document.querySelectorAll(".facts dt")].map(e => [e.innerText, e.nextElementSibling.innerText]))`)
}

// set are what the forms of the page have: name, address, protection, sharing.
func (b *tab) set() []string {
	b.t.Helper()
	return eval[[]string](b, `[document.querySelector("#AccountName").value, document.querySelector("#NotificationEmail").value,
		String(document.querySelector("[type=checkbox]").checked), document.querySelector(".split .badge").innerText]`)
}

func TestConsoleSettings(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	s.register("cleo")
	b.open(s.url + settings)
	facts := b.facts()
	if day := facts["Created"]; len(day) < len("1 Jan 2026") {
		t.Errorf("created %q", day)
	}
	delete(facts, "Created")
	if diff := cmp.Diff(map[string]string{"Account ID": "111122223333", "Name": "rollcall", "Edition": "ENTERPRISE",
		"Identity region": "us-east-1", "Default namespace": "default", "Users": "2"}, facts); diff != "" {
		t.Errorf("facts (-want +have):\n%s", diff)
	}

	b.do(retype("AccountName", "Acme-9"))
	if status := b.press("Rename the account"); status != http.StatusOK || !strings.HasPrefix(b.texts(".success")[0], "The account is renamed.") {
		t.Errorf("renaming: %d", status)
	}
	b.do(retype("NotificationEmail", "it@example.com"), chromedp.Click(chromedp.CSS("[name=TerminationProtectionEnabled]")))
	b.press("Save")
	if b.press("Turn public sharing on"); !cmp.Equal(b.texts(".success"), []string{"Public sharing is changed."}) {
		t.Errorf("the page says %q", b.texts("main p"))
	}
	if have := b.set(); !cmp.Equal(have, []string{"Acme-9", "it@example.com", "true", "On"}) {
		t.Errorf("the settings are %q", have)
	}
	if have := b.texts(".account"); !cmp.Equal(have, []string{"Acme-9"}) {
		t.Errorf("the bar names the account %q", have)
	}
	b.press("Turn public sharing off")
	b.do(chromedp.Clear(chromedp.CSS("#NotificationEmail")), chromedp.Click(chromedp.CSS("[name=TerminationProtectionEnabled]")))
	b.press("Save")
	if have := b.set(); !cmp.Equal(have, []string{"Acme-9", "", "false", "Off"}) {
		t.Errorf("the settings are %q", have)
	}
	if diff := cmp.Diff(map[string]map[string]any{
		"RenameAccount 0":               {"accountName": "Acme-9"},
		"UpdateAccountSettings 1":       {"notificationEmail": "it@example.com", "terminationProtectionEnabled": "true"},
		"UpdatePublicSharingSettings 2": {"publicSharingEnabled": "true"},
		"UpdatePublicSharingSettings 3": {"publicSharingEnabled": "false"},
	}, withoutLast(s.changes("boss"), "UpdateAccountSettings 4")); diff != "" {
		t.Errorf("the record (-want +have):\n%s", diff)
	}

	// The sign-in form has the new name, and the old one lets nobody in.
	other := newTab(t)
	other.open(s.url + "/sn/signin")
	if have := eval[string](other, "document.querySelector('#account').value"); have != "Acme-9" {
		t.Errorf("the sign-in form has the account %q", have)
	}
	if status := other.signIn(s, "boss", goodPassword); status != http.StatusOK {
		t.Errorf("signing in: %d", status)
	}
	if a := s.send("/sn/signin", credentials("boss", goodPassword)); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("signing in to the old name: %d", a.Status)
	}
}

// withoutLast takes out a record that must be there, with no parameters.
func withoutLast(changes map[string]map[string]any, name string) map[string]map[string]any {
	if len(changes[name]) == 0 {
		delete(changes, name)
	}
	return changes
}

func TestConsoleSettingsRefused(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	c := s.session("boss")
	long := strings.Repeat("e", 2000)
	for outcome, tt := range map[string]struct{ path, field, value, words string }{
		"name like a directory": {"/name", "AccountName", "d-x", "does not begin with"},
		"name in capitals":      {"/name", "AccountName", "D-x", "does not begin with"},
		"name of 63":            {"/name", "AccountName", strings.Repeat("n", 63), "1 to 62"},
		"no name":               {"/name", "AccountName", "", "1 to 62"},
		"name with a blank":     {"/name", "AccountName", "a b", "1 to 62"},
		"name with a hyphen":    {"/name", "AccountName", "a-", "ends with a letter"},
		"name with markup":      {"/name", "AccountName", "<b>a</b>", "1 to 62"},
		"address of 2000":       {"/account", "NotificationEmail", long, "less than or equal to 1024"},
		"address with a zero":   {"/account", "NotificationEmail", "a\x00b", "U+0000"},
		"protection unknown":    {"/account", "TerminationProtectionEnabled", "MAYBE", "true or false"},
		"sharing unknown":       {"/sharing", "PublicSharingEnabled", "MAYBE", "true or false"},
	} {
		t.Run(outcome, func(t *testing.T) {
			a := s.send(settings+tt.path, url.Values{tt.field: {tt.value}}, c)
			if a.Status != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(a.Text), tt.words) || strings.Contains(a.Text, "<b>a") {
				t.Errorf("%d, want %q in %q", a.Status, tt.words, alert(a.Text))
			}
			if tt.value == long && !strings.Contains(a.Text, `value="`+long+`"`) {
				t.Error("what was typed is lost")
			}
		})
	}
	b.open(s.url + settings)
	if have := b.set(); !cmp.Equal(have, []string{"rollcall", "", "false", "Off"}) {
		t.Errorf("the settings are %q", have)
	}
	b.do(retype("AccountName", "d-acme"))
	if status := b.press("Rename the account"); status != http.StatusUnprocessableEntity {
		t.Errorf("renaming: %d", status)
	}
	if have := b.set()[0]; have != "d-acme" || !cmp.Equal(b.facts()["Name"], "rollcall") || len(b.texts("#problem")) != 1 {
		t.Errorf("the page has %q, %q and %q", have, b.facts(), b.texts("#problem"))
	}
	if have := eval[bool](b, `document.querySelector("#AccountName").matches("[aria-invalid=true][aria-describedby~=problem]")`); !have {
		t.Error("the field does not tell of the problem")
	}
}

func TestConsoleSettingsAreForAdministrators(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	if a := s.post(form(s.registerUser("UserName", "ana"), goodPassword, goodPassword)); a.Status != http.StatusOK {
		t.Fatal(a.Status)
	}
	c := s.session("ana")
	if a := s.view(settings, c); a.Status != http.StatusForbidden {
		t.Errorf("the page: %d", a.Status)
	}
	for path, values := range map[string]url.Values{
		"/name":    {"AccountName": {"mine"}},
		"/account": {"NotificationEmail": {"a@example.com"}, "TerminationProtectionEnabled": {"true"}},
		"/sharing": {"PublicSharingEnabled": {"true"}},
	} {
		if a := s.send(settings+path, values, c); a.Status != http.StatusForbidden {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	b.open(s.url + settings)
	if have := b.set(); !cmp.Equal(have, []string{"rollcall", "", "false", "Off"}) {
		t.Errorf("the settings are %q", have)
	}
}

// TestLooksSettings looks at the settings, as they are at first, full, and with
// what was refused.
func TestLooksSettings(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	c := s.session("boss")
	b.lookAt(t, s, []page{
		{"settings", http.StatusOK, func(s *site, b *tab) int { return b.open(s.url + settings) }},
		{"settings-refused", http.StatusUnprocessableEntity, func(s *site, b *tab) int {
			b.open(s.url + settings)
			b.do(retype("AccountName", "d-acme"))
			return b.press("Rename the account")
		}},
		{"settings-address-refused", http.StatusUnprocessableEntity, func(s *site, b *tab) int {
			b.open(s.url + settings)
			eval[chromedp.Void](b, `document.querySelector("#NotificationEmail").value = "W".repeat(1100) + "@example.com"`)
			return b.press("Save")
		}},
		{"settings-full", http.StatusOK, func(s *site, b *tab) int {
			s.send(settings+"/name", url.Values{"AccountName": {strings.Repeat("W", 62)}}, c)
			s.send(settings+"/account", url.Values{"NotificationEmail": {strings.Repeat("W", 1000) + "@example.com"}, "TerminationProtectionEnabled": {"true"}}, c)
			s.send(settings+"/sharing", url.Values{"PublicSharingEnabled": {"true"}}, c)
			return b.open(s.url + settings)
		}},
	})
}
