// Package browser tests the pages in a real Chromium, as people meet them,
// and over plain HTTP, as others might.
package browser

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/internal/apitest"
	"rollcall/rollcalltest"
)

const goodPassword = "Correct-horse-7"

// site is a rollcall with a clock that tests set forward.
type site struct {
	t      *testing.T
	url    string
	users  string // URL path
	client apitest.Client
	ahead  atomic.Int64 // time.Duration that the clock is ahead
}

func newSite(t *testing.T) *site {
	t.Helper()
	return openSite(t, &rollcalltest.Options{})
}

// newMailSite makes a site that sends its mails through a server.
func newMailSite(t *testing.T, box *mailbox) *site {
	t.Helper()
	return openSite(t, &rollcalltest.Options{SMTP: box.Address()})
}

func openSite(t *testing.T, o *rollcalltest.Options) *site {
	t.Helper()
	s := &site{t: t}
	now := func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }
	o.Now = now
	srv := rollcalltest.NewServer(t, o)
	s.url = srv.URL
	s.users = "/accounts/" + srv.AccountID + "/namespaces/default/users"
	s.client = apitest.New(srv)
	s.client.Now = now
	return s
}

// setAhead sets the clock so far ahead of the real one.
func (s *site) setAhead(d time.Duration) { s.ahead.Store(int64(d)) }

// register makes a user and gives the link of the invitation.
func (s *site) register(name string) (link string) {
	s.t.Helper()
	return s.registerWith(name, "ana@example.com", "AUTHOR")
}

// registerAs makes a user with a role, and an address of its own.
func (s *site) registerAs(name, role string) (link string) {
	s.t.Helper()
	return s.registerWith(name, name+"@example.com", role)
}

func (s *site) registerWith(name, email, role string) (link string) {
	s.t.Helper()
	body, err := json.Marshal(map[string]string{"IdentityType": "QUICKSIGHT", "UserName": name, "Email": email, "UserRole": role})
	if err != nil {
		s.t.Fatal(err)
	}
	a := s.client.Call(s.t, http.MethodPost, s.users, string(body))
	link, _ = a.JSON["UserInvitationUrl"].(string)
	if a.Status != http.StatusCreated || link == "" {
		s.t.Fatalf("registering %q: %d %s", name, a.Status, a.Text)
	}
	return link
}

// active says what DescribeUser says.
func (s *site) active(name string) bool {
	s.t.Helper()
	a := s.client.Call(s.t, http.MethodGet, s.users+"/"+url.PathEscape(name), "")
	user, _ := a.JSON["User"].(map[string]any)
	active, ok := user["Active"].(bool)
	if !ok {
		s.t.Fatalf("describing %q: %d %s", name, a.Status, a.Text)
	}
	return active
}

func (s *site) remove(name string) {
	s.t.Helper()
	if a := s.client.Call(s.t, http.MethodDelete, s.users+"/"+url.PathEscape(name), ""); a.Status != http.StatusOK {
		s.t.Fatalf("deleting %q: %d %s", name, a.Status, a.Text)
	}
}

// form is what a browser would post to accept an invitation.
func form(link, password, confirm string) url.Values {
	_, token, _ := strings.Cut(link, "token=")
	return url.Values{"token": {token}, "username": {"ana"}, "password": {password}, "confirm": {confirm}}
}

// post sends a form as a page of the site would. Headers come in pairs; they
// win over what such a page sends, and an empty value takes its header away.
func (s *site) post(values url.Values, headers ...string) apitest.Answer {
	s.t.Helper()
	r := s.request(http.MethodPost, "/sn/register", strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", s.url)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
	}
	return apitest.Send(s.t, r)
}

// get fetches a page by its path or its whole address.
func (s *site) get(address string) apitest.Answer {
	s.t.Helper()
	return apitest.Send(s.t, s.request(http.MethodGet, strings.TrimPrefix(address, s.url), nil))
}

func (s *site) request(method, path string, body io.Reader) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+cmp.Or(path, "/"), body)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}
