// Bench measures rollcall against a bare net/http handler that decodes and
// encodes the same JSON with the same code, but checks no signature, keeps
// nothing and logs nothing: what lies between the two is what rollcall costs.
//
// Each runs in a process of its own, rollcall as "rollcall serve" does, with
// every signature checked, every write flushed and its log in a file. One
// client drives them in turn over keep-alive connections, with requests that
// were signed before. The machine has better and worse seconds, so every round
// measures both, and medians are printed: the ratio is that of the rounds'
// ratios.
//
// Three tables follow: the verb RegisterUser, which authorizes and records,
// against a commit of the bare rows that it writes, both without a wire;
// DescribeUser by callers whose policies have to be asked, against the root.
// At last signing in, against the hash that it has to compute, and DescribeUser
// beside it: first so many requests a second as leave the server idle most of
// the time, which is when a latency says something, then as many as it takes.
//
// The data goes where temporary files go (TMPDIR), which should be a real
// disk: RegisterUser waits for its flushes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are the command line.
type options struct {
	connections, users, rounds int
	duration                   time.Duration
	only                       string
	bare                       bool
}

// wants says whether an operation is to be measured.
func (o options) wants(operation string) bool {
	return o.only == "" || slices.Contains(strings.Split(o.only, ","), operation)
}

func main() {
	var o options
	flag.IntVar(&o.connections, "c", 64, "keep-alive connections")
	flag.IntVar(&o.users, "users", 10_000, "users put in before")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds, each of which measures both servers")
	flag.DurationVar(&o.duration, "duration", 2*time.Second, "length of a measurement")
	flag.StringVar(&o.only, "only", "", "operations to measure, SignIn among them, separated by commas (default all)")
	flag.BoolVar(&o.bare, "bare", false, "be the bare handler; the benchmark starts itself so")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if o.bare {
		return serveBare(os.Stdin, os.Stdout)
	}
	if min(o.connections, o.users, o.rounds, int(o.duration)) < 1 {
		return errors.New("-c, -users, -rounds and -duration must be positive")
	}
	dir, err := os.MkdirTemp("", "rollcall-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	rollcall, err := startRollcall(ctx, dir)
	if err != nil {
		return err
	}
	defer rollcall.kill()
	u, err := putUsers(rollcall.address, filepath.Join(dir, "data"), o)
	if err != nil {
		return fmt.Errorf("putting users in: %w", err)
	}
	bare, err := startBare(ctx, u)
	if err != nil {
		return err
	}
	defer bare.kill()

	fmt.Printf("%d cores, %s, %d users, %d connections, medians of %d rounds of %v\n\n",
		runtime.NumCPU(), runtime.Version(), o.users, o.connections, o.rounds, o.duration)
	printHeadings()
	for _, op := range u.operations() {
		if !o.wants(op.name) {
			continue
		}
		if err := measure(ctx, o, op, bare, rollcall); err != nil {
			return fmt.Errorf("%s: %w", op.name, err)
		}
	}
	if o.only == "" {
		if err := measureCommit(ctx, o, dir); err != nil {
			return err
		}
		if err := measureCallers(ctx, o, u, rollcall); err != nil {
			return err
		}
	}
	if o.wants("SignIn") {
		if err := measureSignIn(ctx, o, u, rollcall); err != nil {
			return err
		}
	}
	fmt.Printf("\nrollcall was ready after %d ms and has %d MB resident at the end\n",
		rollcall.readyAfter.Milliseconds(), rollcall.resident()>>20)
	return rollcall.stop()
}

// measure runs the rounds of an operation and prints its two rows.
func measure(ctx context.Context, o options, op operation, bare, rollcall *process) error {
	var bares, rollcalls []result
	var failed error
	for range o.rounds {
		requests, err := op.requests(o)
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		// The bare handler remembers nothing: it can be asked again.
		b := bare.drive(&load{requests: requests, again: true}, o)
		r := rollcall.drive(&load{requests: requests, again: op.again}, o)
		b.ratio, r.ratio = 1, r.rate/b.rate
		bares, rollcalls = append(bares, b), append(rollcalls, r)
		if failed = errors.Join(b.err, r.err); failed != nil {
			break
		}
	}
	printRow(op.name, "bare", bares)
	printRow("", "rollcall", rollcalls)
	return failed
}

// startRollcall builds the program and serves a data directory in dir.
func startRollcall(ctx context.Context, dir string) (*process, error) {
	program := filepath.Join(dir, "rollcall")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "rollcall/cmd/rollcall")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building rollcall: %w\n%s", err, out)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.CommandContext(ctx, program, "serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(dir, "data"))
	cmd.Stderr = log
	return start(cmd)
}
