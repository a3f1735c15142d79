package sqlstore

import "rollcall/internal/store"

// accountColumns are what account reads.
const (
	accountColumns = "a.id, a.name, a.region, a.created_at, a.notification_email, a.termination_protection, a.public_sharing, a.users"
	accountWidth   = 8
	selectAccount  = "SELECT " + accountColumns + " FROM accounts a "
)

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
	err = t.query(store.RecordAccount, selectAccount+"ORDER BY a.id", func(s *stmt) error {
		accounts = append(accounts, account(s, 0))
		return nil
	})
	return accounts, err
}

func (t *tx) Account(id string) (a store.Account, err error) {
	err = t.one(store.RecordAccount, selectAccount+"WHERE a.id = $1", func(s *stmt) error {
		a = account(s, 0)
		return nil
	}, id)
	return a, err
}

// account reads an account from the columns that begin at col.
func account(s *stmt, col int) store.Account {
	return store.Account{
		ID:        s.ColumnText(col),
		Name:      s.ColumnText(col + 1),
		Region:    s.ColumnText(col + 2),
		CreatedAt: s.time(col + 3),

		NotificationEmail:     s.ColumnText(col + 4),
		TerminationProtection: s.ColumnBool(col + 5),
		PublicSharing:         s.ColumnBool(col + 6),
		Users:                 s.ColumnInt(col + 7),
	}
}

func (t *tx) CreateAccount(a store.Account) error {
	return t.writeOne(store.ErrExists, store.RecordAccount, `
		INSERT INTO accounts (id, name, region, created_at, notification_email, termination_protection, public_sharing)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		a.ID, a.Name, a.Region, a.CreatedAt, a.NotificationEmail, a.TerminationProtection, a.PublicSharing)
}

func (t *tx) UpdateAccount(a store.Account) error {
	return t.writeOne(store.ErrNotFound, store.RecordAccount, `
		UPDATE accounts SET name = $1, notification_email = $2, termination_protection = $3, public_sharing = $4
		WHERE id = $5`, a.Name, a.NotificationEmail, a.TerminationProtection, a.PublicSharing, a.ID)
}
