package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// recordRow is a row of the record as the page shows it, without its time.
type recordRow struct{ Who, What, About, Result string }

func (b *tab) recordRows() (rows []recordRow) {
	b.t.Helper()
	cells := eval[[][]string](b, `[...document.querySelectorAll("tbody tr")].map(r => [...r.cells].map(c => c.innerText.replace(/\s+/g, " ").trim()))`)
	for _, c := range cells {
		rows = append(rows, recordRow{c[1], c[2], c[3], c[5]})
	}
	return rows
}

// tagged adds a record.
func (s *site) tagged(user string, n int) {
	s.t.Helper()
	s.client.OK(s.t, "iam", "TagUser", "UserName", user, "Tags.member.1.Key", "n", "Tags.member.1.Value", fmt.Sprint(n))
}

func TestConsoleRecordTellsWhatWasClicked(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	b.open(s.url + "/sn/console/iam/user/new")
	b.follow(typed("UserName", "etl"), chromedp.Click(chromedp.CSS("main button")))
	b.press("Create an access key")
	etl := b.shownKey(s)
	etl.Query(t, "iam", "ListUsers")
	b.follow(chromedp.Click(chromedp.CSS("nav a[href='/sn/console/record']")))
	rows := b.recordRows()
	want := []recordRow{
		{"etl IAM user · " + etl.AccessKeyID, "iam:ListUsers", "", "AccessDenied"},
		{"boss console", "iam:CreateAccessKey", "etl", "Done"},
		{"boss console", "iam:CreateUser", "etl", "Done"},
		{"boss console", "signin:ConsoleLogin", "boss", "Done"},
	}
	if len(rows) < len(want) || !cmp.Equal(want, rows[:len(want)]) {
		t.Fatalf("the record (-want +have):\n%s", cmp.Diff(want, rows))
	}
	for _, from := range b.texts("tbody td:nth-child(5)") {
		if from != "127.0.0.1" {
			t.Errorf("something comes from %q", from)
		}
	}

	b.follow(chromedp.Click(chromedp.CSS("tbody tr:nth-child(2) a")))
	var event struct {
		EventName         string
		UserIdentity      struct{ UserName string }
		RequestParameters map[string]string
	}
	if err := json.Unmarshal([]byte(eval[string](b, "document.querySelector('pre').textContent")), &event); err != nil {
		t.Fatal(err)
	}
	if event.EventName != "CreateAccessKey" || event.UserIdentity.UserName != "boss" || event.RequestParameters["userName"] != "etl" {
		t.Errorf("the record is shown as %+v", event)
	}
	a := s.view(eval[string](b, "[...document.querySelectorAll('main a')].find(a => a.innerText === 'Download JSON').getAttribute('href')"), s.session("boss"))
	if a.Status != http.StatusOK || a.JSON["eventName"] != "CreateAccessKey" || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the file: %d %s", a.Status, a.Text)
	}
}

func TestConsoleRecordFilters(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	for _, name := range []string{"ana", "ben", "<b>bold</b>"} {
		s.registerUser("UserName", name)
	}
	s.client.User(t, "etl", allowListUsers).Query(t, "iam", "CreateUser", "UserName", "ana") // who is not allowed to
	find := func(name string) []recordRow {
		t.Helper()
		b.open(s.url + "/sn/console/record")
		b.do(chromedp.SendKeys(chromedp.CSS("input[name=Name]"), name))
		if status := b.press("Search"); status != http.StatusOK {
			t.Errorf("searching %q: %d", name, status)
		}
		return b.recordRows()
	}
	var have []string
	for _, r := range find("ana") {
		have = append(have, r.What+" "+r.About+" "+r.Result)
	}
	if want := []string{"iam:CreateUser ana AccessDenied", "quicksight:RegisterUser ana Done"}; !cmp.Equal(want, have) {
		t.Errorf("about ana there is %q, want %q", have, want)
	}
	if have := eval[string](b, "document.querySelector('input[name=Name]').value"); have != "ana" {
		t.Errorf("the field has %q", have)
	}
	for _, r := range find("etl") { // as the one who did it, too
		have = append(have, r.Who+r.About)
	}
	if !slices.ContainsFunc(have, func(s string) bool { return strings.HasPrefix(s, "etl IAM user") }) {
		t.Errorf("etl has done %q", have)
	}
	if have := find("<b>bold</b>"); len(have) != 1 || have[0].About != "<b>bold</b>" {
		t.Errorf("the name in HTML is shown as %+v", have)
	}
	if find("Ana"); !cmp.Equal(b.texts(".empty h2"), []string{"Nothing was found"}) {
		t.Errorf("of nobody there is %q", b.texts("tbody"))
	}
	b.press("Show the whole record")

	all := len(b.recordRows())
	s.setAhead(2 * time.Hour)
	b.signIn(s, "boss", goodPassword)
	for choice, want := range map[string]int{"The last hour": 1, "The last 24 hours": all + 1, "The last 7 days": all + 1, "All times": all + 1} {
		b.open(s.url + "/sn/console/record")
		b.choose("select[name=Since]", choice)
		b.press("Search")
		if have := len(b.recordRows()); have != want {
			t.Errorf("%s: %d records, want %d", choice, have, want)
		}
		if have := eval[string](b, "(e => e.options[e.selectedIndex].text)(document.querySelector('select'))"); have != choice {
			t.Errorf("the choice is %q, want %q", have, choice)
		}
	}
	b.open(s.url + "/sn/console/record?Since=1h") // a choice is sent at once
	b.follow(chromedp.Evaluate[chromedp.Void](`(e => { e.selectedIndex = 0; e.dispatchEvent(new Event("change")); })(document.querySelector("select"))`))
	if have := len(b.recordRows()); have != all+1 {
		t.Errorf("%d records, want %d", have, all+1)
	}
}

