package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
)

const (
	signInPassword = "Correct-horse-7"
	// signIns is how many browsers sign in at a time. More tries of one user at
	// a time than this are taken for guessing.
	signIns = 4
)

// A load that leaves the server idle most of the time.
const (
	calmRate        = 500 // requests a second
	calmConnections = 8
)

func calmRequests(requests [][]byte) *load {
	return &load{requests: requests, again: true, every: time.Second / calmRate, connections: calmConnections}
}

func fullRequests(requests [][]byte) *load { return &load{requests: requests, again: true} }

// signInRounds are what the rounds of signing in came to. Of sign-ins there are
// only rates.
type signInRounds struct {
	hash, signIn             []result
	calm, calmBeside         []result // DescribeUser at calmRate
	full, fullBeside         []result // DescribeUser without a pause
	calmSignIn, fullSignIn   []result // beside these
	calmLatency, fullLatency []result // ratios of the p99s of these
}

// measureSignIn measures signing in against the bare hash that it has to
// compute, and DescribeUser beside it against DescribeUser alone.
func measureSignIn(ctx context.Context, o options, u *users, p *process) error {
	if err := u.choosePassword(ctx, "bench-signin"); err != nil {
		return fmt.Errorf("making a user with a password: %w", err)
	}
	var rounds signInRounds
	for range o.rounds {
		if err := rounds.measure(ctx, o, u, p); err != nil {
			return err
		}
	}
	rounds.print()
	return nil
}

// measure adds a round.
func (s *signInRounds) measure(ctx context.Context, o options, u *users, p *process) error {
	hash, err := hashRate(ctx, o.duration)
	if err != nil {
		return err
	}
	signIn, err := u.signInRate(ctx, o.duration)
	if err != nil {
		return err
	}
	add := func(to *[]result, rate float64) { *to = append(*to, result{rate: rate, ratio: rate / hash}) }
	add(&s.hash, hash)
	add(&s.signIn, signIn)

	calm, calmBeside, signIn, err := u.aloneAndBeside(ctx, o, p, calmRequests)
	if err != nil {
		return err
	}
	s.calm, s.calmBeside = append(s.calm, calm), append(s.calmBeside, calmBeside)
	s.calmLatency = append(s.calmLatency, latencies(calmBeside, calm))
	add(&s.calmSignIn, signIn)

	full, fullBeside, signIn, err := u.aloneAndBeside(ctx, o, p, fullRequests)
	if err != nil {
		return err
	}
	s.full, s.fullBeside = append(s.full, full), append(s.fullBeside, fullBeside)
	s.fullLatency = append(s.fullLatency, latencies(fullBeside, full))
	add(&s.fullSignIn, signIn)
	return nil
}

// latencies compares the p99s of two results.
func latencies(of, to result) result {
	return result{ratio: float64(of.percentile(99)) / float64(to.percentile(99))}
}

func (s *signInRounds) print() {
	calm := fmt.Sprintf("at %d/s", calmRate)
	fmt.Println()
	printRow("SignIn", "hash", s.hash)
	printRow("", "alone", s.signIn)
	printRow("", calm, s.calmSignIn)
	printRow("", "at most", s.fullSignIn)
	printRow("DescribeUser", calm, s.calm)
	printRow("", "+ SignIn", s.calmBeside)
	printRow("DescribeUser", "at most", s.full)
	printRow("", "+ SignIn", s.fullBeside)
	ratio := func(r result) float64 { return r.ratio }
	fmt.Printf("\nbeside sign-ins, the p99 of DescribeUser is %.2f times as long at %d requests/s, %.2f times at most requests\n",
		median(s.calmLatency, ratio), calmRate, median(s.fullLatency, ratio))
}

// aloneAndBeside puts a load of DescribeUser on the server, first alone and
// then beside sign-ins, and says how many of these there were in a second.
func (u *users) aloneAndBeside(ctx context.Context, o options, p *process, load func([][]byte) *load) (alone, beside result, signIns float64, err error) {
	describe, err := each(u.names, u.describe)
	if err != nil {
		return alone, beside, 0, err
	}
	alone = p.drive(load(describe), o)
	during, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		var err error
		signIns, err = u.signInRate(during, time.Hour)
		ended <- err
	}()
	beside = p.drive(load(describe), o)
	stop()
	err = <-ended
	alone.ratio, beside.ratio = 1, beside.rate/alone.rate
	return alone, beside, signIns, errors.Join(err, alone.err, beside.err)
}

// choosePassword registers a user and accepts the invitation.
func (u *users) choosePassword(ctx context.Context, name string) error {
	var out struct{ UserInvitationUrl string }
	if err := u.ask(u.register, name, &out); err != nil {
		return err
	}
	_, token, _ := strings.Cut(out.UserInvitationUrl, "token=")
	status, err := u.post(ctx, "/sn/register", url.Values{"token": {token}, "password": {signInPassword}, "confirm": {signInPassword}})
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("accepting the invitation: %d", status)
	}
	return err
}

// browser follows no redirect: what comes behind a sign-in is another request.
var browser = &http.Client{
	Transport:     &http.Transport{MaxIdleConnsPerHost: signIns},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func (u *users) post(ctx context.Context, path string, form url.Values) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+u.address+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := browser.Do(r)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// signInRate signs in for a while, or until ctx ends, and says how often in a
// second.
func (u *users) signInRate(ctx context.Context, d time.Duration) (float64, error) {
	form := url.Values{"account": {"rollcall"}, "namespace": {"default"}, "username": {"bench-signin"}, "password": {signInPassword}}
	return rate(ctx, signIns, d, func() error {
		status, err := u.post(ctx, "/sn/signin", form)
		if err == nil && status != http.StatusSeeOther {
			err = fmt.Errorf("signing in: %d", status)
		}
		return err
	})
}

// hashRate computes the same hashes, as many at a time as a Hasher does.
func hashRate(ctx context.Context, d time.Duration) (float64, error) {
	salt := make([]byte, 16)
	// The parameters are those that login makes hashes with.
	return rate(ctx, max(1, runtime.GOMAXPROCS(0)-1), d, func() error {
		argon2.IDKey([]byte(signInPassword), salt, 2, 19*1024, 1, 32)
		return nil
	})
}

// rate calls fn again and again from several goroutines. The end of ctx is the
// end and no failure.
func rate(ctx context.Context, workers int, d time.Duration, fn func() error) (float64, error) {
	var (
		all    sync.WaitGroup
		done   atomic.Int64
		failed atomic.Pointer[error]
	)
	began := time.Now()
	for range workers {
		all.Go(func() {
			for time.Since(began) < d && ctx.Err() == nil {
				err := fn()
				if err != nil && ctx.Err() == nil {
					failed.Store(&err)
					return
				}
				if err == nil {
					done.Add(1)
				}
			}
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return float64(done.Load()) / time.Since(began).Seconds(), nil
}
