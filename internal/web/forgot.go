package web

import (
	"net/http"

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
		Title: "Forgot your password?", Account: account, Namespace: "default", Mails: p.Directory.Mails()})
}

// forgot answers the same for all addresses, whether there is somebody or not.
func (p *Pages) forgot(w http.ResponseWriter, r *http.Request) {
	if !p.readForm(w, r) {
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
		Title: "Check your mail",
		Text:  "If somebody with this address can sign in here, a mail with a link is on its way. The link is good for an hour.",
		Hint:  "Nothing there after some minutes? Look among unwanted mails, or ask your administrator.",
		Link:  signInPath, LinkText: "Back to signing in",
	})
}
