package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/login"
	"rollcall/internal/request"
	"rollcall/internal/store"
)

// Paths of the pages about signing in.
const (
	signInPath   = "/sn/signin"
	signOutPath  = "/sn/signout"
	startPath    = "/sn/start"
	passwordPath = "/sn/password"
)

// cookieName is that of the session's token. Over https browsers see to it that
// no other host and no page of the clear has set it (__Host-).
func (p *Pages) cookieName() string {
	if p.HTTPS {
		return "__Host-rollcall-session"
	}
	return "rollcall-session"
}

// setCookie keeps a token in the browser until it is closed; "" takes it away.
// The session itself ends on the server.
func (p *Pages) setCookie(w http.ResponseWriter, token string) {
	c := &http.Cookie{Name: p.cookieName(), Value: token, Path: "/", HttpOnly: true, Secure: p.HTTPS, SameSite: http.SameSiteLaxMode}
	if token == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

func (p *Pages) token(r *http.Request) string {
	c, err := r.Cookie(p.cookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

// signInPage is the form.
type signInPage struct {
	Title     string
	Request   string // token of the sign-in that was begun; "": none
	Account   string
	Namespace string
	UserName  string
	Problem   string // why the last try was refused; "": there was none
	Providers []providerLink
}

func (p *Pages) showSignIn(w http.ResponseWriter, r *http.Request) {
	if _, err := p.People.Session(r.Context(), p.token(r)); err == nil {
		http.Redirect(w, r, startPath, http.StatusSeeOther)
		return
	}
	account, err := p.People.DefaultAccount(r.Context())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	q := r.URL.Query()
	p.showSignInPage(w, r, http.StatusOK, signInPage{
		Title:     "Sign in",
		Request:   q.Get("request"),
		Account:   cmp.Or(q.Get("account"), account),
		Namespace: cmp.Or(q.Get("namespace"), "default"),
		UserName:  q.Get("username"),
	})
}

// signIn always begins a session of its own.
func (p *Pages) signIn(w http.ResponseWriter, r *http.Request) {
	if !p.readForm(w, r) {
		return
	}
	page := signInPage{
		Title:     "Sign in",
		Request:   r.PostFormValue("request"),
		Account:   r.PostFormValue("account"),
		Namespace: r.PostFormValue("namespace"),
		UserName:  r.PostFormValue("username"),
	}
	opened, err := p.People.SignIn(r.Context(), login.Attempt{
		Request:   page.Request,
		Account:   page.Account,
		Namespace: page.Namespace,
		UserName:  page.UserName,
		Password:  r.PostFormValue("password"),
		Address:   request.From(r.Context()).SourceIP,
	})
	if err != nil {
		p.refuseSignIn(w, r, page, err)
		return
	}
	p.Admit(w, r, opened)
}

// Admit lets somebody in whose session has just begun: the token that was in the
// browser before is ended and never used again.
func (p *Pages) Admit(w http.ResponseWriter, r *http.Request, opened login.Opened) {
	if err := p.People.SignOut(r.Context(), p.token(r)); err != nil {
		// The new one is there: whoever is let in may have it.
		p.Log.WarnContext(r.Context(), "ending the session before", "err", err)
	}
	p.setCookie(w, opened.Token)
	http.Redirect(w, r, cmp.Or(opened.ReturnTo, startPath), http.StatusSeeOther)
}

func (p *Pages) refuseSignIn(w http.ResponseWriter, r *http.Request, page signInPage, err error) {
	status := http.StatusUnprocessableEntity
	page.Problem = problem(err)
	switch {
	case page.Problem == "":
		p.fail(w, r, err)
		return
	case !errors.Is(err, login.ErrRefused):
		status = http.StatusTooManyRequests
	}
	p.showSignInPage(w, r, status, page)
}

func (p *Pages) showSignInPage(w http.ResponseWriter, r *http.Request, status int, page signInPage) {
	var err error
	if page.Providers, err = p.providerLinks(r, page.Account, page.Request); err != nil {
		p.fail(w, r, err)
		return
	}
	p.show(w, r, status, "signin.html", page)
}

// problem is what somebody is told whose password was not taken; "" for errors
// that are not his.
func problem(err error) string {
	switch {
	case errors.Is(err, login.ErrRefused):
		return "Account, user name or password is wrong. Check upper and lower case."
	case errors.Is(err, login.ErrOldPassword):
		return "This is not your current password."
	case errors.Is(err, login.ErrTooMany):
		return "There were too many attempts. Wait a quarter of an hour and try again."
	case errors.Is(err, login.ErrBusy):
		return "Many people are signing in right now. Wait a few seconds and try again."
	}
	return ""
}

// signedIn shows a page to whoever is signed in; others are led to the form.
func (p *Pages) signedIn(show func(http.ResponseWriter, *http.Request, store.SignedIn)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := p.People.Session(r.Context(), p.token(r))
		switch {
		case errors.Is(err, login.ErrSignedOut):
			p.beginSignIn(w, r)
		case err != nil:
			p.fail(w, r, err)
		default:
			show(w, r, s)
		}
	}
}

// beginSignIn leads to the form, and after it back to the page that was asked
// for. What a form would have sent is not kept.
func (p *Pages) beginSignIn(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || r.URL.Path == startPath {
		http.Redirect(w, r, signInPath, http.StatusSeeOther)
		return
	}
	token, err := p.People.Begin(r.Context(), r.URL.RequestURI())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	http.Redirect(w, r, signInPath+"?"+url.Values{"request": {token}}.Encode(), http.StatusSeeOther)
}

func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) {
	if err := p.People.SignOut(r.Context(), p.token(r)); err != nil {
		p.fail(w, r, err)
		return
	}
	p.goodbye(w, r)
}

func (p *Pages) signOutEverywhere(w http.ResponseWriter, r *http.Request, s store.SignedIn) {
	if err := p.People.SignOutEverywhere(r.Context(), s); err != nil {
		p.fail(w, r, err)
		return
	}
	p.goodbye(w, r)
}

func (p *Pages) goodbye(w http.ResponseWriter, r *http.Request) {
	p.setCookie(w, "")
	http.Redirect(w, r, signInPath, http.StatusSeeOther)
}

// startPage is what somebody who is signed in sees first.
type startPage struct {
	Title     string
	UserName  string
	Email     string
	Account   string
	Namespace string
	May       []string // what the user may do, in plain words
	Manages   bool     // the account, in the console
	Password  bool     // the user may have one
	Since     time.Time
}

// start is the page of whoever is signed in, and greets all others who open the
// server's address.
func (p *Pages) start(w http.ResponseWriter, r *http.Request) {
	s, err := p.People.Session(r.Context(), p.token(r))
	switch {
	case errors.Is(err, login.ErrSignedOut):
		p.show(w, r, http.StatusOK, "welcome-here.html", struct{ Title, URL string }{"rollcall is running", p.PublicURL})
	case err != nil:
		p.fail(w, r, err)
	default:
		p.show(w, r, http.StatusOK, "start.html", startPage{
			Title:     "Hello, " + s.User.Name,
			UserName:  s.User.Name,
			Email:     s.User.Email,
			Account:   s.Account.Name,
			Namespace: s.Namespace.Name,
			May:       mayDo[s.User.Role],
			Manages:   access.IsAdministrator(&s.Person),
			Password:  s.User.IAMIdentityID == 0,
			Since:     s.Session.CreatedAt,
		})
	}
}

// mayDo says in plain words what the users of a role may do. The names of roles
// are not for them to see.
// https://docs.aws.amazon.com/quicksight/latest/APIReference/API_RegisterUser.html
var mayDo = func() map[string][]string {
	look := []string{"Open the dashboards that are shared with you."}
	create := append(look, "Connect to data and prepare it.", "Make analyses and dashboards, and share them.")
	manage := append(create, "Invite people, change what they may do, and remove them.", "Change the settings of the account.")
	ask := "Ask questions about your data in plain language."
	return map[string][]string{
		"READER": look, "READER_PRO": append(look[:1:1], ask),
		"AUTHOR": create, "AUTHOR_PRO": append(create[:len(create):len(create)], ask),
		"ADMIN": manage, "ADMIN_PRO": append(manage[:len(manage):len(manage)], ask),
	}
}()
