package login_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/login"
	"rollcall/internal/request"
	"rollcall/internal/seal"
	"rollcall/internal/store"
	"rollcall/internal/webidentity"
)

func TestAProviderSignsInWhoseLoginIsStored(t *testing.T) {
	i := newIDP(t)
	k := newProviderKit(t, i)
	d := to(i)
	d.Request = k.begin(page)
	back := k.leave(i, d)
	if got := k.enters("ana", back); got != page {
		t.Errorf("it leads to %q", got)
	}
	if got := k.signs(d.Request); got != "" {
		t.Errorf("the sign-in that it began with still leads to %q", got)
	}
	if got := k.enters("ana", k.leave(i, to(i))); got != "" {
		t.Errorf("without a page it leads to %q", got)
	}
	want := ` ana signin:ConsoleLogin {"identityProvider":"` + i.URL + `"} {"ConsoleLogin":"Success"} `
	if got := k.records(); len(got) != 3 || got[1] != want {
		t.Errorf("on record is %q, want %q", got, want)
	}
}

func TestClientsOfEachKind(t *testing.T) {
	for name, change := range map[string]func(*idp){
		"Public": func(i *idp) { i.secret = "" },
		"Post": func(i *idp) {
			i.post, i.metadata["token_endpoint_auth_methods_supported"] = true, []string{"client_secret_post"}
		},
		"Both": func(i *idp) {
			i.metadata["token_endpoint_auth_methods_supported"] = []string{"client_secret_post", "client_secret_basic"}
		},
		"WithoutIss": func(i *idp) { i.noIss = true; delete(i.metadata, "authorization_response_iss_parameter_supported") },
		"ManyIDs":    func(i *idp) { i.claims = object{"aud": []string{"other", clientID}, "azp": clientID} },
		"OneID":      func(i *idp) { i.claims = object{"aud": []string{clientID}, "azp": clientID} },
	} {
		t.Run(name, func(t *testing.T) {
			i := newIDP(t)
			change(i)
			k := newProviderKit(t, i)
			k.enters("ana", k.leave(i, to(i)))
			if n := i.exchanges.Load(); n != 1 {
				t.Errorf("the code was sent %d times", n)
			}
		})
	}
}

// closed fails unless nobody is signed in, and says by how many requests of the
// token endpoint that was found out.
func (k *providerKit) closed(i *idp, back login.Return, want error) (exchanges int32) {
	k.Helper()
	before := i.exchanges.Load()
	out, err := k.Finish(k.Context(), back)
	if !errors.Is(err, want) || out.Opened != (login.Opened{}) {
		k.Errorf("got %+v, %v, want %v", out, err, want)
	}
	return i.exchanges.Load() - before
}

func TestReturnsThatAreNotThisBrowsers(t *testing.T) {
	i := newIDP(t)
	k := newProviderKit(t, i)
	mine, others := k.leave(i, to(i)), k.leave(i, to(i))
	for name, change := range map[string]func(*login.Return){
		"NoCookie":        func(r *login.Return) { r.Token = "" },
		"NotACookie":      func(r *login.Return) { r.Token = "x" },
		"OthersCookie":    func(r *login.Return) { r.Token = others.Token },
		"RandomCookie":    func(r *login.Return) { r.Token = mine.State },
		"OrdinarySignIn":  func(r *login.Return) { r.Token = k.begin(page) },
		"NoState":         func(r *login.Return) { r.State = "" },
		"OthersState":     func(r *login.Return) { r.State = others.State },
		"StateInAnother":  func(r *login.Return) { r.State += "A" },
		"StateOfElsewise": func(r *login.Return) { r.State = strings.Repeat("A", 43) },
		"ErrorWithout":    func(r *login.Return) { r.State, r.Error = "", "access_denied" },
	} {
		t.Run(name, func(t *testing.T) {
			back := mine
			change(&back)
			if n := k.closed(i, back, login.ErrTripOver); n > 0 {
				t.Errorf("%d exchanges", n)
			}
		})
	}
	k.enters("ana", mine) // whom nobody has kept from it
	if n := k.closed(i, mine, login.ErrTripOver); n > 0 {
		t.Errorf("a second time: %d exchanges", n)
	}
	k.enters("ana", others)
}

