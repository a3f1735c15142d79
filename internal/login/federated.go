package login

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/seal"
	"rollcall/internal/store"
)

// refusal is why a session of IAM is not let in, in words that it may be told.
type refusal string

func (r refusal) Error() string { return string(r) }

// Reasons why a session of IAM is not let in.
const (
	ErrNotOfRole refusal = "Only the session of a role can sign in here."
	ErrEnded     refusal = "The session has ended."
	ErrNoUser    refusal = "There is no user for this session of the role."
	ErrDisabled  refusal = "The user is disabled."
	// ErrUnauthorizedLogin has QuickSight's words.
	// https://docs.aws.amazon.com/quicksight/latest/user/troubleshoot-webidentity-federation.html
	ErrUnauthorizedLogin refusal = "The external login used for federation is unauthorized for the Quick Sight user."
)

// Enter opens a browser's session for the user whom the session of a role stands
// for, who is called Role/Session. It needs no permission and no password, but
// that the session is still good, and nobody's policy denies it. It lasts until
// then, or for access.SessionLife where that is less.
func (p *People) Enter(ctx context.Context, c *access.Caller, until time.Time) (Opened, error) {
	call := access.Call{Action: "signin:ConsoleLogin", AccountID: c.Account.ID, Resource: "*", Open: true, Subject: userName(c)}
	token := seal.NewToken()
	err := p.guard.Change(ctx, c, call, func(tx store.Tx) (string, error) {
		who, err := standsFor(tx, c)
		if err != nil {
			return "", err
		}
		if !tx.Now().Before(until) {
			return "", ErrEnded
		}
		ends := tx.Now().Add(access.SessionLife)
		if until.Before(ends) {
			ends = until
		}
		// Whoever may not manage IAM by his credentials does not by coming in.
		may, err := p.guard.ManagesIAM(tx, c)
		if err != nil {
			return "", err
		}
		return entered(c.Session), beginSession(tx, &who, token, ends, !may)
	})
	if err != nil {
		p.notEntered(c, &call, err)
		return Opened{}, err
	}
	return Opened{Token: base64.RawURLEncoding.EncodeToString(token)}, nil
}

// userName is that of the user whom a role's session stands for; "" for other
// callers.
func userName(c *access.Caller) string {
	if c.Session == nil || !c.Session.OfRole() {
		return ""
	}
	return c.RoleARN[strings.LastIndex(c.RoleARN, "/")+1:] + "/" + c.Session.Name
}

// standsFor finds the user whom a session stands for, if he may come in by it.
func standsFor(r store.Reader, c *access.Caller) (who store.Person, err error) {
	if c.Session == nil || !c.Session.OfRole() {
		return who, ErrNotOfRole
	}
	ns, err := r.Namespace(c.Account.ID, "default")
	if err != nil {
		return who, err
	}
	u, err := r.UserByPrincipal(ns.ID, c.UserID)
	switch {
	case store.Missing(err, store.RecordUser) || err == nil && u.Orphan:
		return who, ErrNoUser
	case err != nil:
		return who, err
	case !authorized(c.Session.Federation, &u.ExternalLogin):
		return who, ErrUnauthorizedLogin
	case u.Disabled:
		return who, ErrDisabled
	}
	return store.Person{User: u, Namespace: ns, Account: c.Account}, nil
}

// cognito is the provider that Cognito's identity pools are in IAM.
const cognito = "cognito-identity.amazonaws.com"

// authorized says whether a session may come in as a user with that external
// login. Whoever shows a provider's token chooses the name of the session
// himself, and so has to be the one whom an administrator has stored: nobody is
// bound by coming in first. Who was let assume the role by IAM alone is not
// asked.
func authorized(f *access.Federation, stored *store.ExternalLogin) bool {
	if f == nil {
		return true
	}
	if f.Subject == "" || f.Subject != stored.ID {
		return false
	}
	switch stored.Provider {
	case "COGNITO":
		return f.Provider == cognito
	case "CUSTOM_OIDC":
		return f.Issuer == stored.URL
	}
	return false
}

// entered is what the record says of a sign-in. On AWS the tag Email is the
// address of a user who is made when he comes first; here it is only shown.
func entered(s *access.Session) string {
	response := map[string]string{"ConsoleLogin": "Success"}
	for key, value := range s.Tags {
		if strings.EqualFold(key, "Email") {
			response["email"] = value
		}
	}
	b, err := json.Marshal(response)
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	return string(b)
}

// notEntered records why a session was not let in, unless that is not its fault.
func (p *People) notEntered(c *access.Caller, call *access.Call, err error) {
	var r refusal
	var d *access.Denied
	if errors.As(err, &r) || errors.As(err, &d) || access.NotGood(err) {
		access.NoteFailure(p.audit, c, call, `{"ConsoleLogin":"Failure"}`, err.Error())
	}
}
