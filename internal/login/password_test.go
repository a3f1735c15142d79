package login

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/argon2"
)

func TestBroken(t *testing.T) {
	const (
		length = "8 to 64 characters"
		lower  = "a lower-case letter"
		upper  = "an upper-case letter"
		digit  = "a digit"
		symbol = "a symbol, such as ! # - or ?"
	)
	tests := []struct {
		name     string
		password string
		want     []string
	}{
		{"Empty", "", []string{length, lower, upper, digit, symbol}},
		{"Of7Characters", "Passw0!", []string{length}},
		{"Of8Characters", "Passw0r!", nil},
		{"Of64Characters", "Aa1!" + strings.Repeat("x", 60), nil},
		{"Of65Characters", "Aa1!" + strings.Repeat("x", 61), []string{length}},
		{"NoLower", "PASSW0RD!", []string{lower}},
		{"NoUpper", "passw0rd!", []string{upper}},
		{"NoDigit", "Password!", []string{digit}},
		{"NoSymbol", "Passw0rd", []string{symbol}},
		{"OnlyLower", "password", []string{upper, digit, symbol}},
		{"OnlySymbols", "!!!!!!!!", []string{lower, upper, digit}},
		{"SpacesAllowedButNoSymbol", "Pass w0rd", []string{symbol}},
		{"SpacesCount", " Pa w0! ", nil},
		{"CurrencyNoSymbol", "Passw0rd€£", []string{symbol}},
		{"CharactersNotBytes7", "Aa1!ééé", []string{length}},
		{"CharactersNotBytes8", "Aa1!éééé", nil},
		{"CharactersNotBytes64", "Aa1!" + strings.Repeat("漢", 60), nil},
		{"CharactersNotBytes65", "Aa1!" + strings.Repeat("漢", 61), []string{length}},
		{"LettersOfOtherAlphabets", "Жuchka1!", nil},
		{"LettersWithoutCase", "漢字漢字漢字1!", []string{lower, upper}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var have []string
			for _, r := range Broken(tt.password) {
				have = append(have, r.Text)
			}
			if diff := cmp.Diff(tt.want, have); diff != "" {
				t.Errorf("rules that %q breaks (-want +have):\n%s", tt.password, diff)
			}
		})
	}
}

// TestEverySymbolCounts holds the rule against the list in QuickSight's guide.
func TestEverySymbolCounts(t *testing.T) {
	const guide = "~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/"
	for c := rune(' '); c <= '~'; c++ {
		password := "Passw0rd" + string(c)
		counts := len(Broken(password)) == 0
		if want := strings.ContainsRune(guide, c); counts != want {
			t.Errorf("%q counts as a symbol: %v, want %v", c, counts, want)
		}
	}
}

func TestHashRecomputes(t *testing.T) {
	h := NewHasher()
	for _, password := range []string{"Passw0rd!", "Жuchka 1!", strings.Repeat("漢", 64)} {
		phc, err := h.Hash(t.Context(), password)
		if err != nil {
			t.Fatal(err)
		}
		salt, key := parsePHC(t, phc)
		if want := argon2.IDKey([]byte(password), salt, 2, 19456, 1, 32); !cmp.Equal(key, want) {
			t.Errorf("hash of %q: key %x, want %x", password, key, want)
		}
		again, err := h.Hash(t.Context(), password)
		if err != nil {
			t.Fatal(err)
		}
		if other, _ := parsePHC(t, again); cmp.Equal(salt, other) {
			t.Errorf("two hashes of %q have the same salt", password)
		}
	}
}

// parsePHC takes a PHC string with OWASP's first choice of parameters apart.
func parsePHC(t *testing.T, phc string) (salt, key []byte) {
	t.Helper()
	rest, ok := strings.CutPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$")
	saltText, keyText, both := strings.Cut(rest, "$")
	salt, errSalt := base64.RawStdEncoding.Strict().DecodeString(saltText)
	key, errKey := base64.RawStdEncoding.Strict().DecodeString(keyText)
	if err := errors.Join(errSalt, errKey); !ok || !both || err != nil || len(salt) < 16 {
		t.Fatalf("%q is not the PHC string that was wanted: %v", phc, err)
	}
	return salt, key
}

func TestHasherLeavesACore(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for cores, want := range map[int]int{1: 1, 2: 1, 3: 2, 8: 7} {
		t.Run(fmt.Sprintf("Of%d", cores), func(t *testing.T) {
			runtime.GOMAXPROCS(cores)
			synctest.Test(t, func(t *testing.T) {
				if have := startable(t, NewHasher()); have != want {
					t.Errorf("%d passwords can be hashed at once, want %d", have, want)
				}
			})
		})
	}
}

// startable gives how many hashes may run at once: it takes the places of
// running ones until the next one waits.
func startable(t *testing.T, h *Hasher) (n int) {
	for {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			_, err := h.Hash(ctx, "Passw0rd!")
			ended <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-ended; errors.Is(err, context.Canceled) {
			return n
		} else if err != nil {
			t.Fatal(err)
		}
		h.running <- struct{}{}
		n++
	}
}

func TestHasherQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHasher()
		for range cap(h.running) {
			h.running <- struct{}{}
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, cap(h.waiting))
		for range cap(h.waiting) {
			go func() {
				_, err := h.Hash(ctx, "Passw0rd!")
				ended <- err
			}()
		}
		synctest.Wait()
		if n := len(ended); n > 0 {
			t.Fatalf("%d hashes ended while others held all places: %v", n, <-ended)
		}
		if _, err := h.Hash(t.Context(), "Passw0rd!"); !errors.Is(err, ErrBusy) {
			t.Errorf("one more than may wait: %v, want ErrBusy", err)
		}

		cancel()
		for range cap(h.waiting) {
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("waiting when the context ends: %v, want context.Canceled", err)
			}
		}

		<-h.running
		if _, err := h.Hash(t.Context(), "Passw0rd!"); err != nil {
			t.Errorf("after the queue has gone: %v", err)
		}
	})
}