// A code is used once, however many come with it at the same time.
func TestAReturnIsUsedOnce(t *testing.T) {
	i := newIDP(t)
	k := newProviderKit(t, i)
	back := k.leave(i, to(i))
	var entered atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := k.Finish(t.Context(), back); err == nil {
				entered.Add(1)
			} else if !errors.Is(err, login.ErrTripOver) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if entered.Load() != 1 || i.exchanges.Load() != 1 {
		t.Errorf("%d have entered by %d exchanges", entered.Load(), i.exchanges.Load())
	}
}

// A code that was stolen on its way is good in no other sign-in.
func TestStolenCode(t *testing.T) {
	i := newIDP(t)
	k := newProviderKit(t, i)
	stolen, mine := k.leave(i, to(i)), k.leave(i, to(i))
	mine.Code = stolen.Code
	k.closed(i, mine, login.ErrAnswer)
}

func TestReturnIsGoodForAWhile(t *testing.T) {
	i := newIDP(t)
	k := newProviderKit(t, i)
	back := k.leave(i, to(i))
	token, err := k.tokenOf(back)
	if err != nil {
		t.Fatal(err)
	}
	k.update(func(tx store.Tx) error {
		s, err := tx.SignIn(seal.HashToken(token))
		if left := s.ExpiresAt.Sub(tx.Now()); left <= 14*time.Minute || left > 15*time.Minute {
			t.Errorf("it is good for %s", left)
		}
		if strings.Contains(string(s.Sealed), "Nonce") {
			t.Error("the store can read what the answer is checked against")
		}
		s.ExpiresAt = tx.Now()
		return errors.Join(err, tx.DeleteSignIn(s.TokenHash), tx.CreateSignIn(s, 10))
	})
	k.closed(i, back, login.ErrTripOver)
}

func TestAnswersOfAnotherProvider(t *testing.T) {
	i, attacker := newIDP(t), newIDP(t)
	k := newProviderKit(t, i, attacker)
	for name, change := range map[string]func(*login.Return){
		"AnothersIss":   func(r *login.Return) { r.Issuer = attacker.URL },
		"IssWithSlash":  func(r *login.Return) { r.Issuer += "/" },
		"NoIss":         func(r *login.Return) { r.Issuer = "" },
		"AnothersError": func(r *login.Return) { r.Issuer, r.Code, r.Error = attacker.URL, "", "access_denied" },
		"NoIssOfError":  func(r *login.Return) { r.Issuer, r.Code, r.Error = "", "", "access_denied" },
	} {
		t.Run(name, func(t *testing.T) {
			back := k.leave(i, to(i))
			change(&back)
			if n := k.closed(i, back, login.ErrAnswer); n > 0 {
				t.Errorf("%d exchanges", n)
			}
		})
	}
}

// The attacker's provider leads a browser on to the honest one, which leads it
// back with a code: that goes to neither.
func TestMixUpOfProviders(t *testing.T) {
	honest, attacker := newIDP(t), newIDP(t)
	k := newProviderKit(t, honest, attacker)
	address, token, err := k.Providers.Begin(t.Context(), to(attacker))
	if err != nil {
		t.Fatal(err)
	}
	back := honest.approve(t, address) // whatever state and challenge are
	back.Token = token
	k.closed(attacker, back, login.ErrAnswer)
	if honest.exchanges.Load()+attacker.exchanges.Load() > 0 {
		t.Error("somebody got the code")
	}
}

func TestProviderSaysAnError(t *testing.T) {
	i := newIDP(t)
	k := newProviderKit(t, i)
	d := to(i)
	d.Request = k.begin(page)
	back := k.leave(i, d)
	back.Error = "access_denied"
	out, err := k.Finish(t.Context(), back)
	cancelled, ok := errors.AsType[*login.CancelledError](err)
	if !ok || cancelled.Code != "access_denied" || out != (login.Returned{Request: d.Request}) || i.exchanges.Load() > 0 {
		t.Errorf("%+v, %v, %d exchanges", out, err, i.exchanges.Load())
	}
	if got := k.signs(out.Request); got != page {
		t.Errorf("the sign-in goes on to %q", got)
	}
}

