package policy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// exampleDocuments are the policies of the cases in testdata.
func exampleDocuments(t testing.TB) (documents []string) {
	t.Helper()
	files, _ := filepath.Glob("testdata/*.md")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range strings.Split(string(text), "```json ")[1:] {
			_, block, _ = strings.Cut(block, "\n")
			document, _, _ := strings.Cut(block, "\n```")
			documents = append(documents, document)
		}
	}
	if len(documents) == 0 {
		t.Fatal("no documents")
	}
	return documents
}

// FuzzParse looks for documents that panic, whose error is not fit to send, or
// that take long to read or to decide by.
func FuzzParse(f *testing.F) {
	for _, document := range exampleDocuments(f) {
		f.Add(document, false)
		f.Add(document, true)
	}
	f.Add(allowsIf(`{"NumericLessThan": {"k": [1, "-2.5"]}, "DateLessThan": {"k": "2026-01-01T00:00Z"}, "Bool": {"k": true}}`), false)
	f.Add(allowsIf(`{"BinaryEquals": {"k": "YW5h"}, "NotIpAddress": {"k": ["::1", "10.0.0.0/8"]}, "ForAnyValue:ArnLike": {"k": "arn:*:*:*:*:*"}}`), false)
	value := strings.Repeat("a1*:", 64)
	context := map[string][]string{"k": {"1", "true", "2026", "10.0.0.1", value}, "aws:username": {value}, "aws:PrincipalTag/team": {"red"}}
	f.Fuzz(func(t *testing.T, text string, trust bool) {
		kind := Identity
		if trust {
			kind = Trust
		}
		start := time.Now()
		d, err := Parse(text, kind)
		if err != nil {
			checkError(t, err)
			return
		}
		for _, action := range []string{"quicksight:ListUsers", "sts:AssumeRole"} {
			r := &Request{Action: action, Resource: "arn:aws:quicksight:us-east-1:111122223333:" + value, Context: keys(context),
				Principal: Principal{Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/ana"}}
			Evaluate(&Set{Identity: []Policy{{"P", d}}}, r)
			EvaluateTrust(d, r)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// FuzzGlob compares glob with what a table of all prefixes gives.
func FuzzGlob(f *testing.F) {
	for _, seed := range [][2]string{
		{"", ""}, {"*", ""}, {"?", ""}, {"a*b*c", "aXbYbZc"}, {"*ab?", "abababé"}, {"**?*", "x"}, {"a*a*a*b", "aaaaaaaa"}, {"?é*", "\xc3é"}, {"*?c", "abab"}, {"*c*", "ab"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if !utf8.ValidString(pattern) || len(pattern)*len(text) > 1<<20 {
			return
		}
		if got, want := glob(wildcards.Replace(pattern), text), slowGlob(pattern, text); got != want {
			t.Errorf("glob(%q, %q) = %t", pattern, text, got)
		}
	})
}

// slowGlob keeps, for one character of the pattern after the other, how much
// of the text the pattern so far can match.
func slowGlob(pattern, text string) bool {
	var characters []string
	for rest := text; rest != ""; {
		n := characterLen(rest)
		characters = append(characters, rest[:n])
		rest = rest[n:]
	}
	reached := make([]bool, len(characters)+1)
	reached[0] = true
	for _, c := range pattern {
		next := make([]bool, len(reached))
		for i := range reached {
			switch {
			case c == '*':
				next[i] = reached[i] || i > 0 && next[i-1]
			case i > 0 && (c == '?' || string(c) == characters[i-1]):
				next[i] = reached[i-1]
			}
		}
		reached = next
	}
	return reached[len(characters)]
}

// FuzzEvaluate lets the fuzzer choose the statements of TestDenyNeverAllows.
func FuzzEvaluate(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(checkMonotonic))
}

// TestWildcardsDoNotExplode has the worst that fits into a document.
func TestWildcardsDoNotExplode(t *testing.T) {
	const arn = "arn:aws:quicksight:us-east-1:111122223333:user/default/"
	text := arn + strings.Repeat("a", 2048)
	for _, pattern := range []string{
		arn + strings.Repeat("*a", MaxInlineRole/2) + "b",
		arn + strings.Repeat("*", MaxInlineRole) + "b",
		arn + strings.Repeat("*?", MaxInlineRole/2) + "b",
		arn + "*" + strings.Repeat("a", 1024) + "b",
		arn + strings.Repeat("*"+strings.Repeat("a", 31), MaxInlineRole/32) + "b",
	} {
		d := mustParse(t, `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "`+pattern+`"}}`, Identity)
		start := time.Now()
		if allows(d, &Request{Action: "quicksight:DescribeUser", Resource: text}) {
			t.Errorf("%.80s… matches", pattern)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("%.80s… took %v", pattern, took)
		}
	}
}
