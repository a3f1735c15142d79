package sigv4

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// The published example of AWS, the request of most tests that are not vectors.
const (
	exampleKey    = "AKIDEXAMPLE"
	exampleSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	exampleWire   = "GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1\r\n" +
		"Host: iam.amazonaws.com\r\n" +
		"Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n" +
		"X-Amz-Date: 20150830T123600Z\r\n" +
		"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request," +
		" SignedHeaders=content-type;host;x-amz-date," +
		" Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7\r\n" +
		"\r\n"
)

var exampleTime = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)

func verifyExample(t testing.TB, lookup Lookup) error {
	t.Helper()
	r, body, err := receive([]byte(exampleWire))
	if err != nil {
		t.Fatal(err)
	}
	_, err = Verify(r, body, exampleTime, []string{"iam"}, lookup)
	return err
}

func TestVerifyLookupErrors(t *testing.T) {
	broken := errors.New("database is gone")
	for _, test := range []struct {
		name  string
		given error
		kind  Kind // 0: not an *Error
	}{
		{"UnknownKey", ErrUnknownKey, KindUnknownKey},
		{"UnknownKeyWrapped", fmt.Errorf("reading keys: %w", ErrUnknownKey), KindUnknownKey},
		{"ExpiredToken", ErrExpiredToken, KindExpiredToken},
		{"ExpiredTokenWrapped", fmt.Errorf("reading keys: %w", ErrExpiredToken), KindExpiredToken},
		{"OtherErrorPasses", broken, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := verifyExample(t, func(string, string) (*Secret, error) { return nil, test.given })
			var e *Error
			if errors.As(err, &e) {
				if e.Kind != test.kind || e.Error() != e.Message {
					t.Errorf("got %v %q, want kind %v", e.Kind, e, test.kind)
				}
			} else if test.kind != 0 || !errors.Is(err, test.given) {
				t.Errorf("got %v, want kind %v", err, test.kind)
			}
		})
	}
}

// A part of a second past the window is within it: messages count in seconds.
func TestWindowCountsWholeSeconds(t *testing.T) {
	c := claim{date: "20150830T123600Z", validFor: maxSkew}
	if err := c.checkTime(exampleTime.Add(maxSkew + 999*time.Millisecond)); err != nil {
		t.Error(err)
	}
}

// net/http gives such requests only for HTTP/1.0 and for chunked bodies.
func TestAbsentHeaderIsNotSigned(t *testing.T) {
	for _, name := range []string{"host", "content-length", "x-absent"} {
		r := &http.Request{ContentLength: -1}
		if b, ok := appendHeader(nil, r, name); ok {
			t.Errorf("%s: signed as %q", name, b)
		}
	}
}

func TestKindString(t *testing.T) {
	if got, want := KindExpiredToken.String(), "ExpiredToken"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := Kind(99).String(), "Kind(99)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSecretIsNotPrinted(t *testing.T) {
	secret := NewSecret(exampleSecret)
	if err := verifyExample(t, func(string, string) (*Secret, error) { return secret, nil }); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(verb, secret); got != redacted {
			t.Errorf("%s prints %s", verb, got)
		}
	}
	if got := secret.String() + secret.GoString() + secret.LogValue().String(); got != strings.Repeat(redacted, 3) {
		t.Errorf("got %s", got)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "secret", secret)
	if !strings.Contains(log.String(), redacted) {
		t.Errorf("logged as %s", log.String())
	}
}

func TestSigningKeyIsKept(t *testing.T) {
	scope := Scope{Date: "20150830", Region: "us-east-1", Service: "iam"}
	for _, other := range []Scope{
		{Date: "20150831", Region: "us-east-1", Service: "iam"},
		{Date: "20150830", Region: "us-west-2", Service: "iam"},
		{Date: "20150830", Region: "us-east-1", Service: "sts"},
	} {
		secret := NewSecret(exampleSecret)
		first := secret.signingKey(&scope)
		if secret.signingKey(&scope) != first {
			t.Error("derived again for the same scope")
		}
		if bytes.Equal(secret.signingKey(&other).key, first.key) {
			t.Errorf("same key for %v", other)
		}
	}
}

func TestSecretIsShared(t *testing.T) {
	secret := NewSecret(exampleSecret)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 50 {
				secret.signingKey(&Scope{Region: fmt.Sprint((i + j) % 3)})
				if err := verifyExample(t, func(string, string) (*Secret, error) { return secret, nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkVerify(b *testing.B) {
	const label = "/accounts/111122223333/namespaces/default/users/role%2Fsession"
	headers := map[string]string{
		"Amz-Sdk-Invocation-Id": "0b8a2f0e-6a3c-4a53-9d0f-1a1c9cbbf6a5",
		"Amz-Sdk-Request":       "attempt=1; max=3",
	}
	body := []byte(`{"IdentityType":"IAM","Email":"a@example.com","UserRole":"READER","IamArn":"arn:aws:iam::111122223333:role/x","SessionName":"s"}`)
	for _, bench := range []struct {
		name  string
		plain plainRequest
	}{
		{"Get", plainRequest{method: "GET", rawPath: label, headers: headers}},
		{"GetWithQuery", plainRequest{method: "GET", rawPath: label, rawQuery: "max-results=100&next-token=a%2Fb", headers: headers}},
		{"Post", plainRequest{method: "POST", rawPath: label, headers: headers, body: body}},
		{"Presigned", plainRequest{method: "GET", rawPath: label, presigned: true}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			wire, err := bench.plain.sign()
			if err != nil {
				b.Fatal(err)
			}
			r, body, err := receive(wire)
			if err != nil {
				b.Fatal(err)
			}
			secret := NewSecret(exampleSecret)
			lookup := func(string, string) (*Secret, error) { return secret, nil }
			services := []string{"quicksight"}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Verify(r, body, exampleTime, services, lookup); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
