package browser

import (
	"context"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// chromium is where Debian has it.
const chromium = "/usr/bin/chromium"

// patience is far beyond what a step takes anywhere.
const patience = 30 * time.Second

// browser is the one Chromium of all tests, started by the first that needs it.
var browser struct {
	start sync.Once
	ctx   context.Context
	stop  func()
	err   error
}

func TestMain(m *testing.M) {
	status := m.Run()
	if browser.stop != nil {
		browser.stop()
	}
	os.Exit(status)
}

func startChromium() {
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(chromium),
		chromedp.Flag("headless", "new"),
		chromedp.NoSandbox, // it does not start as root otherwise
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
	)
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	browser.ctx = ctx
	browser.stop = func() { cancel(); end() }
	browser.err = chromedp.Do(ctx)
}

// need skips a test on a laptop that lacks a file and fails it in CI.
func need(t *testing.T, path, hint string) {
	t.Helper()
	_, err := os.Stat(path)
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("%s is not there: %s", path, hint)
	default:
		t.Skipf("%s is not there: %s", path, hint)
	}
}

// tab is a window of Chromium with a profile of its own.
type tab struct {
	t   *testing.T
	ctx context.Context
}

func newTab(t *testing.T) *tab {
	t.Helper()
	need(t, chromium, "apt-get install chromium")
	browser.start.Do(startChromium)
	if browser.err != nil {
		t.Fatalf("starting Chromium: %v", browser.err)
	}
	ctx, cancel := chromedp.NewContext(browser.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Func(focused)); err != nil {
		t.Fatalf("opening a window: %v", err)
	}
	return &tab{t, ctx}
}

// focused lets a window believe that it has the focus, whatever other tests do
// in theirs.
func focused(ctx context.Context, t *chromedp.Target) error {
	_, err := cdp.Call(ctx, t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	return err
}

// step is something done in a tab.
type step = chromedp.Action[chromedp.Void]

func (b *tab) do(steps ...step) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// open goes to an address and gives the page's status.
func (b *tab) open(address string) (status int) {
	b.t.Helper()
	return b.arrive(chromedp.NavigateResponse(address))
}

// follow does what leads to another page and gives that page's status.
func (b *tab) follow(steps ...step) (status int) {
	b.t.Helper()
	return b.arrive(func(ctx context.Context, _ *chromedp.Target) (*network.Response, error) {
		return chromedp.RunResponse(ctx, steps...)
	})
}

func (b *tab) arrive(load chromedp.Action[*network.Response]) (status int) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	response, err := chromedp.Run(ctx, load)
	if err != nil {
		b.t.Fatal(err)
	}
	return int(response.Status)
}

// eval gives the value of a JavaScript expression in the page.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%.200s: %v", expression, err)
	}
	return v
}

// texts are what the elements of a selector say.
func (b *tab) texts(selector string) []string {
	b.t.Helper()
	return eval[[]string](b, "[...document.querySelectorAll("+strconv.Quote(selector)+")].map(e => e.innerText.trim())")
}

func (b *tab) heading() string {
	b.t.Helper()
	if h := b.texts("h1"); len(h) == 1 {
		return h[0]
	}
	b.t.Fatalf("the page has the headings %q, want one", b.texts("h1"))
	return ""
}
