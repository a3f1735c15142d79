package directory

import (
	"context"
	"regexp"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/store"
)

// AccountSettings are the settings of an account.
type AccountSettings struct {
	AccountName           string
	Edition               string
	DefaultNamespace      string
	NotificationEmail     string
	PublicSharing         bool
	TerminationProtection bool
}

// defaultNamespace is the namespace that every account has.
const defaultNamespace = "default"

func showSettings(a *store.Account) AccountSettings {
	return AccountSettings{
		AccountName:           a.Name,
		Edition:               "ENTERPRISE",
		DefaultNamespace:      defaultNamespace,
		NotificationEmail:     a.NotificationEmail,
		PublicSharing:         a.PublicSharing,
		TerminationProtection: a.TerminationProtection,
	}
}

// DescribeAccountSettings gives the settings of an account.
func (d *Directory) DescribeAccountSettings(ctx context.Context, c *access.Caller, accountID string) (s AccountSettings, err error) {
	err = d.guard.Read(ctx, c, call(accountID, "DescribeAccountSettings", "*"), func(r store.Reader) error {
		a, err := r.Account(accountID)
		s = showSettings(&a)
		return err
	})
	return s, err
}

// UpdateAccountSettings replaces where AWS would write to, and whether the
// account's subscription can be deleted.
func (d *Directory) UpdateAccountSettings(ctx context.Context, c *access.Caller, accountID, notificationEmail string, terminationProtection bool) error {
	call := call(accountID, "UpdateAccountSettings", "*")
	call.Invalid = checkText("notificationEmail", notificationEmail, maxEmail)
	return d.changeAccount(ctx, c, call, func(_ store.Reader, a *store.Account) error {
		a.NotificationEmail, a.TerminationProtection = notificationEmail, terminationProtection
		return nil
	})
}

// UpdatePublicSharing says whether dashboards may be shared with everybody.
func (d *Directory) UpdatePublicSharing(ctx context.Context, c *access.Caller, accountID string, enabled bool) error {
	call := call(accountID, "UpdatePublicSharingSettings", "*")
	return d.changeAccount(ctx, c, call, func(_ store.Reader, a *store.Account) error {
		a.PublicSharing = enabled
		return nil
	})
}

// RenameAccount gives the account another name, which people sign in with.
func (d *Directory) RenameAccount(ctx context.Context, c *access.Caller, accountID, name string) error {
	call := call(accountID, "RenameAccount", "*")
	call.Action = "rollcall:RenameAccount"
	if !ValidAccountName(name) {
		call.Invalid = invalidMember("accountName", name, "Member must satisfy regular expression pattern: "+accountNamePattern)
	}
	return d.changeAccount(ctx, c, call, func(r store.Reader, a *store.Account) error {
		a.Name = name
		return nameIsFree(r, a.ID, name)
	})
}

// nameIsFree refuses what another account is found by: who signs in there would
// come here.
func nameIsFree(r store.Reader, accountID, name string) error {
	all, err := r.Accounts()
	for _, other := range all {
		if other.ID != accountID && (other.ID == name || strings.EqualFold(other.Name, name)) {
			return &Error{Kind: Exists, Message: "Another account has this name."}
		}
	}
	return err
}

func (d *Directory) changeAccount(ctx context.Context, c *access.Caller, call access.Call, change func(store.Reader, *store.Account) error) error {
	return d.guard.Change(ctx, c, call, func(tx store.Tx) (string, error) {
		a, err := tx.Account(call.AccountID)
		if err != nil {
			return "", err
		}
		if err := change(tx, &a); err != nil {
			return "", err
		}
		return "", tx.UpdateAccount(a)
	})
}

// accountNamePattern is that of AccountName in the service model, where it has
// 62 characters at most.
const accountNamePattern = `^(?!D-|d-)([\da-zA-Z]+)([-]*[\da-zA-Z])*`

var accountName = regexp.MustCompile(`\A[\da-zA-Z]+(-*[\da-zA-Z])*\z`)

// ValidAccountName says whether an account can have a name.
func ValidAccountName(name string) bool {
	return len(name) <= 62 && accountName.MatchString(name) && !strings.HasPrefix(strings.ToLower(name), "d-")
}
