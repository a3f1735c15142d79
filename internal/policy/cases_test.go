package policy

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCases holds the language against the cases in testdata, which read as its
// documentation. In a case, a block of JSON is a policy, with its kind and name
// beside the fence; a block of asks has requests, each with its condition keys
// and the answer. Everything else is prose.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".md"), func(t *testing.T) { runCases(t, file) })
	}
}

// caseFile is a file being read.
type caseFile struct {
	t     *testing.T
	name  string
	lines *bufio.Scanner
	line  int

	title string
	set   Set
	trust *Document
	asked int

	context map[string][]string // of the request being read
}

func runCases(t *testing.T, name string) {
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c := &caseFile{t: t, name: name, lines: bufio.NewScanner(f)}
	for c.next() {
		text := c.lines.Text()
		if title, ok := strings.CutPrefix(text, "## "); ok {
			c.endCase()
			c.title, c.set, c.trust, c.asked = title, Set{}, nil, 0
		} else if info, ok := strings.CutPrefix(text, "```json "); ok {
			c.addPolicy(info, c.block())
		} else if text == "```asks" {
			c.ask(c.block())
		} else if strings.HasPrefix(text, "```") {
			c.fatalf("a block that is neither policy nor asks")
		}
	}
	c.endCase()
	if c.title == "" {
		c.fatalf("no cases")
	}
}

func (c *caseFile) next() bool {
	c.line++
	return c.lines.Scan()
}

func (c *caseFile) fatalf(format string, args ...any) {
	c.t.Helper()
	c.t.Fatalf("%s:%d: %s", c.name, c.line, fmt.Sprintf(format, args...))
}

func (c *caseFile) endCase() {
	if c.title != "" && c.asked == 0 {
		c.fatalf("nothing asked in %q", c.title)
	}
}

// block gives the lines up to the closing fence.
func (c *caseFile) block() (lines []string) {
	for c.next() {
		if c.lines.Text() == "```" {
			return lines
		}
		lines = append(lines, c.lines.Text())
	}
	c.fatalf("block without an end")
	return nil
}

func (c *caseFile) addPolicy(info string, lines []string) {
	kind, id, _ := strings.Cut(info, " ")
	parseAs := Identity
	if kind == "trust" {
		parseAs = Trust
	}
	d, err := Parse(strings.Join(lines, "\n"), parseAs)
	if err != nil {
		c.fatalf("%v", err)
	}
	switch p := (Policy{id, d}); kind {
	case "identity":
		c.set.Identity = append(c.set.Identity, p)
	case "boundary":
		c.set.Boundary = &p
	case "session":
		c.set.HasSession = true
		c.set.Session = append(c.set.Session, p)
	case "trust":
		c.trust = d
	default:
		c.fatalf("unknown kind of policy %q", kind)
	}
}

// ask reads requests: action and resource, then indented lines "key = value"
// and, after an arrow, the answer.
func (c *caseFile) ask(lines []string) {
	var r *Request
	for _, line := range lines {
		indented := strings.TrimPrefix(line, "  ")
		if indented == line {
			r = c.request(line)
		} else if answer, ok := strings.CutPrefix(indented, "→ "); ok {
			c.check(r, answer)
		} else {
			c.setKey(r, indented)
		}
	}
}

// request takes a resource of the example account in short.
func (c *caseFile) request(line string) *Request {
	action, resource, _ := strings.Cut(line, " ")
	if resource != "*" && !strings.HasPrefix(resource, "arn:") {
		resource = "arn:aws:quicksight:us-east-1:111122223333:" + resource
	}
	c.context = map[string][]string{}
	return &Request{Action: action, Resource: resource, Context: keys(c.context)}
}

func (c *caseFile) setKey(r *Request, line string) {
	key, value, found := strings.Cut(line, " =")
	if !found {
		c.fatalf("neither a key nor an answer: %q", line)
	}
	value = strings.TrimPrefix(value, " ")
	fields := map[string]*string{
		"as account":   &r.Principal.Account,
		"as ARN":       &r.Principal.ARN,
		"as role":      &r.Principal.RoleARN,
		"as unique id": &r.Principal.UniqueID,
		"as federated": &r.Principal.Federated,
		"as service":   &r.Principal.Service,
	}
	if field, ok := fields[key]; ok {
		*field = value
		return
	}
	c.context[key] = append(c.context[key], value)
}

func (c *caseFile) check(r *Request, want string) {
	c.asked++
	c.t.Run(c.title, func(t *testing.T) {
		var d Decision
		if c.trust != nil {
			d = EvaluateTrust(c.trust, r)
		} else {
			d = Evaluate(&c.set, r)
		}
		if got := answer(d, r.Action); got != want {
			t.Errorf("%s %s %v\ngot  %s\nwant %s", r.Action, r.Resource, c.context, got, want)
		}
	})
}

func answer(d Decision, action string) string {
	by := strings.TrimSpace(d.Policy + " " + d.Statement)
	switch {
	case d.Allowed:
		return "allowed by " + by
	case d.Explicit:
		return "denied " + d.Reason(action) + ": " + by
	}
	return "denied " + d.Reason(action)
}
