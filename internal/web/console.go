package web

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"
	"unicode"

	"rollcall/internal/access"
	"rollcall/internal/directory"
	"rollcall/internal/iam"
	"rollcall/internal/login"
	"rollcall/internal/store"
)

// consolePath begins the addresses of the console's pages.
const consolePath = "/sn/console"

// namespaceShown is whose users the console manages.
const namespaceShown = "default"

// visit is a request of an administrator in the console.
type visit struct {
	p      *Pages
	w      http.ResponseWriter
	r      *http.Request
	in     store.SignedIn
	caller *access.Caller
}

// consoleRoutes are the addresses of the console.
func (p *Pages) consoleRoutes() {
	p.mux.Handle("GET "+consolePath, http.RedirectHandler(usersPath, http.StatusSeeOther))
	p.mux.Handle("GET "+consolePath+"/{$}", http.RedirectHandler(usersPath, http.StatusSeeOther))
	p.userRoutes()
	p.permissionRoutes()
	p.settingRoutes()
	p.iamRoutes()
	p.recordRoutes()
}

// administrator lets administrators to a page of the console. What they do
// there is authorized once more, in the transaction that does it.
func (p *Pages) administrator(pattern string, page func(*visit) error) {
	p.mux.HandleFunc(pattern, p.signedIn(func(w http.ResponseWriter, r *http.Request, in store.SignedIn) {
		if !p.readForm(w, r) {
			return
		}
		v := &visit{p, w, r, in, access.Browser(r.Context(), in)}
		err := v.open()
		if err == nil {
			// Only now: what strangers to the console send is not worth keeping.
			v.caller.Request.Parameters = parameters(r)
			err = page(v)
		}
		if err != nil {
			v.fail(err)
		}
	}))
}

// open refuses whoever is no administrator, also where a page asks for nothing.
func (v *visit) open() error {
	return v.p.Guard.Read(v.r.Context(), v.caller, access.Call{
		Action: "rollcall:OpenConsole", AccountID: v.in.Account.ID, Resource: "*"}, nil)
}

// parameters are what was sent, for the record: forms of the console hold no
// secrets. Their fields are named like members, with a capital, and others are
// none that a page reads.
func parameters(r *http.Request) string {
	all := map[string]any{}
	for name, values := range r.PostForm {
		switch {
		case name == "" || !unicode.IsUpper([]rune(name)[0]):
		case len(values) > 1:
			all[lowerFirst(name)] = values
		case values[0] != "":
			all[lowerFirst(name)] = values[0]
		}
	}
	if len(all) == 0 {
		return ""
	}
	b, err := json.Marshal(all)
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	return string(b)
}

// lowerFirst writes a member's name as CloudTrail does.
func lowerFirst(name string) string {
	r := []rune(name)
	if len(r) > 0 {
		r[0] = unicode.ToLower(r[0])
	}
	return string(r)
}

// page begins the data of a page. What was done before is told by the address
// in a word.
func (v *visit) page(section, title string) Console {
	c := newConsole(v.in, section, title)
	if text := done[v.r.URL.Query().Get("done")]; text != "" {
		c.Flash = text
	}
	return c
}

// done are the texts for what was done before a page is shown, by the words in
// addresses. Each subject adds its own.
var done = merged(userDone, permissionsDone, settingsDone, iamDone)

func merged(all ...map[string]string) map[string]string {
	texts := map[string]string{}
	for _, some := range all {
		maps.Copy(texts, some)
	}
	return texts
}

// show sends a page.
func (v *visit) show(status int, name string, data any) error {
	v.p.show(v.w, v.r, status, name, data)
	return nil
}

// leave leads to another page of the console.
func (v *visit) leave(path string) error {
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// value is a field without spaces around: of the query, and when something is
// posted of the form alone, which is what the record has.
func (v *visit) value(name string) string {
	if v.r.Method == http.MethodPost {
		return strings.TrimSpace(v.r.PostFormValue(name))
	}
	return strings.TrimSpace(v.r.FormValue(name))
}

// flag is a field of the form that is true or false, which it also is when it
// is not there.
func (v *visit) flag(name string) (bool, error) {
	switch v.value(name) {
	case "true":
		return true, nil
	case "false", "":
		return false, nil
	}
	return false, &directory.Error{Kind: directory.Invalid, Message: name + " can be true or false only."}
}

// refused gives the text of an error that is the administrator's own to mend;
// ok is false for all others.
func refused(err error) (text string, ok bool) {
	var e *directory.Error
	var i *iam.Error
	switch {
	case errors.As(err, &e):
		return strings.TrimSpace(e.Message), true
	case errors.As(err, &i):
		return i.Message, true
	}
	return "", false
}

// isKind says whether an error is one of the directory of that kind.
func isKind(err error, kind directory.Kind) bool {
	var e *directory.Error
	return errors.As(err, &e) && e.Kind == kind
}

// missing says whether what a page is about is not there.
func missing(err error) bool {
	var e *directory.Error
	var i *iam.Error
	return errors.As(err, &e) && e.Kind == directory.NotFound ||
		errors.As(err, &i) && i.Code == iam.NoSuchEntity || store.Missing(err, store.RecordAudit)
}

// denial is the page for whoever may not do what he tried.
func (v *visit) denial() message {
	if access.IsAdministrator(&v.in.Person) {
		return message{
			Title: "You do not manage IAM",
			Text:  "You manage this account's users, but whoever made you an administrator could not manage IAM, and so you cannot either.",
			Link:  consolePath, LinkText: "Back to the console",
		}
	}
	return message{
		Title: "This is for administrators",
		Text:  "You are signed in, but not as somebody who manages this account.",
		Link:  startPath, LinkText: "Back to the start page",
	}
}

// fail tells why a page cannot be shown, or something not be done.
func (v *visit) fail(err error) {
	var denied *access.Denied
	text, mine := refused(err)
	switch {
	case errors.Is(err, login.ErrSignedOut):
		v.p.beginSignIn(v.w, v.r)
	case errors.As(err, &denied):
		v.p.Guard.Refused(v.caller, denied)
		v.p.show(v.w, v.r, http.StatusForbidden, "message.html", v.denial())
	case missing(err):
		v.p.notFound(v.w, v.r)
	case mine:
		v.p.show(v.w, v.r, http.StatusUnprocessableEntity, "message.html", message{
			Title: "This was not done",
			Text:  text,
			Link:  usersPath, LinkText: "Back to the console",
		})
	default:
		v.p.fail(v.w, v.r, err)
	}
}
