package webidentity

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// Limits of a request, with all its redirects.
const (
	timeout      = 5 * time.Second
	maxBody      = 1 << 20
	maxHeader    = 64 << 10
	maxRedirects = 3
)

// newClient makes the client for all requests. It uses no proxy, which would
// resolve names where addresses cannot be checked.
func newClient(c Config) *http.Client {
	limits := &limited{secure: newTransport(c, refuseSecure)}
	if c.Loopback {
		limits.plain = newTransport(c, refusePlain)
	}
	return &http.Client{Transport: limits, CheckRedirect: checkRedirect, Timeout: timeout}
}

func newTransport(c Config, refuse func(netip.Addr) bool) *http.Transport {
	dialer := &net.Dialer{Timeout: timeout, Control: control(refuse)}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: maxHeader,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        time.Minute,
	}
}

// control checks an address when it is dialled. Checking the name before would
// not do: it can resolve to something else the second time.
func control(refuse func(netip.Addr) bool) func(string, string, syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if refuse(at.Addr()) {
			return fmt.Errorf("%s is not an address for a provider", at.Addr())
		}
		return nil
	}
}

// refuseSecure keeps requests from what is close to the machine, as metadata
// services of clouds are. A provider in one's own network is usual, and so is
// one on the same machine.
func refuseSecure(ip netip.Addr) bool {
	return ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified()
}

func refusePlain(ip netip.Addr) bool { return !ip.IsLoopback() }

// limited chooses how to send a request by its scheme, redirects included, and
// bounds the answer.
type limited struct {
	secure http.RoundTripper
	plain  http.RoundTripper // nil to refuse http
}

func (l *limited) RoundTrip(r *http.Request) (*http.Response, error) {
	send := l.secure
	if r.URL.Scheme == "http" {
		send = l.plain
	}
	if send == nil || r.URL.Scheme != "http" && r.URL.Scheme != "https" {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, errors.New("the URL is not https")
	}
	answer, err := send.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = http.MaxBytesReader(nil, answer.Body, maxBody)
	return answer, nil
}

// checkRedirect follows no redirect of what is not a question: the secret in it
// would go along.
func checkRedirect(r *http.Request, via []*http.Request) error {
	switch {
	case len(via) > maxRedirects:
		return fmt.Errorf("more than %d redirects", maxRedirects)
	case via[0].Method != http.MethodGet:
		return fmt.Errorf("redirect of a %s", via[0].Method)
	case r.URL.Scheme != via[0].URL.Scheme:
		return fmt.Errorf("redirect from %s to %s", via[0].URL.Scheme, r.URL.Scheme)
	}
	return nil
}

// checkURL tells whether an address may be asked, or a browser sent to it.
func (v *Verifier) checkURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return err
	case u.Hostname() == "" || u.User != nil || u.Fragment != "":
		return fmt.Errorf("%q is not the URL of a provider", address)
	case u.Scheme == "https", u.Scheme == "http" && v.loopback && isLoopback(u.Hostname()):
		return nil
	}
	return fmt.Errorf("%q is not https", address)
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// fetch reads a document. What it is said to be does not count, only what is in
// it: buckets serve these without a type.
func (v *Verifier) fetch(ctx context.Context, address string) ([]byte, error) {
	if err := v.checkURL(address); err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json")
	answer, err := v.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", address, answer.Status)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	return text, nil
}
