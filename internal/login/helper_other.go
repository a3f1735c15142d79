//go:build !linux

package login

import (
	"os"
	"os/exec"
)

func program() (string, error) { return os.Executable() }

// startLowly starts a process at the usual priority: requests wait for a core
// at times, but for nothing else.
func startLowly(cmd *exec.Cmd) error { return cmd.Start() }
