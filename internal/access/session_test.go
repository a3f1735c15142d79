package access

import (
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rollcall/internal/seal"
	"rollcall/internal/sigv4"
	"rollcall/internal/store"
)

func TestSessionsComeOutOfTheirTokens(t *testing.T) {
	s := newSessions(seal.NewKey())
	text := rapid.StringN(0, 40, 60)
	rapid.Check(t, func(t *rapid.T) {
		want := &Session{
			AccountID:      account,
			Owner:          text.Draw(t, "owner"),
			Name:           text.Draw(t, "name"),
			IssuedAt:       rapid.Int64().Draw(t, "issued"),
			ExpiresAt:      rapid.Int64().Draw(t, "expires"),
			Policy:         text.Draw(t, "policy"),
			SourceIdentity: text.Draw(t, "source"),
		}
		if rapid.Bool().Draw(t, "more") {
			want.PolicyARNs, want.Tags, want.Transitive = []string{"a", "b"}, store.Tags{"k": text.Draw(t, "tag")}, []string{"k"}
		}
		c, _, err := s.make(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.open(c.AccessKeyID, c.SessionToken)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v %v\nwant %+v", got, err, want)
		}
		if c.SecretAccessKey != s.secretKey(c.AccessKeyID) || len(c.SecretAccessKey) != 40 || len(c.AccessKeyID) != 20 {
			t.Fatalf("key %s has a secret of %d characters, or another the second time", c.AccessKeyID, len(c.SecretAccessKey))
		}
	})
}

func TestTokensThatAreNotOurs(t *testing.T) {
	ours := newSessions(seal.NewKey())
	c, _, err := ours.make(&Session{AccountID: account, Owner: "AROA", Name: "ana", ExpiresAt: 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	foreign, _, err := newSessions(seal.NewKey()).make(&Session{AccountID: account, Owner: "AROA", Name: "ana"})
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what, id, token string) {
		t.Helper()
		if got, err := ours.open(id, token); !errors.Is(err, sigv4.ErrUnknownKey) {
			t.Errorf("%s: %+v %v", what, got, err)
		}
	}
	for n := range len(c.SessionToken) {
		refused(fmt.Sprintf("cut after %d", n), c.AccessKeyID, c.SessionToken[:n])
	}
	raw, err := base64.StdEncoding.DecodeString(c.SessionToken)
	if err != nil {
		t.Fatal(err)
	}
	for n := range raw {
		raw[n] ^= 1
		refused(fmt.Sprintf("byte %d changed", n), c.AccessKeyID, base64.StdEncoding.EncodeToString(raw))
		raw[n] ^= 1
	}
	refused("of another master key", foreign.AccessKeyID, foreign.SessionToken)
	refused("of another access key", "ASIAAAAAAAAAAAAAAAAA", c.SessionToken)
	refused("long", c.AccessKeyID, strings.Repeat("A", 1<<20))
	refused("no base64", c.AccessKeyID, "*"+c.SessionToken[1:])
	if _, err := ours.open(c.AccessKeyID, c.SessionToken); err != nil {
		t.Errorf("the token itself: %v", err)
	}
}

func FuzzTokens(f *testing.F) {
	s := newSessions(seal.NewKey())
	c, _, err := s.make(&Session{AccountID: account, Owner: "AROA", Name: "ana"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(c.AccessKeyID, c.SessionToken)
	f.Add("", "")
	f.Fuzz(func(t *testing.T, id, token string) {
		if got, err := s.open(id, token); err == nil && (id != c.AccessKeyID || token != c.SessionToken) {
			t.Errorf("%q opens with %q: %+v", token, id, got)
		}
	})
}

// A session that was used stays what it is: its token is no access key, its
// access key no token, and its end is its end.
func TestSessionIsFoundByTokenAndKeyTogether(t *testing.T) {
	k := newKit(t)
	user, _ := k.user("ana", allowRead)
	session := k.session(k.principal(store.IAMRole, "embed", allowRead), "ben")
	find := func(id, token string, at time.Time) error {
		_, err := k.keys.find(t.Context(), id, token, at)
		return err
	}
	now, end := k.clock(), time.Unix(session.Session.ExpiresAt, 0)
	for what, err := range map[string]error{
		"its token as a key":        find(session.token, "", now),
		"its key alone":             find(session.AccessKeyID, "", now),
		"its token with a user's":   find(user.AccessKeyID, session.token, now),
		"a user's key as its token": find(user.AccessKeyID, user.AccessKeyID, now),
	} {
		if !errors.Is(err, sigv4.ErrUnknownKey) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := find(session.AccessKeyID, session.token, end); !errors.Is(err, sigv4.ErrExpiredToken) {
		t.Errorf("found before, at its end: %v", err)
	}
	session.Request.Time = end
	var e *sigv4.Error
	if err := k.read(session); !errors.As(err, &e) || e.Kind != sigv4.KindExpiredToken {
		t.Errorf("authenticated before, at its end: %v", err)
	}
}

func TestTokenHasRoomForSoMuch(t *testing.T) {
	s := newSessions(seal.NewKey())
	tags := func(n, length int) store.Tags {
		all := store.Tags{}
		for i := range n {
			// What does not repeat can't be packed.
			all[fmt.Sprint("key-", i, seal.NewKey().Bytes())[:min(60, 4+length)]] = fmt.Sprintf("%x", seal.NewToken())[:min(64, length)]
		}
		return all
	}
	_, small, err := s.make(&Session{Owner: "AROA", Name: "ana"})
	if err != nil || small < 1 || small > 10 {
		t.Errorf("bare: %d%% %v", small, err)
	}
	if _, size, err := s.make(&Session{Owner: "AROA", Name: "ana", Tags: tags(10, 20)}); err != nil || size <= small {
		t.Errorf("10 tags: %d%% %v", size, err)
	}
	_, size, err := s.make(&Session{Owner: "AROA", Name: "ana", Tags: tags(50, 64)})
	if !errors.Is(err, ErrTokenTooLarge) || size <= 100 {
		t.Errorf("50 long tags: %d%% %v", size, err)
	}
}

func TestSessionEnds(t *testing.T) {
	k := newKit(t)
	role := k.principal(store.IAMRole, "embed", allowRead)
	c := k.session(role, "ana")
	token := func(at time.Time) error {
		credentials, _, err := k.keys.NewSession(c.Session)
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.keys.find(t.Context(), credentials.AccessKeyID, credentials.SessionToken, at)
		return err
	}
	end := time.Unix(c.Session.ExpiresAt, 0)
	if err := token(end.Add(-time.Nanosecond)); err != nil {
		t.Errorf("just before its end: %v", err)
	}
	if err := token(end); !errors.Is(err, sigv4.ErrExpiredToken) {
		t.Errorf("at its end: %v", err)
	}
}
