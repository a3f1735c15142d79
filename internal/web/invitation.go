package web

import (
	"cmp"
	"errors"
	"net/http"

	"rollcall/internal/directory"
	"rollcall/internal/login"
	"rollcall/internal/store"
)

func newInvitationPage(token string, inv store.Invited) passwordPage {
	return passwordPage{
		Title:       "Choose your password",
		Token:       token,
		UserName:    inv.UserName,
		AccountName: inv.Account.Name,
		Namespace:   inv.Namespace.Name,
		First:       true,
		Rules:       passwordRules(),
	}
}

// showInvitation shows the form. It uses nothing up: mail scanners open links
// before people do.
func (p *Pages) showInvitation(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get("token")
	inv, err := p.Directory.Invitation(r.Context(), token)
	if err != nil {
		p.closedInvitation(w, r, err)
		return
	}
	p.show(w, r, http.StatusOK, "register.html", newInvitationPage(token, inv))
}

func (p *Pages) acceptInvitation(w http.ResponseWriter, r *http.Request) {
	if !p.readForm(w, r) {
		return
	}
	token := cmp.Or(r.PostFormValue("token"), r.URL.Query().Get("token"))
	// Looked at before the costly hash, and again when it is used.
	inv, err := p.Directory.Invitation(r.Context(), token)
	if err != nil {
		p.closedInvitation(w, r, err)
		return
	}
	page := newInvitationPage(token, inv)
	done, err := p.usePassword(w, r, "register.html", page, func(hash string) error {
		_, err := p.Directory.AcceptInvitation(r.Context(), token, hash)
		return err
	})
	switch {
	case err != nil:
		p.closedInvitation(w, r, err)
	case done:
		p.show(w, r, http.StatusOK, "welcome.html", page)
	}
}

// closedInvitation tells why an invitation does not open.
func (p *Pages) closedInvitation(w http.ResponseWriter, r *http.Request, err error) {
	status, m := http.StatusGone, message{}
	switch {
	case errors.Is(err, directory.ErrInvitationUsed):
		m.Title = "This invitation has been used"
		m.Text = "A password was already chosen with this link, and a link works only once."
		m.Hint = "If that was not you, tell your administrator now."
	case errors.Is(err, directory.ErrInvitationExpired):
		m.Title = "This invitation has expired"
		m.Text = "For safety, an invitation can be opened for 24 hours only."
		m.Hint = "Ask your administrator for a new one."
	case errors.Is(err, directory.ErrInvitationUnknown):
		status = http.StatusNotFound
		m.Title = "This invitation is not valid"
		m.Text = "The link may be incomplete, or it was replaced by a newer one."
		m.Hint = "Copy the whole link from your invitation, or ask your administrator for a new one."
	case errors.Is(err, login.ErrBusy):
		status = http.StatusTooManyRequests
		m.Title = "Many people are signing up right now"
		m.Text = "Your password was not stored yet."
		m.Hint = "Wait a few seconds, go back and send it again."
	default:
		p.fail(w, r, err)
		return
	}
	p.show(w, r, status, "message.html", m)
}
