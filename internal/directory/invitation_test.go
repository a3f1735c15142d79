package directory_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"rollcall/internal/directory"
	"rollcall/internal/mail"
	"rollcall/internal/store"
)

const passwordHash = "$argon2id$of-a-first-password"

// opens checks what a look at an invitation says: nil, or why it does not
// open.
func (k *kit) opens(t testing.TB, token string, want error) {
	t.Helper()
	if _, err := k.Invitation(t.Context(), token); !errors.Is(err, want) {
		t.Errorf("looking at the invitation: %v, want %v", err, want)
	}
}

// accepts checks what an attempt to use an invitation says.
func (k *kit) accepts(t testing.TB, token string, want error) {
	t.Helper()
	if _, err := k.AcceptInvitation(t.Context(), token, passwordHash); !errors.Is(err, want) {
		t.Errorf("accepting the invitation: %v, want %v", err, want)
	}
}

// untouched checks that nobody has set the user's password.
func (k *kit) untouched(t testing.TB, name string) {
	t.Helper()
	if hash := k.password(t, name); hash != "" || k.active(t, name) {
		t.Errorf("%s has the password %q; active: %v", name, hash, k.active(t, name))
	}
}

// Who chooses a password changes something, and is nobody of IAM.
func TestAcceptedInvitationIsOnRecord(t *testing.T) {
	k := newKit(t)
	token := k.register(t, "ana")
	for range 2 { // the second finds it used
		_, _ = k.AcceptInvitation(t.Context(), token, "hash")
	}
	records, _, err := k.guard.History(t.Context(), root(account), store.AuditQuery{Limit: 10})
	if err != nil || len(records) != 2 {
		t.Fatalf("%d records, %v, want one of the registration and one of the password", len(records), err)
	}
	user, err := k.DescribeUser(t.Context(), root(account), account, "default", "ana")
	if err != nil {
		t.Fatal(err)
	}
	r := records[1]
	if r.Action != "quicksight:AcceptInvitation" || r.Resource != user.ARN || r.Subject != "ana" ||
		r.Caller.Kind != "" || r.Caller.Name != "ana" || r.Caller.PrincipalID != user.PrincipalID {
		t.Errorf("the record is %+v", r)
	}
}

