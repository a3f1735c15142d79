package login_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rollcall/internal/access"
	"rollcall/internal/login"
	"rollcall/internal/store"
)

const (
	issuer       = "https://id.example.com/tenant"
	oidcProvider = "arn:aws:iam::" + account + ":oidc-provider/id.example.com/tenant"
	cognito      = "cognito-identity.amazonaws.com"
	cognitoID    = "us-east-1:12345678-1234-1234-1234-123456789012"
	unauthorized = "The external login used for federation is unauthorized for the Quick Sight user."
)

// role makes a role with an inline policy, "" for none.
func (k *kit) role(name, document string) store.Principal {
	k.Helper()
	p := store.Principal{IAMIdentity: store.IAMIdentity{AccountID: account, Kind: store.IAMRole, Name: name, UniqueID: "AROA" + strings.ToUpper(name)}, Path: "/team/"}
	if document != "" {
		p.Inline = []store.InlinePolicy{{Name: "inline", Document: document}}
	}
	k.update(func(tx store.Tx) (err error) {
		p, err = tx.CreatePrincipal(p)
		return err
	})
	return p
}

// stands makes the user whom a role's session stands for.
func (k *kit) stands(role store.Principal, session string, change ...func(*store.User)) store.User {
	k.Helper()
	u := store.User{NamespaceID: k.user.NamespaceID, ID: uuid.Must(uuid.NewV7()), Name: role.Name + "/" + session,
		Email: "eva@example.com", Role: "READER", Identity: "IAM", Principal: role.UniqueID + ":" + session, IAMIdentityID: role.ID}
	for _, c := range change {
		c(&u)
	}
	k.update(func(tx store.Tx) error { return tx.CreateUser(account, store.NewUser{User: u}) })
	if u.Disabled { // which nobody is made
		k.update(func(tx store.Tx) error { return tx.UpdateUser(u) })
	}
	return u
}

// session gives who calls with a session of a principal that lasts an hour.
func (k *kit) session(p store.Principal, name string, change ...func(*access.Session)) *access.Caller {
	k.Helper()
	now := time.Now()
	s := &access.Session{AccountID: account, Owner: p.UniqueID, Name: name, IssuedAt: now.Unix(), ExpiresAt: now.Add(time.Hour).Unix()}
	for _, c := range change {
		c(s)
	}
	made, _, err := k.keys.NewSession(s)
	if err != nil {
		k.Fatal(err)
	}
	c, err := k.keys.SessionCaller(k.Context(), access.Shown{
		AccessKeyID: made.AccessKeyID, SecretAccessKey: made.SecretAccessKey, SessionToken: made.SessionToken}, "signin", now)
	if err != nil {
		k.Fatal(err)
	}
	return c
}

// enter fails unless a session may enter, and gives the browser's.
func (k *kit) enter(c *access.Caller, until time.Time) store.SignedIn {
	k.Helper()
	opened, err := k.Enter(k.Context(), c, until)
	if err != nil {
		k.Fatal(err)
	}
	s, err := k.People.Session(k.Context(), opened.Token)
	if err != nil {
		k.Fatal(err)
	}
	return s
}

// keptOut fails unless a session may not enter, for that reason.
func (k *kit) keptOut(c *access.Caller, want error) {
	k.Helper()
	if opened, err := k.Enter(k.Context(), c, time.Now().Add(time.Hour)); !errors.Is(err, want) || opened != (login.Opened{}) {
		k.Errorf("%+v, %v, want %v", opened, err, want)
	}
}

// records gives the failures and successes of signing in, once they are written.
func (k *kit) records() (all []store.AuditRecord) {
	k.Helper()
	if err := k.log.Flush(k.Context()); err != nil {
		k.Fatal(err)
	}
	if err := k.store.View(k.Context(), func(r store.Reader) (err error) {
		all, _, err = r.AuditPage(store.AuditQuery{AccountID: account, Limit: 100})
		return err
	}); err != nil {
		k.Fatal(err)
	}
	return all
}

