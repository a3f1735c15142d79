package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"rollcall/internal/access"
	"rollcall/internal/audit"
	"rollcall/internal/directory"
	"rollcall/internal/seal"
	"rollcall/internal/store"
	"rollcall/internal/store/sqlstore"
)

// registry registers users without a wire: by the directory's verb, and as the
// bare rows of one, with the same store.
type registry struct {
	store     store.Store
	log       *audit.Log
	directory *directory.Directory
	account   store.Account
	namespace store.Namespace
	given     atomic.Int64
}

func openRegistry(ctx context.Context, dir string) (r *registry, err error) {
	r = &registry{account: store.Account{ID: "111122223333", Name: "bench", Region: "us-east-1"}}
	if r.store, err = sqlstore.Open(ctx, filepath.Join(dir, "commit.db"), sqlstore.Options{}); err != nil {
		return nil, err
	}
	r.log = audit.NewLog(audit.Config{Store: r.store, Keep: time.Hour, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	key := seal.NewKey()
	r.directory = directory.New(directory.Config{
		Store: r.store, Key: key, PublicURL: "http://localhost:7655",
		Guard: access.NewGuard(r.store, access.NewKeys(r.store, key), r.log)})
	return r, r.store.Update(ctx, func(tx store.Tx) (err error) {
		if err = tx.CreateAccount(r.account); err == nil {
			r.namespace, err = tx.CreateNamespace(store.Namespace{AccountID: r.account.ID, Name: "default", DirectoryID: "d-0123456789"})
		}
		return err
	})
}

func (r *registry) close() error {
	r.log.Close()
	return r.store.Close()
}

func (r *registry) name() string { return fmt.Sprintf("user-%016x", r.given.Add(1)) }

func (r *registry) parameters(name string) string {
	return `{"awsAccountId":"111122223333","namespace":"default","identityType":"QUICKSIGHT","userName":"` + name + `","email":"` + name + `@example.com","userRole":"AUTHOR"}`
}

// register is the verb.
func (r *registry) register(ctx context.Context) error {
	name, c := r.name(), access.Root(r.account)
	c.Request = access.Request{ID: uuid.NewString(), Service: "quicksight", Operation: "RegisterUser", Region: "us-east-1", Time: time.Now(), Parameters: r.parameters(name)}
	_, err := r.directory.RegisterUser(ctx, c, directory.NewUser{
		AccountID: r.account.ID, Namespace: "default", IdentityType: directory.QuickSightIdentity,
		Name: name, Email: name + "@example.com", Role: directory.Author})
	return err
}

// commit is the same rows, and nothing else.
func (r *registry) commit(ctx context.Context) error {
	name := r.name()
	n := store.NewUser{
		User: store.User{
			NamespaceID: r.namespace.ID, ID: uuid.Must(uuid.NewV7()), Name: name, Email: name + "@example.com",
			Role: directory.Author, Identity: directory.QuickSightIdentity, Principal: uuid.Must(uuid.NewV7()).String()},
		Invitation: &store.Invitation{SecretHash: make([]byte, 32), ExpiresAt: time.Now()},
	}
	arn := "arn:aws:quicksight:us-east-1:111122223333:user/default/" + name
	record := store.AuditRecord{
		ID: uuid.Must(uuid.NewV7()), AccountID: r.account.ID, Action: "quicksight:RegisterUser", Region: "us-east-1",
		Caller:  store.AuditCaller{Kind: store.IAMRoot, Name: "root", ARN: "arn:aws:iam::111122223333:root", PrincipalID: r.account.ID},
		Subject: name, RequestID: uuid.New(), Resource: arn, Parameters: r.parameters(name),
	}
	return r.store.Update(ctx, func(tx store.Tx) error {
		if err := tx.CreateUser(r.account.ID, n); err != nil {
			return err
		}
		return tx.CreateAuditRecord(record)
	})
}

// measureCommit measures the verb RegisterUser against the bare rows that it
// writes.
func measureCommit(ctx context.Context, o options, dir string) error {
	r, err := openRegistry(ctx, dir)
	if err != nil {
		return err
	}
	var verbs, rows []result
	for range o.rounds {
		row, verb := r.drive(ctx, o, r.commit), r.drive(ctx, o, r.register)
		if err = errors.Join(row.err, verb.err, ctx.Err()); err != nil {
			break
		}
		row.ratio, verb.ratio = 1, verb.rate/row.rate
		rows, verbs = append(rows, row), append(verbs, verb)
	}
	if err = errors.Join(err, r.close()); err != nil {
		return err
	}
	fmt.Println()
	printRow("RegisterUser", "rows", rows)
	printRow("", "verb", verbs)
	return nil
}

// drive calls fn from as many goroutines as there are connections elsewhere.
func (r *registry) drive(ctx context.Context, o options, fn func(context.Context) error) (all result) {
	all.rate, all.err = rate(ctx, o.connections, o.duration, func() error { return fn(ctx) })
	return all
}
