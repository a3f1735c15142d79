package oidcop

import "testing"

// Redirect lets the client be sent back to one more address: that of a server
// which has to be told of the provider when it starts.
func (p *Provider) Redirect(t testing.TB, to string) {
	t.Helper()
	p.redirects = append(p.redirects, to)
	p.Rotate(t)
}
