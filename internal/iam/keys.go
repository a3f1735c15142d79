package iam

import (
	"context"
	"fmt"

	"rollcall/internal/access"
	"rollcall/internal/store"
)

// maxAccessKeys is how many access keys a user may have, and the root of an
// account.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const maxAccessKeys = 2

// AccessKey is an access key as the API shows one.
type AccessKey struct {
	store.AccessKey
	UserName string // "": the root's
}

// Status is that on the wire.
func (k *AccessKey) Status() string {
	if k.Inactive {
		return "Inactive"
	}
	return "Active"
}

// NewAccessKey is an access key just made, with its secret.
type NewAccessKey struct {
	AccessKey
	Key access.NewKey
}

// CreateAccessKey makes an access key for a user; "" is the caller.
func (i *IAM) CreateAccessKey(ctx context.Context, c *access.Caller, userName string) (k NewAccessKey, err error) {
	p, err := self(c, userName)
	if err != nil {
		return k, err
	}
	k.Key = access.MakeKey()
	err = i.guard.Change(ctx, c, p.call(c, "CreateAccessKey", nil), func(tx store.Tx) (string, error) {
		owner, keys, err := p.keys(tx, c)
		if err != nil {
			return "", err
		}
		if len(keys) >= maxAccessKeys {
			return "", refuse(LimitExceeded, "Cannot exceed quota for AccessKeysPerUser: %d", maxAccessKeys)
		}
		k.UserName, k.ID, k.CreatedAt = owner.Name, k.Key.ID, tx.Now()
		return keyResponse(&k.AccessKey), i.keys.Create(tx, c.Account.ID, owner.ID, k.Key)
	})
	return k, err
}

// keys finds a principal and its access keys.
func (p Ref) keys(r store.Reader, c *access.Caller) (owner store.Principal, keys []store.AccessKey, err error) {
	if owner, err = p.find(r, c); err == nil {
		keys, err = r.AccessKeys(c.Account.ID, owner.ID)
	}
	return owner, keys, err
}

// keyResponse is an access key in a record, without its secret.
func keyResponse(k *AccessKey) string {
	shown := map[string]any{"accessKeyId": k.ID, "status": k.Status(), "createDate": k.CreatedAt.Format(recordTime)}
	if k.UserName != "" {
		shown["userName"] = k.UserName
	}
	return response(map[string]any{"accessKey": shown})
}

// ListAccessKeys gives a page of a user's access keys in the order of their
// making; "" is the caller.
func (i *IAM) ListAccessKeys(ctx context.Context, c *access.Caller, userName string, page Page) (keys []AccessKey, marker string, err error) {
	p, err := self(c, userName)
	if err != nil {
		return nil, "", err
	}
	return partOfPrincipal(ctx, i, c, "ListAccessKeys", p, page, part[store.Principal, AccessKey]{
		all: func(r store.Reader, owner *store.Principal) (all []AccessKey, err error) {
			keys, err := r.AccessKeys(owner.AccountID, owner.ID)
			for _, k := range keys {
				all = append(all, AccessKey{k, owner.Name})
			}
			return all, err
		},
		key: func(k *AccessKey) string { return fmt.Sprintf("%016d %s", k.CreatedAt.UnixMilli(), k.ID) },
	})
}

// UpdateAccessKey makes an access key of a user active or inactive; "" is the
// caller. The model knows a third status, which only AWS gives.
func (i *IAM) UpdateAccessKey(ctx context.Context, c *access.Caller, userName, id, status string) error {
	var invalid error
	if status != "Active" && status != "Inactive" {
		invalid = refuse(InvalidInput, "The status of an access key can't be set to %s.", status)
	}
	return i.changeKey(ctx, c, "UpdateAccessKey", userName, id, invalid, func(tx store.Tx, k store.AccessKey) error {
		k.Inactive = status == "Inactive"
		return tx.UpdateAccessKey(k)
	})
}

// DeleteAccessKey removes an access key of a user; "" is the caller.
func (i *IAM) DeleteAccessKey(ctx context.Context, c *access.Caller, userName, id string) error {
	return i.changeKey(ctx, c, "DeleteAccessKey", userName, id, nil, func(tx store.Tx, k store.AccessKey) error {
		return tx.DeleteAccessKey(k.ID)
	})
}

// changeKey is a call that changes an access key, which has to be the user's.
func (i *IAM) changeKey(ctx context.Context, c *access.Caller, action, userName, id string, invalid error, fn func(store.Tx, store.AccessKey) error) error {
	p, err := self(c, userName)
	if err != nil {
		return err
	}
	call := p.call(c, action, nil)
	call.Invalid = invalid
	return i.guard.Change(ctx, c, call, func(tx store.Tx) (string, error) {
		_, keys, err := p.keys(tx, c)
		if err != nil {
			return "", err
		}
		for _, k := range keys {
			if k.ID == id {
				return "", fn(tx, k)
			}
		}
		return "", refuse(NoSuchEntity, "The Access Key with id %s cannot be found.", id)
	})
}
