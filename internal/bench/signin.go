package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"rollcall/internal/login"
)

const (
	signInPassword = "Correct-horse-7"
	// signIns is how many browsers sign in at a time. More tries of one user at
	// a time than this are taken for guessing.
	signIns = 4
)

// measureSignIn measures signing in against the bare hash that it has to
// compute, and DescribeUser beside it against DescribeUser alone.
func measureSignIn(ctx context.Context, o options, u *users, p *process) error {
	if err := u.choosePassword(ctx, "bench-signin"); err != nil {
		return fmt.Errorf("making a user with a password: %w", err)
	}
	var bare, signed, alone, beside []result
	for range o.rounds {
		hashed, err := hashRate(ctx, o.duration)
		if err != nil {
			return err
		}
		describe, err := each(u.names, u.describe)
		if err != nil {
			return err
		}
		idle := p.drive(&load{requests: describe, again: true}, o)
		alone = append(alone, idle)
		rate, err := u.signInRate(ctx, o.duration)
		if err != nil {
			return err
		}
		bare, signed = append(bare, result{rate: hashed, ratio: 1}), append(signed, result{rate: rate, ratio: rate / hashed})

		during, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() {
			_, err := u.signInRate(during, time.Hour)
			ended <- err
		}()
		r := p.drive(&load{requests: describe, again: true}, o)
		stop()
		if err := errors.Join(<-ended, idle.err, r.err); err != nil {
			return err
		}
		r.ratio, alone[len(alone)-1].ratio = r.rate/idle.rate, 1
		beside = append(beside, r)
	}
	fmt.Println()
	printRow("SignIn", "hash", bare)
	printRow("", "sign-in", signed)
	printRow("DescribeUser", "alone", alone)
	printRow("", "beside", beside)
	return nil
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

// hashRate computes the same hashes in the same number at a time.
func hashRate(ctx context.Context, d time.Duration) (float64, error) {
	h := login.NewHasher()
	hash, err := h.Hash(ctx, signInPassword)
	if err != nil {
		return 0, err
	}
	return rate(ctx, signIns, d, func() error {
		_, _, err := h.Verify(ctx, signInPassword, hash)
		return err
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
				if err := fn(); err != nil && ctx.Err() == nil {
					failed.Store(&err)
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return float64(done.Load()) / time.Since(began).Seconds(), nil
}