func TestAnInvitationTellsWhomItIsForAndSetsThePasswordOnce(t *testing.T) {
	k := newKit(t)
	token := k.register(t, "ana")
	for range 3 { // mail scanners look, and use nothing up
		inv, err := k.Invitation(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		if inv.UserName != "ana" || inv.Account.Name != "name-"+account {
			t.Errorf("it is for %+v", inv)
		}
	}
	k.untouched(t, "ana")

	inv, err := k.AcceptInvitation(t.Context(), token, passwordHash)
	if err != nil || inv.UserName != "ana" {
		t.Fatalf("accepted by %q: %v", inv.UserName, err)
	}
	if hash := k.password(t, "ana"); hash != passwordHash || !k.active(t, "ana") {
		t.Errorf("ana has the password %q; active: %v", hash, k.active(t, "ana"))
	}
	k.opens(t, token, directory.ErrInvitationUsed)
	if _, err := k.AcceptInvitation(t.Context(), token, "another"); !errors.Is(err, directory.ErrInvitationUsed) {
		t.Errorf("accepting it again: %v", err)
	}
	if hash := k.password(t, "ana"); hash != passwordHash {
		t.Errorf("ana has the password %q", hash)
	}
}

func TestOfManyWhoAcceptAtOnceOneWins(t *testing.T) {
	k := newKit(t)
	token := k.register(t, "ana")
	const crowd = 32
	results := make([]error, crowd)
	var all sync.WaitGroup
	for i := range crowd {
		all.Go(func() { _, results[i] = k.AcceptInvitation(t.Context(), token, string(rune('a'+i))) })
	}
	all.Wait()
	var winner string
	for i, err := range results {
		switch {
		case err == nil && winner == "":
			winner = string(rune('a' + i))
		case err == nil:
			t.Error("two won")
		case !errors.Is(err, directory.ErrInvitationUsed):
			t.Errorf("a loser got %v", err)
		}
	}
	if hash := k.password(t, "ana"); hash != winner || winner == "" {
		t.Errorf("the password is that of %q, want %q", hash, winner)
	}
}

func TestAnInvitationExpiresAfter24Hours(t *testing.T) {
	k := newKit(t)
	ana, ben := k.register(t, "ana"), k.register(t, "ben")
	k.advance(24*time.Hour - time.Millisecond)
	k.opens(t, ana, nil)
	k.accepts(t, ben, nil)
	k.advance(time.Millisecond)
	k.opens(t, ana, directory.ErrInvitationExpired)
	k.accepts(t, ana, directory.ErrInvitationExpired)
	k.untouched(t, "ana")
	k.opens(t, ben, directory.ErrInvitationUsed)
}

func TestDeletingAUserKillsTheInvitation(t *testing.T) {
	k := newKit(t)
	token := k.register(t, "ana")
	if err := k.DeleteUser(t.Context(), root(account), account, "default", "ana"); err != nil {
		t.Fatal(err)
	}
	k.opens(t, token, directory.ErrInvitationUnknown)
	k.accepts(t, token, directory.ErrInvitationUnknown)

	again := k.register(t, "ana")
	k.opens(t, token, directory.ErrInvitationUnknown)
	k.accepts(t, token, directory.ErrInvitationUnknown)
	k.untouched(t, "ana")
	k.accepts(t, again, nil)
	if !k.active(t, "ana") {
		t.Error("the new invitation did not make the user active")
	}
}

func TestDeletingAUserKillsAUsedInvitationToo(t *testing.T) {
	k := newKit(t)
	token := k.register(t, "ana")
	k.accepts(t, token, nil)
	if err := k.DeleteUser(t.Context(), root(account), account, "default", "ana"); err != nil {
		t.Fatal(err)
	}
	k.opens(t, token, directory.ErrInvitationUnknown)
	k.register(t, "ana")
	k.untouched(t, "ana")
}

func TestUpdatingAUserLeavesTheInvitation(t *testing.T) {
	k := newKit(t)
	token := k.register(t, "ana")
	_, err := k.UpdateUser(t.Context(), root(account), directory.UserChange{
		AccountID: account, Namespace: "default", Name: "ana", Email: "new@example.com", Role: directory.Admin})
	if err != nil {
		t.Fatal(err)
	}
	k.untouched(t, "ana")
	k.accepts(t, token, nil)
}

func TestOnlyNativeUsersAreInvited(t *testing.T) {
	k := newKit(t)
	for resource, session := range map[string]string{"user/ana": "", "role/embed": "ana", "root": ""} {
		t.Run(resource, func(t *testing.T) {
			arn := "arn:aws:iam::" + account + ":" + resource
			r, err := k.RegisterUser(t.Context(), root(account), directory.NewUser{
				AccountID: account, Namespace: "default", IdentityType: directory.IAMIdentity,
				IAMARN: &arn, SessionName: session, Email: "x@example.com", Role: directory.Reader})
			if err != nil || r.InvitationURL != "" {
				t.Errorf("invited at %q: %v", r.InvitationURL, err)
			}
		})
	}
}

func TestANearlyRightTokenIsUnknown(t *testing.T) {
	k := newKit(t)
	token, other := k.register(t, "ana"), k.register(t, "ben")
	const user = 4 * (8 + 16) / 3 // characters of the token that say which user it is for
	for _, bad := range append(spoilt(token), "", token[:user], token[:user]+other[user:], other[:user]+token[user:]) {
		if _, err := k.Invitation(t.Context(), bad); !errors.Is(err, directory.ErrInvitationUnknown) {
			t.Errorf("looking with %q: %v", bad, err)
		}
		if _, err := k.AcceptInvitation(t.Context(), bad, passwordHash); !errors.Is(err, directory.ErrInvitationUnknown) {
			t.Errorf("accepting with %q: %v", bad, err)
		}
	}
	k.untouched(t, "ana")
	k.untouched(t, "ben")
	k.accepts(t, token, nil)
}

// Who reads the database must not be able to become its users.
func TestTheSecretOfAnInvitationIsNotStored(t *testing.T) {
	k := newKit(t)
	token := k.register(t, "somebody-to-look-for")
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	secret := raw[8+16:]
	files, err := filepath.Glob(k.path + "*")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found = found || bytes.Contains(content, []byte("somebody-to-look-for"))
		if bytes.Contains(content, secret) || bytes.Contains(content, []byte(token[len(token)-40:])) {
			t.Errorf("%s has it", filepath.Base(file))
		}
	}
	if !found {
		t.Errorf("%v do not even have the user", files)
	}
}

