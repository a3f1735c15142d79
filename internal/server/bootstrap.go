package server

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"rollcall/internal/access"
	"rollcall/internal/seal"
	"rollcall/internal/store"
	"rollcall/internal/store/sqlstore"
)

// keyCheck is what is sealed under the master key to know it again.
const keyCheck = "rollcall master key"

// openStore opens the database with its master key. A key is made only
// together with a new database: for an old one a new key would open nothing.
func openStore(ctx context.Context, c Config) (store.Store, *seal.Key, error) {
	_, err := os.Stat(c.Database)
	isNew := errors.Is(err, fs.ErrNotExist)
	key, err := seal.LoadOrCreate(c.KeyFile, isNew)
	if err != nil {
		return nil, nil, err
	}
	s, err := sqlstore.Open(ctx, c.Database, sqlstore.Options{Now: c.Now})
	if err != nil {
		return nil, nil, err
	}
	if err := checkKey(ctx, s, key); err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return s, key, nil
}

// checkKey refuses a master key that is not the database's, which else would
// show only when a secret is needed.
func checkKey(ctx context.Context, s store.Store, key *seal.Key) error {
	const setting = "master key check"
	box := key.Box("check")
	return s.Update(ctx, func(tx store.Tx) error {
		sealed, err := tx.Setting(setting)
		if store.Missing(err, store.RecordSetting) {
			return tx.CreateSetting(setting, box.Seal([]byte(keyCheck), setting))
		}
		if err != nil {
			return err
		}
		if value, err := box.Open(sealed, setting); err != nil || !bytes.Equal(value, []byte(keyCheck)) {
			return errors.New("the master key is not the one that this database was made with (--key-file)")
		}
		return nil
	})
}

// account gives the server's account, which the first start makes, subscribed
// and with the namespace default.
func account(ctx context.Context, s store.Store, c Config) (a store.Account, err error) {
	err = s.Update(ctx, func(tx store.Tx) error {
		accounts, err := tx.Accounts()
		if err != nil {
			return err
		}
		if len(accounts) > 0 {
			a = accounts[0]
			return c.agrees(a)
		}
		a = store.Account{
			ID:        cmp.Or(c.AccountID, "111122223333"),
			Name:      cmp.Or(c.AccountName, "rollcall"),
			Region:    cmp.Or(c.Region, "us-east-1"),
			CreatedAt: tx.Now(),
		}
		if err := tx.CreateAccount(a); err != nil {
			return err
		}
		_, err = tx.CreateNamespace(store.Namespace{
			AccountID: a.ID, Name: "default", DirectoryID: newDirectoryID(), CreatedAt: tx.Now()})
		return err
	})
	return a, err
}

// newDirectoryID makes the id of a namespace's directory: d- and ten
// hexadecimal digits, as AWS's are.
func newDirectoryID() string {
	b := make([]byte, 5)
	rand.Read(b)
	return "d-" + hex.EncodeToString(b)
}

// agrees refuses flags that contradict the data: an account's id and identity
// region are in every ARN. Its name can be changed in the console.
func (c Config) agrees(a store.Account) error {
	for _, f := range []struct{ flag, asked, have string }{
		{"--account", c.AccountID, a.ID},
		{"--region", c.Region, a.Region},
	} {
		if f.asked != "" && f.asked != f.have {
			return fmt.Errorf("%s %s: the data directory %q was made with %s", f.flag, f.asked, c.DataDir, f.have)
		}
	}
	return nil
}

// rootKey makes sure that the account can be called. Under --dev its key is
// the well-known one, which is never stored; else the first start makes one.
func rootKey(ctx context.Context, s store.Store, keys *access.Keys, c Config, a store.Account) error {
	if c.Dev {
		keys.Fix(DevKey, a)
		return nil
	}
	has := false
	err := s.View(ctx, func(r store.Reader) error {
		all, err := r.AccessKeys(a.ID, 0)
		has = len(all) > 0
		return err
	})
	if err != nil || has {
		return err
	}
	// The file first: a key in it that is not in the store is written over by
	// the next start, while one in the store alone would be lost.
	key := access.MakeKey()
	if err := writeCredentials(c.DataDir, key); err != nil {
		return fmt.Errorf("writing credentials: %w", err)
	}
	return s.Update(ctx, func(tx store.Tx) error { return keys.Create(tx, a.ID, 0, key) })
}
