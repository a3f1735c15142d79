package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"rollcall/internal/server"
)

type serveCommand struct {
	Listen      string `placeholder:"127.0.0.1:7655" help:"Address to listen on. Anything but loopback needs TLS or --behind-proxy."`
	Data        string `placeholder:"./rollcall-data" type:"path" help:"Data directory."`
	Database    string `placeholder:"DATA/rollcall.db" help:"SQLite database file."`
	PublicURL   string `name:"public-url" placeholder:"http://localhost:PORT" help:"What links begin with. Required unless listening on loopback."`
	Account     string `placeholder:"111122223333" help:"AWS account id (first start)."`
	AccountName string `placeholder:"rollcall" help:"QuickSight account name, which people type to sign in (first start)."`
	Region      string `placeholder:"us-east-1" help:"Identity region: where users live (first start)."`
	Dev         bool   `help:"Use the access key test/test. Loopback only."`
	KeyFile     string `placeholder:"DATA/master.key" help:"Master key that secrets in the database are sealed with."`
	TLSCert     string `name:"tls-cert" help:"Certificate file, to serve https."`
	TLSKey      string `name:"tls-key" help:"Key file of the certificate."`
	BehindProxy bool   `help:"A proxy in front speaks https to clients and passes the Host header on."`
	MaxUsers    int    `help:"Users an account may have; 0 means any number."`
	IAM         string `name:"iam-principals" enum:"own,any" default:"own" help:"own: an IamArn has to exist in rollcall's IAM. any: IAM is elsewhere, so form and account are checked."`
	AuditReads  bool   `help:"Record reads too."`
	AuditDays   int    `default:"90" help:"Days that audit records are kept."`
	LogFormat   string `enum:"text,json" default:"text" help:"Format of the log on stderr: text or json."`
}

// maxAuditDays is a century, far from where a time.Duration ends.
const maxAuditDays = 36500

func (c *serveCommand) Run(ctx context.Context, s streams) error {
	if c.AuditDays < 1 || c.AuditDays > maxAuditDays {
		return fmt.Errorf("--audit-days %d: want 1 to %d", c.AuditDays, maxAuditDays)
	}
	spareTheCollector()
	log := newLines(s.err)
	defer log.flush()
	return server.Run(ctx, server.Config{
		Listen:      c.Listen,
		DataDir:     c.Data,
		Database:    c.Database,
		PublicURL:   c.PublicURL,
		AccountID:   c.Account,
		AccountName: c.AccountName,
		Region:      c.Region,
		Dev:         c.Dev,
		KeyFile:     c.KeyFile,
		TLSCert:     c.TLSCert,
		TLSKey:      c.TLSKey,
		BehindProxy: c.BehindProxy,
		MaxUsers:    c.MaxUsers,
		AuditReads:  c.AuditReads,
		AuditKeep:   time.Duration(c.AuditDays) * 24 * time.Hour,
		Out:         s.out,
		Log:         newLog(log, c.LogFormat),

		AnyIAMPrincipal: c.IAM == "any",
	})
}

// spareTheCollector lets the heap grow to five times what is in use before it
// is collected, unless GOGC and GOMEMLIMIT say otherwise. A quiet server has a
// few megabytes in use beside SQLite's caches, which are of a fixed size; the
// memory limit brings the collector back when it is more.
func spareTheCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(256 << 20)
	}
}
