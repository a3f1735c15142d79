package directory

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"rollcall/internal/access"
	"rollcall/internal/store"
)

// CustomPermissions is a custom permissions profile as the API shows one.
type CustomPermissions struct {
	ARN          string
	Name         string
	Capabilities map[string]string // capability → ALLOW or DENY
	Governance   map[string]string // category → effect; nil: never set
}

func showCustomPermissions(c *access.Caller, p *store.CustomPermissions) CustomPermissions {
	return CustomPermissions{
		ARN:          customPermissionsARN(c, p.AccountID, p.Name),
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

func checkGovernance(governance map[string]string) error {
	if n := len(governance); n > maxGovernance {
		return invalidMember("governance.defaultCategoryEffects", fmt.Sprintf("{%d entries}", n),
			fmt.Sprintf("Member must have length less than or equal to %d", maxGovernance))
	}
	return nil
}

// CreateCustomPermissions adds a profile and gives its ARN.
func (d *Directory) CreateCustomPermissions(ctx context.Context, c *access.Caller, ch CustomPermissionsChange) (arn string, err error) {
	arn = customPermissionsARN(c, ch.AccountID, ch.Name)
	tags, err := newTags(ch.Tags, NoResource)
	call := call(ch.AccountID, "CreateCustomPermissions", arn)
	call.Keys = access.TagKeys(tags)
	call.Invalid = first(errors.Join(checkProfileName(ch.Name), err, checkGovernance(ch.Governance)))
	return arn, d.guard.Change(ctx, c, call, func(tx store.Tx) (string, error) {
		return "", profileError(tx.CreateCustomPermissions(store.CustomPermissions{
			AccountID:    ch.AccountID,
			Name:         ch.Name,
			Capabilities: ch.Capabilities,
			Governance:   ch.Governance,
			Tags:         tags,
			CreatedAt:    tx.Now(),
		}), ch.AccountID, ch.Name)
	})
}

// profileCall is a call about a profile, whose tags are condition keys.
func profileCall(c *access.Caller, accountID, action, name string) access.Call {
	call := call(accountID, action, customPermissionsARN(c, accountID, name))
	call.Find = func(r store.Reader, call *access.Call) error {
		p, err := r.CustomPermissions(accountID, name)
		if store.Missing(err, store.RecordCustomPermissions) {
			return nil
		}
		call.Keys = access.ResourceTagKeys(p.Tags)
		return err
	}
	return call
}

// DescribeCustomPermissions gives a profile by name.
func (d *Directory) DescribeCustomPermissions(ctx context.Context, c *access.Caller, accountID, name string) (p CustomPermissions, err error) {
	call := profileCall(c, accountID, "DescribeCustomPermissions", name)
	err = d.guard.Read(ctx, c, call, func(r store.Reader) error {
		stored, err := r.CustomPermissions(accountID, name)
		p = showCustomPermissions(c, &stored)
		return profileError(err, accountID, name)
	})
	return p, err
}

// UpdateCustomPermissions replaces a profile and gives its ARN.
func (d *Directory) UpdateCustomPermissions(ctx context.Context, c *access.Caller, ch CustomPermissionsChange) (arn string, err error) {
	call := profileCall(c, ch.AccountID, "UpdateCustomPermissions", ch.Name)
	call.Invalid = checkGovernance(ch.Governance)
	return call.Resource, d.changeProfile(ctx, c, call, ch.Name, func(tx store.Tx, p store.CustomPermissions) error {
		p.Capabilities, p.Governance = ch.Capabilities, ch.Governance
		return tx.UpdateCustomPermissions(p)
	})
}

// DeleteCustomPermissions removes a profile that nobody has and gives the ARN
// that it had. It is no action on a resource.
func (d *Directory) DeleteCustomPermissions(ctx context.Context, c *access.Caller, accountID, name string) (arn string, err error) {
	call := call(accountID, "DeleteCustomPermissions", "*")
	return customPermissionsARN(c, accountID, name), d.changeProfile(ctx, c, call, name, func(tx store.Tx, p store.CustomPermissions) error {
		return tx.DeleteCustomPermissions(p.ID)
	})
}

func (d *Directory) changeProfile(ctx context.Context, c *access.Caller, call access.Call, name string, change func(store.Tx, store.CustomPermissions) error) error {
	return d.guard.Change(ctx, c, call, func(tx store.Tx) (string, error) {
		p, err := tx.CustomPermissions(call.AccountID, name)
		if err == nil {
			err = change(tx, p)
		}
		return "", profileError(err, call.AccountID, name)
	})
}

// CustomPermissionsList is a part of the profiles of an account.
type CustomPermissionsList struct {
	Profiles  []CustomPermissions
	NextToken string // "": the list ends here
}

// ListCustomPermissions gives a page of an account's profiles, in the order
// in which they were made.
func (d *Directory) ListCustomPermissions(ctx context.Context, c *access.Caller, accountID string, p Page) (list CustomPermissionsList, err error) {
	kind := "custom permissions " + accountID
	position, err := d.position(kind, p)
	call := call(accountID, "ListCustomPermissions", "*")
	if err != nil {
		// The operation does not model InvalidNextTokenException.
		call.Invalid = &Error{Kind: Invalid, Message: err.Error()}
	}
	var after int64
	if position != nil {
		after = int64(binary.BigEndian.Uint64(position))
	}
	err = d.guard.Read(ctx, c, call, func(r store.Reader) error {
		page, err := r.CustomPermissionsPage(accountID, after, p.size()+1)
		if err != nil {
			return err
		}
		if len(page) > p.size() {
			page = page[:p.size()]
			last := binary.BigEndian.AppendUint64(nil, uint64(page[len(page)-1].ID))
			list.NextToken = d.pages.Seal(kind, last)
		}
		for i := range page {
			list.Profiles = append(list.Profiles, showCustomPermissions(c, &page[i]))
		}
		return nil
	})
	return list, err
}
