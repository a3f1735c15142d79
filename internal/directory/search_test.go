package directory_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"rollcall/internal/access"
	"rollcall/internal/directory"
	"rollcall/internal/mail"
	"rollcall/internal/store"
)

// search gives the names of all users that are found.
func (k *kit) search(t testing.TB, q directory.UserSearch, size int) (names []string) {
	t.Helper()
	q.AccountID = account
	if q.Namespace == "" {
		q.Namespace = "default"
	}
	names, _ = all(t, func(t testing.TB, size int, token string) (names []string, next string, err error) {
		t.Helper()
		list, err := k.SearchUsers(t.Context(), root(account), q, directory.Page{Size: size, Token: token})
		for _, m := range list.Members {
			names = append(names, m.Name)
		}
		return names, list.NextToken, err
	}, size)
	return names
}

func TestSearch(t *testing.T) {
	k := newKit(t)
	k.register(t, "ana")
	k.join(t, "Anabel", directory.Author, passwordHash)
	k.join(t, "ben", directory.Admin, passwordHash)
	k.registerIAM(t, "ida", "anita@example.com")
	k.register(t, "gone")
	k.disable(t, "gone")
	k.register(t, "100%")
	k.register(t, "a_a")
	k.fill(t, account, "sales", 2)
	k.fill(t, otherAccount, "default", 2)
	everybody := []string{"a_a", "100%", "gone", "ida", "ben", "Anabel", "ana"}
	for name, tt := range map[string]struct {
		q    directory.UserSearch
		want []string
	}{
		"All":            {directory.UserSearch{}, everybody},
		"Prefix":         {directory.UserSearch{Prefix: "an"}, []string{"ida", "Anabel", "ana"}},
		"AnyCase":        {directory.UserSearch{Prefix: "ANA"}, []string{"Anabel", "ana"}},
		"Email":          {directory.UserSearch{Prefix: "Anita@"}, []string{"ida"}},
		"NotWithin":      {directory.UserSearch{Prefix: "abel"}, nil},
		"Percent":        {directory.UserSearch{Prefix: "%"}, nil},
		"PercentItself":  {directory.UserSearch{Prefix: "100%"}, []string{"100%"}},
		"Underscore":     {directory.UserSearch{Prefix: "a_"}, []string{"a_a"}},
		"Quote":          {directory.UserSearch{Prefix: "'; DROP TABLE users; --"}, nil},
		"Role":           {directory.UserSearch{Role: directory.Author}, []string{"Anabel"}},
		"OtherRole":      {directory.UserSearch{Role: directory.AuthorPro}, nil},
		"Identity":       {directory.UserSearch{IdentityType: directory.IAMIdentity}, []string{"ida"}},
		"Native":         {directory.UserSearch{IdentityType: directory.QuickSightIdentity, Prefix: "a"}, []string{"a_a", "Anabel", "ana"}},
		"Invited":        {directory.UserSearch{State: store.UserInvited}, []string{"a_a", "100%", "ana"}},
		"Active":         {directory.UserSearch{State: store.UserActive}, []string{"ida", "ben", "Anabel"}},
		"Disabled":       {directory.UserSearch{State: store.UserDisabled}, []string{"gone"}},
		"NoState":        {directory.UserSearch{State: "else"}, nil},
		"Together":       {directory.UserSearch{Prefix: "a", State: store.UserActive, Role: directory.Author}, []string{"Anabel"}},
		"OtherNamespace": {directory.UserSearch{Namespace: "sales"}, []string{"u1", "u0"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{0, 1, 2, 3} {
				if diff := cmp.Diff(tt.want, k.search(t, tt.q, size)); diff != "" {
					t.Errorf("in pages of %d (-want +got):\n%s", size, diff)
				}
			}
		})
	}
}

