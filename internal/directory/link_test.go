package directory

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"rollcall/internal/seal"
	"rollcall/internal/store"
)

const linkURL = "https://people.example.com"

// token is what stands in the address of a link.
func (l link) token(t interface{ Fatalf(string, ...any) }) string {
	token, ok := strings.CutPrefix(l.url(linkURL, ResetPath), linkURL+ResetPath+"?token=")
	if !ok {
		t.Fatalf("the link is %s", l.url(linkURL, ResetPath))
	}
	return token
}

func (l link) equals(other link) bool {
	return l.namespaceID == other.namespaceID && l.userID == other.userID && bytes.Equal(l.secret, other.secret)
}

func TestLinksComeOutOfTheirTokens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := newLink(&store.User{
			NamespaceID: rapid.Int64().Draw(t, "namespace"),
			ID:          uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "user")),
		}, rapid.SliceOfN(rapid.Byte(), seal.TokenSize, seal.TokenSize).Draw(t, "secret"))
		token := want.token(t)
		if got, err := parseLink(token); err != nil || !got.equals(want) {
			t.Fatalf("%+v %v, want %+v", got, err, want)
		}
		cut := rapid.IntRange(0, len(token)-1).Draw(t, "cut")
		more := rapid.SampledFrom([]string{"\n", "\r", "=", "A", " "}).Draw(t, "more")
		for _, bad := range []string{token[:cut], token[:cut] + more + token[cut:], token + more, token[:cut] + "\n" + token[cut+1:]} {
			if got, err := parseLink(bad); err == nil && bad != token && got.equals(want) {
				t.Fatalf("%q is as good as %q", bad, token)
			}
		}
	})
}

func FuzzParseLink(f *testing.F) {
	token := newLink(&store.User{NamespaceID: 1, ID: uuid.Max}, seal.NewToken()).token(f)
	f.Add(token)
	f.Add("")
	f.Add(token[1:] + "\n")
	f.Fuzz(func(t *testing.T, token string) {
		if l, err := parseLink(token); err == nil && (l.token(t) != token || len(l.secret) != seal.TokenSize) {
			t.Errorf("%q opens as %+v", token, l)
		}
	})
}
