package access

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"rollcall/internal/store"
)

// How long a browser stays signed in.
const (
	SessionLife = 12 * time.Hour // whatever is done
	SessionIdle = 1 * time.Hour  // without a request
)

// ErrSignedOut means that nobody is signed in.
var ErrSignedOut = errors.New("nobody is signed in")

// SessionEnded says whether a session is over at a time.
func SessionEnded(s *store.WebSession, now time.Time) bool {
	return !now.Before(s.ExpiresAt) || now.Sub(s.SeenAt) >= SessionIdle
}

// browser is where a caller is signed in.
type browser struct {
	tokenHash   []byte
	namespaceID int64
	userID      uuid.UUID
}

// Browser is a user of QuickSight who calls from a browser. Whether he is still
// signed in, and an administrator, is found out in each call's transaction.
func Browser(ctx context.Context, in store.SignedIn) *Caller {
	c := Person(ctx, in.Account, in.User.Name, PrincipalID(&in.Person))
	c.browser = &browser{in.Session.TokenHash, in.User.NamespaceID, in.User.ID}
	c.subject = ""
	return c
}

// FederatedPrefix begins the PrincipalId of users of IAM.
const FederatedPrefix = "federated/iam/"

// NativePrefix begins the PrincipalId of native users of a namespace.
func NativePrefix(n store.Namespace) string { return "user/" + n.DirectoryID + "/" }

// PrincipalID is that of a user as the API gives it.
func PrincipalID(p *store.Person) string {
	if p.User.IAMIdentityID != 0 {
		return FederatedPrefix + p.User.Principal
	}
	return NativePrefix(p.Namespace) + p.User.Principal
}

// IsUser says whether a caller is that user, signed in in a browser.
func (c *Caller) IsUser(u *store.User) bool {
	return c.browser != nil && c.browser.namespaceID == u.NamespaceID && c.browser.userID == u.ID
}

// IsAdministrator says whether a user may use the console: one with an
// administrator's role in the account's own namespace, where all others of the
// account are managed.
func IsAdministrator(p *store.Person) bool {
	return IsAdministratorRole(p.User.Role) && !p.User.Disabled && p.Namespace.Name == "default"
}

// IsAdministratorRole says whether a role of QuickSight manages others.
func IsAdministratorRole(role string) bool { return role == "ADMIN" || role == "ADMIN_PRO" }

// ofBrowser is the standing of somebody in a browser: as the root of the account
// if he is an administrator, but for IAM if whoever made him one could not do
// that himself, or if he came by credentials that cannot, and nothing at all if
// he is none.
func (g *Guard) ofBrowser(r store.Reader, c *Caller) (*standing, error) {
	in, err := r.WebSession(c.browser.tokenHash)
	if store.Missing(err, store.RecordWebSession) || err == nil && SessionEnded(&in.Session, r.Now()) {
		return nil, ErrSignedOut
	}
	return &standing{
		identity:   c.Identity,
		powerless:  !IsAdministrator(&in.Person),
		withoutIAM: !in.User.ManagesIAM || in.Session.Narrow,
	}, err
}

// iamPowers are actions by which somebody gives himself all others.
var iamPowers = []string{"iam:CreateUser", "iam:PutUserPolicy", "iam:CreateAccessKey"}

// ManagesIAM says whether a caller may do anything in the account, since IAM is
// his to manage. Only he may make administrators who do that in the console: to
// register users is not to have all power.
func (g *Guard) ManagesIAM(r store.Reader, c *Caller) (bool, error) {
	s, err := g.standing(r, c)
	if err != nil {
		return false, err
	}
	for _, action := range iamPowers {
		call := Call{Action: action, AccountID: c.Account.ID, Resource: "arn:aws:iam::" + c.Account.ID + ":user/*"}
		if decide(c, s, &call) != nil {
			return false, nil
		}
	}
	return true, nil
}

// Refused records what somebody in a browser was not let do, in a pace at which
// he cannot fill the record.
func (g *Guard) Refused(c *Caller, d *Denied) {
	record := newRecord(c, &Call{Action: d.Action, Resource: d.Resource})
	record.ErrorCode, record.ErrorMessage = "AccessDenied", clip(d.Error())
	g.audit.AddPaced(record)
}
