package federation

import (
	"net/url"
	"strings"
	"testing"
)

const origin = "https://directory.example.com:8443"

func TestDestination(t *testing.T) {
	for text, want := range map[string]string{
		"/sn/console/users":                     "/sn/console/users",
		"/sn/console/users?Role=ADMIN&q=a%20b":  "/sn/console/users?Role=ADMIN&q=a%20b",
		"/sn/start#top":                         "/sn/start#top",
		origin + "/sn/console":                  "/sn/console",
		origin + "/sn/a%2Fb/%C3%A9?x=%2F":       "/sn/a%2Fb/%C3%A9?x=%2F",
		strings.ToUpper(origin) + "/sn/console": "/sn/console",

		"https://quicksight.aws.amazon.com/":                            startPage,
		"https://quicksight.aws.amazon.com/sn/console/users":            startPage,
		"https://us-east-1.quicksight.aws.amazon.com/sn/start":          startPage,
		"https://us-east-1.quicksight.aws.amazon.com.evil.com/sn/start": startPage,
		"https://console.aws.amazon.com/":                               startPage,

		"":                            startPage,
		"/":                           startPage,
		"/sn":                         startPage,
		"/sn/":                        startPage,
		"sn/console":                  startPage,
		"/federation?Action=login":    startPage,
		origin:                        startPage,
		origin + "/":                  startPage,
		origin + "/accounts":          startPage,
		"http" + origin[5:] + "/sn/a": startPage,
		"https://directory.example.com/sn/console":  startPage,
		"https://evil.com/sn/console":               startPage,
		origin + ".evil.com/sn/console":             startPage,
		origin + "@evil.com/sn/console":             startPage,
		"https://u:p@" + origin[8:] + "/sn/console": startPage,
		"//evil.com":                    startPage,
		"//evil.com/sn/console":         startPage,
		"//" + origin[8:] + "/sn/start": startPage,
		"///evil.com":                   startPage,
		"///sn/console":                 startPage,
		"////sn/console":                startPage,
		origin + "//sn/console":         startPage,
		`/\evil.com`:                    startPage,
		`\\evil.com`:                    startPage,
		`/sn/\evil.com`:                 startPage,
		`/sn\console`:                   startPage,
		"/sn/%5cevil.com":               startPage,
		"/%2Fevil.com":                  startPage,
		"%2Fsn/console":                 startPage,
		"/sn/..//evil.com":              startPage,
		"/sn/../accounts":               startPage,
		"/sn/%2e%2e/accounts":           startPage,
		"/sn/%2E./%2e%2e//evil.com":     startPage,
		"/sn/x\r\nSet-Cookie: a=b":      startPage,
		"/sn/\tx":                       startPage,
		"\t//evil.com":                  startPage,
		"java\nscript:alert(1)":         startPage,
		"javascript:alert(1)":           startPage,
		"javascript:/sn/console":        startPage,
		"data:text/html,/sn/":           startPage,
		"https:/sn/console":             startPage,
		"https:sn/console":              startPage,
		"/sn/%":                         startPage,
	} {
		if got := destination(text, origin); got != want {
			t.Errorf("%q leads to %q, want %q", text, got, want)
		}
	}
}

// Whatever is asked for, it is a page of ours.
func FuzzDestination(f *testing.F) {
	for _, text := range []string{"/sn/start", "//evil.com/sn/", `/sn/\..\x`, origin + "/sn/a?b#c", "/sn/%2e%2e/x", "///sn/x"} {
		f.Add(text)
	}
	at, err := url.Parse(origin + Path)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		to := destination(text, origin)
		u, err := at.Parse(to)
		if err != nil || u.Scheme+"://"+u.Host != origin || !strings.HasPrefix(u.Path, "/sn/") || !strings.HasPrefix(to, "/sn/") ||
			strings.ContainsAny(to, "\r\n\t\x00") || strings.Contains(u.Path, `\`) {
			t.Errorf("%q leads to %q: %v", text, to, err)
		}
	})
}
