package webidentity

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
)

// kinds are what a token can be refused for.
var kinds = []error{ErrMalformed, ErrAlgorithm, ErrIssuer, ErrNoKey, ErrSignature, ErrMissingClaim, ErrNotYetValid, ErrTags}

func TestRefusesBadForm(t *testing.T) {
	payload := marshal(t, claimsOf(issuer, nil))
	good := signText(t, `{"alg":"RS256","kid":"k"}`, payload)
	parts := strings.Split(good, ".")
	encrypter, err := jose.NewEncrypter(jose.A128GCM, jose.Recipient{Algorithm: jose.RSA_OAEP, Key: rsaKey().Public()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	encrypted, err := encrypter.Encrypt([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	jwe, err := encrypted.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	jws, err := jose.ParseSignedCompact(good, algorithms)
	if err != nil {
		t.Fatal(err)
	}
	with := func(header string) string { return signText(t, `{"alg":"RS256","kid":"k",`+header+`}`, payload) }
	own := public(otherRSA(), "k")
	signedByOwn, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: otherRSA()}, &jose.SignerOptions{EmbedJWK: true})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		token string
		want  error
	}{
		"as it is":               {good, nil},
		"nothing":                {"", ErrMalformed},
		"a word":                 {"token", ErrMalformed},
		"two parts":              {parts[0] + "." + parts[1], ErrMalformed},
		"four parts":             {good + ".", ErrMalformed},
		"JSON serialization":     {jws.FullSerialize(), ErrMalformed},
		"encrypted":              {jwe, ErrMalformed},
		"nested":                 {signText(t, `{"alg":"RS256","kid":"k","cty":"JWT"}`, good), ErrMalformed},
		"blank before":           {" " + good, ErrMalformed},
		"line end inside":        {parts[0] + "." + parts[1][:8] + "\n" + parts[1][8:] + "." + parts[2], ErrMalformed},
		"line end signed":        {signInput(t, encode(`{"alg":"RS256","kid":"k"}`)+"\n."+encode(payload)), ErrMalformed},
		"padded":                 {signText(t, `{"alg":"RS256","kid":"k"}`, payload) + "=", ErrMalformed},
		"unused bits":            {good[:len(good)-1] + nextDigit(good[len(good)-1]), ErrMalformed},
		"not base64url":          {parts[0] + "." + parts[1] + ".+/", ErrMalformed},
		"header is no JSON":      {signText(t, `alg`, payload), ErrMalformed},
		"header is a list":       {signText(t, `["alg"]`, payload), ErrMalformed},
		"no header":              {"." + parts[1] + "." + parts[2], ErrAlgorithm},
		"two alg":                {signText(t, `{"alg":"none","alg":"RS256","kid":"k"}`, payload), ErrMalformed},
		"two kid":                {signText(t, `{"alg":"RS256","kid":"j","kid":"k"}`, payload), ErrMalformed},
		"kid is a number":        {signText(t, `{"alg":"RS256","kid":1}`, payload), ErrMalformed},
		"no alg":                 {signText(t, `{"kid":"k"}`, payload), ErrAlgorithm},
		"ALG":                    {signText(t, `{"ALG":"RS256","kid":"k"}`, payload), ErrAlgorithm},
		"rs256":                  {signText(t, `{"alg":"rs256","kid":"k"}`, payload), ErrAlgorithm},
		"none":                   {encode(`{"alg":"none"}`) + "." + parts[1] + ".", ErrAlgorithm},
		"None":                   {encode(`{"alg":"None"}`) + "." + parts[1] + ".", ErrAlgorithm},
		"none, with a signature": {signText(t, `{"alg":"none","kid":"k"}`, payload), ErrAlgorithm},
		"EdDSA":                  {signText(t, `{"alg":"EdDSA","kid":"k"}`, payload), ErrAlgorithm},
		"no signature":           {parts[0] + "." + parts[1] + ".", ErrSignature},
		"other algorithm":        {signText(t, `{"alg":"RS384","kid":"k"}`, payload), ErrSignature},
		"other payload":          {parts[0] + "." + encode(marshal(t, claimsOf(issuer, object{"sub": "root"}))) + "." + parts[2], ErrSignature},
		"other header":           {encode(`{"alg":"RS256","kid":"k" }`) + "." + parts[1] + "." + parts[2], ErrSignature},
		"crit":                   {with(`"crit":["exp"],"exp":1`), ErrMalformed},
		"empty crit":             {with(`"crit":[]`), ErrMalformed},
		"crit b64":               {with(`"crit":["b64"],"b64":true`), ErrMalformed},
		"b64":                    {with(`"b64":false`), ErrMalformed},
		"typ of Cognito":         {with(`"typ":"JWS"`), nil},
		"jku":                    {with(`"jku":"https://evil.example.com/keys"`), nil},
		"x5u":                    {with(`"x5u":"https://evil.example.com/cert"`), nil},
		"own key":                {serialize(t, signedByOwn, []byte(payload)), ErrSignature},
		"own key beside":         {with(`"jwk":` + marshal(t, own)), nil},
		"payload is no JSON":     {signText(t, `{"alg":"RS256","kid":"k"}`, "iss"), ErrMalformed},
		"payload is a list":      {signText(t, `{"alg":"RS256","kid":"k"}`, "["+payload+"]"), ErrMalformed},
		"payload is null":        {signText(t, `{"alg":"RS256","kid":"k"}`, "null"), ErrMissingClaim},
		"no payload":             {signText(t, `{"alg":"RS256","kid":"k"}`, ""), ErrMalformed},
		"payload and more":       {signText(t, `{"alg":"RS256","kid":"k"}`, payload+"{}"), ErrMalformed},
		"two sub":                {signText(t, `{"alg":"RS256","kid":"k"}`, `{"sub":"root",`+payload[1:]), ErrMalformed},
		"two of an unknown":      {signText(t, `{"alg":"RS256","kid":"k"}`, `{"x":{"y":1,"y":2},`+payload[1:]), ErrMalformed},
		"exponent":               {signText(t, `{"alg":"RS256","kid":"k"}`, strings.Replace(payload, `"exp":1`, `"exp":1e9,"was":1`, 1)), ErrMalformed},
		"not UTF-8":              {signText(t, `{"alg":"RS256","kid":"k"}`, strings.Replace(payload, "user-1", "\xff", 1)), ErrMalformed},
		"too long":               {sign(t, jose.RS256, rsaKey(), "k", claimsOf(issuer, object{"x": strings.Repeat("x", 15000)})), ErrMalformed},
		"long":                   {sign(t, jose.RS256, rsaKey(), "k", claimsOf(issuer, object{"x": strings.Repeat("x", 14000)})), nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(Config{Now: new(clock).now}).Verify(t.Context(), test.token, fixed(t, public(rsaKey(), "k")))
			if !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
		})
	}
}