func TestConsoleRecordPages(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	s.client.OK(t, "iam", "CreateUser", "UserName", "etl")
	const tagged = 220
	for i := range tagged {
		s.tagged("etl", i)
	}
	b.open(s.url + "/sn/console/record?Name=etl")
	seen := map[string]int{}
	var sizes []int
	for {
		links := eval[[]string](b, `[...document.querySelectorAll("tbody th a")].map(a => a.pathname)`)
		sizes = append(sizes, len(links))
		for _, link := range links {
			seen[link]++
		}
		b.checkWeight()
		if !slices.Contains(b.texts(".pager a"), "Older") {
			break
		}
		b.press("Older")
	}
	if want := []int{50, 50, 50, 50, 21}; !cmp.Equal(sizes, want) || len(seen) != tagged+1 {
		t.Errorf("the pages have %v records, %d different ones; want %v", sizes, len(seen), want)
	}
	if rows := b.recordRows(); rows[len(rows)-1].What != "iam:CreateUser" {
		t.Errorf("the oldest is %+v", rows[len(rows)-1])
	}
	if b.press("Newest"); len(b.recordRows()) != 50 || b.recordRows()[0].What != "iam:TagUser" {
		t.Errorf("the newest is %+v", b.recordRows()[0])
	}
}

// Whatever the records have in them, pages are small and miss none.
func TestConsoleRecordShowsTheWildest(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	name := strings.Repeat(`"<+'`, 64)
	for i := range 60 {
		s.registerUser("UserName", fmt.Sprintf("%03d", i)+name[3:])
	}
	s.client.OK(t, "iam", "CreatePolicy", "PolicyName", "large", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}`+strings.Repeat("\n", 45000))
	b.open(s.url + "/sn/console/record")
	b.follow(chromedp.Click(chromedp.CSS("tbody a"))) // which has the policy
	b.checkWeight()
	if hint := b.texts(".panel header .hint"); !slices.Contains(hint, "This is the beginning. Download it to have all of it.") {
		t.Errorf("the page says %q", hint)
	}
	if a := s.view(eval[string](b, "location.pathname")+"/json", s.session("boss")); len(a.Text) < 90_000 || a.JSON == nil {
		t.Errorf("the file has %d bytes, JSON %v", len(a.Text), a.JSON != nil)
	}
	registered := 0
	for b.open(s.url + "/sn/console/record"); ; b.press("Older") {
		b.checkWeight()
		for _, row := range b.recordRows() {
			if row.What == "quicksight:RegisterUser" && strings.HasPrefix(row.About[3:], name[3:20]) {
				registered++
			}
		}
		if !slices.Contains(b.texts(".pager a"), "Older") {
			break
		}
	}
	if registered != 60 {
		t.Errorf("%d users were registered, want 60", registered)
	}
	b.open(s.url + "/sn/console/record?Name=" + url.QueryEscape("000"+name[3:]))
	b.checkWeight()
	if have := len(b.recordRows()); have != 1 {
		t.Errorf("%d records have the name", have)
	}
}

func TestConsoleRecordIsForAdministrators(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.admin("boss")
	s.post(form(s.registerUser("UserName", "cleo", "UserRole", "READER"), goodPassword, goodPassword))
	cookie := s.session("cleo")
	page := s.view("/sn/console/record", s.session("boss")).Text
	_, id, _ := strings.Cut(page, `<a href="record/`)
	id, _, _ = strings.Cut(id, `"`)
	for _, path := range []string{"", "/" + id, "/" + id + "/json"} {
		if a := s.view("/sn/console/record"+path, s.session("boss")); a.Status != http.StatusOK {
			t.Errorf("%s for an administrator: %d", path, a.Status)
		}
		if a := s.view("/sn/console/record"+path, cookie); a.Status != http.StatusForbidden || strings.Contains(a.Text, "RegisterUser") {
			t.Errorf("%s: %d", path, a.Status)
		}
		if a := s.get("/sn/console/record" + path); a.Status != http.StatusSeeOther {
			t.Errorf("%s for nobody: %d", path, a.Status)
		}
	}
	if rows := s.view("/sn/console/record?Name=cleo", s.session("boss")).Text; !strings.Contains(rows, "OpenConsole") || !strings.Contains(rows, "AccessDenied") {
		t.Error("the record does not tell that cleo was refused")
	}
}

func TestConsoleRecordStrangeRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.admin("boss")
	c := s.session("boss")
	for path, want := range map[string]int{
		"?After=x": http.StatusSeeOther,
		"?After=00000000-0000-0000-0000-000000000000": http.StatusOK,
		"?After=ffffffff-ffff-ffff-ffff-ffffffffffff": http.StatusOK,
		"?After=%00":                            http.StatusSeeOther,
		"?Since=1s":                             http.StatusSeeOther,
		"?Since=-1h":                            http.StatusSeeOther,
		"?Since=All+times":                      http.StatusSeeOther,
		"?Name=%00":                             http.StatusOK,
		"?Name=%FF%FE":                          http.StatusOK,
		"?Name=%25":                             http.StatusOK,
		"?Name=" + strings.Repeat("x", 5000):    http.StatusSeeOther,
		"?Name=%":                               http.StatusBadRequest,
		"/x":                                    http.StatusNotFound,
		"/%FF":                                  http.StatusNotFound,
		"/00000000-0000-0000-0000-000000000000": http.StatusNotFound,
		"/00000000-0000-0000-0000-000000000000/json": http.StatusNotFound,
		"/x/json": http.StatusNotFound,
	} {
		if a := s.view("/sn/console/record"+path, c); a.Status != want {
			t.Errorf("%.60s: %d, want %d", path, a.Status, want)
		}
	}
}
