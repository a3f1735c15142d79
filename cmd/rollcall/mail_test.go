package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"rollcall/internal/mailtest"
)

// sendThrough has the programs that the test starts send through a server.
func sendThrough(t *testing.T, box *mailtest.Box) {
	t.Helper()
	t.Setenv("ROLLCALL_SMTP", box.Address())
	t.Setenv("ROLLCALL_SMTP_SECURITY", "none")
	t.Setenv("ROLLCALL_MAIL_FROM", "People of Example <people@example.com>")
}

// person is somebody in a browser.
type person struct {
	t      *testing.T
	client *http.Client
	url    string
}

// administrator registers an administrator through the API, of which no mail
// comes, and signs in.
func administrator(t *testing.T, p *process) *person {
	t.Helper()
	a := p.client.Call(t, http.MethodPost, p.registry,
		`{"IdentityType":"QUICKSIGHT","UserName":"ana","Email":"ana@example.com","UserRole":"ADMIN"}`)
	link, _ := a.JSON["UserInvitationUrl"].(string)
	_, token, _ := strings.Cut(link, "token=")
	if a.Status != http.StatusCreated || token == "" {
		t.Fatalf("registering ana: %d %s", a.Status, a.Text)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	who := &person{t, &http.Client{Jar: jar}, p.endpoint.URL}
	const password = "Correct-horse-7"
	who.post("/sn/register", "token", token, "password", password, "confirm", password)
	who.post("/sn/signin", "account", "rollcall", "namespace", "default", "username", "ana", "password", password)
	return who
}

// post sends a form of a page, and follows to where it leads.
func (who *person) post(path string, fields ...string) {
	who.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	resp, err := who.client.PostForm(who.url+path, form)
	if err != nil {
		who.t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
		who.t.Fatalf("%s: %d, %v", path, resp.StatusCode, err)
	}
}

// TestKillWithMailWaiting kills a server over and over after an invitation in
// the console, while the mail server is down, or hangs. When that is up, the mail
// comes, and comes once.
func TestKillWithMailWaiting(t *testing.T) {
	box, dir := mailtest.Down(t), t.TempDir()
	sendThrough(t, box)
	p := serve(t, dir)
	administrator(t, p).post("/sn/console/invite", "Email", "ben@example.com", "UserName", "ben", "UserRole", "READER")
	p.end(t, syscall.SIGKILL)
	serve(t, dir).end(t, syscall.SIGKILL) // it had time for a try or had none

	hang := make(chan struct{})
	box.OnRcpt(func(string) error { <-hang; return errors.New("killed") })
	box.Start()
	for asked := range 3 {
		p := serve(t, dir)
		for deadline := time.Now().Add(startTimeout); box.Asked() == asked; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the server does not send")
			}
		}
		p.end(t, syscall.SIGKILL)
	}
	close(hang)
	box.OnRcpt(nil)
	p = serve(t, dir)
	m := box.Wait(1)[0]
	if m.To != "ben@example.com" || !strings.Contains(m.Link, "/sn/register?token=") || m.From != `"People of Example" <people@example.com>` {
		t.Errorf("%+v", m)
	}
	time.Sleep(1500 * time.Millisecond) // it has looked again
	if state := p.end(t, syscall.SIGTERM); !state.Success() {
		t.Errorf("ending the server: %v", state)
	}
	serve(t, dir).end(t, syscall.SIGTERM)
	box.Wait(1)
}

// TestMailFlags finds that what cannot send mail stops the start, before
// anything is made.
func TestMailFlags(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"password": "secret\n", "empty": "", "reset.txt": `{{define "subject"}}A new password{{end}}Ask again.`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const good = "--smtp localhost:25 --mail-from people@example.com "
	for _, tt := range []struct{ flags, want string }{
		{"--smtp localhost:25", "--smtp needs --mail-from, the sender of the mails"},
		{"--mail-from people@example.com", "--mail-from needs --smtp, the mail server"},
		{"--mail-templates DIR", "--mail-templates needs --smtp"},
		{"--smtp-user relay", "--smtp-user needs --smtp"},
		{"--smtp-password-file DIR/password", "--smtp-password-file needs --smtp"},
		{"--smtp-ca DIR/password", "--smtp-ca needs --smtp"},
		{"--smtp localhost --mail-from people@example.com", `--smtp "localhost": want host:port`},
		{"--smtp localhost:25 --mail-from people", `--mail-from "people" is not an e-mail address`},
		{"--smtp mail.example.com:25 --mail-from people@example.com --smtp-security none",
			`--smtp-security "none" is for a server on this machine only`},
		{"--smtp-security ssl", `--smtp-security must be one of "starttls","tls","none" but got "ssl"`},
		{good + "--mail-templates DIR/nowhere", "--mail-templates cannot be read: open "},
		{good + "--mail-templates DIR", "--mail-templates has a bad template reset.txt: the link is missing"},
		{good + "--smtp-user relay", "--smtp-user needs --smtp-password-file or ROLLCALL_SMTP_PASSWORD"},
		{good + "--smtp-password-file DIR/password", "a password at the mail server needs --smtp-user"},
		{good + "--smtp-user relay --smtp-password-file DIR/nowhere", "reading --smtp-password-file: open "},
		{good + "--smtp-user relay --smtp-password-file DIR/empty", "--smtp-password-file is empty"},
		{good + "--smtp-ca DIR/nowhere", "reading --smtp-ca: open "},
		{good + "--smtp-ca DIR/password", `/password": want certificates in PEM`},
	} {
		data := filepath.Join(dir, "data")
		args := append([]string{"serve", "--listen", "127.0.0.1:0", "--data", data}, strings.Fields(strings.ReplaceAll(tt.flags, "DIR", dir))...)
		var out, said strings.Builder
		ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
		status := execute(ctx, args, streams{&out, &said})
		cancel()
		if _, err := os.Stat(data); status == 0 || err == nil || !strings.Contains(said.String(), tt.want) {
			t.Errorf("%s: status %d, %q, want %q", tt.flags, status, &said, tt.want)
		}
		if strings.Contains(said.String(), "secret") {
			t.Errorf("%s: the password is in %q", tt.flags, &said)
		}
	}
}
