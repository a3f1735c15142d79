package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// until waits for the value of an expression in the page to be true.
func (b *tab) until(expression string) {
	b.t.Helper()
	if !eval[bool](b, fmt.Sprintf(`new Promise(async done => {
		const end = Date.now() + %d;
		while (!(%s) && Date.now() < end) await new Promise(next => setTimeout(next, 10));
		done(%[2]s);
	})`, patience/2/time.Millisecond, expression)) {
		b.t.Errorf("the page never is so that %s", expression)
	}
}

// The comforts of the console. That of the permissions is in a test of theirs.
func TestConsoleScript(t *testing.T) {
	t.Parallel()
	s, b := consoleSite(t)
	s.client.OK(t, "iam", "CreateUser", "UserName", "etl")

	b.open(iamUser(s, "etl"))
	b.do(chromedp.Click(chromedp.CSS(".copy button")))
	b.until(`document.querySelector(".copy button").innerText === "Copied\nARN"`)
	if have := eval[string](b, "getSelection().toString()"); !strings.HasSuffix(have, ":user/etl") {
		t.Errorf("the text selected is %q", have)
	}

	b.open(s.url + "/sn/console/users")
	open := func() bool { return eval[bool](b, `document.querySelector(".menu").open`) }
	b.do(chromedp.Click(chromedp.CSS(".menu summary")))
	if !open() {
		t.Error("the menu does not open")
	}
	b.do(chromedp.Click(chromedp.CSS("h1")))
	if open() {
		t.Error("the menu stays open")
	}

	status := b.follow(chromedp.Evaluate[chromedp.Void](`(e => { e.selectedIndex = 2; e.dispatchEvent(new Event("change")); })(document.querySelector("[name=state]"))`))
	if have := eval[string](b, "location.search"); status != http.StatusOK || !strings.Contains(have, "state=active") {
		t.Errorf("a choice leads to %q", have)
	}
	if have := b.listed(); !cmp.Equal(have, []string{"boss"}) {
		t.Errorf("it shows %q", have)
	}
}
