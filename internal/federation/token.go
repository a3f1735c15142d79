package federation

import (
	"context"
	"encoding/base64"
	stdjson "encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"rollcall/internal/access"
	"rollcall/internal/request"
	"rollcall/internal/seal"
	"rollcall/internal/store"
)

// tokenLife is how long a token is good.
const tokenLife = 15 * time.Minute

// Bounds of SessionDuration, in seconds.
const (
	minDuration = 900
	maxDuration = 43200
)

// grant is what a token stands for. It is sealed, and opened once.
type grant struct {
	access.Shown
	Seconds int // that the browser's session lasts; 0: as long as the credentials
}

// until is when a browser's session ends that begins now.
func (g *grant) until(c *access.Caller, now time.Time) time.Time {
	if g.Seconds == 0 {
		return time.Unix(c.Session.ExpiresAt, 0)
	}
	return now.Add(time.Duration(g.Seconds) * time.Second)
}

// getSigninToken gives a token for credentials.
func (e *endpoint) getSigninToken(w http.ResponseWriter, r *http.Request) {
	token, err := e.issue(r)
	if err != nil {
		refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = stdjson.NewEncoder(w).Encode(struct{ SigninToken string }{token}) // fails when the client has left
}

func (e *endpoint) issue(r *http.Request) (token string, err error) {
	g, err := parseGrant(r.Form.Get("Session"), r.Form.Get("SessionDuration"))
	if err != nil {
		return "", err
	}
	c, err := e.Keys.SessionCaller(r.Context(), g.Shown, "signin", e.Now())
	if err != nil {
		return "", badCredentials(err)
	}
	request.From(r.Context()).Caller = c.ARN
	if err = mayFederate(c.Session, g); err == nil {
		token, err = e.keep(r.Context(), c, g)
	}
	if err != nil {
		e.refused(r.Context(), c, err)
	}
	return token, badCredentials(err)
}

// parseGrant reads what is asked for: the three members that AWS names, and no
// others.
func parseGrant(session, duration string) (*grant, error) {
	var s struct {
		ID    string `json:"sessionId"`
		Key   string `json:"sessionKey"`
		Token string `json:"sessionToken"`
	}
	if json.Unmarshal([]byte(session), &s, json.RejectUnknownMembers(true)) != nil || s.ID == "" || s.Key == "" || s.Token == "" {
		return nil, bad("The parameter Session is not a JSON object of sessionId, sessionKey and sessionToken.")
	}
	g := &grant{Shown: access.Shown{AccessKeyID: s.ID, SecretAccessKey: s.Key, SessionToken: s.Token}}
	if duration == "" {
		return g, nil
	}
	seconds, err := strconv.ParseUint(duration, 10, 32)
	if err != nil || seconds < minDuration || seconds > maxDuration {
		return nil, bad("The parameter SessionDuration is not a number from %d to %d.", minDuration, maxDuration)
	}
	g.Seconds = int(seconds)
	return g, nil
}

// mayFederate refuses sessions that AWS refuses.
func mayFederate(s *access.Session, g *grant) error {
	switch {
	case !s.OfRole():
		return bad("Invalid credentials parameter: these are not the credentials of a role.")
	case s.Chained && g.Seconds > 0:
		return bad("The parameter SessionDuration can't be given for a role that was assumed by a role.")
	}
	return nil
}

// keep keeps what a new token stands for.
func (e *endpoint) keep(ctx context.Context, c *access.Caller, g *grant) (string, error) {
	plain, err := stdjson.Marshal(g)
	if err != nil {
		return "", err
	}
	token := seal.NewToken()
	hash := seal.HashToken(token)
	sealed := e.box.Seal(plain, string(hash))
	err = e.Guard.Change(ctx, c, call("GetSigninToken", c), func(tx store.Tx) (string, error) {
		return `{"GetSigninToken":"Success"}`, tx.CreateSigninToken(store.SigninToken{
			TokenHash: hash, Sealed: sealed, ExpiresAt: tx.Now().Add(tokenLife)})
	})
	return base64.RawURLEncoding.EncodeToString(token), err
}

func call(operation string, c *access.Caller) access.Call {
	return access.Call{Action: "signin:" + operation, AccountID: c.Account.ID, Resource: "*", Open: true}
}

// badCredentials is the fault of credentials that are no good, or that a policy
// keeps out; other errors stay what they are.
func badCredentials(err error) error {
	if denied := new(access.Denied); access.NotGood(err) || errors.As(err, &denied) {
		return bad("Invalid credentials parameter.")
	}
	return err
}

// refused records that somebody who is known did not get a token.
func (e *endpoint) refused(ctx context.Context, c *access.Caller, err error) {
	f := new(fault)
	if !errors.As(badCredentials(err), &f) {
		return
	}
	request.From(ctx).Why = access.Why(err)
	failed := call("GetSigninToken", c)
	access.NoteFailure(e.Audit, c, &failed, `{"GetSigninToken":"Failure"}`, err.Error())
}
