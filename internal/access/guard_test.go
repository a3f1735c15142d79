package access

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/policy"
	"rollcall/internal/sigv4"
	"rollcall/internal/store"
)

func denied(t *testing.T, err error) *Denied {
	t.Helper()
	d := new(Denied)
	if !errors.As(err, &d) {
		t.Fatalf("got %v, want a denial", err)
	}
	return d
}

func unknown(t *testing.T, err error) {
	t.Helper()
	var e *sigv4.Error
	if !errors.As(err, &e) || e.Kind != sigv4.KindUnknownKey {
		t.Fatalf("got %v, want an unknown key", err)
	}
}

func TestWhoMayReadWhat(t *testing.T) {
	k := newKit(t)
	managed := store.ManagedPolicy{AccountID: account, Name: "readers", Path: "/team/", UniqueID: "ANPA1", Default: 2, Made: 2,
		Versions: []store.PolicyVersion{{Number: 1, Document: denyRead}, {Number: 2, Document: allowRead}}}
	k.update(func(tx store.Tx) error { return tx.CreateManagedPolicy(managed) })
	arn := "arn:aws:iam::" + account + ":policy/team/readers"
	attached := func(p *store.Principal) { p.Attached = []string{arn} }
	bounded := func(p *store.Principal) { p.Boundary = arn }
	admin := func(p *store.Principal) { p.Attached = []string{AWSPolicyPrefix + "AdministratorAccess"} }
	who := func(name, document string, change ...func(*store.Principal)) *Caller {
		c, _ := k.user(name, document, change...)
		return c
	}
	role := k.principal(store.IAMRole, "embed", allowRead)
	none := func(kind string) string { return "because no " + kind + " policy allows the test:Read action" }
	for name, tt := range map[string]struct {
		caller *Caller
		reason string
	}{
		"Root":                   {Root(store.Account{ID: account}), ""},
		"RootOfAnother":          {Root(store.Account{ID: otherAccount}), none("resource-based")},
		"NoPolicy":               {who("nobody", ""), none("identity-based")},
		"Inline":                 {who("inline", allowRead), ""},
		"Denied":                 {who("denied", denyRead, admin), "with an explicit deny in an identity-based policy"},
		"VersionInForce":         {who("attached", "", attached), ""},
		"Administrator":          {who("admin", "", admin), ""},
		"Bounded":                {who("bounded", allowAll, bounded), ""},
		"BoundaryAlone":          {who("unbound", "", bounded), none("identity-based")},
		"Session":                {k.session(role, "ana"), ""},
		"SessionPolicy":          {k.session(role, "ana", func(s *Session) { s.Policy = allowRead }), ""},
		"SessionPolicyNarrows":   {k.session(role, "ana", func(s *Session) { s.Policy = denyRead }), "with an explicit deny in a session policy"},
		"ManagedSessionPolicy":   {k.session(role, "ana", func(s *Session) { s.PolicyARNs = []string{arn} }), ""},
		"SessionPolicyThatIsOut": {k.session(role, "ana", func(s *Session) { s.PolicyARNs = []string{arn + "x"} }), none("session")},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 { // found, and found again
				err := k.read(tt.caller)
				if tt.reason == "" && err != nil {
					t.Errorf("%v", err)
				}
				if tt.reason != "" && denied(t, err).Reason != tt.reason {
					t.Errorf("%v, want %s", err, tt.reason)
				}
			}
		})
	}
}

func TestDenialNamesItsStatementToTheLogAlone(t *testing.T) {
	k := newKit(t)
	c, _ := k.user("ana", denyRead)
	err := k.read(c)
	if got, want := Why(err), "inline /Statement/0"; got != want || strings.Contains(err.Error(), "inline") {
		t.Errorf("%s for %v, want %s", got, err, want)
	}
	c, _ = k.user("ben", "")
	if got := Why(k.read(c)); got != "" {
		t.Errorf("%s, though no statement decided", got)
	}
}

