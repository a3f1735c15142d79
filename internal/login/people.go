package login

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/audit"
	"rollcall/internal/seal"
	"rollcall/internal/store"
)

// How long a browser stays signed in.
const (
	sessionLife = 12 * time.Hour  // whatever is done
	sessionIdle = 1 * time.Hour   // without a request
	seenEvery   = 1 * time.Minute // how exactly the last request is noted
)

// Reasons why somebody is not signed in.
var (
	ErrRefused     = errors.New("account, user name or password is wrong") // it is not said which
	ErrTooMany     = errors.New("too many failed attempts")
	ErrSignedOut   = errors.New("nobody is signed in")
	ErrOldPassword = errors.New("the old password is wrong")
)

// People signs users in by their passwords and keeps them signed in. It is safe
// for concurrent use.
type People struct {
	store   store.Store
	hasher  *Hasher
	limiter *Limiter
	audit   *audit.Log
}

// NewPeople makes People over a store.
func NewPeople(s store.Store, h *Hasher, log *audit.Log, now func() time.Time) *People {
	return &People{store: s, hasher: h, limiter: NewLimiter(now), audit: log}
}

// Attempt is what somebody who signs in gives.
type Attempt struct {
	Account   string // its name, or its 12 digits
	Namespace string
	UserName  string // byte by byte
	Password  string
	Address   string // where it comes from
}

// person is who an attempt is about; the zero value is nobody.
type person struct {
	store.SignedIn
	hash string
}

// SignIn opens a session and gives its token. Whether the account, the user or
// the password is wrong makes no difference to the answer, nor to its time.
func (p *People) SignIn(ctx context.Context, a Attempt) (token string, err error) {
	if a.Account, err = p.accountID(ctx, a.Account); err != nil {
		return "", err
	}
	err = p.try(a.Account, a.Namespace, a.UserName, a.Address, func() error {
		token, err = p.signIn(ctx, a)
		if errors.Is(err, errChanged) { // by another sign-in, it may be: once more
			token, err = p.signIn(ctx, a)
		}
		if errors.Is(err, errChanged) {
			err = ErrRefused
		}
		return err
	})
	return token, err
}

// try runs what tries a password, if there have not been too many, and tells
// the limiter what came of it.
func (p *People) try(accountID, namespace, userName, address string, fn func() error) error {
	who := accountID + "\x00" + namespace + "\x00" + userName
	if !p.limiter.Try(who, address) {
		return ErrTooMany
	}
	err := fn()
	switch {
	case err == nil:
		p.limiter.Succeeded(who, address)
	case errors.Is(err, ErrRefused), errors.Is(err, ErrOldPassword):
		p.limiter.Failed(who, address)
	default:
		p.limiter.TakeBack(who, address)
	}
	return err
}

// accountID is the 12 digits of an account by its name; of one that is not
// there, what was given.
func (p *People) accountID(ctx context.Context, name string) (id string, err error) {
	id = name
	err = p.store.View(ctx, func(r store.Reader) error {
		accounts, err := r.Accounts()
		for _, account := range accounts {
			if account.Name == name {
				id = account.ID
			}
		}
		return err
	})
	return id, err
}

// errChanged means that a password has changed while it was being checked.
var errChanged = errors.New("the password has changed")

func (p *People) signIn(ctx context.Context, a Attempt) (token string, err error) {
	found, err := p.find(ctx, a)
	if err != nil {
		return "", err
	}
	ok, outdated, err := p.hasher.Verify(ctx, a.Password, found.hash)
	if err != nil {
		return "", err
	}
	if !ok {
		p.refused(ctx, &found.SignedIn, "ConsoleLogin", `{"ConsoleLogin":"Failure"}`)
		return "", ErrRefused
	}
	renewed := ""
	if outdated {
		if renewed, err = p.hasher.Hash(ctx, a.Password); err != nil {
			return "", err
		}
	}
	return p.open(ctx, found, renewed)
}

// find finds the person of an attempt, or nobody.
func (p *People) find(ctx context.Context, a Attempt) (found person, err error) {
	err = p.store.View(ctx, func(r store.Reader) (err error) {
		found.Account, err = r.Account(a.Account)
		if err == nil {
			found.Namespace, found.User, err = r.User(a.Account, a.Namespace, a.UserName)
		}
		if errors.Is(err, store.ErrNotFound) {
			found = person{}
			return nil
		}
		if err == nil {
			found.hash, err = r.Password(found.Namespace.ID, found.User.ID)
		}
		return err
	})
	return found, err
}

// open begins a session, unless the password has been changed meanwhile.
func (p *People) open(ctx context.Context, who person, renewed string) (string, error) {
	token := seal.NewToken()
	err := p.store.Update(ctx, func(tx store.Tx) error {
		hash, err := tx.Password(who.Namespace.ID, who.User.ID)
		if err != nil {
			return err
		}
		if hash != who.hash {
			return errChanged
		}
		if renewed != "" {
			if err := tx.SetPassword(who.Namespace.ID, who.User.ID, renewed); err != nil {
				return err
			}
		}
		// Every sign-in clears away some sessions that have ended: no more are
		// made than that.
		if _, err := tx.PruneWebSessions(tx.Now(), 10); err != nil {
			return err
		}
		return errors.Join(
			tx.ActivateUser(who.Namespace.ID, who.User.ID),
			tx.CreateWebSession(store.WebSession{
				TokenHash: seal.HashToken(token), NamespaceID: who.Namespace.ID, UserID: who.User.ID,
				CreatedAt: tx.Now(), SeenAt: tx.Now(), ExpiresAt: tx.Now().Add(sessionLife)}),
			record(ctx, tx, &who.SignedIn, "ConsoleLogin", `{"ConsoleLogin":"Success"}`),
		)
	})
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(token), nil
}

