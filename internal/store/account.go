package store

import (
	"cmp"
	"time"
)

// Account is an AWS account that is subscribed to QuickSight.
type Account struct {
	ID        string // 12 digits
	Name      string // what people type when they sign in
	Region    string // identity region: where users and groups live
	CreatedAt time.Time

	NotificationEmail     string // where AWS would write to; "": not given
	TerminationProtection bool
	PublicSharing         bool
	Users                 int // how many it has; read only
}

// AccessKey is a long-term key of a principal.
type AccessKey struct {
	ID           string // AKIA…
	AccountID    string
	IdentityID   int64 // of an IAM user; 0: of the account's root
	Inactive     bool
	SealedSecret []byte
	CreatedAt    time.Time
}

// AccountReader reads accounts and the keys that open them.
type AccountReader interface {
	Accounts() ([]Account, error)
	Account(id string) (Account, error)
	// AccessKey gives a key, active or not.
	AccessKey(id string) (AccessKey, error)
	// AccessKeys lists the keys of a principal in the order of their making.
	AccessKeys(accountID string, identityID int64) ([]AccessKey, error)
}

// AccountWriter changes accounts and keys. IDs are unique over the whole
// store.
type AccountWriter interface {
	CreateAccount(Account) error
	// UpdateAccount stores name and settings of the account with that ID.
	UpdateAccount(Account) error
	CreateAccessKey(AccessKey) error
	// UpdateAccessKey stores whether a key is inactive.
	UpdateAccessKey(AccessKey) error
	DeleteAccessKey(id string) error
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

// FindAccount finds an account by its ID, or else by its name.
func FindAccount(r AccountReader, nameOrID string) (Account, error) {
	a, err := r.Account(nameOrID)
	if !Missing(err, RecordAccount) {
		return a, err
	}
	accounts, all := r.Accounts()
	for _, a := range accounts {
		if a.Name == nameOrID {
			return a, all
		}
	}
	return Account{}, cmp.Or(all, err)
}
