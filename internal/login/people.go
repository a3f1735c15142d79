package login

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"golang.org/x/time/rate"

	"rollcall/internal/access"
	"rollcall/internal/audit"
	"rollcall/internal/seal"
	"rollcall/internal/store"
)

// Reasons why somebody is not signed in.
var (
	ErrRefused     = errors.New("account, user name or password is wrong") // it is not said which
	ErrTooMany     = errors.New("too many failed attempts")
	ErrSignedOut   = access.ErrSignedOut
	ErrOldPassword = errors.New("the old password is wrong")
)

// People signs users in, by their passwords or as sessions of IAM, and keeps them
// signed in. It is safe for concurrent use.
type People struct {
	store   store.Store
	guard   *access.Guard
	hasher  *Hasher
	limiter *Limiter
	begin   *rate.Limiter // of sign-ins that anybody can begin
	audit   *audit.Log
	now     func() time.Time
}

// NewPeople makes People over a store.
func NewPeople(s store.Store, g *access.Guard, h *Hasher, log *audit.Log, now func() time.Time) *People {
	return &People{
		store: s, guard: g, hasher: h, limiter: NewLimiter(now), begin: rate.NewLimiter(beginRate, beginBurst), audit: log, now: now}
}

// Attempt is what somebody who signs in gives.
type Attempt struct {
	Request   string // token of the sign-in that was begun; "": none
	Account   string // its name, or its 12 digits
	Namespace string
	UserName  string // byte by byte
	Password  string
	Address   string // where it comes from
}

// person is who an attempt is about; the zero value is nobody.
type person struct {
	store.Person
	hash string // "": may not sign in
}

// Opened is a session that has just begun.
type Opened struct {
	Token    string
	ReturnTo string // page that the sign-in was begun for; "": none
}

// SignIn opens a session. Whether the account, the user or the password is
// wrong makes no difference to the answer, nor to its time.
func (p *People) SignIn(ctx context.Context, a Attempt) (o Opened, err error) {
	if a.Account, err = p.accountID(ctx, a.Account); err != nil {
		return o, err
	}
	err = p.try(a.Account, a.Namespace, a.UserName, a.Address, func() error {
		o, err = p.signIn(ctx, a)
		if errors.Is(err, errChanged) { // by another sign-in, it may be: once more
			o, err = p.signIn(ctx, a)
		}
		if errors.Is(err, errChanged) {
			err = ErrRefused
		}
		return err
	})
	return o, err
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
	err = p.store.View(ctx, func(r store.Reader) error {
		account, err := store.FindAccount(r, name)
		id = account.ID
		return err
	})
	if store.Missing(err, store.RecordAccount) {
		return name, nil
	}
	return id, err
}

// DefaultAccount is the name that a form for signing in is filled in with: that
// of the only account, or "".
func (p *People) DefaultAccount(ctx context.Context) (name string, err error) {
	err = p.store.View(ctx, func(r store.Reader) error {
		accounts, err := r.Accounts()
		if len(accounts) == 1 {
			name = accounts[0].Name
		}
		return err
	})
	return name, err
}

// errChanged means that a password has changed while it was being checked.
var errChanged = errors.New("the password has changed")

func (p *People) signIn(ctx context.Context, a Attempt) (o Opened, err error) {
	found, err := p.find(ctx, a)
	if err != nil {
		return o, err
	}
	ok, outdated, err := p.hasher.Verify(ctx, a.Password, found.hash)
	if err != nil {
		return o, err
	}
	if !ok {
		p.refused(ctx, &found.Person, "ConsoleLogin", `{"ConsoleLogin":"Failure"}`)
		return o, ErrRefused
	}
	renewed := ""
	if outdated {
		if renewed, err = p.hasher.Hash(ctx, a.Password); err != nil {
			return o, err
		}
	}
	return p.open(ctx, found, a.Request, renewed)
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
		if err == nil && !found.User.Disabled {
			found.hash, err = r.Password(found.Namespace.ID, found.User.ID)
		}
		return err
	})
	return found, err
}

// open begins a session, unless the password has been changed meanwhile, or the
// user disabled.
func (p *People) open(ctx context.Context, who person, request, renewed string) (o Opened, err error) {
	token := seal.NewToken()
	err = p.store.Update(ctx, func(tx store.Tx) error {
		if err := unchanged(tx, &who); err != nil {
			return err
		}
		if o.ReturnTo, err = endSignIn(tx, request); err != nil {
			return err
		}
		if renewed != "" {
			if err := tx.SetPassword(who.Namespace.ID, who.User.ID, renewed); err != nil {
				return err
			}
		}
		return openSession(ctx, tx, &who.Person, token)
	})
	if err != nil {
		return Opened{}, err
	}
	o.Token = base64.RawURLEncoding.EncodeToString(token)
	return o, nil
}

func unchanged(tx store.Tx, who *person) error {
	now, err := tx.UserByID(who.Namespace.ID, who.User.ID)
	if store.Missing(err, store.RecordUser) {
		return errChanged
	}
	if err != nil {
		return err
	}
	hash, err := tx.Password(who.Namespace.ID, who.User.ID)
	if err == nil && (hash != who.hash || now.User.Disabled) {
		err = errChanged
	}
	return err
}

func openSession(ctx context.Context, tx store.Tx, who *store.Person, token []byte) error {
	return errors.Join(
		beginSession(tx, who, token, tx.Now().Add(access.SessionLife), false),
		record(ctx, tx, who, "ConsoleLogin", `{"ConsoleLogin":"Success"}`),
	)
}

func beginSession(tx store.Tx, who *store.Person, token []byte, until time.Time, narrow bool) error {
	// Every sign-in clears away some sessions that have ended: no more are
	// made than that.
	if _, err := tx.PruneWebSessions(tx.Now(), 10); err != nil {
		return err
	}
	return errors.Join(
		tx.ActivateUser(who.Namespace.ID, who.User.ID),
		tx.CreateWebSession(store.WebSession{
			TokenHash: seal.HashToken(token), NamespaceID: who.Namespace.ID, UserID: who.User.ID,
			CreatedAt: tx.Now(), SeenAt: tx.Now(), ExpiresAt: until, Narrow: narrow}),
	)
}

// refused records a wrong password of somebody who exists. It takes no time,
// which would tell that he does.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
func (p *People) refused(ctx context.Context, who *store.Person, action, response string) {
	if who.Account.ID != "" {
		c, call := did(ctx, who, action)
		access.NoteFailure(p.audit, c, call, response, "Failed authentication")
	}
}

// did is what a person has done.
func did(ctx context.Context, who *store.Person, action string) (*access.Caller, *access.Call) {
	c := access.Person(ctx, who.Account, who.User.Name, access.PrincipalID(who))
	return c, &access.Call{Action: "signin:" + action, AccountID: who.Account.ID, Resource: "*"}
}

// record records what a person has changed.
func record(ctx context.Context, tx store.Tx, who *store.Person, action, response string) error {
	c, call := did(ctx, who, action)
	return access.Record(tx, c, call, response)
}
