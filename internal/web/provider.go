package web

import (
	"errors"
	"net/http"
	"net/url"

	"rollcall/internal/login"
	"rollcall/internal/request"
	"rollcall/internal/webidentity"
)

// providerPath leads to a provider. It is a link and no form: a page's forms go
// nowhere but home, not even by a redirect, which is what browsers make of
// form-action.
const providerPath = signInPath + "/provider"

func (p *Pages) providerRoutes() {
	p.mux.HandleFunc("GET "+providerPath, p.leaveForProvider)
	p.mux.HandleFunc("GET "+login.CallbackPath, p.comeBack)
}

// providerLink is a button that leads to a provider.
type providerLink struct{ Text, Address string }

// providerLinks are those of a sign-in page.
func (p *Pages) providerLinks(r *http.Request, account, request string) (links []providerLink, err error) {
	choices, err := p.Providers.Choices(r.Context(), account)
	for _, c := range choices {
		links = append(links, providerLink{"Continue with " + c.Label, providerAddress(&c, request, "")})
	}
	return links, err
}

func providerAddress(c *login.Choice, request, namespace string) string {
	q := url.Values{"account": {c.AccountID}, "provider": {c.URL}}
	for name, value := range map[string]string{"request": request, "namespace": namespace} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return providerPath + "?" + q.Encode()
}

// tripCookie binds a sign-in at a provider to the browser. It is sent along when
// the provider leads back, which is another site's doing: hence Lax.
func (p *Pages) tripCookie(token string) *http.Cookie {
	c := &http.Cookie{
		Name: "rollcall-signin", Value: token, Path: "/", HttpOnly: true, Secure: p.HTTPS, SameSite: http.SameSiteLaxMode,
		MaxAge: int(login.TripLife.Seconds())}
	if p.HTTPS {
		c.Name = "__Host-" + c.Name
	}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}

// leaveForProvider begins a sign-in at a provider. Other sites can't begin one:
// they get the sign-in page, and whoever sits there decides.
func (p *Pages) leaveForProvider(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		http.Redirect(w, r, signInPath, http.StatusSeeOther)
		return
	}
	address, token, err := p.Providers.Begin(r.Context(), login.Destination{
		Request:   q.Get("request"),
		AccountID: q.Get("account"),
		URL:       q.Get("provider"),
		Namespace: q.Get("namespace"),
	})
	if err != nil {
		p.notContinued(w, r, q.Get("request"), err)
		return
	}
	http.SetCookie(w, p.tripCookie(token))
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// comeBack ends a sign-in at a provider. A parameter that is there twice is as
// good as none: who reads the first and who reads the last would not agree.
func (p *Pages) comeBack(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for _, name := range []string{"state", "code", "iss", "error"} {
		if len(q[name]) > 1 {
			p.notContinued(w, r, "", login.ErrTripOver)
			return
		}
	}
	back := login.Return{State: q.Get("state"), Code: q.Get("code"), Issuer: q.Get("iss"), Error: q.Get("error")}
	if c, err := r.Cookie(p.tripCookie("").Name); err == nil {
		back.Token = c.Value
	}
	out, err := p.Providers.Finish(r.Context(), back)
	if !errors.Is(err, login.ErrTripOver) { // else it may be another's that goes on
		http.SetCookie(w, p.tripCookie(""))
	}
	if err != nil {
		p.notContinued(w, r, out.Request, err)
		return
	}
	p.Admit(w, r, out.Opened)
}

// notContinuedTexts are what somebody is told whom a provider has not signed in.
var notContinuedTexts = []struct {
	err    error
	status int
	code   string // in the log
	text   string // "": the error's own
	hint   string
}{
	{login.ErrUnauthorizedLogin, http.StatusForbidden, "UnauthorizedLogin", "",
		"Ask your administrator to store your login with your user."},
	{login.ErrTripOver, http.StatusBadRequest, "SignInOver",
		"This sign-in was begun in another browser or too long ago, or it has ended before.", "Sign in anew."},
	{login.ErrNoProvider, http.StatusNotFound, "NoProvider",
		"Nobody can continue with this provider any more.", "Sign in in another way, or ask your administrator."},
	{login.ErrTooMany, http.StatusTooManyRequests, "TooMany",
		"There were too many attempts.", "Wait a minute and try again."},
	{login.ErrAnswer, http.StatusBadRequest, "ProviderAnswer",
		"The provider's answer was not what it has to be, so nobody was signed in.", "Sign in anew. If it keeps happening, ask your administrator."},
	{webidentity.ErrProvider, http.StatusBadGateway, "ProviderDown",
		"The provider can't be reached, or does not work.", "Try again in a moment, or sign in in another way."},
	{webidentity.ErrDiscovery, http.StatusBadGateway, "ProviderDown",
		"The provider says that it is another one.", "Ask your administrator."},
}

// notContinued tells why somebody has not been signed in by a provider, and leads
// back to the sign-in that has not ended.
func (p *Pages) notContinued(w http.ResponseWriter, r *http.Request, signIn string, err error) {
	if several, ok := errors.AsType[*login.SameLoginError](err); ok {
		p.askNamespace(w, r, signIn, several)
		return
	}
	page := message{Title: "You are not signed in", Link: signInPath, LinkText: "Back to signing in"}
	if signIn != "" {
		page.Link += "?" + url.Values{"request": {signIn}}.Encode()
	}
	info := request.From(r.Context())
	if _, ok := errors.AsType[*login.CancelledError](err); ok {
		info.Code, info.Err = "ProviderError", err
		page.Text = "The provider did not say who you are."
		p.show(w, r, http.StatusForbidden, "message.html", page)
		return
	}
	for _, t := range notContinuedTexts {
		if errors.Is(err, t.err) {
			info.Code, info.Err = t.code, err
			page.Text, page.Hint = t.text, t.hint
			if page.Text == "" {
				page.Text = t.err.Error()
			}
			p.show(w, r, t.status, "message.html", page)
			return
		}
	}
	p.fail(w, r, err)
}

// askNamespace asks who is meant, of several users with one login.
func (p *Pages) askNamespace(w http.ResponseWriter, r *http.Request, signIn string, several *login.SameLoginError) {
	page := struct {
		Title string
		Label string
		Links []providerLink
	}{Title: "Which user are you?", Label: several.Choice.Label}
	for _, namespace := range several.Namespaces {
		page.Links = append(page.Links, providerLink{
			"Namespace " + namespace + " of " + several.Account, providerAddress(&several.Choice, signIn, namespace)})
	}
	p.show(w, r, http.StatusConflict, "namespace.html", page)
}
