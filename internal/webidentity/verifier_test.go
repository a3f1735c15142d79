package webidentity

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

const issuer = "https://idp.example.com"

// fixed is a provider whose keys are configured.
func fixed(t testing.TB, keys ...jose.JSONWebKey) Provider {
	return Provider{Issuer: issuer, Keys: []byte(marshal(t, jose.JSONWebKeySet{Keys: keys}))}
}

func TestVerifiesEveryAlgorithm(t *testing.T) {
	for algorithm, key := range map[jose.SignatureAlgorithm]crypto.Signer{
		jose.RS256: rsaKey(), jose.RS384: rsaKey(), jose.RS512: rsaKey(),
		jose.ES256: p256(), jose.ES384: p384(), jose.ES512: p521(),
	} {
		t.Run(string(algorithm), func(t *testing.T) {
			c := new(clock)
			p := newProvider(t, "", public(otherRSA(), "other"), public(key, "k"))
			token := sign(t, algorithm, key, "k", claimsOf(p.URL, nil))
			got, err := verifier(c, p).Verify(t.Context(), token, Provider{Issuer: p.URL})
			if err != nil {
				t.Fatal(err)
			}
			want := Token{Issuer: p.URL, Subject: "user-1", Audience: []string{"client"}, IssuedAt: start, ExpiresAt: start.Add(time.Hour)}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			p.checkFetches(t, 1, 1)
		})
	}
}

