package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// shellBlock is a fenced session in the README.
var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// The README's two sessions, as printed, in two shells: the first starts the
// server, the second talks to it with Debian's AWS CLI.
func TestREADMESessionsRun(t *testing.T) {
	const cli = "/usr/bin/aws"
	if _, err := os.Stat(cli); err != nil {
		needed(t, "the AWS CLI (Debian's package awscli)")
	}
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := shellBlock.FindAllStringSubmatch(string(text), -1)
	if len(blocks) != 2 {
		t.Fatalf("the README has %d sessions, want 2", len(blocks))
	}
	serve, _, _ := strings.Cut(blocks[0][1], "\n")
	env := append(os.Environ(), "ROLLCALL_DATA="+t.TempDir(), "ROLLCALL_LISTEN=127.0.0.1:0",
		"PATH="+filepath.Dir(cli)+":"+os.Getenv("PATH"), "AWS_PAGER=")
	start(t, serve, env)

	session := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", blocks[1][1])
	session.Dir, session.Env, session.Stderr = "..", env, t.Output()
	out, err := session.Output()
	if err != nil {
		t.Fatalf("session: %v\n%s", err, out)
	}
	answers := json.NewDecoder(strings.NewReader(string(out)))
	var ana, ben struct {
		Status            int
		UserInvitationUrl string
		User              struct{ UserName string }
	}
	var list struct{ UserList []struct{ UserName string } }
	for _, answer := range []any{&ana, &ben, &list} {
		if err := answers.Decode(answer); err != nil {
			t.Fatalf("%v in\n%s", err, out)
		}
	}
	if ana.Status != 201 || ana.User.UserName != "ana" || ana.UserInvitationUrl == "" {
		t.Errorf("first answer is %+v", ana)
	}
	if ben.Status != 201 || ben.User.UserName != "embed/ben" || ben.UserInvitationUrl != "" {
		t.Errorf("second answer is %+v", ben)
	}
	if len(list.UserList) != 2 {
		t.Errorf("list has %d users, want 2\n%s", len(list.UserList), out)
	}
}

// start runs a command line that serves, until the test ends, and returns when
// it is ready.
func start(t *testing.T, commandLine string, env []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute) // it may have to compile
	server := exec.CommandContext(ctx, "bash", "-c", commandLine)
	server.Dir, server.Env, server.Stderr = "..", env, t.Output()
	server.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-server.Process.Pid, syscall.SIGTERM)
		_ = server.Wait()
		cancel()
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "ready") {
			go io.Copy(io.Discard, out)
			return
		}
	}
	t.Fatalf("%s ended without a line that begins with ready", commandLine)
}