// Each user comes once, whoever comes and goes meanwhile.
func TestSearchWhileUsersComeAndGo(t *testing.T) {
	k := newKit(t)
	k.fill(t, account, "default", 6)
	q := directory.UserSearch{AccountID: account, Namespace: "default", Prefix: "u"}
	page := func(token string) (names []string, next string) {
		t.Helper()
		list, err := k.SearchUsers(t.Context(), root(account), q, directory.Page{Size: 2, Token: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list.Members {
			names = append(names, m.Name)
		}
		return names, list.NextToken
	}
	got, next := page("")
	k.register(t, "u6")
	for _, name := range []string{"u4", "u3"} { // the last seen, and one to come
		if err := k.DeleteUser(t.Context(), root(account), account, "default", name); err != nil {
			t.Fatal(err)
		}
	}
	for next != "" {
		var more []string
		more, next = page(next)
		got = append(got, more...)
	}
	if want := []string{"u5", "u4", "u2", "u1", "u0"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestATokenOfASearchIsGoodForThatAlone(t *testing.T) {
	k := newKit(t)
	for _, namespace := range []string{"default", "sales"} {
		k.fill(t, account, namespace, 3)
	}
	k.fill(t, otherAccount, "default", 3)
	q := directory.UserSearch{AccountID: account, Namespace: "default", Prefix: "u", Role: directory.Reader,
		IdentityType: directory.QuickSightIdentity, State: store.UserInvited}
	list, err := k.SearchUsers(t.Context(), root(account), q, directory.Page{Size: 1})
	if err != nil || list.NextToken == "" {
		t.Fatalf("%+v, %v", list, err)
	}
	if again, err := k.SearchUsers(t.Context(), root(account), q, directory.Page{Token: list.NextToken}); err != nil || len(again.Members) != 2 {
		t.Errorf("the same search: %+v, %v", again, err)
	}
	for name, change := range map[string]func(*directory.UserSearch){
		"prefix":    func(q *directory.UserSearch) { q.Prefix = "U" },
		"role":      func(q *directory.UserSearch) { q.Role = "" },
		"identity":  func(q *directory.UserSearch) { q.IdentityType = "" },
		"state":     func(q *directory.UserSearch) { q.State = "" },
		"namespace": func(q *directory.UserSearch) { q.Namespace = "sales" },
		"account":   func(q *directory.UserSearch) { q.AccountID = otherAccount },
	} {
		other := q
		change(&other)
		got, err := k.SearchUsers(t.Context(), root(other.AccountID), other, directory.Page{Token: list.NextToken})
		useless(t, err, directory.InvalidToken)
		if len(got.Members) != 0 {
			t.Errorf("another %s: %+v", name, got)
		}
	}
	_, err = k.ListUsers(t.Context(), root(account), account, "default", directory.Page{Token: list.NextToken})
	useless(t, err, directory.InvalidToken)
	_, token, err := k.users(t, 1, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.SearchUsers(t.Context(), root(account), q, directory.Page{Token: token})
	useless(t, err, directory.InvalidToken)
}

func TestWhoMaySearch(t *testing.T) {
	k := newKit(t)
	k.join(t, "eve", directory.Author, passwordHash)
	q := directory.UserSearch{AccountID: account, Namespace: "default"}
	id := access.PrincipalID(ptr(k.stored(t, "eve")))
	for who, c := range map[string]*access.Caller{
		"an author": k.browse(t, "eve"), "nobody of IAM": k.iamUser(t, "mallory"), "another account": root(otherAccount),
	} {
		list, err := k.SearchUsers(t.Context(), c, q, directory.Page{})
		denies(t, who, err)
		_, err = k.SearchUsers(t.Context(), c, q, directory.Page{Token: "x"})
		denies(t, who, err)
		m, err := k.DescribeMember(t.Context(), c, account, "default", id)
		denies(t, who, err)
		if len(list.Members) != 0 || m.Name != "" {
			t.Errorf("%s sees %+v %+v", who, list, m)
		}
	}
	q.Namespace = "nowhere"
	_, err := k.SearchUsers(t.Context(), root(account), q, directory.Page{})
	refuses(t, "no namespace", err, directory.NotFound)
	ana := k.admin(t, "ana")
	q.Namespace = "default"
	if list, err := k.SearchUsers(t.Context(), ana, q, directory.Page{}); err != nil || len(list.Members) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
}

// member describes a user by PrincipalId.
func (k *kit) member(t testing.TB, c *access.Caller, principalID string) directory.MemberDetails {
	t.Helper()
	m, err := k.DescribeMember(t.Context(), c, account, "default", principalID)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestWhatIsKnownOfAUser(t *testing.T) {
	k := newKit(t)
	k.mailing(t)
	ana := k.admin(t, "ana")
	k.advance(time.Minute)
	n := native(account, "default", "ben")
	n.Mail = true
	r, err := k.RegisterUser(t.Context(), ana, n)
	if err != nil {
		t.Fatal(err)
	}
	m := k.member(t, ana, r.User.PrincipalID)
	if diff := cmp.Diff(r.User, m.User); diff != "" {
		t.Errorf("the user (-registered +described):\n%s", diff)
	}
	if m.State != store.UserInvited || !m.CreatedAt.Equal(k.clock()) || !m.LastActiveAt.IsZero() || m.Orphan || m.Self || m.HasPassword {
		t.Errorf("invited: %+v", m)
	}
	if m.Invitation == nil || !m.Invitation.ExpiresAt.Equal(k.clock().Add(24*time.Hour)) || !m.Invitation.UsedAt.IsZero() {
		t.Errorf("the invitation is %+v", m.Invitation)
	}
	if m.InvitationMail == nil || m.InvitationMail.State != store.MailWaiting || m.ResetMail != nil {
		t.Errorf("the mails are %+v and %+v", m.InvitationMail, m.ResetMail)
	}
	k.noted(t, "ben", mail.Invitation, store.MailSent)
	k.accepts(t, secret(t, r.InvitationURL, directory.RegisterPath), nil)
	accepted := k.clock()
	k.advance(time.Minute)
	k.issue(t, "ben", true)
	m = k.member(t, ana, r.User.PrincipalID)
	if m.State != store.UserActive || !m.LastActiveAt.Equal(accepted) || !m.HasPassword || m.Invitation == nil || !m.Invitation.UsedAt.Equal(accepted) {
		t.Errorf("active: %+v", m)
	}
	if m.InvitationMail == nil || m.InvitationMail.State != store.MailSent || m.ResetMail == nil || m.ResetMail.State != store.MailWaiting {
		t.Errorf("the mails are %+v and %+v", m.InvitationMail, m.ResetMail)
	}
	if self := k.member(t, ana, access.PrincipalID(ptr(k.stored(t, "ana")))); !self.Self {
		t.Error("she does not know herself")
	}
	if self := k.member(t, root(account), access.PrincipalID(ptr(k.stored(t, "ana")))); self.Self {
		t.Error("the root of the account is nobody's user")
	}
	k.disable(t, "ben")
	if m := k.member(t, ana, r.User.PrincipalID); m.State != store.UserDisabled {
		t.Errorf("disabled: %+v", m)
	}
}

func TestUsersOfIAMAndOrphans(t *testing.T) {
	k := newKit(t)
	var ida store.Principal
	k.update(t, func(tx store.Tx) (err error) {
		ida, err = tx.CreatePrincipal(store.Principal{Path: "/", CreatedAt: tx.Now(), IAMIdentity: store.IAMIdentity{
			AccountID: account, Kind: store.IAMUser, Name: "ida", UniqueID: "AIDAIDA"}})
		return err
	})
	u := k.registerIAM(t, "ida", "ida@example.com")
	m := k.member(t, root(account), "federated/iam/AIDAIDA")
	if diff := cmp.Diff(u, m.User); diff != "" {
		t.Errorf("the user (-registered +described):\n%s", diff)
	}
	if m.Orphan || m.HasPassword || m.Invitation != nil || m.InvitationMail != nil || m.ResetMail != nil || m.State != store.UserActive {
		t.Errorf("of IAM: %+v", m)
	}
	k.update(t, func(tx store.Tx) error { return tx.DeletePrincipal(ida.ID) })
	m = k.member(t, root(account), "federated/iam/AIDAIDA")
	if !m.Orphan || m.Name != "N/A" || m.ARN != "N/A" || m.Email != "ida@example.com" {
		t.Errorf("an orphan: %+v", m)
	}
	if got := k.search(t, directory.UserSearch{}, 0); !slices.Equal(got, []string{"N/A"}) {
		t.Errorf("the search finds %v", got)
	}
	if got := k.search(t, directory.UserSearch{Prefix: "IDA@"}, 0); !slices.Equal(got, []string{"N/A"}) {
		t.Errorf("the search by address finds %v", got)
	}
	if got := k.search(t, directory.UserSearch{Prefix: "ida"}, 0); !slices.Equal(got, []string{"N/A"}) { // by the address
		t.Errorf("the search by name finds %v", got)
	}
	_, err := k.IssueLink(t.Context(), root(account), account, "default", "ida", false)
	refuses(t, "a link for an orphan", err, directory.NotFound)
	if err := k.DeleteUserByPrincipalID(t.Context(), k.admin(t, "ana"), account, "default", "federated/iam/AIDAIDA"); err != nil {
		t.Error(err)
	}
}

func TestMembersThatThereAreNot(t *testing.T) {
	k := newKit(t)
	k.register(t, "ana")
	p := k.stored(t, "ana")
	for i, id := range []string{
		"", "ana", "federated/iam/", "federated/iam/" + p.User.Principal, "user/d-sales" + account + "/" + p.User.Principal,
		"user/d-default" + account + "/", "user/d-default" + account + "/" + uuid.NewString(), p.User.Principal, p.User.ID.String(),
	} {
		m, err := k.DescribeMember(t.Context(), root(account), account, "default", id)
		refuses(t, fmt.Sprint(i, id), err, directory.NotFound)
		if m.Name != "" {
			t.Errorf("%q is %+v", id, m)
		}
	}
	_, err := k.DescribeMember(t.Context(), root(account), account, "nowhere", access.PrincipalID(&p))
	refuses(t, "no namespace", err, directory.NotFound)
}
