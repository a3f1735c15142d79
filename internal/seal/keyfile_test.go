package seal

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLoadOrCreateMakesAFileForItsOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	made, err := LoadOrCreate(path, true)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if have := info.Mode().Perm(); have != 0o600 {
		t.Errorf("mode %v, want 0600", have)
	}
	for _, mayCreate := range []bool{true, false} {
		loaded, err := LoadOrCreate(path, mayCreate)
		if err != nil {
			t.Fatal(err)
		}
		if *loaded != *made {
			t.Error("loading gives another key than was made")
		}
	}
}

func TestLoadOrCreateMakesNoKeyForOldData(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	_, err := LoadOrCreate(path, false)
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names the file", err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("a key was made all the same: %v", err)
	}
}

func TestLoadOrCreateReads(t *testing.T) {
	line := base64.StdEncoding.EncodeToString(NewKey().Bytes())
	tests := []struct {
		name string
		text string
		want string // part of the error; "": none
	}{
		{"Line", line + "\n", ""},
		{"NoLineEnd", line, ""},
		{"WindowsLineEnd", line + "\r\n", ""},
		{"Empty", "", "0 bytes, want 32"},
		{"NotBase64", "not a key\n", "want one line of base64"},
		{"BytesThemselves", strings.Repeat("\x00", 32), "want one line of base64"},
		{"TwoKeys", line + "\n" + line + "\n", "want one line of base64"},
		{"Short", base64.StdEncoding.EncodeToString(make([]byte, 31)), "31 bytes, want 32"},
		{"Long", base64.StdEncoding.EncodeToString(make([]byte, 33)), "33 bytes, want 32"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "master.key")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := LoadOrCreate(path, true)
			checkError(t, err, path, tt.want)
			if have, err := os.ReadFile(path); err != nil || string(have) != tt.text {
				t.Errorf("the file was changed to %q (%v)", have, err)
			}
		})
	}
}

func TestLoadOrCreateTellsWhatFailed(t *testing.T) {
	dir := t.TempDir()
	_, err := LoadOrCreate(dir, true)
	checkError(t, err, dir, "reading master key: ")
	missing := filepath.Join(dir, "missing")
	_, err = LoadOrCreate(filepath.Join(missing, "master.key"), true)
	checkError(t, err, missing, "writing master key: ")
}

// checkError wants an error that names the file and says this, or none.
func checkError(t *testing.T, err error, path, want string) {
	t.Helper()
	switch {
	case want == "":
		if err != nil {
			t.Errorf("error %v, want none", err)
		}
	case err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path):
		t.Errorf("error %v, want %q and the file's name", err, want)
	}
}
