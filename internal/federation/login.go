package federation

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"

	"rollcall/internal/access"
	"rollcall/internal/login"
	"rollcall/internal/request"
	"rollcall/internal/seal"
	"rollcall/internal/store"
)

// errToken means that a token is none, or none any more.
var errToken = errors.New("used, expired or unknown sign-in token")

// login signs a browser in with a token. Issuer, the page to come back to when
// the session has ended, is not kept.
func (e *endpoint) login(w http.ResponseWriter, r *http.Request) {
	for _, name := range []string{"Destination", "SigninToken"} {
		if r.Form.Get(name) == "" {
			e.Pages.Tell(w, r, http.StatusBadRequest, "This link is not complete",
				"The parameter "+name+" is missing.", "Go back to where the link came from.")
			return
		}
	}
	opened, err := e.enter(r.Context(), r.Form.Get("SigninToken"))
	if err != nil {
		e.keepOut(w, r, err)
		return
	}
	opened.ReturnTo = destination(r.Form.Get("Destination"), e.PublicURL)
	e.Pages.Admit(w, r, opened)
}

// enter begins a browser's session for a token, which is used up whatever comes
// of it.
func (e *endpoint) enter(ctx context.Context, token string) (opened login.Opened, err error) {
	g, err := e.use(ctx, token)
	if err != nil {
		return opened, err
	}
	now := e.Now()
	c, err := e.Keys.SessionCaller(ctx, g.Shown, "signin", now)
	if err != nil {
		return opened, err
	}
	request.From(ctx).Caller = c.ARN
	return e.People.Enter(ctx, c, g.until(c, now))
}

// use uses a token up, and opens what it stands for.
func (e *endpoint) use(ctx context.Context, token string) (*grant, error) {
	secret, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(secret) != seal.TokenSize {
		return nil, errToken
	}
	var kept store.SigninToken
	expired := false
	err = e.Store.Update(ctx, func(tx store.Tx) (err error) {
		kept, err = tx.UseSigninToken(seal.HashToken(secret))
		expired = !tx.Now().Before(kept.ExpiresAt)
		return err
	})
	switch {
	case store.Missing(err, store.RecordSigninToken) || err == nil && expired:
		return nil, errToken
	case err != nil:
		return nil, err
	}
	plain, err := e.box.Open(kept.Sealed, string(kept.TokenHash))
	if err != nil {
		return nil, err
	}
	g := new(grant)
	return g, json.Unmarshal(plain, g)
}

// refusals are what somebody is told who is not let in.
var refusals = []struct {
	is     func(error) bool
	status int
	code   string
	text   string // "": the error's own
	hint   string
}{
	{is(errToken), http.StatusBadRequest, "InvalidSigninToken",
		"The link was used before, or is too old: it is good once, for 15 minutes.", "Go back to where the link came from and sign in anew."},
	{is(login.ErrUnauthorizedLogin), http.StatusForbidden, "UnauthorizedLogin", "",
		"Ask your administrator to store your login with your user."},
	{is(login.ErrNoUser), http.StatusForbidden, "NoUser", "", "Ask your administrator to register you."},
	{is(login.ErrDisabled), http.StatusForbidden, "UserDisabled", "Your user is disabled.", "Ask your administrator."},
	{ended, http.StatusForbidden, "SessionEnded",
		"The session that the link was made for has ended.", "Go back to where the link came from and sign in anew."},
	{denied, http.StatusForbidden, "AccessDenied",
		"A policy keeps the session that the link was made for out.", "Ask your administrator."},
}

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func ended(err error) bool { return access.NotGood(err) || errors.Is(err, login.ErrEnded) }

func denied(err error) bool {
	d := new(access.Denied)
	return errors.As(err, &d)
}

// keepOut tells somebody why he is not let in.
func (e *endpoint) keepOut(w http.ResponseWriter, r *http.Request, err error) {
	info := request.From(r.Context())
	for _, f := range refusals {
		if !f.is(err) {
			continue
		}
		info.Code, info.Why = f.code, access.Why(err)
		text := f.text
		if text == "" {
			text = err.Error()
		}
		e.Pages.Tell(w, r, f.status, "You can't be signed in", text, f.hint)
		return
	}
	e.Pages.Fail(w, r, err)
}
