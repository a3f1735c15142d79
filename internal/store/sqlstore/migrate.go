package sqlstore

import (
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date.
func migrate(c *conn, now time.Time) error {
	names, err := fs.Glob(migrations, "migrations/*.sql") // sorted by name
	if err != nil {
		return err
	}
	return migrateWith(c, names, now)
}

// migrateWith runs those of the embedded files that the database has not seen,
// in the order of their numbers, each with its entry in one transaction.
func migrateWith(c *conn, names []string, now time.Time) error {
	if err := c.db.Exec(`CREATE TABLE IF NOT EXISTS migrations (
		version    INTEGER PRIMARY KEY,
		name       TEXT    NOT NULL,
		applied_at INTEGER NOT NULL
	) STRICT`); err != nil {
		return fmt.Errorf("preparing migrations: %w", err)
	}
	have, err := schemaVersion(c)
	if err != nil {
		return fmt.Errorf("reading schema version: %w", err)
	}
	if have > len(names) {
		return fmt.Errorf("database has schema version %d, this rollcall knows %d: use a newer one", have, len(names))
	}
	for i, name := range names[have:] {
		if err := apply(c, have+i+1, name, now); err != nil {
			return fmt.Errorf("migrating database: %s: %w", name, err)
		}
	}
	return nil
}

func schemaVersion(c *conn) (version int, err error) {
	t := &tx{conn: c}
	err = t.query("", "SELECT coalesce(max(version), 0) FROM migrations", func(s *stmt) error {
		version = s.ColumnInt(0)
		return nil
	})
	return version, err
}

// apply runs one file. Its name begins with its number, so that a gap or a
// doubled number shows here and not in somebody's data.
func apply(c *conn, version int, name string, now time.Time) error {
	base := strings.TrimPrefix(name, "migrations/")
	if n, err := strconv.Atoi(base[:4]); err != nil || n != version {
		return fmt.Errorf("expected number %04d", version)
	}
	text, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	defer c.rollback()
	if err := c.db.Exec("BEGIN IMMEDIATE;" + string(text)); err != nil {
		return err
	}
	t := &tx{conn: c}
	if err := t.exec("INSERT INTO migrations (version, name, applied_at) VALUES ($1, $2, $3)", version, base, now); err != nil {
		return err
	}
	return t.exec("COMMIT")
}