func TestReadsEveryClaim(t *testing.T) {
	token := sign(t, jose.RS256, rsaKey(), "k", claimsOf(issuer, object{
		"aud": []string{"client", "other"}, "azp": "client", "amr": []string{"authenticated", "x"}, "nonce": "n",
		"email": "ana@example.com", "email_verified": true, "nbf": 0, "unknown": object{"a": []int{1}},
		tagsClaim:           object{"principal_tags": object{"Email": []string{"ana@example.com"}, "team": []string{"ré d"}}, "transitive_tag_keys": []string{"team"}},
		sourceIdentityClaim: "ana",
	}))
	got, err := New(Config{Now: new(clock).now}).Verify(t.Context(), token, fixed(t, public(rsaKey(), "k")))
	if err != nil {
		t.Fatal(err)
	}
	want := Token{
		Issuer: issuer, Subject: "user-1", Audience: []string{"client", "other"}, AuthorizedParty: "client",
		AMR: []string{"authenticated", "x"}, Nonce: "n", Email: "ana@example.com", EmailVerified: true,
		IssuedAt: start, ExpiresAt: start.Add(time.Hour),
		Tags:              map[string]string{"Email": "ana@example.com", "team": "ré d"},
		TransitiveTagKeys: []string{"team"}, SourceIdentity: "ana",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestRefusesBadClaims has tokens that are signed as they should be.
func TestRefusesBadClaims(t *testing.T) {
	at := func(d time.Duration) int64 { return start.Add(d).Unix() }
	tags := func(n int) object {
		tags := make(object)
		for i := range n {
			tags[fmt.Sprint("k", i)] = []string{"v"}
		}
		return object{tagsClaim: object{"principal_tags": tags}}
	}
	tag := func(key string, values ...string) object {
		return object{tagsClaim: object{"principal_tags": object{key: values}}}
	}
	for name, test := range map[string]struct {
		changes object
		want    error // nil for a token that is right
	}{
		"as it is":               {nil, nil},
		"no iss":                 {object{"iss": nil}, ErrMissingClaim},
		"empty iss":              {object{"iss": ""}, ErrMissingClaim},
		"another issuer":         {object{"iss": "https://idp.example.org"}, ErrIssuer},
		"trailing slash":         {object{"iss": issuer + "/"}, ErrIssuer},
		"other case":             {object{"iss": strings.ToUpper(issuer)}, ErrIssuer},
		"no scheme":              {object{"iss": "idp.example.com"}, ErrIssuer},
		"iss is a list":          {object{"iss": []string{issuer}}, ErrMalformed},
		"no sub":                 {object{"sub": nil}, ErrMissingClaim},
		"empty sub":              {object{"sub": ""}, ErrMissingClaim},
		"sub is a number":        {object{"sub": 1}, ErrMalformed},
		"long sub":               {object{"sub": strings.Repeat("s", 255)}, nil},
		"too long sub":           {object{"sub": strings.Repeat("s", 256)}, ErrMalformed},
		"no aud":                 {object{"aud": nil}, ErrMissingClaim},
		"empty aud":              {object{"aud": ""}, ErrMissingClaim},
		"no audience in aud":     {object{"aud": []string{}}, ErrMissingClaim},
		"empty audience in aud":  {object{"aud": []string{"client", ""}}, ErrMissingClaim},
		"aud is an object":       {object{"aud": object{}}, ErrMalformed},
		"numbers in aud":         {object{"aud": []int{1}}, ErrMalformed},
		"no exp":                 {object{"exp": nil}, ErrMissingClaim},
		"no iat":                 {object{"iat": nil}, ErrMissingClaim},
		"exp is a text":          {object{"exp": "1772370000"}, ErrMalformed},
		"exp has a fraction":     {object{"exp": 1772370000.5}, ErrMalformed},
		"exp is negative":        {object{"exp": -1}, ErrMalformed},
		"exp overflows":          {object{"exp": int64(1) << 62}, ErrMalformed},
		"iat overflows":          {object{"iat": int64(1) << 62}, ErrMalformed},
		"nbf overflows":          {object{"nbf": int64(1) << 62}, ErrMalformed},
		"nbf is a text":          {object{"nbf": "now"}, ErrMalformed},
		"expired within leeway":  {object{"exp": at(-leeway + time.Second)}, nil},
		"iat within leeway":      {object{"iat": at(leeway)}, nil},
		"iat in the future":      {object{"iat": at(leeway + time.Second)}, ErrNotYetValid},
		"nbf within leeway":      {object{"nbf": at(leeway)}, nil},
		"nbf in the future":      {object{"nbf": at(leeway + time.Second)}, ErrNotYetValid},
		"one text as amr":        {object{"amr": "pwd"}, nil},
		"nonce is a number":      {object{"nonce": 7}, ErrMalformed},
		"email_verified is odd":  {object{"email_verified": []int{1}}, nil},
		"null claims":            {object{"nbf": (*int)(nil), "amr": (*int)(nil), tagsClaim: (*int)(nil)}, nil},
		"aud is null":            {object{"aud": (*int)(nil)}, ErrMissingClaim},
		"two values of a tag":    {tag("k", "a", "b"), ErrTags},
		"no value of a tag":      {tag("k"), ErrTags},
		"empty value of a tag":   {tag("k", ""), nil},
		"empty key of a tag":     {tag("", "v"), ErrTags},
		"longest tag":            {tag(strings.Repeat("é", 128), strings.Repeat("é", 256)), nil},
		"too long key":           {tag(strings.Repeat("k", 129), "v"), ErrTags},
		"too long value":         {tag("k", strings.Repeat("v", 257)), ErrTags},
		"50 tags":                {tags(50), nil},
		"51 tags":                {tags(51), ErrTags},
		"tags are a text":        {object{tagsClaim: "k=v"}, ErrTags},
		"value is a number":      {object{tagsClaim: object{"principal_tags": object{"k": []int{1}}}}, ErrTags},
		"51 transitive keys":     {object{transitiveClaim: strings.Split(strings.Repeat("k,", 50)+"k", ",")}, ErrTags},
		"too long transitive":    {object{transitiveClaim: strings.Repeat("k", 129)}, ErrTags},
		"both forms of one tag":  {object{tagsClaim: object{"principal_tags": object{"k": "v"}}, tagClaimPrefix + "k": "v"}, ErrTags},
		"two values, flat":       {object{tagClaimPrefix + "k": []string{"a", "b"}}, ErrTags},
		"source identity number": {object{sourceIdentityClaim: 1}, ErrTags},
		"long source identity":   {object{sourceIdentityClaim: strings.Repeat("s", 65)}, ErrTags},
	} {
		t.Run(name, func(t *testing.T) {
			token := sign(t, jose.RS256, rsaKey(), "k", claimsOf(issuer, test.changes))
			got, err := New(Config{Now: new(clock).now}).Verify(t.Context(), token, fixed(t, public(rsaKey(), "k")))
			if !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
			if err != nil && !cmp.Equal(got, Token{}) {
				t.Errorf("an error comes with %v", got)
			}
		})
	}
}

func TestExpiredTellsBothTimes(t *testing.T) {
	token := sign(t, jose.RS256, rsaKey(), "k", claimsOf(issuer, object{"exp": start.Add(-leeway).Unix()}))
	_, err := New(Config{Now: new(clock).now}).Verify(t.Context(), token, fixed(t, public(rsaKey(), "k")))
	expired, ok := errors.AsType[*ExpiredError](err)
	if !ok || !expired.Now.Equal(start) || !expired.Expires.Equal(start.Add(-leeway)) {
		t.Errorf("got error %v", err)
	}
}

// Entra ID and others cannot nest.
func TestFlatTags(t *testing.T) {
	token := sign(t, jose.RS256, rsaKey(), "k", claimsOf(issuer, object{
		tagClaimPrefix + "team": "red", tagClaimPrefix + "a/b": []string{"c"}, transitiveClaim: []string{"team"},
	}))
	got, err := New(Config{Now: new(clock).now}).Verify(t.Context(), token, fixed(t, public(rsaKey(), "k")))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"team": "red", "a/b": "c"}, got.Tags); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"team"}, got.TransitiveTagKeys); diff != "" {
		t.Error(diff)
	}
}

