// Package imports holds the rule of which package may import which: edges
// point down, from the program to the store.
package imports

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed are the packages of rollcall that each of them may import, beside
// those of the standard library and other modules.
var allowed = map[string][]string{
	"cmd/rollcall":             {"internal/access", "internal/client", "internal/login", "internal/mail", "internal/server"},
	"internal/server":          {"internal/access", "internal/adminapi", "internal/api", "internal/audit", "internal/iamapi", "internal/web", "internal/webidentity", "internal/directory", "internal/federation", "internal/iam", "internal/login", "internal/mail", "internal/outbox", "internal/store", "internal/store/sqlstore", "internal/seal", "internal/request", "internal/restjson", "internal/sigv4", "internal/atomicfile"},
	"internal/api":             {"internal/access", "internal/directory", "internal/model", "internal/restface", "internal/restjson"},
	"internal/iamapi":          {"internal/access", "internal/awsquery", "internal/iam", "internal/model", "internal/request", "internal/sigv4", "internal/store"},
	"internal/adminapi":        {"internal/access", "internal/audit", "internal/iam", "internal/model", "internal/pagetoken", "internal/restface", "internal/restjson", "internal/seal", "internal/store"},
	"internal/restface":        {"internal/access", "internal/model", "internal/request", "internal/restjson", "internal/sigv4", "internal/store"},
	"internal/web":             {"internal/access", "internal/audit", "internal/directory", "internal/iam", "internal/iamapi", "internal/login", "internal/request", "internal/store", "internal/webidentity"},
	"internal/federation":      {"internal/access", "internal/audit", "internal/login", "internal/request", "internal/seal", "internal/store"},
	"internal/directory":       {"internal/access", "internal/iamid", "internal/mail", "internal/model", "internal/outbox", "internal/pagetoken", "internal/seal", "internal/store"},
	"internal/iam":             {"internal/access", "internal/iamid", "internal/pagetoken", "internal/policy", "internal/seal", "internal/store", "internal/webidentity"},
	"internal/access":          {"internal/audit", "internal/iamid", "internal/policy", "internal/request", "internal/seal", "internal/sigv4", "internal/store"},
	"internal/audit":           {"internal/store"},
	"internal/client":          {},
	"internal/login":           {"internal/access", "internal/audit", "internal/request", "internal/seal", "internal/store", "internal/webidentity"},
	"internal/policy":          {},
	"internal/restjson":        {"internal/model"},
	"internal/awsquery":        {"internal/model"},
	"internal/model":           {},
	"internal/sigv4":           {},
	"internal/request":         {},
	"internal/iamid":           {},
	"internal/pagetoken":       {"internal/seal"},
	"internal/atomicfile":      {},
	"internal/mail":            {},
	"internal/mailtest":        {},
	"internal/webidentity":     {},
	"internal/outbox":          {"internal/mail", "internal/seal", "internal/store"},
	"internal/seal":            {"internal/atomicfile"},
	"internal/store":           {},
	"internal/store/sqlstore":  {"internal/store"},
	"internal/store/storetest": {"internal/store"},
	"rollcalltest":             {"internal/mail", "internal/server"},
	"internal/apitest":         {"rollcalltest"},
	"internal/modeltest":       {"internal/model"},
	"internal/bench":           {"internal/access", "internal/api", "internal/audit", "internal/directory", "internal/login", "internal/restjson", "internal/seal", "internal/server", "internal/store", "internal/store/sqlstore"},
}

func TestImportsPointDown(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "rollcall/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		from := strings.TrimPrefix(fields[0], "rollcall/")
		may, known := allowed[from]
		if !known && from != "internal/imports" {
			t.Errorf("package %s is not in the list", from)
		}
		seen++
		for _, to := range fields[1:] {
			if to, ours := strings.CutPrefix(to, "rollcall/"); ours && !slices.Contains(may, to) {
				t.Errorf("%s imports %s", from, to)
			}
		}
	}
	if seen < len(allowed) {
		t.Errorf("%d packages found, the list has %d", seen, len(allowed))
	}
}