// nextDigit differs from a digit of base64url in the last bit.
func nextDigit(digit byte) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(digits[strings.IndexByte(digits, digit)^1])
}

func TestIssuer(t *testing.T) {
	for _, want := range []string{issuer, issuer + "/", "https://idp.example.com/a/b", "accounts.google.com"} {
		token := sign(t, jose.ES256, p256(), "k", object{"iss": want})
		if got, err := Issuer(token); got != want || err != nil {
			t.Errorf("got %q and error %v, want %q", got, err, want)
		}
	}
	for token, want := range map[string]error{
		"": ErrMalformed, "a.b": ErrMalformed, sign(t, jose.ES256, p256(), "k", object{}): ErrMissingClaim,
		encode(`{"alg":"none"}`) + "." + encode(`{"iss":"x"}`) + ".": ErrAlgorithm,
	} {
		if got, err := Issuer(token); got != "" || !errors.Is(err, want) {
			t.Errorf("%q: got %q and error %v, want %v", token, got, err, want)
		}
	}
}

// FuzzToken looks for tokens that panic, whose error is not fit to send, or
// that are taken though nobody has signed them.
func FuzzToken(f *testing.F) {
	payload := marshal(f, claimsOf(issuer, object{tagsClaim: object{"principal_tags": object{"k": []string{"v"}}}, "email_verified": "true"}))
	good := signText(f, `{"alg":"RS256","kid":"k"}`, payload)
	f.Add("", "", "", "")
	parts := strings.Split(good, ".")
	f.Add(good, `{"alg":"RS256","kid":"k"}`, payload, parts[2])
	for _, header := range []string{`{"alg":"none"}`, `{"alg":"HS256"}`, `{"alg":"ES256","jwk":{"kty":"EC"}}`, `{"alg":"RS256","crit":["b64"],"b64":false}`, `{"alg":"RS256","x5c":["AA"]}`} {
		f.Add(good, header, payload, parts[2])
	}
	for _, claims := range []string{`{"iss":"x","aud":["a",null]}`, `{"iss":"x","exp":-1e99}`, `{"iss":"\ud800"}`, `{"https://aws.amazon.com/tags/principal_tags/":[[]]}`} {
		f.Add(good, `{"alg":"RS256"}`, claims, parts[2])
	}
	v := New(Config{Now: new(clock).now})
	p := fixed(f, public(rsaKey(), "k"))
	f.Fuzz(func(t *testing.T, token, header, payload, signature string) {
		for _, token := range []string{token, encode(header) + "." + encode(payload) + "." + signature} {
			_, err := Issuer(token)
			checkError(t, err)
			if _, err = v.Verify(t.Context(), token, p); err == nil && token != good {
				t.Errorf("taken: %q", token)
			}
			checkError(t, err)
		}
		// As if the provider had signed it.
		if u, err := parse(encode(`{"alg":"RS256"}`) + "." + encode(payload) + "."); err == nil {
			_, err = u.claims.check(start)
			checkError(t, err)
		}
	})
}

func checkError(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	known := false
	for _, kind := range kinds {
		known = known || errors.Is(err, kind)
	}
	if _, expired := errors.AsType[*ExpiredError](err); !known && !expired {
		t.Errorf("an error of no kind: %v", err)
	}
	text := err.Error()
	if len(text) > 2*maxEcho || !utf8.ValidString(text) || strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsPrint(c) }) {
		t.Errorf("not fit to send: %q", text)
	}
}