func TestRefusesKeysThatDoNotFit(t *testing.T) {
	with := func(key crypto.Signer, use, algorithm string) jose.JSONWebKey {
		return jose.JSONWebKey{Key: key.Public(), KeyID: "k", Use: use, Algorithm: algorithm}
	}
	// The public key in the forms in which somebody may take it for a secret.
	der, err := x509.MarshalPKIXPublicKey(rsaKey().Public())
	if err != nil {
		t.Fatal(err)
	}
	secret := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	symmetric := jose.JSONWebKey{Key: secret, KeyID: "k"}
	for name, test := range map[string]struct {
		algorithm jose.SignatureAlgorithm
		signedBy  any
		keys      []jose.JSONWebKey
		want      error
	}{
		"another key":             {jose.RS256, otherRSA(), []jose.JSONWebKey{with(rsaKey(), "", "")}, ErrSignature},
		"no keys":                 {jose.RS256, rsaKey(), []jose.JSONWebKey{}, ErrNoKey},
		"another kid":             {jose.RS256, rsaKey(), []jose.JSONWebKey{public(rsaKey(), "l")}, ErrNoKey},
		"key without kid":         {jose.RS256, rsaKey(), []jose.JSONWebKey{public(rsaKey(), "")}, ErrNoKey},
		"for signing":             {jose.RS256, rsaKey(), []jose.JSONWebKey{with(rsaKey(), "sig", "RS256")}, nil},
		"for encryption":          {jose.RS256, rsaKey(), []jose.JSONWebKey{with(rsaKey(), "enc", "")}, ErrNoKey},
		"for another algorithm":   {jose.RS256, rsaKey(), []jose.JSONWebKey{with(rsaKey(), "", "RS512")}, ErrNoKey},
		"short RSA":               {jose.RS256, shortRSA(), []jose.JSONWebKey{with(shortRSA(), "", "")}, ErrNoKey},
		"HMAC by the public key":  {jose.HS256, secret, []jose.JSONWebKey{with(rsaKey(), "", "")}, ErrAlgorithm},
		"HMAC by a published key": {jose.HS256, secret, []jose.JSONWebKey{symmetric}, ErrAlgorithm},
		"HS512":                   {jose.HS512, secret, []jose.JSONWebKey{symmetric}, ErrAlgorithm},
		"PS256":                   {jose.PS256, rsaKey(), []jose.JSONWebKey{with(rsaKey(), "", "")}, ErrAlgorithm},
		"RSA for an EC token":     {jose.ES256, p256(), []jose.JSONWebKey{with(rsaKey(), "", "")}, ErrNoKey},
		"EC for an RSA token":     {jose.RS256, rsaKey(), []jose.JSONWebKey{with(p256(), "", "")}, ErrNoKey},
		"wrong curve":             {jose.ES256, p256(), []jose.JSONWebKey{with(p384(), "", "")}, ErrNoKey},
		"wrong curve again":       {jose.ES512, p521(), []jose.JSONWebKey{with(p256(), "", "")}, ErrNoKey},
		"symmetric key for RSA":   {jose.RS256, rsaKey(), []jose.JSONWebKey{symmetric}, ErrNoKey},
		"private key":             {jose.RS256, rsaKey(), []jose.JSONWebKey{{Key: rsaKey(), KeyID: "k"}}, ErrNoKey},
		"two keys of one kid":     {jose.ES256, p256(), []jose.JSONWebKey{with(rsaKey(), "", ""), with(p384(), "", ""), with(p256(), "", "")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			token := sign(t, test.algorithm, test.signedBy, "k", claimsOf(issuer, nil))
			_, err := New(Config{Now: new(clock).now}).Verify(t.Context(), token, fixed(t, test.keys...))
			if !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
		})
	}
}