func TestOnlyThePartOfABoundaryIsAllowed(t *testing.T) {
	k := newKit(t)
	k.update(func(tx store.Tx) error {
		return tx.CreateManagedPolicy(store.ManagedPolicy{AccountID: account, Name: "b", Path: "/", UniqueID: "ANPA1", Default: 1, Made: 1,
			Versions: []store.PolicyVersion{{Number: 1, Document: allowRead}}})
	})
	c, _ := k.user("ana", allowAll, func(p *store.Principal) { p.Boundary = "arn:aws:iam::" + account + ":policy/b" })
	err := k.Read(t.Context(), c, Call{Action: "test:Other", AccountID: account, Resource: "*"}, nil)
	if got, want := denied(t, err).Reason, "because no permissions boundary allows the test:Other action"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestWhatChangesCountsAtOnce(t *testing.T) {
	k := newKit(t)
	c, p := k.user("ana", allowRead)
	if err := k.read(c); err != nil {
		t.Fatal(err)
	}
	p.Inline = nil
	k.update(func(tx store.Tx) error { return tx.UpdatePrincipal(p) })
	denied(t, k.read(c))
	p.Inline = []store.InlinePolicy{{Name: "again", Document: allowRead}}
	k.update(func(tx store.Tx) error { return tx.UpdatePrincipal(p) })
	if err := k.read(c); err != nil {
		t.Error(err)
	}
}

func TestCallersThatAreGone(t *testing.T) {
	k := newKit(t)
	role := k.principal(store.IAMRole, "embed", allowRead)
	session := k.session(role, "ana")
	inactive, _ := k.user("inactive", allowRead)
	deleted, user := k.user("deleted", allowRead)
	own := k.session(user, "")
	for _, c := range []*Caller{session, inactive, deleted, own} {
		if err := k.read(c); err != nil {
			t.Fatal(err)
		}
	}
	k.update(func(tx store.Tx) error {
		return errors.Join(
			tx.DeletePrincipal(role.ID),
			tx.UpdateAccessKey(store.AccessKey{ID: inactive.AccessKeyID, Inactive: true}),
			tx.DeleteAccessKey(deleted.AccessKeyID),
			tx.DeletePrincipal(user.ID),
		)
	})
	for _, c := range []*Caller{session, inactive, deleted, own} {
		unknown(t, k.read(c))
	}
	for _, c := range []*Caller{inactive, deleted} {
		if _, err := k.keys.find(t.Context(), c.AccessKeyID, "", k.clock()); !errors.Is(err, sigv4.ErrUnknownKey) {
			t.Errorf("the key is still found: %v", err)
		}
	}
	k.update(func(tx store.Tx) error {
		return tx.UpdateAccessKey(store.AccessKey{ID: inactive.AccessKeyID})
	})
	if err := k.read(inactive); err != nil {
		t.Errorf("active again: %v", err)
	}
}

// A role of the same name is another role.
func TestSessionsDoNotOutliveTheirRole(t *testing.T) {
	k := newKit(t)
	role := k.principal(store.IAMRole, "embed", allowRead)
	session := k.session(role, "ana")
	k.update(func(tx store.Tx) error { return tx.DeletePrincipal(role.ID) })
	k.principal(store.IAMRole, "embed", allowAll)
	unknown(t, k.read(session))
}

// However a change of the policies and the calls that need them meet: no call
// is allowed that begins after the right to it has been taken away.
func TestNobodyGetsInAfterwards(t *testing.T) {
	k := newKit(t)
	c, p := k.user("ana", allowRead)
	taken := make(chan struct{})
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			for {
				after := false
				select {
				case <-taken:
					after = true
				default:
				}
				caller := *c
				err := k.Change(context.Background(), &caller, Call{Action: "test:Read", AccountID: account, Resource: "*"},
					func(store.Tx) (string, error) { return "", nil })
				if after && err == nil {
					t.Error("allowed without a policy")
				}
				if after {
					return
				}
			}
		})
	}
	p.Inline = nil
	k.update(func(tx store.Tx) error { return tx.UpdatePrincipal(p) })
	close(taken)
	calls.Wait()
}

