package webidentity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// lasting is a token of p's that outlives every test.
func lasting(t *testing.T, p *provider, key any, kid string) string {
	t.Helper()
	algorithm := jose.RS256
	if key == p256() {
		algorithm = jose.ES256
	}
	return sign(t, algorithm, key, kid, claimsOf(p.issuer(), object{"exp": start.Add(100 * stale).Unix()}))
}

func checkVerify(t *testing.T, v *Verifier, p *provider, token string, want error) {
	t.Helper()
	if _, err := v.Verify(t.Context(), token, Provider{Issuer: p.issuer()}); !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
}

func TestKeepsDocuments(t *testing.T) {
	c := new(clock)
	p := newProvider(t, "", public(rsaKey(), "k"))
	v := verifier(c, p)
	token := lasting(t, p, rsaKey(), "k")
	for range 10 {
		checkVerify(t, v, p, token, nil)
	}
	c.advance(fresh - time.Second)
	checkVerify(t, v, p, token, nil)
	p.checkFetches(t, 1, 1)
	c.advance(time.Second)
	checkVerify(t, v, p, token, nil)
	p.checkFetches(t, 2, 2)
}

func TestKeysAtAnAddressNeedNoDiscovery(t *testing.T) {
	p := newProvider(t, "", public(rsaKey(), "k"))
	if err := verifyBy(t, verifier(new(clock), p), p.URL+"/keys"); err != nil {
		t.Error(err)
	}
	p.checkFetches(t, 0, 1)
}

func TestManyAtOnceShareOneFetch(t *testing.T) {
	p := newProvider(t, "", public(rsaKey(), "k"))
	v := verifier(new(clock), p)
	verifyAtOnce(t, v, p, lasting(t, p, rsaKey(), "k"))
	p.checkFetches(t, 1, 1)

	p.publish(public(p256(), "new"))
	verifyAtOnce(t, v, p, lasting(t, p, p256(), "new"))
	p.checkFetches(t, 1, 2)
}

func verifyAtOnce(t *testing.T, v *Verifier, p *provider, token string) {
	t.Helper()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { checkVerify(t, v, p, token, nil) })
	}
	all.Wait()
}

func TestRotatedKeys(t *testing.T) {
	c := new(clock)
	p := newProvider(t, "", public(rsaKey(), "old"))
	v := verifier(c, p)
	checkVerify(t, v, p, lasting(t, p, rsaKey(), "old"), nil)

	p.publish(public(rsaKey(), "old"), public(p256(), "new"))
	checkVerify(t, v, p, lasting(t, p, p256(), "new"), nil)
	checkVerify(t, v, p, lasting(t, p, rsaKey(), "old"), nil)
	p.checkFetches(t, 1, 2)

	p.publish(public(p256(), "new"))
	checkVerify(t, v, p, lasting(t, p, rsaKey(), "old"), nil) // until somebody asks
	c.advance(fresh)
	checkVerify(t, v, p, lasting(t, p, rsaKey(), "old"), ErrNoKey)
}

// Providers for tests call each of their keys by the same name.
func TestRotatedKeyOfTheSameName(t *testing.T) {
	p := newProvider(t, "", public(otherRSA(), "k"))
	v := verifier(new(clock), p)
	checkVerify(t, v, p, lasting(t, p, otherRSA(), "k"), nil)
	p.publish(public(rsaKey(), "k"))
	checkVerify(t, v, p, lasting(t, p, rsaKey(), "k"), nil)
	p.checkFetches(t, 1, 2)
}

func TestFloodOfUnknownKeys(t *testing.T) {
	c := new(clock)
	p := newProvider(t, "", public(rsaKey(), "k"))
	v := verifier(c, p)
	for i := range 100 {
		checkVerify(t, v, p, lasting(t, p, otherRSA(), fmt.Sprint(i)), ErrNoKey)
		checkVerify(t, v, p, lasting(t, p, otherRSA(), "k"), ErrSignature)
		checkVerify(t, v, p, lasting(t, p, otherRSA(), ""), ErrSignature)
	}
	p.checkFetches(t, 1, 2)
	c.advance(again)
	p.publish(public(otherRSA(), "7"))
	checkVerify(t, v, p, lasting(t, p, otherRSA(), "7"), nil)
	p.checkFetches(t, 1, 3)
}

