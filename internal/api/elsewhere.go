package api

import (
	_ "embed"
	"strings"

	"rollcall/internal/restface"
)

// elsewhere.txt has the operations of QuickSight that rollcall does not
// answer, a line each: name, method, URI. They are known so that the refusal
// can name them.
//
//go:embed elsewhere.txt
var elsewhereText string

func elsewhere() []restface.Operation {
	var all []restface.Operation
	for line := range strings.Lines(elsewhereText) {
		f := strings.Fields(line)
		all = append(all, restface.Operation{Name: f[0], Method: f[1], URI: f[2]})
	}
	return all
}
