package web

import (
	"errors"
	"net/http"

	"rollcall/internal/login"
	"rollcall/internal/request"
	"rollcall/internal/store"
)

// passwordPage is a form for a password: another one of whoever is signed in,
// the first by an invitation, or a new one by a link.
type passwordPage struct {
	Title       string
	Token       string // of the link; "": there is none
	UserName    string
	AccountName string
	Namespace   string
	First       bool // there was none before
	Rules       []passwordRule
	Problem     string // why the last try was refused; "": there was none
	Field       string // which field the problem is about
}

// passwordRule is a rule as the form shows it.
type passwordRule struct {
	Text   string
	Broken bool // by the last try
}

// passwordRules are the rules as a form shows them first.
func passwordRules() (rules []passwordRule) {
	for _, r := range login.Rules {
		rules = append(rules, passwordRule{Text: r.Text})
	}
	return rules
}

// check finds what is wrong with a new password, and marks the rules that it
// breaks.
func (p *passwordPage) check(password, confirm string) (ok bool) {
	broken := map[string]bool{}
	for _, r := range login.Broken(password) {
		broken[r.Text] = true
	}
	for i := range p.Rules {
		p.Rules[i].Broken = broken[p.Rules[i].Text]
	}
	switch {
	case len(broken) > 0:
		p.Problem, p.Field = "This password does not follow all the rules. See the points marked below.", "password"
	case password != confirm:
		p.Problem, p.Field = "The two passwords differ. Type the same one in both fields.", "confirm"
	}
	return p.Problem == ""
}

// usePassword hands the hash of the password in a form to who stores it. done
// is false where the password was refused, which the page has told.
func (p *Pages) usePassword(w http.ResponseWriter, r *http.Request, template string, page passwordPage, store func(hash string) error) (done bool, err error) {
	password := r.PostFormValue("password")
	if !page.check(password, r.PostFormValue("confirm")) {
		p.show(w, r, http.StatusUnprocessableEntity, template, page)
		return false, nil
	}
	hash, err := p.Hasher.Hash(r.Context(), password)
	if err == nil {
		err = store(hash)
	}
	return err == nil, err
}

func newPasswordPage(s store.SignedIn) passwordPage {
	return passwordPage{Title: "Change your password", UserName: s.User.Name, Rules: passwordRules()}
}

// ofNative shows a page to users who may have a password. Those of IAM come in
// without one.
func (p *Pages) ofNative(show func(http.ResponseWriter, *http.Request, store.SignedIn)) func(http.ResponseWriter, *http.Request, store.SignedIn) {
	return func(w http.ResponseWriter, r *http.Request, s store.SignedIn) {
		if s.User.IAMIdentityID != 0 {
			p.notFound(w, r)
			return
		}
		show(w, r, s)
	}
}

func (p *Pages) showPassword(w http.ResponseWriter, r *http.Request, s store.SignedIn) {
	p.show(w, r, http.StatusOK, "password.html", newPasswordPage(s))
}

func (p *Pages) changePassword(w http.ResponseWriter, r *http.Request, s store.SignedIn) {
	if !p.readForm(w, r) {
		return
	}
	page := newPasswordPage(s)
	old, password := r.PostFormValue("old"), r.PostFormValue("password")
	if !page.check(password, r.PostFormValue("confirm")) {
		p.show(w, r, http.StatusUnprocessableEntity, "password.html", page)
		return
	}
	token, err := p.People.ChangePassword(r.Context(), s, old, password, request.From(r.Context()).SourceIP)
	page.Problem, page.Field = problem(err), "old"
	switch {
	case err == nil:
		p.setCookie(w, token)
		p.show(w, r, http.StatusOK, "message.html", message{
			Title: "Your password is changed",
			Text:  "You stay signed in here. Everywhere else you are signed out.",
			Link:  startPath, LinkText: "Back to the start page",
		})
	case errors.Is(err, login.ErrSignedOut):
		p.goodbye(w, r)
	case page.Problem == "":
		p.fail(w, r, err)
	default:
		p.show(w, r, http.StatusUnprocessableEntity, "password.html", page)
	}
}
