package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"rollcall/rollcalltest"
)

// suiteEnvironment is what a suite knows of its server.
func suiteEnvironment(srv *rollcalltest.Server) map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL":      srv.URL,
		"AWS_REGION":            srv.Region,
		"AWS_ACCESS_KEY_ID":     srv.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY": srv.SecretAccessKey,
		"ROLLCALL_ACCOUNT_ID":   srv.AccountID,
		"ROLLCALL_URL":          srv.URL,
	}
}

// environment is that of this process with other variables, and with nothing
// of the caller's own AWS and rollcall.
func environment(set map[string]string) (all []string) {
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") && !strings.HasPrefix(variable, "ROLLCALL_") {
			all = append(all, variable)
		}
	}
	for name, value := range set {
		all = append(all, name+"="+value)
	}
	return all
}

func TestJavaScript(t *testing.T) {
	t.Parallel()
	version, err := exec.Command("node", "--version").Output()
	if err != nil {
		needed(t, "node 20 or newer")
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(string(version), "v"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < 20 {
		needed(t, "node 20 or newer, which "+strings.TrimSpace(string(version))+" is not")
	}
	if _, err := os.Stat(filepath.Join("js", "node_modules", "@aws-sdk", "client-quicksight")); err != nil {
		needed(t, "the JavaScript SDK (run npm ci in e2e/js)")
	}
	// There is no client of IAM beside QuickSight's here.
	runSuite(t, &rollcalltest.Options{AnyIAMPrincipal: true}, "js", "node", "--test")
}

func TestPython(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3" // Debian's, with Debian's boto3
	if out, err := exec.Command(python, "-c", "import boto3").CombinedOutput(); err != nil {
		t.Logf("%v: %s", err, out)
		needed(t, "boto3 (Debian's package python3-boto3)")
	}
	runSuite(t, nil, ".", python, "-m", "unittest", "discover", "-s", "python")
}

// needed ends a test that lacks what it runs with: a laptop may lack it, the
// machine that decides about a change may not.
func needed(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("this test needs %s", what)
	}
	t.Skipf("this test needs %s", what)
}

// runSuite runs a suite in a directory against a server of its own.
func runSuite(t testing.TB, o *rollcalltest.Options, dir, program string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	suite := exec.CommandContext(ctx, program, args...)
	suite.Dir = dir
	suite.Stdout, suite.Stderr = t.Output(), t.Output()
	suite.Env = append(environment(suiteEnvironment(rollcalltest.NewServer(t, o))), "PYTHONDONTWRITEBYTECODE=1")
	if err := suite.Run(); err != nil {
		t.Errorf("%s: %v", suite, err)
	}
}
