package federation

import (
	"net/url"
	"path"
	"strings"
)

// startPage is where everybody goes who does not ask for another page of ours.
// QuickSight's own addresses lead there.
const startPage = "/sn/start"

// destination is the path and query of the page that somebody wants to go to: a
// page of this server, whose origin is given, or the start page. It never leads
// to another site.
func destination(text, origin string) string {
	u, err := url.Parse(text)
	if err != nil || u.User != nil || !here(u, origin) || !page(u) {
		return startPage
	}
	to := u.EscapedPath()
	if u.RawQuery != "" {
		to += "?" + u.RawQuery
	}
	if u.Fragment != "" {
		to += "#" + u.EscapedFragment()
	}
	return to
}

// here says whether an address is of this server, or of wherever it is used.
func here(u *url.URL, origin string) bool {
	return u.Scheme == "" && u.Host == "" || strings.EqualFold(u.Scheme+"://"+u.Host, origin)
}

// page says whether an address is below /sn/. Browsers take a backslash for a
// slash, and walk up along "..".
func page(u *url.URL) bool {
	return strings.HasPrefix(u.EscapedPath(), "/sn/") && strings.HasPrefix(path.Clean(u.Path), "/sn/") && !strings.Contains(u.Path, `\`)
}
