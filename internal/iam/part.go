package iam

import (
	"context"

	"rollcall/internal/access"
	"rollcall/internal/store"
)

// part says how to read one kind of what a principal or policy has.
type part[Of, T any] struct {
	all func(store.Reader, *Of) ([]T, error)
	key func(*T) string // that a list is in the order of
}

// partOfPrincipal is a call that reads a page of what a principal has.
func partOfPrincipal[T any](ctx context.Context, i *IAM, c *access.Caller, action string, p Ref, page Page, what part[store.Principal, T]) (list []T, marker string, err error) {
	err = i.readPrincipal(ctx, c, action, p, func(r store.Reader, found *store.Principal) error {
		if list, err = what.all(r, found); err != nil {
			return err
		}
		list, marker, err = pageOf(i.pages, action+" "+found.UniqueID, list, page, what.key)
		return err
	})
	return list, marker, err
}

// partOfPolicy is a call that reads a page of what a managed policy has.
func partOfPolicy[T any](ctx context.Context, i *IAM, c *access.Caller, call access.Call, page Page, what part[store.ManagedPolicy, T]) (list []T, marker string, err error) {
	err = i.readPolicy(ctx, c, call, func(r store.Reader, found *store.ManagedPolicy) error {
		if list, err = what.all(r, found); err != nil {
			return err
		}
		list, marker, err = pageOf(i.pages, call.Action+" "+found.UniqueID, list, page, what.key)
		return err
	})
	return list, marker, err
}

// none is what no principal has.
var none = part[store.Principal, struct{}]{
	all: func(store.Reader, *store.Principal) ([]struct{}, error) { return nil, nil },
	key: func(*struct{}) string { return "" },
}