// refused records a wrong password of somebody who exists. It takes no time,
// which would tell that he does.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
func (p *People) refused(ctx context.Context, who *store.SignedIn, action, response string) {
	if who.Account.ID != "" {
		c, call := did(ctx, who, action)
		access.NoteFailure(p.audit, c, call, response, "Failed authentication")
	}
}

// did is what a person has done.
func did(ctx context.Context, who *store.SignedIn, action string) (*access.Caller, *access.Call) {
	c := access.Person(ctx, who.Account, who.User.Name, "user/"+who.Namespace.DirectoryID+"/"+who.User.Principal)
	return c, &access.Call{Action: "signin:" + action, AccountID: who.Account.ID, Resource: "*"}
}

// record records what a person has changed.
func record(ctx context.Context, tx store.Tx, who *store.SignedIn, action, response string) error {
	c, call := did(ctx, who, action)
	return access.Record(tx, c, call, response)
}

// parseToken gives the hash of a token.
func parseToken(token string) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != seal.TokenSize {
		return nil, ErrSignedOut
	}
	return seal.HashToken(b), nil
}

// Session gives who is signed in with a token, or ErrSignedOut.
func (p *People) Session(ctx context.Context, token string) (s store.SignedIn, err error) {
	hash, err := parseToken(token)
	if err != nil {
		return s, err
	}
	var now time.Time
	err = p.store.View(ctx, func(r store.Reader) error {
		now = r.Now()
		s, err = r.WebSession(hash)
		return err
	})
	if store.Missing(err, store.RecordWebSession) || err == nil && ended(&s.Session, now) {
		return store.SignedIn{}, ErrSignedOut
	}
	if err == nil && now.Sub(s.Session.SeenAt) >= seenEvery {
		err = p.store.Update(ctx, func(tx store.Tx) error { return tx.TouchWebSession(hash, now) })
		if store.Missing(err, store.RecordWebSession) { // it has ended since
			return store.SignedIn{}, ErrSignedOut
		}
	}
	return s, err
}

func ended(s *store.WebSession, now time.Time) bool {
	return !now.Before(s.ExpiresAt) || now.Sub(s.SeenAt) >= sessionIdle
}

// SignOut ends a session; one that has ended is fine.
func (p *People) SignOut(ctx context.Context, token string) error {
	hash, err := parseToken(token)
	if err != nil {
		return nil
	}
	err = p.store.Update(ctx, func(tx store.Tx) error { return tx.DeleteWebSession(hash) })
	if store.Missing(err, store.RecordWebSession) {
		return nil
	}
	return err
}

// SignOutEverywhere ends all sessions of whoever is signed in.
func (p *People) SignOutEverywhere(ctx context.Context, s store.SignedIn) error {
	return p.store.Update(ctx, func(tx store.Tx) error {
		_, err := tx.DeleteWebSessions(s.Namespace.ID, s.User.ID, nil)
		return errors.Join(err, record(ctx, tx, &s, "SignOutEverywhere", ""))
	})
}

// ChangePassword sets another password, which keeps the rules, and ends all
// sessions of the user, also copies of this one: the token is that of the
// session that goes on in its place.
func (p *People) ChangePassword(ctx context.Context, s store.SignedIn, old, password, address string) (token string, err error) {
	err = p.try(s.Account.ID, s.Namespace.Name, s.User.Name, address, func() error {
		token, err = p.changePassword(ctx, &s, old, password)
		return err
	})
	return token, err
}

func (p *People) changePassword(ctx context.Context, s *store.SignedIn, old, password string) (string, error) {
	var stored string
	err := p.store.View(ctx, func(r store.Reader) (err error) {
		stored, err = r.Password(s.Namespace.ID, s.User.ID)
		return err
	})
	if err != nil {
		return "", err
	}
	ok, _, err := p.hasher.Verify(ctx, old, stored)
	if err != nil {
		return "", err
	}
	if !ok {
		p.refused(ctx, s, "PasswordUpdated", "")
		return "", ErrOldPassword
	}
	hash, err := p.hasher.Hash(ctx, password)
	if err != nil {
		return "", err
	}
	token := seal.NewToken()
	err = p.store.Update(ctx, func(tx store.Tx) error { return replacePassword(ctx, tx, s, stored, hash, token) })
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(token), nil
}

// replacePassword makes sure that nothing has changed since the old password
// was looked at: neither the password, nor that somebody is signed in.
func replacePassword(ctx context.Context, tx store.Tx, s *store.SignedIn, stored, hash string, token []byte) error {
	now, err := tx.Password(s.Namespace.ID, s.User.ID)
	if err != nil {
		return err
	}
	if now != stored {
		return ErrOldPassword
	}
	session, err := tx.WebSession(s.Session.TokenHash)
	if store.Missing(err, store.RecordWebSession) || err == nil && ended(&session.Session, tx.Now()) {
		return ErrSignedOut
	}
	if err != nil {
		return err
	}
	next := session.Session
	next.TokenHash, next.SeenAt = seal.HashToken(token), tx.Now()
	if _, err := tx.DeleteWebSessions(s.Namespace.ID, s.User.ID, nil); err != nil {
		return err
	}
	return errors.Join(
		tx.CreateWebSession(next),
		tx.SetPassword(s.Namespace.ID, s.User.ID, hash),
		record(ctx, tx, s, "PasswordUpdated", ""))
}
