package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The sessions of docs/operations.md, as printed, in one shell beside a
// server. A line before each tells their output apart.
func TestOperationsSessionsRun(t *testing.T) {
	t.Parallel()
	file, err := program()
	ok(t, err)
	dir := t.TempDir()
	env := append(sessionEnvironment(t), "PATH="+filepath.Dir(file)+":/usr/bin:"+os.Getenv("PATH"))
	start(t, "cd "+dir+" && exec rollcall serve", env)

	blocks := sessions(t, "../docs/operations.md")
	const mark = "== session "
	script := "exec 2>&1\n"
	for i, block := range blocks {
		script += fmt.Sprintf("echo '%s%d'\n%s", mark, i, block)
	}
	session := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
	session.Dir, session.Env = dir, env
	out, err := session.CombinedOutput()
	if err != nil {
		t.Fatalf("session: %v\n%s", err, out)
	}
	printed := strings.Split(string(out), mark)[1:]
	if len(printed) != len(blocks) {
		t.Fatalf("%d of %d sessions ran\n%s", len(printed), len(blocks), out)
	}
	next := 0
	for _, tt := range []struct {
		begins string   // how the session does
		want   []string // patterns of lines, each with how often
	}{
		{`eval "$(rollcall env)"`, nil},
		{"aws iam create-user --user-name ana", []string{`1 ^arn:aws:iam::111122223333:user/ana$`}},
		{"role=", []string{`1 "Arn": "arn:aws:iam::111122223333:role/embed"`}},
		{"register() {", []string{
			`1 "UserName": "embed/team-ana"`, `1 "Role": "AUTHOR"`, `1 "UserName": "embed/team-ben"`, `1 "Role": "READER"`,
			`1 ^AROA[A-Z0-9]{17}:team-ana$`, `1 ^AROA[A-Z0-9]{17}:team-ben$`,
			`1 ^embed/team-ana\tfederated/iam/AROA[A-Z0-9]{17}:team-ana$`, `1 ^embed/team-ben\tfederated/iam/AROA[A-Z0-9]{17}:team-ben$`,
		}},
		{"aws iam create-user --user-name registrar", []string{`1 "UserName": "embed/team-cy"`}},
		{"! as", []string{
			`0 "UserName"`,
			`4 An error occurred \(AccessDeniedException\)`,
			`3 ^An error .* RegisterUser operation: User: arn:aws:iam::111122223333:user/registrar is not authorized to perform: quicksight:RegisterUser on resource: arn:aws:quicksight:us-east-1:111122223333:user/default/\S+ because no identity-based policy allows the quicksight:RegisterUser action$`,
			`1 user/default/embed/boss because`, `1 user/default/other/team-dan because`, `1 user/default/team-dan because`,
			`1 quicksight:ListUsers on resource: arn:aws:quicksight:us-east-1:111122223333:user/default/\* because`,
		}},
		{`as "$registrar" register`, []string{`1 "UserName": "embed/team-eve"`, `1 "Role": "ADMIN"`}},
		{"rollcall audit --since 1h --format json |", []string{`1 ^\{.*"userName":"registrar".*"userRole":"ADMIN".*team-eve`, `1 ^\{`}},
		{"aws iam delete-role", []string{`4 ^N/A\t`, `1 ^N/A\teve@example.com\tADMIN$`, `4 ^200$`}},
		{"rollcall invite grace@example.com", []string{`1 ^http://localhost:\d+/sn/register\?token=\S+$`}},
		{"rollcall audit --since 1h --user ana", []string{
			`1 ^TIME +CALLER +ACTION +SUBJECT +RESULT$`,
			`1 Z  root +iam:CreateUser +ana +ok$`,
			`1 Z  ana +iam:CreateRole +\S*role/embed +ok$`,
			`1 Z  ana +quicksight:RegisterUser .*embed/team-ben +ok$`,
			`4 Z  ana +quicksight:DeleteUserByPrincipalId .* ok$`,
			`0 Z  registrar `,
		}},
	} {
		if next == len(blocks) || !strings.HasPrefix(blocks[next], tt.begins) {
			t.Fatalf("session %d does not begin with %s", next, tt.begins)
		}
		for _, want := range tt.want {
			var n int
			count, pattern, _ := strings.Cut(want, " ")
			fmt.Sscan(count, &n)
			if found := regexp.MustCompile("(?m)"+pattern).FindAllString(printed[next], -1); len(found) != n {
				t.Errorf("session %d has %d of %s, want %d:\n%s", next, len(found), pattern, n, printed[next])
			}
		}
		next++
	}
	if next != len(blocks) {
		t.Errorf("the page has %d sessions, %d are checked", len(blocks), next)
	}
}