// Each identity of a session meets each login of a user.
func TestExternalLoginGuardsWebIdentities(t *testing.T) {
	custom := store.ExternalLogin{Provider: "CUSTOM_OIDC", URL: issuer, ID: "eva"}
	pool := store.ExternalLogin{Provider: "COGNITO", URL: cognito, ID: cognitoID}
	with := func(l store.ExternalLogin, change func(*store.ExternalLogin)) store.ExternalLogin {
		change(&l)
		return l
	}
	stored := map[string]store.ExternalLogin{
		"none":                         {},
		"the OIDC subject":             custom,
		"the Cognito subject":          pool,
		"another OIDC subject":         with(custom, func(l *store.ExternalLogin) { l.ID = "Eva" }),
		"no OIDC subject":              with(custom, func(l *store.ExternalLogin) { l.ID = "" }),
		"another issuer":               with(custom, func(l *store.ExternalLogin) { l.URL = "https://evil.example.com" }),
		"a slash more":                 with(custom, func(l *store.ExternalLogin) { l.URL += "/" }),
		"another case":                 with(custom, func(l *store.ExternalLogin) { l.URL = strings.ToUpper(l.URL) }),
		"no scheme":                    with(custom, func(l *store.ExternalLogin) { l.URL = strings.TrimPrefix(l.URL, "https://") }),
		"no issuer":                    with(custom, func(l *store.ExternalLogin) { l.URL = "" }),
		"another Cognito subject":      with(pool, func(l *store.ExternalLogin) { l.ID += "3" }),
		"no Cognito subject":           with(pool, func(l *store.ExternalLogin) { l.ID = "" }),
		"the OIDC subject at Cognito":  with(pool, func(l *store.ExternalLogin) { l.ID = "eva" }),
		"the Cognito subject at OIDC":  with(custom, func(l *store.ExternalLogin) { l.ID = cognitoID }),
		"an unknown provider":          with(custom, func(l *store.ExternalLogin) { l.Provider = "SAML" }),
		"an OIDC login without a type": with(custom, func(l *store.ExternalLogin) { l.Provider = "" }),
	}
	sessions := map[string]*access.Federation{
		"plain":                  nil,
		"OIDC":                   {Provider: oidcProvider, Issuer: issuer, Subject: "eva", Audience: "app"},
		"Cognito":                {Provider: cognito, Issuer: "https://" + cognito, Subject: cognitoID, Audience: "us-east-1:pool"},
		"OIDC without a subject": {Provider: oidcProvider, Issuer: issuer},
		"nobody":                 {},
	}
	// Which of the logins lets a session in, beside the plain one, which all do.
	opens := map[[2]string]bool{
		{"OIDC", "the OIDC subject"}:       true,
		{"Cognito", "the Cognito subject"}: true,
	}
	k := newKit(t)
	role := k.role("reading", "")
	eva := k.stands(role, "eva")
	for what, l := range stored {
		eva.ExternalLogin = l
		k.update(func(tx store.Tx) error { return tx.UpdateUser(eva) })
		for whose, f := range sessions {
			t.Run(whose+" with "+what, func(t *testing.T) {
				c := k.session(role, "eva", func(s *access.Session) { s.Federation = f })
				opened, err := k.Enter(t.Context(), c, time.Now().Add(time.Hour))
				switch {
				case f == nil || opens[[2]string{whose, what}]:
					if err != nil || opened.Token == "" {
						t.Errorf("not let in: %v", err)
					}
				case !errors.Is(err, login.ErrUnauthorizedLogin) || err.Error() != unauthorized || opened.Token != "":
					t.Errorf("%+v, %v", opened, err)
				}
			})
		}
	}
	eva.ExternalLogin = store.ExternalLogin{}
	k.update(func(tx store.Tx) error { return tx.UpdateUser(eva) })
	k.keptOut(k.session(role, "eva", func(s *access.Session) { s.Federation = sessions["OIDC"] }), login.ErrUnauthorizedLogin)
	after := eva
	k.view(func(r store.Reader) (err error) {
		after, err = r.UserByPrincipal(eva.NamespaceID, eva.Principal)
		return err
	})
	if after.ExternalLogin != eva.ExternalLogin {
		t.Errorf("coming in has bound the login %+v", after.ExternalLogin)
	}
}

func (k *kit) view(fn func(store.Reader) error) {
	k.Helper()
	if err := k.store.View(k.Context(), fn); err != nil {
		k.Fatal(err)
	}
}

func TestRoleSessionEntersAsItsUser(t *testing.T) {
	k := newKit(t)
	role := k.role("reading", "")
	k.stands(role, "eva")
	k.stands(role, "ada")
	c := k.session(role, "eva", func(s *access.Session) { s.Tags = store.Tags{"eMAIL": "eva@corp.example.com", "team": "a"} })
	s := k.enter(c, time.Now().Add(20*time.Minute))
	if s.User.Name != "reading/eva" || !s.User.Active || s.Namespace.Name != "default" || s.User.Email != "eva@example.com" {
		t.Errorf("signed in is %+v", s.User)
	}
	if left := time.Until(s.Session.ExpiresAt); left < 19*time.Minute || left > 20*time.Minute {
		t.Errorf("the session lasts %v", left)
	}
	long := k.enter(c, time.Now().Add(100*time.Hour))
	if left := time.Until(long.Session.ExpiresAt); left > access.SessionLife || left < access.SessionLife-time.Minute {
		t.Errorf("the long session lasts %v", left)
	}
	k.keptOut(k.session(role, "Eva"), login.ErrNoUser)
	all := k.records()
	if len(all) != 3 {
		t.Fatalf("%d records", len(all))
	}
	first, last := all[0], all[0]
	for _, r := range all {
		if r.ErrorMessage == "" {
			first = r
		} else {
			last = r
		}
	}
	if first.Action != "signin:ConsoleLogin" || first.Subject != "reading/eva" || first.Caller.Kind != store.IAMRole ||
		first.Caller.ARN != "arn:aws:sts::"+account+":assumed-role/reading/eva" || first.Caller.AccessKeyID != c.AccessKeyID ||
		first.Caller.PrincipalID != role.UniqueID+":eva" || first.Response != `{"ConsoleLogin":"Success","email":"eva@corp.example.com"}` {
		t.Errorf("the record is %+v", first)
	}
	if last.Subject != "reading/Eva" || last.Response != `{"ConsoleLogin":"Failure"}` || last.ErrorMessage != login.ErrNoUser.Error() {
		t.Errorf("the record of the failure is %+v", last)
	}
}

