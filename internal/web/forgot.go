package web

import (
	"errors"
	"net/http"

	"rollcall/internal/directory"
	"rollcall/internal/login"
	"rollcall/internal/request"
)

const forgotPath = "/sn/forgot"

// forgotPage is the form of those who have forgotten their password.
type forgotPage struct {
	Title     string
	Account   string
	Namespace string
	Email     string
	Mails     bool // false: nothing can be sent, so there is no form
}

func (p *Pages) showForgot(w http.ResponseWriter, r *http.Request) {
	account, err := p.People.DefaultAccount(r.Context())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.show(w, r, http.StatusOK, "forgot.html", forgotPage{
		Title: "Forgotten your password?", Account: account, Namespace: "default", Mails: p.Directory.Mails()})
}

// forgot answers the same for all addresses, whether there is somebody or not.
func (p *Pages) forgot(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.badForm(w, r, err)
		return
	}
	if !p.Directory.Mails() {
		p.showForgot(w, r)
		return
	}
	account, namespace, email := r.PostFormValue("account"), r.PostFormValue("namespace"), r.PostFormValue("email")
	who, from := account+"\x00"+namespace+"\x00"+email, request.From(r.Context()).SourceIP
	if !p.forgotten.Try(who, from) {
		p.show(w, r, http.StatusTooManyRequests, "message.html", message{
			Title: "That was asked for too often",
			Text:  "Wait a quarter of an hour and try again.",
			Link:  signInPath, LinkText: "Back to signing in",
		})
		return
	}
	err := p.Directory.ForgotPassword(r.Context(), account, namespace, email)
	p.forgotten.Failed(who, from) // each counts, whatever came of it
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.show(w, r, http.StatusOK, "message.html", message{
		Title: "Look into your mailbox",
		Text:  "If somebody with this address can sign in here, a mail with a link is on its way. The link is good for an hour.",
		Hint:  "Nothing there after some minutes? Mind other folders, and ask your administrator.",
		Link:  signInPath, LinkText: "Back to signing in",
	})
}

// resetPage is the form for another password, by a link.
type resetPage struct {
	Title    string
	Token    string
	UserName string
	Rules    []passwordRule
	Problem  string // why the last try was refused; "": there was none
	Mismatch bool   // the problem is the second field's
}

// showReset uses nothing up, as showInvitation.
func (p *Pages) showReset(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get("token")
	who, err := p.Directory.PasswordReset(r.Context(), token)
	if err != nil {
		p.closedReset(w, r, err)
		return
	}
	p.show(w, r, http.StatusOK, "reset.html", resetPage{
		Title: "Choose another password", Token: token, UserName: who.User.Name, Rules: passwordRules()})
}

func (p *Pages) reset(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.badForm(w, r, err)
		return
	}
	token, password := r.PostFormValue("token"), r.PostFormValue("password")
	// Looked at before the costly hash, and again when it is used.
	who, err := p.Directory.PasswordReset(r.Context(), token)
	if err != nil {
		p.closedReset(w, r, err)
		return
	}
	page := resetPage{Title: "Choose another password", Token: token, UserName: who.User.Name, Rules: passwordRules()}
	problem, field := checkPassword(page.Rules, password, r.PostFormValue("confirm"))
	if page.Problem, page.Mismatch = problem, field == "confirm"; problem != "" {
		p.show(w, r, http.StatusUnprocessableEntity, "reset.html", page)
		return
	}
	hash, err := p.Hasher.Hash(r.Context(), password)
	if err == nil {
		_, err = p.Directory.ResetPassword(r.Context(), token, hash)
	}
	if err != nil {
		p.closedReset(w, r, err)
		return
	}
	p.setCookie(w, "") // whoever was signed in here is not any more
	p.show(w, r, http.StatusOK, "message.html", message{
		Title: "Your password is changed",
		Text:  "Wherever you were signed in, you are signed out.",
		Link:  signInPath, LinkText: "Sign in",
	})
}

// closedReset tells why a link for another password does not open.
func (p *Pages) closedReset(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, directory.ErrResetUnknown):
		p.show(w, r, http.StatusGone, "message.html", message{
			Title: "This link is not valid any more",
			Text:  "It was used, it is too old, or it was replaced by a newer one.",
			Link:  forgotPath, LinkText: "Ask for another link",
		})
	case errors.Is(err, login.ErrBusy):
		p.show(w, r, http.StatusTooManyRequests, "message.html", message{
			Title: "Many people are signing in right now",
			Text:  "Your password was not stored yet.",
			Hint:  "Wait a few seconds, go back and send it again.",
		})
	default:
		p.fail(w, r, err)
	}
}
