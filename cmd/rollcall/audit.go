package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"rollcall/internal/client"
)

// auditCommand has no variables for what selects records: one that is
// forgotten in an environment would hide some. ROLLCALL_DATA comes after
// AWS_ENDPOINT_URL, so that an auditor who serves too asks as himself.
type auditCommand struct {
	Since  moment `default:"24h" env:"-" placeholder:"24h" help:"Records from then on: a time such as 2026-01-02T03:04:05Z, or how long ago, such as 90m."`
	Until  moment `env:"-" placeholder:"TIME" help:"Records from before then."`
	User   string `env:"-" placeholder:"NAME" help:"Only calls of this user, or about him."`
	Format string `enum:"table,json" default:"table" env:"-" help:"table: for people. json: a CloudTrail record a line."`
	Data   string `placeholder:"./rollcall-data" type:"path" env:"-" help:"Data directory of the server, whose root key is used ($$ROLLCALL_DATA). Without it, and where AWS_ENDPOINT_URL is set, the server there is asked with the AWS credentials of the environment."`
}

func (c *auditCommand) Run(ctx context.Context, s streams) error {
	from, account, err := findServer(ctx, c.Data)
	if err != nil {
		return err
	}
	var to recordPrinter = lineRecords{s.out}
	if c.Format == "table" {
		if to, err = newTable(s.out); err != nil {
			return err
		}
	}
	return c.print(ctx, from, account, to)
}

// recordPrinter prints a page of records.
type recordPrinter interface {
	print(records []json.RawMessage) error
}

// print goes through all pages.
func (c *auditCommand) print(ctx context.Context, from *client.Client, account string, to recordPrinter) error {
	query := url.Values{"max-results": {"1000"}, "since": {c.Since.rfc3339()}}
	if !c.Until.IsZero() {
		query.Set("until", c.Until.rfc3339())
	}
	if c.User != "" {
		query.Set("name", c.User)
	}
	for {
		var page struct {
			Records   []json.RawMessage
			NextToken string
		}
		if err := from.Get(ctx, "/v1/accounts/"+account+"/audit-records", query, &page); err != nil {
			return fmt.Errorf("reading audit records: %w", err)
		}
		if err := to.print(page.Records); err != nil || page.NextToken == "" {
			return err
		}
		query.Set("next-token", page.NextToken)
	}
}

// lineRecords prints each record as it came, in a line of its own.
type lineRecords struct{ out io.Writer }

func (l lineRecords) print(records []json.RawMessage) error {
	for _, r := range records {
		if _, err := fmt.Fprintf(l.out, "%s\n", r); err != nil {
			return err
		}
	}
	return nil
}

// table prints what people want to know of records, in columns.
type table struct{ w *tabwriter.Writer }

func newTable(out io.Writer) (table, error) {
	t := table{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
	return t, t.row("TIME", "CALLER", "ACTION", "SUBJECT", "RESULT")
}

// print writes the page out, so that nobody waits for the whole table.
func (t table) print(records []json.RawMessage) error {
	for _, text := range records {
		var r auditRecord
		if err := json.Unmarshal(text, &r); err != nil {
			return fmt.Errorf("reading an audit record: %w", err)
		}
		if err := t.row(r.EventTime, r.caller(), r.action(), r.subject(), cmp.Or(r.ErrorCode, r.ErrorMessage, "ok")); err != nil {
			return err
		}
	}
	return t.w.Flush()
}

func (t table) row(cells ...string) error {
	for i, cell := range cells {
		cells[i] = harmless(cmp.Or(cell, "-"))
	}
	_, err := fmt.Fprintln(t.w, strings.Join(cells, "\t"))
	return err
}

// harmless takes from a value what would move the cursor, end the line, or
// show it in another order than it has.
func harmless(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// auditRecord is what a table shows of a record of CloudTrail.
type auditRecord struct {
	UserIdentity        struct{ Type, ARN, UserName string }
	EventTime           string
	EventSource         string
	EventName           string
	ErrorCode           string
	ErrorMessage        string
	AdditionalEventData struct{ Subject string }
	Resources           []struct{ ARN string }
}

// caller is the name of an IAM user, role and name of a session, or root.
func (r *auditRecord) caller() string {
	if _, session, ok := strings.Cut(r.UserIdentity.ARN, ":assumed-role/"); ok {
		return session
	}
	return cmp.Or(r.UserIdentity.UserName, strings.ToLower(r.UserIdentity.Type))
}

func (r *auditRecord) action() string {
	return strings.TrimSuffix(r.EventSource, ".amazonaws.com") + ":" + r.EventName
}

// subject is the user whom the call is about, else what it is about.
func (r *auditRecord) subject() string {
	if name := r.AdditionalEventData.Subject; name != "" || len(r.Resources) == 0 {
		return name
	}
	return r.Resources[0].ARN
}

// moment is a time on the command line: one of RFC 3339, or how long ago it
// is.
type moment struct{ time.Time }

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *moment) UnmarshalText(text []byte) (err error) {
	if ago, err := time.ParseDuration(string(text)); err == nil && ago >= 0 {
		m.Time = time.Now().Add(-ago)
		return nil
	}
	if m.Time, err = time.Parse(time.RFC3339, string(text)); err != nil {
		return fmt.Errorf("%q: want a time such as 2026-01-02T03:04:05Z, or how long ago, such as 90m", text)
	}
	return nil
}

func (m moment) rfc3339() string { return m.UTC().Format(time.RFC3339Nano) }
