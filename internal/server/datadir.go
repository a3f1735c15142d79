package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"rollcall/internal/access"
	"rollcall/internal/atomicfile"
)

// Names of the files in a data directory that others read.
const (
	EndpointFile    = "endpoint.json" // there while a server is ready
	CredentialsFile = "credentials"   // the root access key, in the format of the AWS CLI
)

// InstanceHeader tells one run of a server from all others.
const InstanceHeader = "Rollcall-Instance"

// DevKey is the access key under --dev.
var DevKey = access.NewKey{ID: "test", Secret: "test"}

// Endpoint is what a ready server writes for the clients on its machine.
type Endpoint struct {
	URL     string `json:"url"`     // for clients: the public URL
	Listen  string `json:"listen"`  // where it really listens
	TLS     bool   `json:"tls"`     // whether it speaks https there
	Region  string `json:"region"`  // identity region
	Account string `json:"account"` // 12 digits
	Dev     bool   `json:"dev"`     // DevKey instead of the credentials file
	// Instance is what this server, and no other on its address, says of itself
	// at /healthz in the header InstanceHeader.
	Instance string `json:"instance"`
}

// makeDataDir makes the data directory.
func makeDataDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making data directory: %w", err)
	}
	return nil
}

// lock keeps other servers off what a lock file stands for.
func lock(file, what string) (*flock.Flock, error) {
	l := flock.New(file, flock.SetPermissions(0o600))
	ok, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", what, err)
	}
	if !ok {
		return nil, fmt.Errorf("%s is in use by another rollcall", what)
	}
	return l, nil
}

// writeEndpoint tells clients on this machine that the server is ready.
func writeEndpoint(dir string, e Endpoint) error {
	b, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(dir, EndpointFile), append(b, '\n'), 0o600)
}

func removeEndpoint(dir string) error {
	err := os.Remove(filepath.Join(dir, EndpointFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// writeCredentials writes the root access key for the AWS CLI and the SDKs.
func writeCredentials(dir string, key access.NewKey) error {
	text := fmt.Sprintf("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n", key.ID, key.Secret)
	return atomicfile.Write(filepath.Join(dir, CredentialsFile), []byte(text), 0o600)
}

// ReadCredentials reads what writeCredentials wrote.
func ReadCredentials(dir string) (key access.NewKey, err error) {
	text, err := os.ReadFile(filepath.Join(dir, CredentialsFile))
	if err != nil {
		return key, fmt.Errorf("reading the root access key: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, "=")
		switch strings.TrimSpace(name) {
		case "aws_access_key_id":
			key.ID = strings.TrimSpace(value)
		case "aws_secret_access_key":
			key.Secret = strings.TrimSpace(value)
		}
	}
	if key.ID == "" || key.Secret == "" {
		return key, fmt.Errorf("reading the root access key: %q has none", filepath.Join(dir, CredentialsFile))
	}
	return key, nil
}
