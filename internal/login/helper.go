package login

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/crypto/argon2"
)

// A hash takes a core for longer than anything else here does, and leaves
// 19 MiB of garbage. Inside the server it keeps requests waiting in three ways:
// for the core, for one of Go's few places to run (GOMAXPROCS), and for the
// collector. A thread of low priority is no way out, because the collector
// stops the world: all threads then wait for the one that is not let run. So
// hashes are computed by helpers: processes of low priority, which run this
// program too.

// helperName is what the arguments of a helper begin with.
const helperName = "rollcall: hash"

// apart says whether new Hashers have helpers.
var apart bool

// HashApart makes all Hashers that are made from now on compute in processes of
// their own, which yield to all others. These run the same program, whose main
// has to call HashApart first of all: it does not return in them.
func HashApart() {
	if os.Args[0] != helperName {
		apart = true
		return
	}
	// A terminal or an init system signals the whole group, while the server
	// goes on until it has answered everybody. Its end closes the input.
	signal.Ignore(os.Interrupt, syscall.SIGTERM)
	if err := help(os.Stdin, os.Stdout); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// help computes keys until the input ends.
func help(in io.Reader, out io.Writer) error {
	tasks, keys := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var t task
		if err := tasks.Decode(&t); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := keys.Encode(t.compute()); err != nil {
			return err
		}
	}
}

// task is a key to compute.
type task struct {
	Password, Salt       []byte
	Passes, Memory, Size uint32
	Lanes                uint8
}

func (t *task) compute() []byte {
	return argon2.IDKey(t.Password, t.Salt, t.Passes, t.Memory, t.Lanes, t.Size)
}

// helper is a process that computes one key at a time. It ends with this one.
type helper struct {
	cmd   *exec.Cmd
	input io.Closer
	tasks *json.Encoder
	keys  *json.Decoder
}

func startHelper() (*helper, error) {
	program, err := program()
	if err != nil {
		return nil, err
	}
	cmd := &exec.Cmd{Path: program, Args: []string{helperName}, Env: []string{}, Stderr: os.Stderr}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		in.Close()
		return nil, err
	}
	if err := startLowly(cmd); err != nil {
		return nil, err
	}
	return &helper{cmd, in, json.NewEncoder(in), json.NewDecoder(out)}, nil
}

func (h *helper) compute(t *task) (key []byte, err error) {
	if err = h.tasks.Encode(t); err == nil {
		err = h.keys.Decode(&key)
	}
	return key, err
}

// end ends a helper, also one that does not listen any more.
func (h *helper) end() {
	h.input.Close()
	_ = h.cmd.Process.Kill()
	_ = h.cmd.Wait()
}

// helpers are those that have nothing to do, whichever Hasher they were started
// for. There are never more than have had something to do at the same time.
type helpers struct {
	mutex sync.Mutex
	idle  []*helper
}

var idleHelpers helpers

// take gives the helper that was last used, or a new one.
func (h *helpers) take() (*helper, error) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	n := len(h.idle) - 1
	if n < 0 {
		return startHelper()
	}
	taken := h.idle[n]
	h.idle = h.idle[:n]
	return taken, nil
}

func (h *helpers) giveBack(one *helper) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.idle = append(h.idle, one)
}

// patience is how long a helper may take, many times what a key takes. One that
// is stopped must not keep others from signing in.
var patience = 10 * time.Second

// compute has a helper compute a key.
func (h *helpers) compute(t *task) ([]byte, error) {
	one, err := h.take()
	if err != nil {
		return nil, err
	}
	late := time.AfterFunc(patience, func() { _ = one.cmd.Process.Kill() })
	key, err := one.compute(t)
	late.Stop()
	if err != nil {
		one.end()
		return nil, err
	}
	h.giveBack(one)
	return key, nil
}
