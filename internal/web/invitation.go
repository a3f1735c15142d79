package web

import (
	"errors"
	"net/http"

	"rollcall/internal/directory"
	"rollcall/internal/login"
	"rollcall/internal/store"
)

// invitationPage is the form for a first password.
type invitationPage struct {
	Title       string
	Token       string
	UserName    string
	AccountName string
	Namespace   string
	Rules       []passwordRule
	Problem     string // why the last try was refused; "": there was none
	Mismatch    bool   // the problem is the second field's
}

// passwordRule is a rule as the form shows it.
type passwordRule struct {
	Text   string
	Broken bool // by the last try
}

func newInvitationPage(token string, inv store.Invited) invitationPage {
	p := invitationPage{
		Title:       "Choose your password",
		Token:       token,
		UserName:    inv.UserName,
		AccountName: inv.Account.Name,
		Namespace:   inv.Namespace.Name,
	}
	p.Rules = passwordRules()
	return p
}

// passwordRules are the rules as a form shows them first.
func passwordRules() (rules []passwordRule) {
	for _, r := range login.Rules {
		rules = append(rules, passwordRule{Text: r.Text})
	}
	return rules
}

// checkPassword says what is wrong with a new password, and with which field,
// and marks the rules that it breaks; "" when nothing is.
func checkPassword(rules []passwordRule, password, confirm string) (problem, field string) {
	broken := map[string]bool{}
	for _, r := range login.Broken(password) {
		broken[r.Text] = true
	}
	for i := range rules {
		rules[i].Broken = broken[rules[i].Text]
	}
	switch {
	case len(broken) > 0:
		return "This password does not follow all the rules. See the points marked below.", "password"
	case password != confirm:
		return "The two passwords differ. Type the same one in both fields.", "confirm"
	}
	return "", ""
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
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.badForm(w, r, err)
		return
	}
	token, password, confirm := r.PostFormValue("token"), r.PostFormValue("password"), r.PostFormValue("confirm")
	if token == "" {
		token = r.URL.Query().Get("token")
	}
	// Looked at before the costly hash, and again when it is used.
	inv, err := p.Directory.Invitation(r.Context(), token)
	if err != nil {
		p.closedInvitation(w, r, err)
		return
	}
	page := newInvitationPage(token, inv)
	problem, field := checkPassword(page.Rules, password, confirm)
	if page.Problem, page.Mismatch = problem, field == "confirm"; problem != "" {
		p.show(w, r, http.StatusUnprocessableEntity, "register.html", page)
		return
	}
	hash, err := p.Hasher.Hash(r.Context(), password)
	if err == nil {
		_, err = p.Directory.AcceptInvitation(r.Context(), token, hash)
	}
	if err != nil {
		p.closedInvitation(w, r, err)
		return
	}
	p.show(w, r, http.StatusOK, "welcome.html", page)
}

// badForm tells that a form could not be read.
func (p *Pages) badForm(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusBadRequest
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		status = http.StatusRequestEntityTooLarge
	}
	p.show(w, r, status, "message.html", message{
		Title: "This form could not be read",
		Text:  "It arrived incomplete, or it was too large. Nothing was changed.",
		Hint:  "Go back and send it again.",
	})
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
