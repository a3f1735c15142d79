package seal

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// sealed is a generated envelope with all that it was made of.
type sealed struct {
	key              *Key
	purpose, context string
	value, envelope  []byte
}

func drawSealed(t *rapid.T) sealed {
	s := sealed{
		key:     NewKey(),
		purpose: rapid.String().Draw(t, "purpose"),
		context: rapid.String().Draw(t, "context"),
		value:   rapid.SliceOf(rapid.Byte()).Draw(t, "value"),
	}
	s.envelope = s.key.Box(s.purpose).Seal(s.value, s.context)
	return s
}

func TestOpenGivesWhatWasSealed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSealed(t)
		reloaded, err := ParseKey(s.key.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		have, err := reloaded.Box(s.purpose).Open(s.envelope, s.context)
		if err != nil || !bytes.Equal(have, s.value) {
			t.Fatalf("have %x %v, want %x", have, err, s.value)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSealed(t)
		refused := func(what string, k *Key, purpose string, envelope []byte, context string) {
			t.Helper()
			if value, err := k.Box(purpose).Open(envelope, context); !errors.Is(err, ErrOpen) || value != nil {
				t.Errorf("%s: %x %v, want ErrOpen", what, value, err)
			}
		}
		other := rapid.StringN(1, -1, -1).Draw(t, "other")
		refused("another purpose", s.key, s.purpose+other, s.envelope, s.context)
		refused("another context", s.key, s.purpose, s.envelope, s.context+other)
		refused("another key", NewKey(), s.purpose, s.envelope, s.context)
		refused("a longer envelope", s.key, s.purpose, append(bytes.Clone(s.envelope), 0), s.context)
		n := rapid.IntRange(0, len(s.envelope)-1).Draw(t, "n")
		refused("a shorter envelope", s.key, s.purpose, s.envelope[:n], s.context)
	})
}

func TestOpenRefusesEveryFlippedBit(t *testing.T) {
	box := NewKey().Box("test")
	envelope := box.Seal([]byte("secret"), "row 1")
	for i := range len(envelope) * 8 {
		flipped := bytes.Clone(envelope)
		flipped[i/8] ^= 1 << (i % 8)
		if _, err := box.Open(flipped, "row 1"); !errors.Is(err, ErrOpen) {
			t.Errorf("bit %d of byte %d flipped: %v, want ErrOpen", i%8, i/8, err)
		}
	}
}

// Who sees two envelopes cannot tell whether the values are the same.
func TestSealNeverRepeats(t *testing.T) {
	box := NewKey().Box("test")
	if a, b := box.Seal([]byte("secret"), ""), box.Seal([]byte("secret"), ""); bytes.Equal(a, b) {
		t.Errorf("two envelopes are both %x", a)
	}
}

func TestKeyDoesNotPrint(t *testing.T) {
	k := NewKey()
	for _, have := range []string{
		fmt.Sprint(k), fmt.Sprintf("%+v", k), fmt.Sprintf("%#v", k), fmt.Sprintf("%x", k),
		fmt.Sprint(*k), fmt.Sprintf("%+v", *k), fmt.Sprintf("%#v", *k), fmt.Sprintf("%x", *k),
	} {
		if want := "[master key]"; have != want && have != fmt.Sprintf("%x", want) {
			t.Errorf("a key prints as %s", have)
		}
	}
}

func TestParseKeyWantsItsSize(t *testing.T) {
	for _, n := range []int{0, 16, 31, 33, 64} {
		if k, err := ParseKey(make([]byte, n)); err == nil || k != nil {
			t.Errorf("a key of %d bytes was taken", n)
		}
	}
}

func TestTokenMatches(t *testing.T) {
	token := NewToken()
	hash := HashToken(token)
	flipped := bytes.Clone(token)
	flipped[TokenSize-1] ^= 1
	tests := []struct {
		name        string
		token, hash []byte
		want        bool
	}{
		{"Own", token, hash, true},
		{"OneBitFlipped", flipped, hash, false},
		{"AnotherToken", NewToken(), hash, false},
		{"Cut", token[:TokenSize-1], hash, false},
		{"Empty", nil, hash, false},
		{"NoHash", token, nil, false},
		{"TheHashItself", hash, hash, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if have := TokenMatches(tt.token, tt.hash); have != tt.want {
				t.Errorf("matches: %v, want %v", have, tt.want)
			}
		})
	}
}
