package access

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"rollcall/internal/audit"
	"rollcall/internal/request"
	"rollcall/internal/store"
)

// member makes a user of QuickSight, and what he needs.
func (k *kit) member(accountID, namespace, name, role string, change ...func(*store.User)) store.User {
	k.Helper()
	u := store.User{ID: uuid.Must(uuid.NewV7()), Name: name, Email: name + "@example.com", Role: role,
		Identity: "QUICKSIGHT", Active: true, Principal: "p-" + name}
	k.update(func(tx store.Tx) error {
		ns, err := tx.Namespace(accountID, namespace)
		if store.Missing(err, store.RecordNamespace) {
			ns, err = tx.CreateNamespace(store.Namespace{AccountID: accountID, Name: namespace,
				DirectoryID: "d-" + namespace + accountID, CreatedAt: tx.Now()})
		}
		if err != nil {
			return err
		}
		u.NamespaceID, u.CreatedAt = ns.ID, tx.Now()
		for _, c := range change {
			c(&u)
		}
		return tx.CreateUser(accountID, store.NewUser{User: u})
	})
	return u
}

// browse is a user who has just signed in.
func (k *kit) browse(u store.User) (*Caller, store.SignedIn) {
	k.Helper()
	hash := uuid.New()
	var in store.SignedIn
	k.update(func(tx store.Tx) (err error) {
		err = tx.CreateWebSession(store.WebSession{TokenHash: hash[:], NamespaceID: u.NamespaceID, UserID: u.ID,
			CreatedAt: tx.Now(), SeenAt: tx.Now(), ExpiresAt: tx.Now().Add(SessionLife)})
		if err == nil {
			in, err = tx.WebSession(hash[:])
		}
		return err
	})
	ctx, info := request.New(k.Context())
	info.SourceIP, info.UserAgent, info.Secure = "203.0.113.7", "browser", true
	return Browser(ctx, in), in
}

// change makes a call that changes the account's public sharing.
func (k *kit) change(c *Caller) error {
	return k.Change(context.Background(), c, Call{Action: "test:Change", AccountID: account, Resource: "*", Subject: "ben"},
		func(tx store.Tx) (string, error) {
			a, err := tx.Account(account)
			if err != nil {
				return "", err
			}
			a.PublicSharing = true
			return `{"a":1}`, tx.UpdateAccount(a)
		})
}

// changed says whether anything has been changed.
func (k *kit) changed() (changed bool) {
	k.Helper()
	if err := k.store.View(k.Context(), func(r store.Reader) error {
		a, err := r.Account(account)
		page, _, err2 := r.AuditPage(store.AuditQuery{AccountID: account, Limit: 1})
		changed = a.PublicSharing || len(page) > 0
		return errors.Join(err, err2)
	}); err != nil {
		k.Fatal(err)
	}
	return changed
}

func TestWhoMayUseTheConsole(t *testing.T) {
	disabled := func(u *store.User) { u.Disabled = true }
	invited := func(u *store.User) { u.Active = false }
	for name, tt := range map[string]struct {
		account, namespace, role string
		change                   func(*store.User)
		may                      bool
	}{
		"Admin":             {account, "default", "ADMIN", nil, true},
		"AdminPro":          {account, "default", "ADMIN_PRO", nil, true},
		"AdminNotActive":    {account, "default", "ADMIN", invited, true}, // nobody has a session who is not
		"Author":            {account, "default", "AUTHOR", nil, false},
		"AuthorPro":         {account, "default", "AUTHOR_PRO", nil, false},
		"Reader":            {account, "default", "READER", nil, false},
		"ReaderPro":         {account, "default", "READER_PRO", nil, false},
		"RestrictedAuthor":  {account, "default", "RESTRICTED_AUTHOR", nil, false},
		"RestrictedReader":  {account, "default", "RESTRICTED_READER", nil, false},
		"NoRole":            {account, "default", "", nil, false},
		"SmallLetters":      {account, "default", "admin", nil, false},
		"OtherNamespace":    {account, "sales", "ADMIN", nil, false},
		"OtherNamespacePro": {account, "Default", "ADMIN_PRO", nil, false},
		"Disabled":          {account, "default", "ADMIN", disabled, false},
		"DisabledPro":       {account, "default", "ADMIN_PRO", disabled, false},
		"AdminOfAnother":    {otherAccount, "default", "ADMIN", nil, false},
		"ReaderOfAnother":   {otherAccount, "default", "READER", nil, false},
		"NobodyOfAnother":   {otherAccount, "sales", "ADMIN", disabled, false},
		"AdminProOfAnother": {otherAccount, "default", "ADMIN_PRO", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			var change []func(*store.User)
			if tt.change != nil {
				change = append(change, tt.change)
			}
			c, _ := k.browse(k.member(tt.account, tt.namespace, "ana", tt.role, change...))
			ran := false
			read := k.Read(t.Context(), c, Call{Action: "test:Read", AccountID: account, Resource: "*"}, func(store.Reader) error {
				ran = true
				return nil
			})
			changing := k.change(c)
			if ran != tt.may || k.changed() != tt.may {
				t.Errorf("read %t, changed %t, want %t", ran, k.changed(), tt.may)
			}
			for what, err := range map[string]error{"reading": read, "changing": changing} {
				if tt.may && err != nil {
					t.Errorf("%s: %v", what, err)
				}
				if !tt.may {
					denied(t, err)
				}
			}
		})
	}
}

