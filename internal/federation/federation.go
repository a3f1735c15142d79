// Package federation is AWS's federation endpoint: whoever has the credentials
// of a role's session gets a token for them, and with the token a browser is
// signed in as the user whom the session stands for.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html
package federation

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/audit"
	"rollcall/internal/login"
	"rollcall/internal/request"
	"rollcall/internal/seal"
	"rollcall/internal/store"
)

// Path is that of the endpoint.
const Path = "/federation"

// maxForm bounds a posted form, in bytes. A session token has 4,096 characters at
// most.
const maxForm = 64 << 10

// Pages is what somebody in a browser sees.
type Pages interface {
	// Admit lets him in whose session has just begun.
	Admit(w http.ResponseWriter, r *http.Request, opened login.Opened)
	// Tell shows a page that only tells something.
	Tell(w http.ResponseWriter, r *http.Request, status int, title, text, hint string)
	// Fail is for what is not his fault.
	Fail(w http.ResponseWriter, r *http.Request, err error)
}

// Config is what the endpoint stands on.
type Config struct {
	Store     store.Store
	Guard     *access.Guard
	Keys      *access.Keys
	Key       *seal.Key
	Audit     *audit.Log
	People    *login.People
	Pages     Pages
	PublicURL string // origin of the pages in the browser's eyes
	Now       func() time.Time
}

// endpoint is the http.Handler of the endpoint.
type endpoint struct {
	Config
	box *seal.Box
}

// New makes the endpoint.
func New(c Config) http.Handler {
	return &endpoint{c, c.Key.Box("signin token")}
}

// ServeHTTP takes the parameters from the query and from a posted form. Requests
// come from other sites as a matter of course, so they are not asked where from:
// what they can do is in their parameters, and nothing is in the browser.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, POST")
		refuse(w, r, &fault{http.StatusMethodNotAllowed, "The method is neither GET nor POST."})
		return
	}
	if err := parse(w, r); err != nil {
		refuse(w, r, err)
		return
	}
	info := request.From(r.Context())
	switch r.Form.Get("Action") {
	case "getSigninToken":
		info.Operation = "GetSigninToken"
		e.getSigninToken(w, r)
	case "login":
		info.Operation = "ConsoleLogin"
		e.login(w, r)
	default:
		refuse(w, r, bad("The parameter Action is neither getSigninToken nor login."))
	}
}

// parse reads the parameters. One that is given twice is refused: a proxy or a
// log could believe the other value.
func parse(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &fault{http.StatusRequestEntityTooLarge, "The form is too large."}
	case err != nil:
		return bad("The request sent by the client was syntactically incorrect.")
	}
	for _, name := range []string{"Action", "Session", "SessionDuration", "Destination", "SigninToken"} {
		if len(r.Form[name]) > 1 {
			return bad("The parameter %s is given more than once.", name)
		}
	}
	return nil
}

// fault is what is wrong with a request. Its text has nothing of the request in
// it.
type fault struct {
	status int
	text   string
}

func (f *fault) Error() string { return f.text }

func bad(format string, args ...any) *fault {
	return &fault{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// refuse answers a program that asked for what it can't have. AWS's answer is a
// page too, which nobody parses.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	info := request.From(r.Context())
	f := &fault{http.StatusInternalServerError, "Something went wrong. The number of this request is " + info.ID + "."}
	switch {
	case errors.As(err, &f):
		info.Code = "InvalidRequest"
	case errors.Is(err, store.ErrUnavailable):
		f.status, info.Err = http.StatusServiceUnavailable, err
	default:
		info.Err = err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(f.status)
	fmt.Fprintf(w, "<!doctype html>\n<html lang=\"en\"><head><title>%[1]d %[2]s</title></head><body><h1>%[1]d %[2]s</h1><p>%[3]s</p></body></html>\n",
		f.status, http.StatusText(f.status), f.text)
}