func TestTokenWithoutKidTriesSomeKeys(t *testing.T) {
	others := func(n int) (keys []jose.JSONWebKey) {
		for i := range n {
			keys = append(keys, public(otherRSA(), fmt.Sprint(i)), public(p256(), fmt.Sprint(i)))
		}
		return append(keys, public(rsaKey(), "last"))
	}
	token := sign(t, jose.RS256, rsaKey(), "", claimsOf(issuer, nil))
	v := New(Config{Now: new(clock).now})
	if _, err := v.Verify(t.Context(), token, fixed(t, others(maxTries-1)...)); err != nil {
		t.Error(err)
	}
	if _, err := v.Verify(t.Context(), token, fixed(t, others(maxTries)...)); !errors.Is(err, ErrSignature) {
		t.Errorf("got error %v, want %v", err, ErrSignature)
	}
}

// A provider may have kinds of keys that we do not know.
func TestSkipsKeysItDoesNotUnderstand(t *testing.T) {
	key := public(rsaKey(), "k")
	jwks := fmt.Sprintf(`{"keys": [{"kty": "OKP", "crv": "X448", "x": "AA"}, {"kty": "new"}, {}, 7, {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, %s], "more": 1}`, marshal(t, key))
	token := sign(t, jose.RS256, rsaKey(), "k", claimsOf(issuer, nil))
	if _, err := New(Config{Now: new(clock).now}).Verify(t.Context(), token, Provider{Issuer: issuer, Keys: []byte(jwks)}); err != nil {
		t.Error(err)
	}
}

func TestRefusesKeysThatAreNone(t *testing.T) {
	key := marshal(t, public(rsaKey(), "k"))
	token := sign(t, jose.RS256, rsaKey(), "k", claimsOf(issuer, nil))
	for name, jwks := range map[string]string{
		"nothing":          ``,
		"a page":           `<html>`,
		"no list":          `{}`,
		"null":             `{"keys": null}`,
		"the list alone":   `[` + key + `]`,
		"two lists":        `{"keys": [], "keys": [` + key + `]}`,
		"doubled elements": `{"keys": [{"kty": "EC", "kty": "RSA", ` + key[1:] + `]}`,
		"something behind": `{"keys": [` + key + `]} x`,
		"201 keys":         `{"keys": [` + strings.Repeat(key+",", 200) + key + `]}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(Config{Now: new(clock).now}).Verify(t.Context(), token, Provider{Issuer: issuer, Keys: []byte(jwks)})
			if !errors.Is(err, ErrProvider) {
				t.Errorf("got error %v, want %v", err, ErrProvider)
			}
		})
	}
}
