package seal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"rollcall/internal/atomicfile"
)

// LoadOrCreate reads the master key from a file, which it makes, readable by
// its owner alone, when it is not there and may be made.
func LoadOrCreate(path string, mayCreate bool) (*Key, error) {
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		return parseFile(path, string(text))
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("reading master key: %w", err)
	case !mayCreate:
		return nil, fmt.Errorf("master key %q is not there, and without it the secrets in the database cannot be opened", path)
	}
	k := NewKey()
	line := base64.StdEncoding.EncodeToString(k.Bytes()) + "\n"
	if err := atomicfile.Write(path, []byte(line), 0o600); err != nil {
		return nil, fmt.Errorf("writing master key: %w", err)
	}
	return k, nil
}

func parseFile(path, text string) (*Key, error) {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, fmt.Errorf("master key %q: want one line of base64", path)
	}
	k, err := ParseKey(b)
	if err != nil {
		return nil, fmt.Errorf("master key %q: %w", path, err)
	}
	return k, nil
}