// A right that IAM would give counts for nothing in a browser, and neither does
// the standing of somebody else.
// Whoever comes by credentials that were narrowed gets no more by coming in.
func TestNarrowSessionsDoNotManageIAM(t *testing.T) {
	for _, narrow := range []bool{false, true} {
		k := newKit(t)
		u := k.member(account, "default", "ana", "ADMIN", func(u *store.User) { u.ManagesIAM = true })
		hash := uuid.New()
		var in store.SignedIn
		k.update(func(tx store.Tx) (err error) {
			err = tx.CreateWebSession(store.WebSession{TokenHash: hash[:], NamespaceID: u.NamespaceID, UserID: u.ID,
				CreatedAt: tx.Now(), SeenAt: tx.Now(), ExpiresAt: tx.Now().Add(SessionLife), Narrow: narrow})
			if err == nil {
				in, err = tx.WebSession(hash[:])
			}
			return err
		})
		err := k.Read(t.Context(), Browser(t.Context(), in), Call{Action: "iam:ListUsers", AccountID: account, Resource: "*"}, nil)
		if (err != nil) != narrow {
			t.Errorf("narrow %t: %v", narrow, err)
		}
	}
}

func TestNobodyInABrowserHasAnotherStanding(t *testing.T) {
	k := newKit(t)
	powerful, _ := k.user("powerful", allowAll)
	if err := k.read(powerful); err != nil {
		t.Fatal(err)
	}
	if err := k.read(Root(store.Account{ID: account})); err != nil {
		t.Fatal(err)
	}
	c, _ := k.browse(k.member(account, "default", "powerful", "AUTHOR"))
	denied(t, k.read(c))
	admin, _ := k.browse(k.member(account, "default", "ana", "ADMIN"))
	if err := k.read(admin); err != nil {
		t.Error(err)
	}
	denied(t, k.read(c))
}

// Nobody may assume a role from a browser: there is no such thing on AWS.
func TestABrowserAssumesNoRole(t *testing.T) {
	k := newKit(t)
	c, _ := k.browse(k.member(account, "default", "ana", "ADMIN"))
	denied(t, k.Read(t.Context(), c, Call{Action: "sts:AssumeRole", AccountID: account, Resource: "arn", Assume: true}, nil))
}

func TestWhatEndsWhileSomebodyIsSignedIn(t *testing.T) {
	for name, tt := range map[string]struct {
		meanwhile func(k *kit, in store.SignedIn)
		signedOut bool // or else denied
	}{
		"SignedOut": {func(k *kit, in store.SignedIn) {
			k.update(func(tx store.Tx) error { return tx.DeleteWebSession(in.Session.TokenHash) })
		}, true},
		"Deleted": {func(k *kit, in store.SignedIn) {
			k.update(func(tx store.Tx) error { return tx.DeleteUser(in.User.NamespaceID, in.User.ID) })
		}, true},
		"Expired": {func(k *kit, in store.SignedIn) {
			for range 12 {
				k.update(func(tx store.Tx) error { return tx.TouchWebSession(in.Session.TokenHash, tx.Now()) })
				k.now.Add(time.Hour.Milliseconds())
			}
			k.update(func(tx store.Tx) error { return tx.TouchWebSession(in.Session.TokenHash, tx.Now()) })
		}, true},
		"Idle": {func(k *kit, _ store.SignedIn) { k.now.Add(time.Hour.Milliseconds()) }, true},
		"RoleTakenAway": {func(k *kit, in store.SignedIn) {
			in.User.Role = "AUTHOR"
			k.update(func(tx store.Tx) error { return tx.UpdateUser(in.User) })
		}, false},
		"Disabled": {func(k *kit, in store.SignedIn) {
			in.User.Disabled = true
			k.update(func(tx store.Tx) error { return tx.UpdateUser(in.User) })
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			c, in := k.browse(k.member(account, "default", "ana", "ADMIN"))
			if err := k.read(c); err != nil {
				t.Fatal(err)
			}
			tt.meanwhile(k, in)
			for what, err := range map[string]error{"reading": k.read(c), "changing": k.change(c)} {
				if tt.signedOut != errors.Is(err, ErrSignedOut) {
					t.Errorf("%s: %v", what, err)
				}
				if !tt.signedOut {
					denied(t, err)
				}
			}
			if k.changed() {
				t.Error("something has changed")
			}
		})
	}
}