// Whoever may not manage IAM by his credentials does not by coming in, whatever
// the user may.
func TestNarrowCredentialsOpenANarrowSession(t *testing.T) {
	k := newKit(t)
	const all = `{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`
	const users = `{"Statement": {"Effect": "Allow", "Action": "quicksight:*", "Resource": "*"}}`
	for name, tt := range map[string]struct {
		own, session string
		narrow       bool
	}{
		"nothing":   {"", "", true},
		"users":     {users, "", true},
		"narrowed":  {all, users, true},
		"all":       {all, "", false},
		"all twice": {all, all, false},
	} {
		role := k.role(strings.ReplaceAll(name, " ", ""), tt.own)
		k.stands(role, "eva")
		c := k.session(role, "eva", func(s *access.Session) { s.Policy = tt.session })
		if s := k.enter(c, time.Now().Add(time.Hour)); s.Session.Narrow != tt.narrow {
			t.Errorf("%s: narrow %t", name, s.Session.Narrow)
		}
	}
}

func TestWhoStandsForNobody(t *testing.T) {
	k := newKit(t)
	role := k.role("reading", "")
	k.stands(role, "off", func(u *store.User) { u.Disabled = true })
	k.stands(role, "guarded", func(u *store.User) {
		u.Disabled, u.ExternalLogin = true, store.ExternalLogin{Provider: "CUSTOM_OIDC", URL: issuer, ID: "eva"}
	})
	stranger := func(s *access.Session) { s.Federation = &access.Federation{Issuer: issuer, Subject: "eve"} }
	k.keptOut(k.session(role, "off"), login.ErrDisabled)
	k.keptOut(k.session(role, "nobody"), login.ErrNoUser)
	k.keptOut(k.session(role, "nobody", stranger), login.ErrNoUser)
	k.keptOut(k.session(role, "guarded", stranger), login.ErrUnauthorizedLogin) // who is told no more
	k.keptOut(k.session(k.role("another", ""), "off"), login.ErrNoUser)
	k.keptOut(k.session(role, ""), login.ErrNotOfRole) // of GetSessionToken
	k.keptOut(access.Root(store.Account{ID: account, Region: "us-east-1"}), login.ErrNotOfRole)

	var other store.Namespace
	k.update(func(tx store.Tx) (err error) {
		other, err = tx.CreateNamespace(store.Namespace{AccountID: account, Name: "other", DirectoryID: "d-1123456789"})
		return err
	})
	k.stands(role, "elsewhere", func(u *store.User) { u.NamespaceID = other.ID })
	k.keptOut(k.session(role, "elsewhere"), login.ErrNoUser)
}

func TestSessionThatHasEndedDoesNotEnter(t *testing.T) {
	k := newKit(t)
	role := k.role("reading", "")
	k.stands(role, "eva")
	if _, err := k.Enter(t.Context(), k.session(role, "eva"), time.Now().Add(-time.Second)); !errors.Is(err, login.ErrEnded) {
		t.Errorf("until a second ago: %v", err)
	}
	c := k.session(role, "eva")
	c.Request.Time = time.Unix(c.Session.ExpiresAt, 0)
	if _, err := k.Enter(t.Context(), c, c.Request.Time.Add(time.Hour)); !access.NotGood(err) {
		t.Errorf("at the end of the credentials: %v", err)
	}
	c = k.session(role, "eva")
	k.update(func(tx store.Tx) error { return tx.DeletePrincipal(role.ID) })
	if _, err := k.Enter(t.Context(), c, time.Now().Add(time.Hour)); !access.NotGood(err) {
		t.Errorf("of a role that has gone: %v", err)
	}
}

// By a policy that denies everything to tokens from before a time, AWS's console
// revokes the sessions of a role.
func TestRevokedSessionDoesNotEnter(t *testing.T) {
	const revoked = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*",
		"Condition":{"DateLessThan":{"aws:TokenIssueTime":"2999-01-01T00:00:00Z"}}}}`
	k := newKit(t)
	role := k.role("reading", revoked)
	k.stands(role, "eva")
	var denied *access.Denied
	if _, err := k.Enter(t.Context(), k.session(role, "eva"), time.Now().Add(time.Hour)); !errors.As(err, &denied) || !denied.Explicit {
		t.Errorf("%v", err)
	}
	limited := k.role("limited", "") // whose session may do nothing here
	k.stands(limited, "eva")
	k.enter(k.session(limited, "eva", func(s *access.Session) {
		s.Policy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`
	}), time.Now().Add(time.Hour))
}