func TestChangeLeavesOneRecord(t *testing.T) {
	k := newKit(t)
	c, _ := k.user("ana", allowRead)
	c.Request.Parameters = `{"userName":"ben"}`
	call := Call{Action: "test:Read", AccountID: account, Resource: "arn:aws:test::x", Subject: "ben"}
	broken := errors.New("broken")
	for _, end := range []error{broken, nil} {
		if err := k.Change(t.Context(), c, call, func(store.Tx) (string, error) { return `{"a":1}`, end }); err != end {
			t.Fatal(err)
		}
	}
	k.Ended(c, false, "Denied", "no")
	got := k.history()
	want := []store.AuditRecord{{
		AccountID: account, Action: "test:Read", Region: "us-east-1",
		Caller:  store.AuditCaller{Kind: store.IAMUser, Name: "ana", ARN: c.ARN, PrincipalID: c.UserID, AccessKeyID: c.AccessKeyID},
		Subject: "ben", SourceIP: "203.0.113.7", UserAgent: "kit", Resource: "arn:aws:test::x",
		Parameters: `{"userName":"ben"}`, Response: `{"a":1}`,
	}}
	refusal := want[0]
	refusal.Resource, refusal.Response, refusal.ErrorCode, refusal.ErrorMessage = "", "", "Denied", "no"
	want = append(want, refusal)
	for i := range got {
		if got[i].RequestID.String() != c.Request.ID || got[i].ID.Version() != 7 {
			t.Errorf("record %d has the ids %s and %s", i, got[i].RequestID, got[i].ID)
		}
		got[i].RequestID, got[i].ID = want[0].RequestID, want[0].ID
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// history are all records of the account.
func (k *kit) history() []store.AuditRecord {
	k.Helper()
	all, _, err := k.History(k.Context(), Root(store.Account{ID: account}), store.AuditQuery{Limit: 100})
	if err != nil {
		k.Fatal(err)
	}
	return all
}

func TestOnlyWhoMayCallIsToldWhatIsWrong(t *testing.T) {
	k := newKit(t)
	may, _ := k.user("may", allowRead)
	mayNot, _ := k.user("maynot", "")
	invalid := errors.New("invalid")
	call := Call{Action: "test:Read", AccountID: account, Resource: "*", Invalid: invalid}
	for _, run := range []func(*Caller) error{
		func(c *Caller) error { return k.Read(t.Context(), c, call, nil) },
		func(c *Caller) error {
			return k.Change(t.Context(), c, call, func(store.Tx) (string, error) { panic("it changes") })
		},
	} {
		if err := run(may); err != invalid {
			t.Errorf("who may is told %v", err)
		}
		denied(t, run(mayNot))
	}
}

func TestRecordsAreOfBoundedSize(t *testing.T) {
	k := newKit(t)
	c, _ := k.user("ana", "")
	huge := strings.Repeat("x", 1<<20)
	c.Request.Parameters = `{"userName":"` + huge + `"}`
	_ = k.Read(t.Context(), c, Call{Action: "test:Read", AccountID: account, Resource: "arn:" + huge, Subject: huge}, nil)
	k.Ended(c, false, "Denied", huge)
	r := k.history()[0]
	if n := len(r.Pack()) + len(r.Subject) + len(r.Caller.Name); n > 8<<10 {
		t.Errorf("the record has %d bytes", n)
	}
}

// Tags that differ in case only are one condition key.
func TestOfTwoTagsNobodyChoosesTheOneThatCounts(t *testing.T) {
	k := newKit(t)
	c, _ := k.user("ana", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*",
		"Condition":{"StringEquals":{"aws:RequestTag/cost":"sales"}}}}`)
	for range 20 {
		for tags, allowed := range map[string]bool{"cost=sales": true, "Cost=sales": true, "cost=evil Cost=sales": false, "cost=sales COST=evil": false, "co\u017ft=sales": false} {
			given := store.Tags{}
			for tag := range strings.FieldsSeq(tags) {
				key, value, _ := strings.Cut(tag, "=")
				given[key] = value
			}
			err := k.Read(t.Context(), c, Call{Action: "test:Read", AccountID: account, Resource: "*", Keys: TagKeys(given)}, nil)
			if (err == nil) != allowed {
				t.Fatalf("%s: %v", tags, err)
			}
		}
	}
}

func TestConditionKeys(t *testing.T) {
	k := newKit(t)
	tagged := func(p *store.Principal) { p.Tags = store.Tags{"Team": "red", "cost": "1"} }
	user, p := k.user("ana", "", tagged)
	role := k.principal(store.IAMRole, "embed", "", tagged, func(p *store.Principal) { p.Path = "/web/" })
	session := k.session(role, "ben", func(s *Session) {
		s.Tags, s.SourceIdentity = store.Tags{"team": "blue", "empty": ""}, "carl"
	})
	always := map[string][]string{
		"aws:principalaccount": {account}, "aws:currenttime": {"2026-11-23T12:00:00Z"}, "aws:epochtime": {"1795435200"},
		"aws:securetransport": {"false"}, "aws:sourceip": {"203.0.113.7"}, "aws:useragent": {"kit"}, "aws:requestedregion": {"us-east-1"},
		"test:key": {"a", "b"}, "aws:other": nil, "aws:principaltag/other": nil,
	}
	for name, tt := range map[string]struct {
		caller *Caller
		want   map[string][]string
	}{
		"User": {user, map[string][]string{
			"aws:userid": {p.UniqueID}, "aws:username": {"ana"}, "aws:principaltype": {"User"},
			"aws:principalarn":      {"arn:aws:iam::" + account + ":user/ana"},
			"aws:principaltag/team": {"red"}, "aws:principaltag/cost": {"1"},
			"aws:tokenissuetime": nil, "aws:multifactorauthpresent": nil, "aws:sourceidentity": nil,
		}},
		"Role": {session, map[string][]string{
			"aws:userid": {role.UniqueID + ":ben"}, "aws:username": nil, "aws:principaltype": {"AssumedRole"},
			"aws:principalarn":      {"arn:aws:iam::" + account + ":role/web/embed"},
			"aws:principaltag/team": {"blue"}, "aws:principaltag/cost": {"1"}, "aws:principaltag/empty": {""},
			"aws:tokenissuetime": {"2026-11-23T12:00:00Z"}, "aws:multifactorauthpresent": {"false"}, "aws:sourceidentity": {"carl"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for key, values := range always {
				tt.want[key] = values
			}
			var s *standing
			if err := k.store.View(t.Context(), func(r store.Reader) (err error) {
				s, err = k.standing(r, tt.caller)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			keys := conditions{tt.caller, s, map[string][]string{"test:Key": {"a", "b"}}}
			for key, want := range tt.want {
				if got := keys.values(key); !slices.Equal(got, want) {
					t.Errorf("%s is %q, want %q", key, got, want)
				}
			}
		})
	}
}

func TestWhoMayAssumeARole(t *testing.T) {
	k := newKit(t)
	assume := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:*","Resource":"*"}}`
	deny := `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*"}}`
	other := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"test:Read","Resource":"*"}}`
	ana, p := k.user("ana", "")
	ben, _ := k.user("ben", assume)
	carl, _ := k.user("carl", deny)
	role := k.principal(store.IAMRole, "embed", "")
	session := k.session(role, "dora")
	narrow := k.session(role, "dora", func(s *Session) { s.Policy = other })
	trust := func(principal, rest string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":["sts:AssumeRole","sts:TagSession"]` + rest + `}}`
	}
	userARN := "arn:aws:iam::" + account + ":user/"
	for name, tt := range map[string]struct {
		trust  string
		caller *Caller
		also   []string
		want   bool
	}{
		"AccountAndNoPolicy":       {trust(account, ""), ana, nil, false},
		"AccountAndPolicy":         {trust(account, ""), ben, nil, true},
		"AccountAndDeny":           {trust(account, ""), carl, nil, false},
		"OtherAccount":             {trust(otherAccount, ""), ben, nil, false},
		"Himself":                  {trust(userARN+"ana", ""), ana, nil, true},
		"HimselfByID":              {trust(p.UniqueID, ""), ana, nil, true},
		"HimselfAndDeny":           {trust(userARN+"carl", ""), carl, nil, false},
		"SomebodyElse":             {trust(userARN+"ana", ""), ben, nil, false},
		"WithTags":                 {trust(userARN+"ana", ""), ana, []string{"sts:TagSession"}, true},
		"WithWhatIsNotTrusted":     {trust(userARN+"ana", ""), ana, []string{"sts:SetSourceIdentity"}, false},
		"RoleOfASession":           {trust(role.UniqueID, ""), session, nil, true},
		"RoleOfANarrowSession":     {trust(role.UniqueID, ""), narrow, nil, false},
		"Session":                  {trust(session.ARN, ""), session, nil, true},
		"NarrowSession":            {trust(session.ARN, ""), narrow, nil, true},
		"Condition":                {trust(account, `,"Condition":{"StringEquals":{"sts:ExternalId":"x"}}`), ben, nil, true},
		"ConditionThatDoesNotHold": {trust(account, `,"Condition":{"StringEquals":{"sts:ExternalId":"y"}}`), ben, nil, false},
		"RoleThatIsNotThere":       {"", ben, nil, false},
		"Root":                     {trust(account, ""), Root(store.Account{ID: account}), nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			call := Call{Action: "sts:AssumeRole", AccountID: account, Resource: "arn:aws:iam::" + account + ":role/target",
				Assume: true, Also: tt.also, Keys: map[string][]string{"sts:ExternalId": {"x"}}}
			if tt.trust != "" {
				d, err := policy.Parse(tt.trust, policy.Trust)
				if err != nil {
					t.Fatal(err)
				}
				call.Trust = d
			}
			err := k.Read(t.Context(), tt.caller, call, nil)
			if tt.want && err != nil {
				t.Errorf("%v", err)
			}
			if !tt.want && denied(t, err).Reason != "" {
				t.Errorf("%v has a reason, AWS gives none", err)
			}
		})
	}
}
