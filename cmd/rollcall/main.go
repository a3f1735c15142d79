// Rollcall is the Amazon QuickSight user directory that you can run yourself.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"rollcall/internal/login"
)

// cli is the command line: one field a subcommand.
type cli struct {
	Serve    serveCommand    `cmd:"" help:"Serve the QuickSight API and the pages."`
	Env      envCommand      `cmd:"" help:"Print what points AWS SDKs and CLIs at the running server."`
	Audit    auditCommand    `cmd:"" help:"Print who did what: the audit records of the running server."`
	Invite   inviteCommand   `cmd:"" help:"Register a user and print the link that leads to a password."`
	Provider providerCommand `cmd:"" help:"The OpenID Connect providers that people continue with in the browser."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

// streams are where a command writes.
type streams struct{ out, err io.Writer }

func main() {
	login.HashApart() // before all else: a helper is this program too
	os.Exit(run())
}

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return execute(ctx, os.Args[1:], streams{os.Stdout, os.Stderr})
}

// execute runs a command line and gives its exit status: 2 for a bad command
// line, 1 for a command that failed.
func execute(ctx context.Context, args []string, s streams) int {
	status := -1
	parser, err := kong.New(&cli{},
		kong.Name("rollcall"),
		kong.Description("The Amazon QuickSight user directory that you can run yourself."),
		kong.DefaultEnvars("ROLLCALL"),
		kong.UsageOnError(),
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { status = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(s),
	)
	if err != nil {
		panic(err) // the command line's declaration makes no sense
	}
	command, err := parser.Parse(args)
	switch {
	case status >= 0: // --help has been shown
		return status
	case err != nil:
		fmt.Fprintf(s.err, "rollcall: %v\n", err)
		return 2
	}
	if err := command.Run(); err != nil {
		fmt.Fprintf(s.err, "rollcall: %v\n", err)
		return 1
	}
	return 0
}