func TestWhoIsMailedAnInvitation(t *testing.T) {
	arn := "arn:aws:iam::" + account + ":role/embed"
	mailed := func(change func(*directory.NewUser)) directory.NewUser {
		n := native(account, "default", "ana")
		n.Mail = true
		if change != nil {
			change(&n)
		}
		return n
	}
	for name, tt := range map[string]struct {
		new    directory.NewUser
		fails  bool
		mailed bool
	}{
		"Mail":        {mailed(nil), false, true},
		"NoMail":      {mailed(func(n *directory.NewUser) { n.Mail = false }), false, false},
		"Taken":       {mailed(func(n *directory.NewUser) { n.Name = "taken" }), true, false},
		"NoNamespace": {mailed(func(n *directory.NewUser) { n.Namespace = "nowhere" }), true, false},
		"NoProfile":   {mailed(func(n *directory.NewUser) { n.CustomPermissions = "none" }), true, false},
		"NoEmail":     {mailed(func(n *directory.NewUser) { n.Email = "" }), true, false},
		"OfIAM": {directory.NewUser{AccountID: account, Namespace: "default", IdentityType: directory.IAMIdentity,
			IAMARN: &arn, SessionName: "ana", Email: "ana@example.com", Role: directory.Reader, Mail: true}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			k.mailing(t)
			k.register(t, "taken")
			r, err := k.RegisterUser(t.Context(), root(account), tt.new)
			if tt.fails != (err != nil) || r.Mailed != tt.mailed {
				t.Fatalf("mailed %t, %v", r.Mailed, err)
			}
			if !tt.mailed {
				if all := k.letters(t); len(all) != 0 {
					t.Errorf("mails wait: %+v", all)
				}
				return
			}
			m := k.letter(t)
			if m.Kind != mail.Invitation || m.To != "ana@example.com" || m.Data.Link != r.InvitationURL ||
				m.Data.UserName != "ana" || !m.Data.Expires.Equal(k.clock().Add(24*time.Hour)) {
				t.Errorf("the mail is %+v", m)
			}
			k.opens(t, secret(t, m.Data.Link, directory.RegisterPath), nil)
		})
	}
}

func TestWhoMayNotRegisterMailsNobody(t *testing.T) {
	k := newKit(t)
	k.mailing(t)
	n := native(account, "default", "ana")
	n.Mail = true
	_, err := k.RegisterUser(t.Context(), k.iamUser(t, "mallory"), n)
	denies(t, "nobody of IAM", err)
	if all := k.letters(t); len(all) != 0 {
		t.Errorf("mails wait: %+v", all)
	}
}

func TestWithoutMailServerNobodyIsMailed(t *testing.T) {
	k := newKit(t)
	n := native(account, "default", "ana")
	n.Mail = true
	r, err := k.RegisterUser(t.Context(), root(account), n)
	if err != nil || r.Mailed || r.InvitationURL == "" {
		t.Fatalf("%+v, %v", r, err)
	}
	if all := k.letters(t); len(all) != 0 {
		t.Errorf("mails wait: %+v", all)
	}
}

// The mail that waits would go to a mailbox that is not the user's any more.
// The link stays good, for whoever registered the user has it as well; and what
// is known of a mail that has gone out stays too.
func TestAnInvitationDoesNotGoToAnOldAddress(t *testing.T) {
	for name, tt := range map[string]struct {
		state store.MailState
		email string
		kept  bool
		opens error
	}{
		"Waiting":     {store.MailWaiting, "new@example.com", false, nil},
		"SameAddress": {store.MailWaiting, "ana@example.com", true, nil},
		"Sent":        {store.MailSent, "new@example.com", true, directory.ErrInvitationUnknown},
		"SentToHer":   {store.MailSent, "ana@example.com", true, nil},
		"GivenUp":     {store.MailFailed, "new@example.com", true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			k.mailing(t)
			n := native(account, "default", "ana")
			n.Mail = true
			r, err := k.RegisterUser(t.Context(), root(account), n)
			if err != nil {
				t.Fatal(err)
			}
			if tt.state != store.MailWaiting {
				k.noted(t, "ana", mail.Invitation, tt.state)
			}
			if _, err := k.UpdateUser(t.Context(), root(account), directory.UserChange{
				AccountID: account, Namespace: "default", Name: "ana", Email: tt.email, Role: directory.Reader}); err != nil {
				t.Fatal(err)
			}
			m := k.member(t, root(account), r.User.PrincipalID).InvitationMail
			if tt.kept != (m != nil) || tt.kept && m.State != tt.state {
				t.Errorf("the mail is %+v", m)
			}
			k.opens(t, secret(t, r.InvitationURL, directory.RegisterPath), tt.opens)
			k.issue(t, "ana", true)
			if m := k.letter(t); m.To != tt.email {
				t.Errorf("another mail goes to %s", m.To)
			}
		})
	}
}

func TestDeletingAUserTakesTheMailsBack(t *testing.T) {
	k := newKit(t)
	k.mailing(t)
	k.register(t, "ana")
	k.join(t, "ben", directory.Author, passwordHash)
	k.issue(t, "ana", true)
	k.issue(t, "ben", true)
	if all := k.letters(t); len(all) != 2 {
		t.Fatalf("mails wait: %+v", all)
	}
	for _, name := range []string{"ana", "ben"} {
		if err := k.DeleteUser(t.Context(), root(account), account, "default", name); err != nil {
			t.Fatal(err)
		}
	}
	if all := k.letters(t); len(all) != 0 {
		t.Errorf("mails wait: %+v", all)
	}
}
