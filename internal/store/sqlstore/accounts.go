package sqlstore

import "rollcall/internal/store"

func (t *tx) Setting(name string) (value []byte, err error) {
	err = t.one(store.RecordSetting, "SELECT value FROM settings WHERE name = $1", func(s *stmt) error {
		value = s.ColumnBlob(0, nil)
		return nil
	}, name)
	return value, err
}

func (t *tx) CreateSetting(name string, value []byte) error {
	return t.writeOne(store.ErrExists, store.RecordSetting,
		"INSERT INTO settings (name, value) VALUES ($1, $2)", name, value)
}

func (t *tx) PutSetting(name string, value []byte) error {
	return t.writeOne(store.ErrNotFound, store.RecordSetting, `
		INSERT INTO settings (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
}

func (t *tx) Accounts() (accounts []store.Account, err error) {
	err = t.query(store.RecordAccount, "SELECT id, name, region, created_at FROM accounts ORDER BY id",
		func(s *stmt) error {
			accounts = append(accounts, account(s, 0))
			return nil
		})
	return accounts, err
}

// account reads an account from four columns that begin at col.
func account(s *stmt, col int) store.Account {
	return store.Account{
		ID:        s.ColumnText(col),
		Name:      s.ColumnText(col + 1),
		Region:    s.ColumnText(col + 2),
		CreatedAt: s.time(col + 3),
	}
}

func (t *tx) CreateAccount(a store.Account) error {
	return t.writeOne(store.ErrExists, store.RecordAccount,
		"INSERT INTO accounts (id, name, region, created_at) VALUES ($1, $2, $3, $4)",
		a.ID, a.Name, a.Region, a.CreatedAt)
}

func (t *tx) AccessKey(id string) (key store.AccessKey, a store.Account, err error) {
	err = t.one(store.RecordAccessKey, `
		SELECT a.id, a.name, a.region, a.created_at, k.sealed_secret, k.created_at
		FROM access_keys k JOIN accounts a ON a.id = k.account_id
		WHERE k.id = $1`,
		func(s *stmt) error {
			a = account(s, 0)
			key = store.AccessKey{ID: id, AccountID: a.ID, SealedSecret: s.ColumnBlob(4, nil), CreatedAt: s.time(5)}
			return nil
		}, id)
	return key, a, err
}

func (t *tx) HasAccessKey(accountID string) (has bool, err error) {
	err = t.query(store.RecordAccessKey, "SELECT 1 FROM access_keys WHERE account_id = $1 LIMIT 1",
		func(*stmt) error {
			has = true
			return nil
		}, accountID)
	return has, err
}

func (t *tx) CreateAccessKey(k store.AccessKey) error {
	return t.writeOne(store.ErrExists, store.RecordAccessKey,
		"INSERT INTO access_keys (id, account_id, sealed_secret, created_at) VALUES ($1, $2, $3, $4)",
		k.ID, k.AccountID, k.SealedSecret, k.CreatedAt)
}

func (t *tx) Namespace(accountID, name string) (n store.Namespace, err error) {
	err = t.one(store.RecordNamespace, `
		SELECT id, directory_id, created_at FROM namespaces WHERE account_id = $1 AND name = $2`,
		func(s *stmt) error {
			n = store.Namespace{
				ID:          s.ColumnInt64(0),
				AccountID:   accountID,
				Name:        name,
				DirectoryID: s.ColumnText(1),
				CreatedAt:   s.time(2),
			}
			return nil
		}, accountID, name)
	return n, err
}

func (t *tx) CreateNamespace(n store.Namespace) (store.Namespace, error) {
	err := t.writeOne(store.ErrExists, store.RecordNamespace,
		"INSERT INTO namespaces (account_id, name, directory_id, created_at) VALUES ($1, $2, $3, $4)",
		n.AccountID, n.Name, n.DirectoryID, n.CreatedAt)
	if err != nil {
		return n, err
	}
	return t.Namespace(n.AccountID, n.Name)
}
