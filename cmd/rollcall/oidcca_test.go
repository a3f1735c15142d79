package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOIDCCAFlag finds that a file without certificates stops the start, before
// anything is made.
func TestOIDCCAFlag(t *testing.T) {
	dir := t.TempDir()
	none := filepath.Join(dir, "none.pem")
	if err := os.WriteFile(none, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		filepath.Join(dir, "nowhere"): "reading --oidc-ca: open ", none: "none.pem\": want certificates in PEM",
	} {
		data := filepath.Join(dir, "data")
		var out, said strings.Builder
		ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
		status := execute(ctx, []string{"serve", "--listen", "127.0.0.1:0", "--data", data, "--oidc-ca", file}, streams{&out, &said})
		cancel()
		if _, err := os.Stat(data); status == 0 || err == nil || !strings.Contains(said.String(), want) {
			t.Errorf("%s: status %d, %q, want %q", file, status, &said, want)
		}
	}
}

// The file's authorities are beside the system's.
func TestOIDCCAsOfAFile(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	system, err := (&serveCommand{}).oidcCA()
	if err != nil || system != nil {
		t.Errorf("without a file: %v, %v", system, err)
	}
	pool, err := (&serveCommand{OIDCCA: file}).oidcCA()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.Certificate().Verify(x509.VerifyOptions{Roots: pool}); err != nil {
		t.Error(err)
	}
}
