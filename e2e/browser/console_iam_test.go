package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"rollcall/internal/apitest"
)

const (
	allowListUsers = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}]}`
	administrators = "arn:aws:iam::aws:policy/AdministratorAccess"
)

// iamUser is the address of an IAM user's page, iamRole that of a role's.
func iamUser(s *site, name string) string {
	return s.url + "/sn/console/iam/user?UserName=" + url.QueryEscape(name)
}

func iamRole(s *site, name string) string {
	return s.url + "/sn/console/iam/role?RoleName=" + url.QueryEscape(name)
}

// replace puts a text into a field, in the place of what is there.
func (b *tab) replace(field, text string) {
	b.t.Helper()
	quoted, err := json.Marshal(text)
	if err != nil {
		b.t.Fatal(err)
	}
	eval[chromedp.Void](b, fmt.Sprintf(`document.getElementById(%q).value = %s`, field, quoted))
}

// arrived wants a page that tells what was done.
func (b *tab) arrived(status int, told string) {
	b.t.Helper()
	if have := b.texts(".success"); status != http.StatusOK || len(have) != 1 || !strings.HasPrefix(have[0], told) {
		b.t.Fatalf("%d, the page tells %q, want %q; problem %q", status, have, told, b.texts(".problem"))
	}
}

// refused wants a form again that tells what is wrong.
func (b *tab) refused(status int, told string) {
	b.t.Helper()
	if have := b.texts(".problem"); status != http.StatusUnprocessableEntity || len(have) != 1 || !strings.HasPrefix(have[0], told) {
		b.t.Fatalf("%d, the problem is %q, want %q", status, have, told)
	}
}

// shownKey is the access key that the page shows, with a client that uses it.
func (b *tab) shownKey(s *site) apitest.Client {
	b.t.Helper()
	c := s.client
	c.AccessKeyID, c.SecretAccessKey = eval[string](b, "document.querySelector('#key').textContent"), eval[string](b, "document.querySelector('#secret').textContent")
	return c
}

func TestConsoleIAMKeyFromMakingToDeletion(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	b.open(s.url + "/sn/console")
	b.follow(chromedp.Click(chromedp.CSS("nav a[href='/sn/console/iam']")))
	if b.press("New IAM user"); b.heading() != "New IAM user" {
		t.Fatalf("the form is called %q", b.heading())
	}
	b.arrived(b.follow(typed("UserName", "etl"), typed("Path", "/jobs/"), chromedp.Click(chromedp.CSS("main button"))), "The user is there.")
	if status := b.press("Create an access key"); status != http.StatusOK || b.heading() != "An access key for etl" {
		t.Fatalf("%d %q", status, b.heading())
	}
	if have := b.texts(".copy button"); len(have) < 2 {
		t.Errorf("what can be copied is %q", have)
	}
	etl := b.shownKey(s)
	identity := etl.OK(t, "sts", "GetCallerIdentity")
	if have := identity.Get("Arn"); have != "arn:aws:iam::111122223333:user/jobs/etl" {
		t.Errorf("the key is that of %s", have)
	}

	b.press("I have saved the secret")
	b.arrived(b.press("Deactivate\n"+etl.AccessKeyID), "The access key is inactive.")
	if x := etl.Query(t, "sts", "GetCallerIdentity"); x.Status != http.StatusForbidden {
		t.Errorf("with an inactive key: %d %s", x.Status, x.Text)
	}
	b.arrived(b.press("Activate\n"+etl.AccessKeyID), "The access key is active.")
	etl.OK(t, "sts", "GetCallerIdentity")
	b.press("Delete\n" + etl.AccessKeyID)
	if text := b.texts("main p"); !strings.Contains(strings.Join(text, " "), etl.AccessKeyID) {
		t.Errorf("the page that asks says %q", text)
	}
	b.press("Cancel")
	b.press("Delete\n" + etl.AccessKeyID)
	b.arrived(b.press("Delete the key"), "The access key is deleted.")
	if x := etl.Query(t, "sts", "GetCallerIdentity"); x.Status != http.StatusForbidden {
		t.Errorf("with a deleted key: %d %s", x.Status, x.Text)
	}
	if have := b.texts("#keys code"); len(have) != 0 {
		t.Errorf("the page shows the keys %q", have)
	}
}

func TestConsoleIAMSecretIsShownOnce(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	s.client.OK(t, "iam", "CreateUser", "UserName", "etl")
	b.open(iamUser(s, "etl"))
	b.press("Create an access key")
	secret := b.shownKey(s).SecretAccessKey
	if len(secret) != 40 {
		t.Fatalf("the secret is %q", secret)
	}
	if address := eval[string](b, "location.href + document.cookie"); strings.Contains(address, url.QueryEscape(secret)) || strings.Contains(address, secret) {
		t.Errorf("the secret is in %s", address)
	}
	cookie := s.session("boss")
	all := s.client
	all.Service = "rollcall"
	account, _, _ := strings.Cut(s.users, "/namespaces")
	pages := map[string]string{
		"the user's page": s.view("/sn/console/iam/user?UserName=etl", cookie).Text,
		"the list":        s.view("/sn/console/iam", cookie).Text,
		"the record":      s.view("/sn/console/record", cookie).Text,
		"the API":         all.Call(t, http.MethodGet, "/v1"+account+"/audit-records?max-results=1000", "").Text,
	}
	b.open(s.url + "/sn/console/record")
	for _, address := range eval[[]string](b, "[...document.querySelectorAll('tbody th a')].map(a => a.pathname)") {
		pages[address], pages[address+"/json"] = s.view(address, cookie).Text, s.view(address+"/json", cookie).Text
	}
	for name, text := range pages {
		for _, hidden := range []string{secret, secret[:20], secret[20:], strings.ReplaceAll(secret, "+", "&#43;"), url.QueryEscape(secret)} {
			if strings.Contains(text, hidden) {
				t.Errorf("%s has the secret", name)
			}
		}
	}
	if !strings.Contains(pages["the API"], "CreateAccessKey") {
		t.Error("the record does not tell of the key at all")
	}
}

func TestConsoleIAMKeysAreTwoAtMost(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	s.client.User(t, "etl", "")
	b.open(iamUser(s, "etl"))
	s.client.OK(t, "iam", "CreateAccessKey", "UserName", "etl") // meanwhile
	b.refused(b.press("Create an access key"), "Cannot exceed quota for AccessKeysPerUser: 2")
	if have := b.texts("#keys form"); len(have) != 2 {
		t.Errorf("two keys have the forms %q", have)
	}
}

func TestConsoleIAMPolicies(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	etl := s.client.User(t, "etl", "")
	may := func(want bool) {
		t.Helper()
		if x := etl.Query(t, "iam", "ListUsers"); (x.Status == http.StatusOK) != want {
			t.Errorf("ListUsers: %d, allowed should be %v", x.Status, want)
		}
	}
	may(false)
	b.open(iamUser(s, "etl"))
	b.press("Write a policy")
	b.do(typed("PolicyName", "list"))
	for document, told := range map[string]string{
		`{"Version":`: "Syntax error",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Maybe","Action":"*","Resource":"*"}]}`: "",
		"“{}”": "The policy is empty, too long, or has characters",
	} {
		b.replace("PolicyDocument", document)
		status := b.press("Save the policy")
		if have := b.texts(".problem"); status != http.StatusUnprocessableEntity || len(have) != 1 || len(have[0]) < 20 {
			t.Errorf("%s: %d %q, want %q", document, status, have, told)
		}
		if have := eval[string](b, "document.getElementById('PolicyDocument').value"); have != document {
			t.Errorf("the form has lost %s: %s", document, have)
		}
	}
	may(false)
	b.replace("PolicyDocument", allowListUsers)
	b.arrived(b.press("Save the policy"), "The policy is saved")
	may(true)

	b.press("Write a policy") // of a name that is taken
	b.do(typed("PolicyName", "list"))
	b.refused(b.press("Save the policy"), "There is a policy of this name already.")
	may(true)

	b.open(iamUser(s, "etl"))
	b.press("Edit\nlist")
	if have := eval[string](b, "document.getElementById('PolicyDocument').value"); !strings.Contains(have, `"Action": "iam:ListUsers"`) {
		t.Errorf("the policy is shown as %s", have)
	}
	b.replace("PolicyDocument", strings.Replace(allowListUsers, "Allow", "Deny", 1))
	b.arrived(b.press("Save the policy"), "The policy is saved")
	may(false)

	b.press("Edit\nlist")
	b.press("Delete")
	b.arrived(b.press("Delete the policy"), "The policy is deleted.")
	b.press("Attach a policy")
	b.arrived(b.press("Attach\nAdministratorAccess"), "The policy is attached")
	may(true)
	b.press("Attach a policy")
	if have := b.texts("tbody .badge"); !cmp.Equal(have, []string{"Attached"}) {
		t.Errorf("the list of policies says %q", have)
	}
	b.open(iamUser(s, "etl"))
	b.arrived(b.press("Detach\nAdministratorAccess"), "The policy is detached.")
	may(false)
}

