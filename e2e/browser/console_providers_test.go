package browser

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

const consoleProviders = "/sn/console/iam/providers"

func TestConsoleProviders(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	b.open(s.url + "/sn/console/iam")
	b.press("Providers")
	if !strings.Contains(b.texts("main section p")[0], s.url+"/sn/signin/callback") {
		t.Errorf("the page says %q", b.texts("main p"))
	}
	b.do(typed("Issuer", "https://id.example.com?a"), typed("ClientId", "rollcall"))
	if status := b.press("Save the provider"); status != http.StatusUnprocessableEntity || !strings.Contains(b.texts("#problem")[0], "without query and fragment") {
		t.Errorf("a bad issuer: %d %q", status, b.texts("main p"))
	}
	b.do(retype("Issuer", "https://id.example.com/tenant"), typed("secret", "hush hush"), typed("Label", "Example <ID>"))
	if b.press("Save the provider"); !slices.Equal(b.texts("tbody :is(th, td)"), []string{"https://id.example.com/tenant", "Example <ID>", "rollcall", "Stored", "Remove"}) {
		t.Errorf("the list is %q", b.texts("tbody :is(th, td)"))
	}
	if page := eval[string](b, "document.documentElement.outerHTML"); strings.Contains(page, "hush") {
		t.Error("the page shows the secret")
	}
	visitor := newTab(t)
	if visitor.open(s.url + "/sn/signin"); !slices.Equal(visitor.texts("a.button"), []string{"Continue with Example <ID>"}) {
		t.Errorf("the sign-in page has %q", visitor.texts("a.button"))
	}
	b.press("Remove")
	if b.press("Remove the provider"); len(b.texts("tbody tr")) > 0 || !strings.HasPrefix(b.texts(".success")[0], "Nobody can continue") {
		t.Errorf("it is still there: %q", b.texts("main p"))
	}
	if visitor.open(s.url + "/sn/signin"); len(visitor.texts("a.button")) > 0 {
		t.Errorf("the sign-in page has %q", visitor.texts("a.button"))
	}
	auditor := s.client
	auditor.Service = "rollcall"
	text := auditor.Call(t, http.MethodGet, "/v1/accounts/111122223333/audit-records", "").Text
	if !strings.Contains(text, `"PutIdentityProvider"`) || !strings.Contains(text, `"DeleteIdentityProvider"`) || strings.Contains(text, "hush") {
		t.Errorf("the record is %s", text)
	}
}

// The form cannot show a secret or keys, and so does not take them away.
func TestConsoleProvidersKeepWhatTheFormCannotShow(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.admin("boss")
	admin := s.client
	admin.Service = "rollcall"
	const providers = "/v1/accounts/111122223333/identity-providers"
	told := `{"Issuer":"https://id.example.com","ClientId":"rollcall","ClientSecret":"hush","JwksUrl":"https://id.example.com/keys"}`
	if a := admin.Call(t, http.MethodPut, providers, told); a.Status != http.StatusOK {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	form := url.Values{"Issuer": {"https://id.example.com"}, "ClientId": {"rollcall"}, "Label": {"Example ID"}}
	if a := s.send(consoleProviders, form, s.session("boss")); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	list := admin.Call(t, http.MethodGet, providers, "").Text
	for _, want := range []string{`"Example ID"`, `"https://id.example.com/keys"`, `"HasClientSecret":true`} {
		if !strings.Contains(list, want) {
			t.Errorf("%s is not in %s", want, list)
		}
	}
}

func TestConsoleProvidersAreForThoseWhoManageIAM(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.member("eva")
	c := s.session("eva")
	for _, path := range []string{consoleProviders, consoleProviders + "/remove?Issuer=a"} {
		if a := s.view(path, c); a.Status != http.StatusForbidden {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	for _, path := range []string{consoleProviders, consoleProviders + "/remove"} {
		a := s.send(path, url.Values{"Issuer": {"https://id.example.com"}, "ClientId": {"c"}}, c)
		if a.Status != http.StatusForbidden {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
}
