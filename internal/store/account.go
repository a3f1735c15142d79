package store

import "time"

// Account is an AWS account that is subscribed to QuickSight.
type Account struct {
	ID        string // 12 digits
	Name      string // what people type when they sign in
	Region    string // identity region: where users and groups live
	CreatedAt time.Time
}

// AccessKey is a long-term key of an account's root.
type AccessKey struct {
	ID           string // AKIA…
	AccountID    string
	SealedSecret []byte
	CreatedAt    time.Time
}

// AccountReader reads accounts and the keys that open them.
type AccountReader interface {
	Accounts() ([]Account, error)
	// AccessKey gives the key and its account.
	AccessKey(id string) (AccessKey, Account, error)
	// HasAccessKey says whether an account has any key.
	HasAccessKey(accountID string) (bool, error)
}

// AccountWriter adds accounts. IDs are unique over the whole store.
type AccountWriter interface {
	CreateAccount(Account) error
	CreateAccessKey(AccessKey) error
}

// SettingReader reads the store's own small facts, such as the check value
// of the master key.
type SettingReader interface {
	Setting(name string) ([]byte, error)
}

// SettingWriter adds to the store's own small facts.
type SettingWriter interface {
	CreateSetting(name string, value []byte) error
	PutSetting(name string, value []byte) error
}