func TestIDTokensThatAreNotGood(t *testing.T) {
	other := object{"aud": "another client"}
	for name, change := range map[string]func(*idp){
		"AnotherClient":    func(i *idp) { i.claims = other },
		"ForSeveral":       func(i *idp) { i.claims = object{"aud": []string{clientID, "other"}} },
		"OfAnother":        func(i *idp) { i.claims = object{"azp": "other"} },
		"OfAnotherAmong":   func(i *idp) { i.claims = object{"aud": []string{clientID, "other"}, "azp": "other"} },
		"ForOthersByUs":    func(i *idp) { i.claims = object{"aud": []string{"other"}, "azp": clientID} },
		"NoAudience":       func(i *idp) { i.claims = object{"aud": nil} },
		"NoNonce":          func(i *idp) { i.claims = object{"nonce": nil} },
		"AnothersNonce":    func(i *idp) { i.claims = object{"nonce": "n"} },
		"AnotherIssuer":    func(i *idp) { i.claims = object{"iss": i.URL + "/"} },
		"Expired":          func(i *idp) { i.claims = object{"exp": time.Now().Add(-time.Hour).Unix()} },
		"NoSubject":        func(i *idp) { i.claims = object{"sub": nil} },
		"Symmetric":        func(i *idp) { i.key = []byte(strings.Repeat("k", 32)) },
		"NoIDToken":        func(i *idp) { i.answer = says(`{"access_token": "a", "token_type": "Bearer"}`) },
		"IDTokenIsANumber": func(i *idp) { i.answer = says(`{"access_token": "a", "id_token": 1}`) },
		"NoJWT":            func(i *idp) { i.answer = says(`{"access_token": "a", "id_token": "a.b.c"}`) },
		"Unsigned":         func(i *idp) { i.answer = says(`{"access_token": "a", "id_token": "eyJhbGciOiJub25lIn0.e30."}`) },
	} {
		t.Run(name, func(t *testing.T) {
			i := newIDP(t)
			k := newProviderKit(t, i)
			change(i)
			if n := k.closed(i, k.leave(i, to(i)), login.ErrAnswer); n != 1 {
				t.Errorf("%d exchanges", n)
			}
		})
	}
}

// says is a token endpoint that always gives that answer.
func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(text))
	}
}

func TestReturnWithoutACode(t *testing.T) {
	i := newIDP(t)
	k := newProviderKit(t, i)
	back := k.leave(i, to(i))
	back.Code = ""
	if n := k.closed(i, back, login.ErrAnswer); n > 0 {
		t.Errorf("%d exchanges", n)
	}
}

func TestProvidersThatDoNotWork(t *testing.T) {
	status := func(n int) func(*idp) {
		return func(i *idp) {
			i.answer = func(w http.ResponseWriter, _ *http.Request) { http.Error(w, strings.Repeat("secret ", 1e6), n) }
		}
	}
	for name, tt := range map[string]struct {
		change func(*idp)
		want   error
	}{
		"Down":       {func(i *idp) { i.Close() }, webidentity.ErrProvider},
		"HangsUp":    {func(i *idp) { i.answer = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) } }, webidentity.ErrProvider},
		"NotJSON":    {func(i *idp) { i.answer = says(`<html>`) }, webidentity.ErrProvider},
		"Fails":      {status(500), webidentity.ErrProvider},
		"Refuses":    {status(400), login.ErrAnswer},
		"LeadsAway":  {func(i *idp) { i.answer = leads("https://169.254.169.254/token") }, webidentity.ErrProvider},
		"LeadsInOne": {func(i *idp) { i.answer = leads("/token") }, webidentity.ErrProvider},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIDP(t)
			k := newProviderKit(t, i)
			back := k.leave(i, to(i))
			tt.change(i)
			if n := k.closed(i, back, tt.want); n > 1 {
				t.Errorf("%d exchanges", n)
			}
			k.closed(i, back, login.ErrTripOver)
		})
	}
}

func leads(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusTemporaryRedirect) }
}

func TestSignInsThatCannotBegin(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*idp)
		want   error
	}{
		"Down":            {func(i *idp) { i.Close() }, webidentity.ErrProvider},
		"AnotherIssuer":   {func(i *idp) { i.metadata["issuer"] = i.URL + "/" }, webidentity.ErrDiscovery},
		"PlainEndpoint":   {func(i *idp) { i.metadata["token_endpoint"] = "http://169.254.169.254/" }, webidentity.ErrProvider},
		"ScriptEndpoint":  {func(i *idp) { i.metadata["authorization_endpoint"] = "javascript:alert(1)" }, webidentity.ErrProvider},
		"NoAuthorization": {func(i *idp) { delete(i.metadata, "authorization_endpoint") }, webidentity.ErrProvider},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIDP(t)
			k := newProviderKit(t, i)
			tt.change(i)
			for range 3 {
				if address, token, err := k.Providers.Begin(t.Context(), to(i)); !errors.Is(err, tt.want) || address+token != "" {
					t.Errorf("%q, %v", address, err)
				}
			}
		})
	}
}

