package client_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"rollcall/internal/client"
	"rollcall/internal/sigv4"
)

// serve runs a server that looks at signatures and then answers.
func serve(t *testing.T, service string, answer http.HandlerFunc) *client.Client {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scope, err := sigv4.Verify(r, nil, time.Now(), []string{service}, func(id, token string) (*sigv4.Secret, error) {
			if id != "ASIAANA" || token != "token of ana" {
				return nil, sigv4.ErrUnknownKey
			}
			return sigv4.NewSecret("secret of ana"), nil
		})
		if err != nil || scope.Region != "eu-west-1" {
			t.Errorf("%s: %+v %v", r.URL, scope, err)
		}
		answer(w, r)
	}))
	t.Cleanup(srv.Close)
	return client.New(srv.URL+"/", "eu-west-1", "ASIAANA", "secret of ana", "token of ana")
}

func TestGet(t *testing.T) {
	c := serve(t, "rollcall", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.EscapedPath() != "/v1/things/a%2Fb" || r.URL.Query().Get("name") != "ana & ben" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		io.WriteString(w, `{"Things":["one"]}`)
	})
	var out struct{ Things []string }
	err := c.Get(t.Context(), "/v1/things/a%2Fb", url.Values{"name": {"ana & ben"}}, &out)
	if err != nil || len(out.Things) != 1 || out.Things[0] != "one" {
		t.Errorf("%+v %v", out, err)
	}
}

func TestGetSaysWhatWentWrong(t *testing.T) {
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		want   string
		code   string
	}{
		"Error": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `{"Message":"No."}`)
		}, "AccessDeniedException: No.", "AccessDeniedException"},
		"ErrorOfTheFramework": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amzn-Errortype", "InvalidSignatureException")
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `{"message":"No."}`)
		}, "InvalidSignatureException: No.", "InvalidSignatureException"},
		"Proxy": {func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<html>", http.StatusBadGateway)
		}, "the server answered 502 Bad Gateway", ""},
		"Redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}, "the server answered 302 Found", ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := serve(t, "rollcall", tt.answer).Get(t.Context(), "/", nil, new(struct{}))
			var e *client.Error
			if !errors.As(err, &e) || e.Error() != tt.want || e.Code != tt.code {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
	c := serve(t, "rollcall", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") })
	if err := c.Get(t.Context(), "/", nil, new(struct{})); err == nil {
		t.Error("HTML is taken for an answer")
	}
}

func TestAccountID(t *testing.T) {
	c := serve(t, "sts", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "Action=GetCallerIdentity&Version=2011-06-15" {
			t.Errorf("query %s", r.URL.RawQuery)
		}
		io.WriteString(w, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">`+
			`<GetCallerIdentityResult><Arn>a</Arn><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	})
	if id, err := c.AccountID(t.Context()); id != "111122223333" || err != nil {
		t.Errorf("%q %v", id, err)
	}
	c = serve(t, "sts", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">`+
			`<Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>Too late.</Message></Error></ErrorResponse>`)
	})
	if _, err := c.AccountID(t.Context()); err == nil || err.Error() != "ExpiredToken: Too late." {
		t.Errorf("%v", err)
	}
}
