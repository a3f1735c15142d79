package web

import (
	"errors"
	"net/http"

	"rollcall/internal/directory"
	"rollcall/internal/login"
)

func newResetPage(token, userName string) passwordPage {
	return passwordPage{Title: "Choose a new password", Token: token, UserName: userName, Rules: passwordRules()}
}

// showReset uses nothing up, as showInvitation.
func (p *Pages) showReset(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get("token")
	who, err := p.Directory.PasswordReset(r.Context(), token)
	if err != nil {
		p.closedReset(w, r, err)
		return
	}
	p.show(w, r, http.StatusOK, "reset.html", newResetPage(token, who.User.Name))
}

func (p *Pages) reset(w http.ResponseWriter, r *http.Request) {
	if !p.readForm(w, r) {
		return
	}
	token := r.PostFormValue("token")
	// Looked at before the costly hash, and again when it is used.
	who, err := p.Directory.PasswordReset(r.Context(), token)
	if err != nil {
		p.closedReset(w, r, err)
		return
	}
	done, err := p.usePassword(w, r, "reset.html", newResetPage(token, who.User.Name), func(hash string) error {
		_, err := p.Directory.ResetPassword(r.Context(), token, hash)
		return err
	})
	switch {
	case err != nil:
		p.closedReset(w, r, err)
	case done:
		p.setCookie(w, "") // whoever was signed in here is not any more
		p.show(w, r, http.StatusOK, "message.html", message{
			Title: "Your password is changed",
			Text:  "Wherever you were signed in, you are signed out.",
			Link:  signInPath, LinkText: "Sign in",
		})
	}
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
