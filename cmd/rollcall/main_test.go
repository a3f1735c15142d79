package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"rollcall/internal/apitest"
	"rollcall/internal/server"
)

// TestMain makes the test binary the program that scripts, and TestKill, run
// as rollcall. Under the race detector a program sleeps for a second when it
// ends, which would be most of the time here.
func TestMain(m *testing.M) {
	os.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0")
	testscript.Main(m, map[string]func(){"rollcall": func() { os.Exit(run()) }})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		Deadline:            time.Now().Add(time.Minute),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", os.Getenv("GORACE"))
			env.Values["t"] = env.T().(testing.TB)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"ready":       ready,
			"terminate":   terminate,
			"get":         get,
			"call":        call,
			"status":      status,
			"mode":        mode,
			"certificate": certificate,
		},
	})
}

// startTimeout is far beyond what a start takes anywhere.
const startTimeout = 30 * time.Second

// ready waits for the server on a data directory and puts what scripts want
// to know of it into the environment:
//
//	ready DIR
func ready(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: ready DIR")
	}
	dir := ts.MkAbs(args[0])
	e, err := waitReady(dir)
	ts.Check(err)
	key := server.DevKey
	if !e.Dev {
		key, err = server.ReadCredentials(dir)
		ts.Check(err)
	}
	_, port, err := net.SplitHostPort(e.Listen)
	ts.Check(err)
	for name, value := range map[string]string{
		"URL": e.URL, "LISTEN": e.Listen, "PORT": port, "REGION": e.Region, "KEY_ID": key.ID, "SECRET": key.Secret,
	} {
		ts.Setenv(name, value)
	}
}

// waitReady waits for a server that says it is ready and does answer: a
// killed one leaves its endpoint file behind.
func waitReady(dir string) (e server.Endpoint, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for tick := time.Tick(5 * time.Millisecond); ; {
		if e, err := readEndpoint(ctx, dir); err == nil {
			return e, nil
		}
		select {
		case <-tick:
		case <-ctx.Done():
			return e, fmt.Errorf("no server is ready on %s", dir)
		}
	}
}

// terminate sends SIGTERM to everything in the background:
//
//	terminate
func terminate(ts *testscript.TestScript, _ bool, _ []string) {
	for _, c := range ts.BackgroundCmds() {
		ts.Check(c.Process.Signal(syscall.SIGTERM))
	}
}

// get prints what a GET answers: status, two headers and body. It trusts the
// certificate in cert.pem:
//
//	get URL [Host]
func get(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) == 0 || len(args) > 2 {
		ts.Fatalf("usage: get URL [Host]")
	}
	r, err := http.NewRequest(http.MethodGet, args[0], nil)
	ts.Check(err)
	if len(args) == 2 {
		r.Host = args[1]
	}
	roots := x509.NewCertPool()
	if text, err := os.ReadFile(ts.MkAbs("cert.pem")); err == nil {
		roots.AppendCertsFromPEM(text)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}
	resp, err := transport.RoundTrip(r)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	fmt.Fprintln(ts.Stdout(), resp.Status)
	for _, name := range []string{"Location", "Strict-Transport-Security"} {
		if value := resp.Header.Get(name); value != "" {
			fmt.Fprintf(ts.Stdout(), "%s: %s\n", name, value)
		}
	}
	ts.Stdout().Write(body)
}

// call signs a request to the ready server and prints its answer:
//
//	call METHOD PATH [BODY]
func call(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: call METHOD PATH [BODY]")
	}
	client := apitest.Client{
		URL:             "http://" + ts.Getenv("LISTEN"),
		Region:          ts.Getenv("REGION"),
		AccessKeyID:     ts.Getenv("KEY_ID"),
		SecretAccessKey: ts.Getenv("SECRET"),
		Now:             time.Now,
	}
	a := client.Call(ts.Value("t").(testing.TB), args[0], args[1], strings.Join(args[2:], ""))
	fmt.Fprintf(ts.Stdout(), "%d %s\n%s\n", a.Status, a.Code(), a.Text)
}

// status runs a program that is to end with this exit status:
//
//	status N PROGRAM ARG...
func status(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: status N PROGRAM ARG...")
	}
	err := ts.Exec(args[1], args[2:]...)
	have := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		have = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if want := args[0]; want != strconv.Itoa(have) {
		ts.Fatalf("%s ended with status %d, want %s", args[1], have, want)
	}
}

// mode says that files have exactly these permissions:
//
//	mode 0600 FILE...
func mode(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: mode 0600 FILE...")
	}
	for _, name := range args[1:] {
		info, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if have := fmt.Sprintf("%#04o", info.Mode().Perm()); have != args[0] {
			ts.Fatalf("%s has mode %s, want %s", name, have, args[0])
		}
	}
}

// certificate makes cert.pem and key.pem for localhost, signed by itself:
//
//	certificate
func certificate(ts *testscript.TestScript, _ bool, _ []string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "localhost"},
		DNSNames:     []string{"localhost"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	ts.Check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: cert},
		"key.pem":  {Type: "PRIVATE KEY", Bytes: private},
	} {
		ts.Check(os.WriteFile(ts.MkAbs(name), pem.EncodeToMemory(block), 0o600))
	}
}
