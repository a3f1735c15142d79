package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"rollcall/internal/apitest"
	"rollcall/internal/server"
)

// process is the program as the system runs it.
type process struct {
	*exec.Cmd
	endpoint server.Endpoint
	client   apitest.Client
	registry string // URL path of the users of its namespace
}

// serve starts the program on a data directory and waits for its word that it
// is ready. Its log is kept with the test's artifacts.
func serve(t *testing.T, dir string) *process {
	t.Helper()
	logfile, err := os.OpenFile(filepath.Join(t.ArtifactDir(), "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer logfile.Close()
	p := &process{Cmd: exec.Command("rollcall", "serve", "--listen", "127.0.0.1:0", "--data", dir)}
	p.Stderr = logfile
	stdout, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill() }) // has ended already when all went well
	late := time.AfterFunc(startTimeout, func() { p.Process.Kill() })
	defer late.Stop()
	for lines := bufio.NewScanner(stdout); !strings.HasPrefix(lines.Text(), "ready"); {
		if !lines.Scan() {
			log, _ := os.ReadFile(logfile.Name())
			t.Fatalf("the server ended before it was ready:\n%s", log)
		}
	}
	p.know(t, dir)
	return p
}

// know reads what the server wrote for its clients.
func (p *process) know(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, server.EndpointFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &p.endpoint); err != nil {
		t.Fatal(err)
	}
	key, err := server.ReadCredentials(dir)
	if err != nil {
		t.Fatal(err)
	}
	p.client = apitest.Client{
		URL: p.endpoint.URL, Region: p.endpoint.Region,
		AccessKeyID: key.ID, SecretAccessKey: key.Secret, Now: time.Now,
	}
	p.registry = "/accounts/" + p.endpoint.Account + "/namespaces/default/users"
}

// end ends the program with a signal and says how it went.
func (p *process) end(t *testing.T, s os.Signal) *os.ProcessState {
	t.Helper()
	if err := p.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	p.Wait() // ProcessState says more
	return p.ProcessState
}

// TestTermAnswersWhatHasBegun asks the server to stop while a form is on its
// way.
func TestTermAnswersWhatHasBegun(t *testing.T) {
	p := serve(t, t.TempDir())
	conn, err := net.Dial("tcp", p.endpoint.Listen)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const form = "token=none"
	r, err := http.NewRequest(http.MethodPost, p.endpoint.URL+"/sn/register", strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	// The server says 100 when it waits for the body.
	r.Header.Set("Expect", "100-continue")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	head, err := httputil.DumpRequestOut(r, false)
	if err != nil {
		t.Fatal(err)
	}
	conn.Write(head)
	answers := bufio.NewReader(conn)
	if resp, err := http.ReadResponse(answers, r); err != nil || resp.StatusCode != http.StatusContinue {
		t.Fatalf("before the body: %v %v", resp, err)
	}
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	waitClosed(t, p.endpoint.Listen)
	io.WriteString(conn, form)
	resp, err := http.ReadResponse(answers, r)
	if err != nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("what had begun was not answered: %v %v", resp, err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// waitClosed waits until nobody listens on an address.
func waitClosed(t *testing.T, address string) {
	t.Helper()
	for deadline := time.Now().Add(startTimeout); ; {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		conn.Close()
		if time.Now().After(deadline) {
			t.Fatalf("%s is still listened on", address)
		}
	}
}
