package sqlstore

import "rollcall/internal/store"

const selectAccount = "SELECT id, name, region, created_at FROM accounts "

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
	err = t.query(store.RecordAccount, selectAccount+"ORDER BY id", func(s *stmt) error {
		accounts = append(accounts, account(s, 0))
		return nil
	})
	return accounts, err
}

func (t *tx) Account(id string) (a store.Account, err error) {
	err = t.one(store.RecordAccount, selectAccount+"WHERE id = $1", func(s *stmt) error {
		a = account(s, 0)
		return nil
	}, id)
	return a, err
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