func TestFloodWhileTheProviderIsDown(t *testing.T) {
	c := new(clock)
	p := newProvider(t, "", public(rsaKey(), "k"))
	v := verifier(c, p)
	checkVerify(t, v, p, lasting(t, p, rsaKey(), "k"), nil)
	p.misbehave(http.NotFound)
	for range 100 {
		checkVerify(t, v, p, lasting(t, p, otherRSA(), "new"), ErrNoKey)
		checkVerify(t, v, p, lasting(t, p, rsaKey(), "k"), nil)
	}
	p.checkFetches(t, 1, 2)
}

func TestStaleKeysServeWhileTheProviderIsDown(t *testing.T) {
	c := new(clock)
	p := newProvider(t, "", public(rsaKey(), "k"))
	v := verifier(c, p)
	token := lasting(t, p, rsaKey(), "k")
	checkVerify(t, v, p, token, nil)

	p.misbehave(http.NotFound)
	c.advance(fresh)
	for range 10 {
		checkVerify(t, v, p, token, nil)
	}
	c.advance(again - time.Second)
	checkVerify(t, v, p, token, nil)
	p.checkFetches(t, 2, 2)
	c.advance(time.Second)
	checkVerify(t, v, p, token, nil)
	p.checkFetches(t, 3, 3)
	c.advance(stale - fresh - again - time.Second)
	checkVerify(t, v, p, token, nil)
	c.advance(time.Second)
	checkVerify(t, v, p, token, ErrProvider)
	p.misbehave(nil)
	c.advance(retry)
	checkVerify(t, v, p, token, nil)
}

func TestFailureIsRememberedForAMoment(t *testing.T) {
	c := new(clock)
	p := newProvider(t, "", public(rsaKey(), "k"))
	v := verifier(c, p)
	token := lasting(t, p, rsaKey(), "k")
	p.misbehave(http.NotFound)
	for range 10 {
		checkVerify(t, v, p, token, ErrProvider)
	}
	p.checkFetches(t, 1, 0)
	p.misbehave(nil)
	c.advance(retry)
	checkVerify(t, v, p, token, nil)
	p.checkFetches(t, 2, 1)
}

func TestRevokedKeysAreNotUsed(t *testing.T) {
	c := new(clock)
	p := newProvider(t, "", public(rsaKey(), "k"))
	v := verifier(c, p)
	checkVerify(t, v, p, lasting(t, p, rsaKey(), "k"), nil)
	p.misbehave(answerJSON(object{"issuer": p.URL, "jwks_uri": p.URL + "/keys", "keys": []int{}}))
	c.advance(fresh)
	checkVerify(t, v, p, lasting(t, p, rsaKey(), "k"), ErrNoKey)
}

// Who looks before a fetch has ended may come to fetch after it has.
func TestFetchLooksAgain(t *testing.T) {
	fetches := 0
	documents := newCache(new(clock).now, func(_ context.Context, from string) (*string, error) {
		fetches++
		return &from, nil
	})
	for range 2 {
		if e, err := documents.update(t.Context(), "a", documents.due, false); err != nil || *e.value != "a" {
			t.Error(e, err)
		}
	}
	first, _ := documents.get(t.Context(), "a")
	second := documents.newer(t.Context(), "a", first)
	if second == nil || second == first || documents.newer(t.Context(), "a", first) != second {
		t.Error("what is newer than the first is not the second")
	}
	if documents.newer(t.Context(), "a", second) != nil {
		t.Error("a document is newer than itself")
	}
	if fetches != 2 {
		t.Errorf("%d fetches, want 2", fetches)
	}
}

func TestMemoryOfDocumentsIsBounded(t *testing.T) {
	c := new(clock)
	fetches := 0
	documents := newCache(c.now, func(_ context.Context, from string) (*string, error) {
		fetches++
		return &from, nil
	})
	for i := range maxEntries + 10 {
		c.advance(time.Second)
		if got, err := documents.get(t.Context(), fmt.Sprint(i)); err != nil || *got != fmt.Sprint(i) {
			t.Fatal(*got, err)
		}
	}
	if n := len(documents.entries); n != maxEntries {
		t.Errorf("%d documents are kept, want %d", n, maxEntries)
	}
	documents.get(t.Context(), fmt.Sprint(maxEntries+9))
	if fetches != maxEntries+10 {
		t.Error("the latest document is gone")
	}
	if got := documents.newer(t.Context(), "0", new(string)); got != nil {
		t.Error("a document is newer than none")
	}
}
