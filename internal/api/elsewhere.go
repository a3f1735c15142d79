package api

import (
	_ "embed"
	"strings"
)

// elsewhere.txt has the operations of QuickSight that rollcall does not
// answer, a line each: name, method, URI. They are known so that the refusal
// can name them.
//
//go:embed elsewhere.txt
var elsewhere string

func operationsElsewhere() []operation {
	var all []operation
	for line := range strings.Lines(elsewhere) {
		f := strings.Fields(line)
		all = append(all, operation{name: f[0], method: f[1], uri: f[2]})
	}
	return all
}
