package sigv4

import (
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzVerify looks for requests that panic, that are accepted without the
// secret, or whose message is not fit to send. The seeds are the vectors: a
// request accepted with their secret must have a signature of theirs.
func FuzzVerify(f *testing.F) {
	signatures := make(map[string]bool)
	secrets := make(map[string]*Secret)
	for _, v := range vectors(f) {
		f.Add(v.wire(), v.now.Unix())
		if r, _, err := receive(v.wire()); err == nil {
			c, _ := readClaim(r)
			signatures[c.signature] = true
		}
		for id, s := range v.secrets {
			secrets[id] = s
		}
	}
	var (
		services = []string{"quicksight", "sts", "iam", "service"}
		stranger = NewSecret(rand.Text())
		ours     = func(id, _ string) (*Secret, error) {
			if s, ok := secrets[id]; ok {
				return s, nil
			}
			return nil, ErrUnknownKey
		}
	)
	f.Fuzz(func(t *testing.T, wire []byte, seconds int64) {
		r, body, err := receive(wire)
		if err != nil {
			return
		}
		now := time.Unix(seconds, 0)
		_, err = Verify(r, body, now, services, func(string, string) (*Secret, error) { return stranger, nil })
		if err == nil {
			t.Fatal("accepted without the secret")
		}
		scope, err := Verify(r, body, now, services, ours)
		c, _ := readClaim(r)
		if err == nil {
			if !signatures[c.signature] || !slices.Contains(services, scope.Service) {
				t.Fatalf("accepted: %+v", scope)
			}
			return
		}
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("not an Error: %v", err)
		}
		if m := e.Message; len(m) > 1024 || !utf8.ValidString(m) || strings.Contains(m, exampleSecret) {
			t.Fatalf("message %q", m)
		}
		if (scope != Scope{}) {
			t.Fatalf("scope %+v with %v", scope, err)
		}
	})
}

// FuzzAuthorization checks that what is parsed has one printed form, which has
// the same parts as the header and parses to the same.
func FuzzAuthorization(f *testing.F) {
	for _, v := range vectors(f) {
		for line := range strings.Lines(v.head) {
			if header, ok := strings.CutPrefix(line, "Authorization: "); ok {
				f.Add(strings.TrimSuffix(header, "\n"))
			}
		}
	}
	f.Fuzz(func(t *testing.T, header string) {
		a, err := parseAuthorization(header)
		printed := a.String()
		if err != nil || a.missing() != nil || len(printed) > maxAuthorization {
			return
		}
		if got, want := parts(printed), parts(header); !slices.Equal(got, want) {
			t.Errorf("printed %q\nfrom    %q", got, want)
		}
		if again, err := parseAuthorization(printed); err != nil || again != a {
			t.Errorf("%q parses to %+v, %v; want %+v", printed, again, err, a)
		}
	})
}

// parts gives what a header says, without the order and the spaces.
func parts(header string) []string {
	algorithm, parameters, _ := strings.Cut(header, " ")
	all := strings.Split(parameters, ",")
	for i := range all {
		all[i] = strings.Trim(all[i], " ")
	}
	slices.Sort(all)
	return append(all, algorithm)
}