func TestHowLongASessionLasts(t *testing.T) {
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		seen, now time.Duration
		ended     bool
	}{
		"New":              {0, 0, false},
		"NearlyIdle":       {0, time.Hour - 1, false},
		"Idle":             {0, time.Hour, true},
		"Busy":             {11 * time.Hour, 12*time.Hour - 1, false},
		"BusyButOver":      {12*time.Hour - 1, 12 * time.Hour, true},
		"LongOver":         {0, 100 * time.Hour, true},
		"ClockWasSetBack":  {0, -time.Hour, false},
		"SeenAfterItsTime": {13 * time.Hour, 13 * time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := store.WebSession{SeenAt: start.Add(tt.seen), ExpiresAt: start.Add(SessionLife)}
			if SessionEnded(&s, start.Add(tt.now)) != tt.ended {
				t.Errorf("ended: %t", !tt.ended)
			}
		})
	}
}

func TestARecordNamesWhoSatInFrontOfIt(t *testing.T) {
	k := newKit(t)
	c, _ := k.browse(k.member(account, "default", "ana", "ADMIN"))
	if err := k.change(c); err != nil {
		t.Fatal(err)
	}
	page, _, err := k.History(t.Context(), Root(store.Account{ID: account}), store.AuditQuery{Limit: 10})
	if err != nil || len(page) != 1 {
		t.Fatalf("%d records, %v", len(page), err)
	}
	r := page[0]
	want := store.AuditCaller{Name: "ana", PrincipalID: "user/d-default" + account + "/p-ana"}
	if diff := cmp.Diff(want, r.Caller); diff != "" {
		t.Errorf("the caller (-want +got):\n%s", diff)
	}
	if r.Action != "test:Change" || r.Subject != "ben" || r.SourceIP != "203.0.113.7" || r.UserAgent != "browser" ||
		r.Region != "us-east-1" || r.Response != `{"a":1}` || r.ErrorCode != "" {
		t.Errorf("the record is %+v", r)
	}
}

func TestRefusedIsOnRecord(t *testing.T) {
	k := newKit(t)
	c, _ := k.browse(k.member(account, "default", "ana", "AUTHOR"))
	d := denied(t, k.change(c))
	k.Refused(c, d)
	if err := k.audit.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	page, _, err := k.History(t.Context(), Root(store.Account{ID: account}), store.AuditQuery{Limit: 10})
	if err != nil || len(page) != 1 {
		t.Fatalf("%d records, %v", len(page), err)
	}
	r := page[0]
	const who = "user/d-default" + account + "/p-ana"
	if r.Action != "test:Change" || r.ErrorCode != "AccessDenied" || r.Caller.Name != "ana" || r.Caller.PrincipalID != who ||
		r.Caller.Kind != "" || r.Subject != "ben" || r.ErrorMessage != "User: "+who+" is not authorized to perform: test:Change on resource: *" {
		t.Errorf("the record is %+v", r)
	}
	if line := audit.Render(&r); !bytes.Contains(line, []byte(`"userIdentity":{"type":"Unknown","principalId":"`+who+`"`)) {
		t.Errorf("%s", line)
	}
}

// An IAM user of the directory has the PrincipalId that the API gives him.
func TestPrincipalIDs(t *testing.T) {
	n := store.Namespace{DirectoryID: "d-1"}
	for want, u := range map[string]store.User{
		"user/d-1/p":            {Principal: "p"},
		"federated/iam/AIDA1":   {Principal: "AIDA1", IAMIdentityID: 7},
		"federated/iam/AROA1:x": {Principal: "AROA1:x", IAMIdentityID: 7},
	} {
		if got := PrincipalID(&store.Person{User: u, Namespace: n}); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestIsUser(t *testing.T) {
	k := newKit(t)
	ana, ben := k.member(account, "default", "ana", "ADMIN"), k.member(account, "default", "ben", "ADMIN")
	c, _ := k.browse(ana)
	elsewhere := ana
	elsewhere.NamespaceID++
	if !c.IsUser(&ana) || c.IsUser(&ben) || c.IsUser(&elsewhere) || Root(store.Account{ID: account}).IsUser(&ana) {
		t.Error("a caller is somebody else")
	}
}