func TestProvidersThatAreNone(t *testing.T) {
	i := newIDP(t)
	k := newProviderKit(t, i)
	k.update(func(tx store.Tx) error {
		return tx.CreateOIDCProvider(store.OIDCProvider{AccountID: account, URL: "iam.example.com"})
	})
	for _, d := range []login.Destination{
		{}, {AccountID: account}, {AccountID: "444455556666", URL: to(i).URL}, {AccountID: account, URL: i.URL}, {AccountID: account, URL: "iam.example.com"},
	} {
		if _, _, err := k.Providers.Begin(t.Context(), d); !errors.Is(err, login.ErrNoProvider) {
			t.Errorf("%+v: %v", d, err)
		}
	}
	back := k.leave(i, to(i))
	k.update(func(tx store.Tx) error { return tx.DeleteOIDCProvider(account, to(i).URL) })
	k.closed(i, back, login.ErrNoProvider)
}

// What is taken away while the provider is asked, is gone all the same.
func TestProviderThatIsGoneMeanwhile(t *testing.T) {
	for name, change := range map[string]func(*store.OIDCProvider){
		"Removed":       func(p *store.OIDCProvider) { p.ClientID = "" },
		"AnotherClient": func(p *store.OIDCProvider) { p.ClientID = "other" },
	} {
		t.Run(name, func(t *testing.T) {
			i := newIDP(t)
			k := newProviderKit(t, i)
			i.answer = func(w http.ResponseWriter, r *http.Request) {
				k.update(func(tx store.Tx) error {
					p, err := tx.OIDCProvider(account, to(i).URL)
					change(&p)
					return errors.Join(err, tx.UpdateOIDCProvider(p))
				})
				i.exchange(w, r)
			}
			if n := k.closed(i, k.leave(i, to(i)), login.ErrNoProvider); n != 1 {
				t.Errorf("%d exchanges", n)
			}
		})
	}
}

func TestWhatIsBegunIsBounded(t *testing.T) {
	i := newIDP(t)
	k := newProviderKit(t, i)
	d := to(i)
	d.Namespace = strings.Repeat("n", 65)
	if _, _, err := k.Providers.Begin(t.Context(), d); !errors.Is(err, login.ErrUnauthorizedLogin) {
		t.Error(err)
	}
	d = to(i)
	d.Request = strings.Repeat("r", 1<<16)
	back := k.leave(i, d)
	token, err := k.tokenOf(back)
	if err != nil {
		t.Fatal(err)
	}
	k.update(func(tx store.Tx) error {
		s, err := tx.SignIn(seal.HashToken(token))
		if len(s.Sealed) > 1000 {
			t.Errorf("%d bytes are kept", len(s.Sealed))
		}
		return err
	})
	busy := 0
	for range 300 {
		if _, _, err := k.Providers.Begin(t.Context(), to(i)); errors.Is(err, login.ErrTooMany) {
			busy++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if busy < 200 {
		t.Errorf("%d of 300 at once were put off", busy)
	}
	elsewhere, info := request.New(t.Context())
	info.SourceIP = "203.0.113.7"
	if _, _, err := k.Providers.Begin(elsewhere, to(i)); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
}

func TestChoices(t *testing.T) {
	i := newIDP(t)
	k := newProviderKit(t, i)
	k.update(func(tx store.Tx) error {
		return errors.Join(
			tx.CreateOIDCProvider(store.OIDCProvider{AccountID: account, URL: "iam.example.com"}),
			tx.CreateOIDCProvider(store.OIDCProvider{AccountID: account, URL: "id.example.com/tenant", ClientID: "c"}))
	})
	mine := []login.Choice{{AccountID: account, URL: to(i).URL, Label: "Example ID"}, {AccountID: account, URL: "id.example.com/tenant", Label: "id.example.com"}}
	check := func(name string, want []login.Choice) {
		t.Helper()
		got, err := k.Choices(t.Context(), name)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	check("", mine)
	check("whatever", mine)
	k.update(func(tx store.Tx) error { return tx.CreateAccount(store.Account{ID: "444455556666", Name: "other"}) })
	check("", nil)
	check("whatever", nil)
	check("acme", mine)
	check(account, mine)
	check("other", nil)
}
