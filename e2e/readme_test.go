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

// shellBlock is a fenced session in a page.
var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// sessions are those of a page, in their order.
func sessions(t *testing.T, page string) (all []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	ok(t, err)
	for _, block := range shellBlock.FindAllStringSubmatch(string(text), -1) {
		all = append(all, block[1])
	}
	return all
}

// sessionEnvironment is that of a session, with Debian's AWS CLI before all
// others and no configuration of it.
func sessionEnvironment(t *testing.T) []string {
	t.Helper()
	const cli = "/usr/bin/aws"
	if _, err := os.Stat(cli); err != nil {
		needed(t, "the AWS CLI (Debian's package awscli)")
	}
	return environment(map[string]string{
		"ROLLCALL_LISTEN":             "127.0.0.1:0",
		"PATH":                        filepath.Dir(cli) + ":" + os.Getenv("PATH"),
		"AWS_PAGER":                   "",
		"AWS_CONFIG_FILE":             os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	})
}

// The README's two sessions, as printed, in two shells: the first starts the
// server, the second talks to it with Debian's AWS CLI.
func TestREADMESessionsRun(t *testing.T) {
	t.Parallel()
	blocks := sessions(t, "../README.md")
	if len(blocks) != 2 {
		t.Fatalf("the README has %d sessions, want 2", len(blocks))
	}
	serve, _, _ := strings.Cut(blocks[0], "\n")
	env := append(sessionEnvironment(t), "ROLLCALL_DATA="+t.TempDir())
	start(t, serve, env)

	session := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", blocks[1])
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
	var role struct{ Role struct{ Arn string } }
	var list struct{ UserList []struct{ UserName string } }
	for _, answer := range []any{&ana, &role, &ben, &list} {
		if err := answers.Decode(answer); err != nil {
			t.Fatalf("%v in\n%s", err, out)
		}
	}
	if ana.Status != 201 || ana.User.UserName != "ana" || ana.UserInvitationUrl == "" {
		t.Errorf("first answer is %+v", ana)
	}
	if role.Role.Arn != "arn:aws:iam::111122223333:role/embed" {
		t.Errorf("the role is %+v", role)
	}
	if ben.Status != 201 || ben.User.UserName != "embed/ben" || ben.UserInvitationUrl != "" {
		t.Errorf("third answer is %+v", ben)
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