func TestConsoleIAMRoleAndWhoMayAssumeIt(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	const role = "arn:aws:iam::111122223333:role/report"
	ana := s.client.User(t, "ana", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`)
	ben := s.client.User(t, "ben", "")
	assume := func(want int, c apitest.Client) {
		t.Helper()
		if x := c.Query(t, "sts", "AssumeRole", "RoleArn", role, "RoleSessionName", "test"); x.Status != want {
			t.Errorf("AssumeRole: %d %s, want %d", x.Status, x.Text, want)
		}
	}
	b.open(s.url + "/sn/console/iam/roles")
	b.press("New role")
	b.do(typed("RoleName", "report"), typed("Description", "Nightly <b>report</b>"))
	b.arrived(b.press("Create the role"), "The role is there.")
	assume(http.StatusOK, ana)
	assume(http.StatusForbidden, ben) // whom no policy of his own allows it

	for _, document := range []string{"no JSON", allowListUsers, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/nobody"},"Action":"sts:AssumeRole"}]}`} {
		b.replace("PolicyDocument", document)
		if status := b.press("Save the trust policy"); status != http.StatusUnprocessableEntity || len(b.texts("#trust .problem")) != 1 {
			t.Errorf("%s: %d, problem %q", document, status, b.texts(".problem"))
		}
		if have := eval[string](b, "document.getElementById('PolicyDocument').value"); have != document {
			t.Errorf("the form has lost %s: %s", document, have)
		}
	}
	b.replace("PolicyDocument", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/ben"},"Action":"sts:AssumeRole"}]}`)
	b.arrived(b.press("Save the trust policy"), "The trust policy is saved")
	if have := eval[string](b, "document.getElementById('PolicyDocument').value"); !strings.Contains(have, ":user/ben") {
		t.Errorf("the trust policy is shown as %s", have)
	}
	assume(http.StatusOK, ben)

	b.choose("#MaxSessionDuration", "4 hours")
	b.arrived(b.press("Save the settings"), "The role is saved.")
	x := s.client.OK(t, "iam", "GetRole", "RoleName", "report")
	if x.Get("MaxSessionDuration") != "14400" || x.Get("Description") != "Nightly <b>report</b>" {
		t.Errorf("the role is %s", x.Text)
	}

	b.open(s.url + "/sn/console/iam/role/new")
	b.do(typed("RoleName", "own"), chromedp.Click(chromedp.CSS("#others")))
	b.refused(b.press("Create the role"), "Invalid principal in policy") // NAME is nobody's
	if have := eval[bool](b, "document.getElementById('others').checked"); !have {
		t.Error("the form has lost the choice")
	}
	b.replace("AssumeRolePolicyDocument", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/ana"},"Action":"sts:AssumeRole"}]}`)
	b.arrived(b.press("Create the role"), "The role is there.")
	if x := s.client.OK(t, "iam", "GetRole", "RoleName", "own"); !strings.Contains(x.Get("AssumeRolePolicyDocument"), "user%2Fana") {
		t.Errorf("the role trusts %s", x.Get("AssumeRolePolicyDocument"))
	}
}

// Sessions of another length than those on offer keep it.
func TestConsoleIAMRoleKeepsItsSettings(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	s.client.OK(t, "iam", "CreateRole", "RoleName", "report", "MaxSessionDuration", "5400", "AssumeRolePolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`)
	b.open(iamRole(s, "report"))
	b.do(retype("Description", "now with words"))
	b.arrived(b.press("Save the settings"), "The role is saved.")
	if x := s.client.OK(t, "iam", "GetRole", "RoleName", "report"); x.Get("MaxSessionDuration") != "5400" || x.Get("Description") != "now with words" {
		t.Errorf("the role is %s", x.Text)
	}
	b.replace("Description", "")
	b.arrived(b.press("Save the settings"), "The role is saved.")
	if x := s.client.OK(t, "iam", "GetRole", "RoleName", "report"); x.Get("Description") != "" {
		t.Errorf("the description is %q", x.Get("Description"))
	}
}

func TestConsoleIAMIsDeletedStepByStep(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	etl := s.client.User(t, "etl", allowListUsers)
	s.client.OK(t, "iam", "AttachUserPolicy", "UserName", "etl", "PolicyArn", administrators)
	b.open(iamUser(s, "etl"))
	b.press("Delete") // the danger zone's
	for _, button := range []string{"Delete\n" + etl.AccessKeyID, "Delete\ntest", "Detach\n" + administrators} {
		if slices.Contains(b.texts("main button"), "Delete the user") {
			t.Error("a user can be deleted on whom something hangs")
		}
		if b.press(button); b.heading() != "Delete etl?" {
			t.Fatalf("%q leads to %q, %q", button, b.heading(), b.texts(".problem"))
		}
	}
	s.client.OK(t, "iam", "CreateAccessKey", "UserName", "etl") // meanwhile
	b.refused(b.press("Delete the user"), "Cannot delete entity, must delete access keys first.")
	b.follow(chromedp.Click(chromedp.CSS("main button")))
	b.arrived(b.press("Delete the user"), "The user is deleted.")
	if x := s.client.Query(t, "iam", "GetUser", "UserName", "etl"); x.Status != http.StatusNotFound {
		t.Errorf("the user: %d", x.Status)
	}

	s.client.OK(t, "iam", "CreateRole", "RoleName", "report", "AssumeRolePolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`)
	s.client.OK(t, "iam", "PutRolePolicy", "RoleName", "report", "PolicyName", "test", "PolicyDocument", allowListUsers)
	a := s.send("/sn/console/iam/role/delete", url.Values{"RoleName": {"report"}}, s.session("boss"))
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "must delete policies first") {
		t.Errorf("deleting a role with a policy: %d", a.Status)
	}
	b.open(iamRole(s, "report"))
	b.press("Delete")
	b.press("Delete\ntest")
	b.arrived(b.press("Delete the role"), "The role is deleted.")
	if x := s.client.Query(t, "iam", "GetRole", "RoleName", "report"); x.Status != http.StatusNotFound {
		t.Errorf("the role: %d", x.Status)
	}
}

// The console takes no name that the API would not take.
func TestConsoleIAMIsNotLooserThanTheAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.admin("boss")
	c := s.session("boss")
	s.client.OK(t, "iam", "CreateUser", "UserName", "etl")
	before := s.iam()
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`
	for _, tt := range []struct {
		path   string
		values url.Values
		told   string
	}{
		{"user/new", url.Values{"UserName": {"a b"}}, "The name needs 1 to 64"},
		{"user/new", url.Values{"UserName": {"<b>"}}, "The name needs 1 to 64"},
		{"user/new", url.Values{"UserName": {strings.Repeat("a", 65)}}, "The name needs 1 to 64"},
		{"user/new", url.Values{}, "The name needs 1 to 64"},
		{"user/new", url.Values{"UserName": {"a\xff"}}, ""},
		{"user/new", url.Values{"UserName": {"a"}, "Path": {"jobs"}}, "The path has to begin"},
		{"user/new", url.Values{"UserName": {"a"}, "Path": {"/a b/"}}, "The path has to begin"},
		{"user/new", url.Values{"UserName": {"etl"}}, "User with name etl already exists."},
		{"user/new", url.Values{"UserName": {"ETL"}}, "User with name ETL already exists."},
		{"role/new", url.Values{"RoleName": {"a/b"}, "Trusted": {"account"}}, "The name needs 1 to 64"},
		{"role/new", url.Values{"RoleName": {"r"}, "Trusted": {"others"}}, "The trust policy is empty"},
		{"role/new", url.Values{"RoleName": {"r"}, "Trusted": {"others"}, "AssumeRolePolicyDocument": {"“" + trust}}, "The trust policy is empty"},
		{"role/new", url.Values{"RoleName": {"r"}, "Trusted": {"account"}, "Description": {"€ 5"}}, "The description has"},
		{"user/policy", url.Values{"UserName": {"etl"}, "PolicyName": {"a b"}, "PolicyDocument": {allowListUsers}}, "The name of a policy needs"},
		{"user/policy", url.Values{"UserName": {"etl"}, "PolicyName": {""}, "PolicyDocument": {allowListUsers}}, "The name of a policy needs"},
		{"user/policy", url.Values{"UserName": {"etl"}, "PolicyName": {"p"}}, "The policy is empty"},
		{"user/attach", url.Values{"UserName": {"etl"}, "PolicyArn": {"x"}}, "policyArn"},
		{"user/attach", url.Values{"UserName": {"etl"}, "PolicyArn": {"arn:aws:iam::aws:group/Administrators"}}, "is not valid"},
		{"user/keys/status", url.Values{"UserName": {"etl"}, "AccessKeyId": {"AKIAIOSFODNN7EXAMPLE"}, "Status": {"Expired"}}, "be set to Expired"},
		{"user/keys/status", url.Values{"UserName": {"etl"}, "AccessKeyId": {"AKIAIOSFODNN7EXAMPLE"}, "Status": {"Off"}}, "status"},
	} {
		a := s.send("/sn/console/iam/"+tt.path, tt.values, c)
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, tt.told) {
			t.Errorf("%s %v: %d, want 422 and %q", tt.path, tt.values, a.Status, tt.told)
		}
	}
	s.client.OK(t, "iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust)
	for _, seconds := range []string{"60", "43201", "x", "3600.5"} {
		a := s.send("/sn/console/iam/role/settings", url.Values{"RoleName": {"r"}, "MaxSessionDuration": {seconds}}, c)
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "Sessions can last from") {
			t.Errorf("%s seconds: %d", seconds, a.Status)
		}
	}
	s.client.OK(t, "iam", "DeleteRole", "RoleName", "r")
	if diff := cmp.Diff(before, s.iam()); diff != "" {
		t.Errorf("IAM has changed: %s", diff)
	}
}

// iam is all of IAM's users and roles, with what they have.
func (s *site) iam() string {
	s.t.Helper()
	var b strings.Builder
	add := func(action string, parameters ...string) {
		x := s.client.Query(s.t, "iam", action, parameters...)
		text, _, _ := strings.Cut(x.Text, "<RequestId>")
		fmt.Fprintln(&b, action, x.Status, text)
	}
	add("ListUsers")
	add("ListRoles")
	for _, action := range []string{"GetUser", "ListAccessKeys", "ListUserPolicies", "ListAttachedUserPolicies"} {
		add(action, "UserName", "etl")
	}
	for _, action := range []string{"GetRole", "ListRolePolicies", "ListAttachedRolePolicies"} {
		add(action, "RoleName", "report")
	}
	return b.String()
}

// iamForms are all forms there are about IAM, with what would change it, in the
// order that leaves each something to change.
func iamForms(key string) []struct {
	path   string
	values url.Values
} {
	user, role := url.Values{"UserName": {"etl"}}, url.Values{"RoleName": {"report"}}
	with := func(values url.Values, more ...string) url.Values {
		all := url.Values{}
		for name := range values {
			all.Set(name, values.Get(name))
		}
		for i := 0; i < len(more); i += 2 {
			all.Set(more[i], more[i+1])
		}
		return all
	}
	document, arn := []string{"PolicyName", "p", "PolicyDocument", allowListUsers}, []string{"PolicyArn", administrators}
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`
	return []struct {
		path   string
		values url.Values
	}{
		{"user/new", url.Values{"UserName": {"another"}}},
		{"role/new", url.Values{"RoleName": {"another"}, "Trusted": {"account"}}},
		{"role/trust", with(role, "PolicyDocument", trust)},
		{"role/settings", with(role, "Description", "another", "MaxSessionDuration", "7200")},
		{"user/keys", user},
		{"user/keys/status", with(user, "AccessKeyId", key, "Status", "Inactive")},
		{"user/keys/delete", with(user, "AccessKeyId", key)},
		{"user/policy", with(user, document...)},
		{"user/policy/delete", with(user, document[:2]...)},
		{"user/attach", with(user, arn...)},
		{"user/detach", with(user, arn...)},
		{"user/delete", user},
		{"role/policy", with(role, document...)},
		{"role/policy/delete", with(role, document[:2]...)},
		{"role/attach", with(role, arn...)},
		{"role/detach", with(role, arn...)},
		{"role/delete", role},
	}
}

// iamPages are all pages there are about IAM, for a user with a key and a policy.
func iamPages(key string) []string {
	user, role := "?UserName=etl", "?RoleName=report"
	return []string{
		"", "/roles", "/policies", "/policy?PolicyArn=" + administrators, "/user/new", "/role/new", "/user" + user, "/role" + role,
		"/user/keys/delete" + user + "&AccessKeyId=" + key,
		"/user/delete" + user, "/user/policy" + user, "/user/policy" + user + "&PolicyName=p", "/user/policy/delete" + user + "&PolicyName=p", "/user/attach" + user,
		"/role/delete" + role, "/role/policy" + role, "/role/policy" + role + "&PolicyName=p", "/role/policy/delete" + role + "&PolicyName=p", "/role/attach" + role,
	}
}

// populate makes the user etl and the role report, and gives the user's key.
func (s *site) populate() (key string) {
	s.t.Helper()
	key = s.client.User(s.t, "etl", "").AccessKeyID
	s.client.OK(s.t, "iam", "PutUserPolicy", "UserName", "etl", "PolicyName", "p", "PolicyDocument", allowListUsers)
	s.client.OK(s.t, "iam", "CreateRole", "RoleName", "report", "AssumeRolePolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`)
	s.client.OK(s.t, "iam", "PutRolePolicy", "RoleName", "report", "PolicyName", "p", "PolicyDocument", allowListUsers)
	return key
}

func TestConsoleIAMIsForAdministrators(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.admin("boss")
	s.post(form(s.registerUser("UserName", "cleo", "UserRole", "READER"), goodPassword, goodPassword))
	key := s.populate()
	boss, cleo := s.session("boss"), s.session("cleo")
	for _, path := range iamPages(key) {
		if a := s.view("/sn/console/iam"+path, boss); a.Status != http.StatusOK {
			t.Errorf("%s for an administrator: %d", path, a.Status)
		}
		if a := s.view("/sn/console/iam"+path, cleo); a.Status != http.StatusForbidden || strings.Contains(a.Text, "etl") || strings.Contains(a.Text, "report") {
			t.Errorf("%s: %d", path, a.Status)
		}
		if a := s.get("/sn/console/iam" + path); a.Status != http.StatusSeeOther {
			t.Errorf("%s for nobody: %d", path, a.Status)
		}
	}
	before := s.iam()
	for _, f := range iamForms(key) {
		if a := s.send("/sn/console/iam/"+f.path, f.values, cleo); a.Status != http.StatusForbidden {
			t.Errorf("%s: %d", f.path, a.Status)
		}
		s.send("/sn/console/iam/"+f.path, f.values) // by nobody
	}
	if diff := cmp.Diff(before, s.iam()); diff != "" {
		t.Errorf("IAM has changed: %s", diff)
	}
	for _, f := range iamForms(key) { // which do change it by right
		if f.path == "user/delete" || f.path == "role/delete" {
			continue // which another key keeps
		}
		before := s.iam()
		if a := s.send("/sn/console/iam/"+f.path, f.values, boss); a.Status != http.StatusSeeOther && f.path != "user/keys" {
			t.Errorf("%s by an administrator: %d %s", f.path, a.Status, a.Text)
		}
		// A policy of the very same text changes nothing.
		if before == s.iam() && !strings.HasSuffix(f.path, "/policy") {
			t.Errorf("%s has changed nothing", f.path)
		}
	}
}

func TestConsoleIAMIsOnRecord(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.admin("boss")
	c := s.session("boss")
	s.send("/sn/console/iam/user/new", url.Values{"UserName": {"etl"}, "Path": {""}}, c)
	s.send("/sn/console/iam/user/new", url.Values{"UserName": {"etl"}}, c)
	s.send("/sn/console/iam/user/policy", url.Values{"UserName": {"etl"}, "New": {"yes"}, "PolicyName": {"p"}, "PolicyDocument": {allowListUsers}}, c)
	s.send("/sn/console/iam/user/delete", url.Values{"UserName": {"etl"}}, c)
	type line struct {
		Name, Subject, Code string
		Parameters          map[string]any
	}
	var have []line
	for _, r := range s.records("boss") {
		if r.EventSource == "iam.amazonaws.com" {
			have = append(have, line{r.EventName, r.Additional.Subject, r.ErrorCode, r.RequestParameters})
		}
	}
	user := map[string]any{"userName": "etl"}
	want := []line{
		{"CreateUser", "etl", "", user},
		{"CreateUser", "etl", "EntityAlreadyExists", user},
		{"PutUserPolicy", "etl", "", map[string]any{"userName": "etl", "policyName": "p", "policyDocument": allowListUsers}},
		{"DeleteUser", "etl", "DeleteConflict", user},
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("the record (-want +have):\n%s", diff)
	}
}

func TestConsoleIAMLists(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	b.open(s.url + "/sn/console/iam")
	if have := b.texts(".empty h2"); !cmp.Equal(have, []string{"No IAM users yet"}) {
		t.Errorf("without users the page says %q", have)
	}
	var want []string
	for i := range 30 {
		name := fmt.Sprintf("job-%02d", i)
		s.client.OK(t, "iam", "CreateUser", "UserName", name, "Path", "/<b>/")
		want = append(want, name)
	}
	b.open(s.url + "/sn/console/iam")
	have := b.listed()
	if cells := b.texts("tbody td"); cells[0] != "/<b>/" {
		t.Errorf("a path is shown as %q", cells[0])
	}
	b.press("Next page")
	have = append(have, b.listed()...)
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("the pages (-want +have):\n%s", diff)
	}
	if b.press("First page"); !cmp.Equal(b.listed(), want[:25]) {
		t.Errorf("the first page has %q", b.listed())
	}
	b.follow(chromedp.Click(chromedp.CSS(".views a[href='/sn/console/iam/policies']")))
	if have := b.listed(); !cmp.Equal(have, []string{"AdministratorAccess"}) {
		t.Errorf("the policies are %q", have)
	}
	b.press("AdministratorAccess")
	if have := b.texts("pre"); b.heading() != "AdministratorAccess" || !strings.Contains(have[0], `"Effect": "Allow"`) {
		t.Errorf("the policy %q says %q", b.heading(), have)
	}
}

// All that somebody else has written is shown as text, and the page stays small.
func TestConsoleIAMShowsTheWildest(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	name, html := strings.Repeat("+", 64), `<b onclick="x">&`
	s.client.OK(t, "iam", "CreateRole", "RoleName", name, "Path", "/"+strings.Repeat("<", 510)+"/", "Description", html+strings.Repeat("'", 900), "AssumeRolePolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`+strings.Repeat("\n", 60000))
	for i := range 30 {
		s.client.OK(t, "iam", "PutRolePolicy", "RoleName", name, "PolicyName", strings.Repeat("+", 126)+fmt.Sprintf("%02d", i),
			"PolicyDocument", `{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`)
		s.client.OK(t, "iam", "TagRole", "RoleName", name, "Tags.member.1.Key", fmt.Sprintf("%02d", i)+strings.Repeat("é", 126), "Tags.member.1.Value", strings.Repeat("漢", 256))
	}
	inline := 0
	for b.open(iamRole(s, name)); ; b.press("More policies") {
		if b.heading() != name || len(b.texts("main b[onclick]")) > 0 {
			t.Errorf("the page is called %q", b.heading())
		}
		b.checkWeight()
		inline += len(b.texts("#policies .row"))
		if !slices.Contains(b.texts("#policies a"), "More policies") {
			break
		}
	}
	if inline != 30 {
		t.Errorf("the pages show %d policies", inline)
	}
	for _, path := range []string{"/delete", "/policy", "/attach"} {
		b.open(s.url + "/sn/console/iam/role" + path + "?RoleName=" + url.QueryEscape(name))
		b.checkWeight()
	}
	b.open(s.url + "/sn/console/iam/roles")
	b.checkWeight()
	if have := b.texts("tbody .hint"); !strings.HasPrefix(have[0], html) {
		t.Errorf("the description is shown as %q", have)
	}
}

func TestConsoleIAMNamesOfDots(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	for _, name := range []string{".", "..", "a+b=c,d@e"} {
		b.open(s.url + "/sn/console/iam/user/new")
		b.arrived(b.follow(typed("UserName", name), chromedp.Click(chromedp.CSS("main button"))), "The user is there.")
		b.press("Create an access key")
		if b.press("I have saved the secret"); b.heading() != name {
			t.Errorf("%s's page is called %q", name, b.heading())
		}
	}
}

// What no link or form of the console asks for is not found, or refused, but no
// failure.
func TestConsoleIAMStrangeRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.admin("boss")
	c := s.session("boss")
	key := s.populate()
	wild := []string{"", ".", "..", "%00", "%FF", "%F0%9F%98%80", strings.Repeat("x", 5000), "%3Cb%3E", "nobody", "a%20b"}
	for _, x := range wild {
		for path, want := range map[string]int{
			"?Marker=" + x:                                     0,
			"/roles?Marker=" + x:                               0,
			"/policies?Marker=" + x:                            0,
			"/user?UserName=etl&Marker=" + x:                   0,
			"/user/attach?UserName=etl&Marker=" + x:            0,
			"?done=" + x:                                       http.StatusOK,
			"/policy?PolicyArn=" + x:                           http.StatusNotFound,
			"/user?UserName=" + x:                              http.StatusNotFound,
			"/role?RoleName=" + x:                              http.StatusNotFound,
			"/user/delete?UserName=" + x:                       http.StatusNotFound,
			"/user/policy?UserName=" + x:                       http.StatusNotFound,
			"/user/attach?UserName=" + x:                       http.StatusNotFound,
			"/user/keys/delete?UserName=etl&AccessKeyId=" + x:  http.StatusNotFound,
			"/user/policy/delete?UserName=etl&PolicyName=" + x: http.StatusNotFound,
		} {
			a := s.view("/sn/console/iam"+path, c)
			if want == 0 && a.Status != http.StatusOK && a.Status != http.StatusSeeOther || want != 0 && a.Status != want {
				t.Errorf("%.100s: %d", path, a.Status)
			}
		}
		value, err := url.QueryUnescape(x)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range iamForms(key) {
			for name := range f.values {
				values := url.Values{}
				for n := range f.values {
					values.Set(n, f.values.Get(n))
				}
				values.Set(name, value)
				if strings.HasSuffix(f.path, "/new") || name == "Description" {
					continue
				}
				if a := s.send("/sn/console/iam/"+f.path, values, c); a.Status >= 500 {
					t.Errorf("%s with %s=%.100s: %d", f.path, name, x, a.Status)
				}
			}
		}
		key = s.repopulate()
	}
}

// repopulate puts back what tests have taken away.
func (s *site) repopulate() (key string) {
	s.t.Helper()
	s.client.Query(s.t, "iam", "CreateUser", "UserName", "etl")
	x := s.client.Query(s.t, "iam", "ListAccessKeys", "UserName", "etl")
	if key = x.Get("AccessKeyId"); key == "" {
		key = s.client.OK(s.t, "iam", "CreateAccessKey", "UserName", "etl").Get("AccessKeyId")
	}
	return key
}

// manage fills a site's IAM.
func (s *site) manage() {
	s.t.Helper()
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"}]}`
	for _, name := range []string{"nightly-report", "on-call", strings.Repeat("Wide", 16)} {
		s.client.OK(s.t, "iam", "CreateRole", "RoleName", name, "Description", "Reads what the report of the night needs", "AssumeRolePolicyDocument", trust)
	}
	s.client.OK(s.t, "iam", "AttachRolePolicy", "RoleName", "nightly-report", "PolicyArn", administrators)
	s.client.OK(s.t, "iam", "CreatePolicy", "PolicyName", "ReadUsers", "Description", "Look at users, but change nothing", "PolicyDocument", allowListUsers)
	for i := range 28 {
		s.client.OK(s.t, "iam", "CreateUser", "UserName", fmt.Sprintf("job-%02d", i), "Path", "/jobs/nightly/")
	}
	etl := s.client.User(s.t, "etl", allowListUsers)
	s.client.OK(s.t, "iam", "AttachUserPolicy", "UserName", "etl", "PolicyArn", administrators)
	s.client.OK(s.t, "iam", "PutUserPermissionsBoundary", "UserName", "etl", "PermissionsBoundary", "arn:aws:iam::111122223333:policy/ReadUsers")
	s.client.OK(s.t, "iam", "TagUser", "UserName", "etl", "Tags.member.1.Key", "Team", "Tags.member.1.Value", "Data and reports")
	s.client.OK(s.t, "iam", "TagUser", "UserName", "etl", "Tags.member.1.Key", "Mail", "Tags.member.1.Value", "data@example.com")
	etl.Query(s.t, "iam", "CreateUser", "UserName", "x")
	for i := range 20 {
		s.tagged("job-00", i)
	}
}
