package directory

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"rollcall/internal/store"
)

// CustomPermissions is a custom permissions profile as the API shows one.
type CustomPermissions struct {
	ARN          string
	Name         string
	Capabilities map[string]string // capability → ALLOW or DENY
	Governance   map[string]string // category → effect; nil: never set
}

func (c Caller) customPermissions(p *store.CustomPermissions) CustomPermissions {
	return CustomPermissions{
		ARN:          c.customPermissionsARN(p.AccountID, p.Name),
		Name:         p.Name,
		Capabilities: p.Capabilities,
		Governance:   p.Governance,
	}
}

// CustomPermissionsChange is what a profile is to be. What it leaves out, the
// profile does not have: an update replaces the whole.
type CustomPermissionsChange struct {
	AccountID    string
	Name         string
	Capabilities map[string]string
	Governance   map[string]string
	Tags         []Tag // of a new one
}

// maxGovernance is how many categories a profile may govern.
// https://docs.aws.amazon.com/quicksight/latest/APIReference/API_Governance.html
const maxGovernance = 50

func (ch *CustomPermissionsChange) check() error {
	if n := len(ch.Governance); n > maxGovernance {
		return invalidMember("governance.defaultCategoryEffects", fmt.Sprintf("{%d entries}", n),
			fmt.Sprintf("Member must have length less than or equal to %d", maxGovernance))
	}
	return nil
}

// CreateCustomPermissions adds a profile and gives its ARN.
func (d *Directory) CreateCustomPermissions(ctx context.Context, c Caller, ch CustomPermissionsChange) (arn string, err error) {
	arn = c.customPermissionsARN(ch.AccountID, ch.Name)
	if err := c.authorize(ch.AccountID, "CreateCustomPermissions", arn); err != nil {
		return "", err
	}
	tags, err := newTags(ch.Tags, NoResource)
	if err = errors.Join(err, ch.check()); err != nil {
		return "", first(err)
	}
	return arn, d.store.Update(ctx, func(tx store.Tx) error {
		return profileError(tx.CreateCustomPermissions(store.CustomPermissions{
			AccountID:    ch.AccountID,
			Name:         ch.Name,
			Capabilities: ch.Capabilities,
			Governance:   ch.Governance,
			Tags:         tags,
			CreatedAt:    tx.Now(),
		}), ch.AccountID, ch.Name)
	})
}

// DescribeCustomPermissions gives a profile by name.
func (d *Directory) DescribeCustomPermissions(ctx context.Context, c Caller, accountID, name string) (p CustomPermissions, err error) {
	if err := c.authorize(accountID, "DescribeCustomPermissions", c.customPermissionsARN(accountID, name)); err != nil {
		return p, err
	}
	err = d.store.View(ctx, func(r store.Reader) error {
		stored, err := r.CustomPermissions(accountID, name)
		p = c.customPermissions(&stored)
		return profileError(err, accountID, name)
	})
	return p, err
}

// UpdateCustomPermissions replaces a profile and gives its ARN.
func (d *Directory) UpdateCustomPermissions(ctx context.Context, c Caller, ch CustomPermissionsChange) (arn string, err error) {
	arn = c.customPermissionsARN(ch.AccountID, ch.Name)
	if err := c.authorize(ch.AccountID, "UpdateCustomPermissions", arn); err != nil {
		return "", err
	}
	if err := ch.check(); err != nil {
		return "", err
	}
	return arn, d.changeProfile(ctx, ch.AccountID, ch.Name, func(tx store.Tx, p store.CustomPermissions) error {
		p.Capabilities, p.Governance = ch.Capabilities, ch.Governance
		return tx.UpdateCustomPermissions(p)
	})
}

// DeleteCustomPermissions removes a profile that nobody has and gives the ARN
// that it had.
func (d *Directory) DeleteCustomPermissions(ctx context.Context, c Caller, accountID, name string) (arn string, err error) {
	arn = c.customPermissionsARN(accountID, name)
	if err := c.authorize(accountID, "DeleteCustomPermissions", arn); err != nil {
		return "", err
	}
	return arn, d.changeProfile(ctx, accountID, name, func(tx store.Tx, p store.CustomPermissions) error {
		return tx.DeleteCustomPermissions(p.ID)
	})
}

func (d *Directory) changeProfile(ctx context.Context, accountID, name string, change func(store.Tx, store.CustomPermissions) error) error {
	return d.store.Update(ctx, func(tx store.Tx) error {
		p, err := tx.CustomPermissions(accountID, name)
		if err == nil {
			err = change(tx, p)
		}
		return profileError(err, accountID, name)
	})
}

// CustomPermissionsList is a part of the profiles of an account.
type CustomPermissionsList struct {
	Profiles  []CustomPermissions
	NextToken string // "": the list ends here
}

// ListCustomPermissions gives a page of an account's profiles, in the order
// in which they were made.
func (d *Directory) ListCustomPermissions(ctx context.Context, c Caller, accountID string, p Page) (list CustomPermissionsList, err error) {
	if err := c.authorize(accountID, "ListCustomPermissions", "*"); err != nil {
		return list, err
	}
	kind := "custom permissions " + accountID
	position, err := d.openPosition(kind, p.Token)
	if err != nil {
		// The operation does not model InvalidNextTokenException.
		return list, &Error{Kind: Invalid, Message: err.Error()}
	}
	var after int64
	if position != nil {
		after = int64(binary.BigEndian.Uint64(position))
	}
	err = d.store.View(ctx, func(r store.Reader) error {
		page, err := r.CustomPermissionsPage(accountID, after, p.size()+1)
		if err != nil {
			return err
		}
		if len(page) > p.size() {
			page = page[:p.size()]
			last := binary.BigEndian.AppendUint64(nil, uint64(page[len(page)-1].ID))
			list.NextToken = d.sealPosition(kind, last)
		}
		for i := range page {
			list.Profiles = append(list.Profiles, c.customPermissions(&page[i]))
		}
		return nil
	})
	return list, err
}
