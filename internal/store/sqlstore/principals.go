package sqlstore

import (
	"strings"
	"time"

	"rollcall/internal/store"
)

// selectPrincipal gives what principal reads.
const selectPrincipal = `
	SELECT i.id, i.account_id, i.kind, i.name, i.unique_id, p.path, p.description, p.max_session, p.trust,
		p.inline, p.tags, p.created_at
	FROM iam_principals p JOIN iam_identities i ON i.id = p.identity_id `

func (t *tx) Principal(accountID string, kind store.IAMKind, name string) (store.Principal, error) {
	return t.onePrincipal(selectPrincipal+"WHERE i.account_id = $1 AND i.kind = $2 AND i.name = $3",
		accountID, string(kind), name)
}

func (t *tx) PrincipalByID(id int64) (store.Principal, error) {
	return t.onePrincipal(selectPrincipal+"WHERE i.id = $1", id)
}

func (t *tx) PrincipalByUniqueID(accountID, uniqueID string) (store.Principal, error) {
	return t.onePrincipal(selectPrincipal+"WHERE i.account_id = $1 AND i.unique_id = $2", accountID, uniqueID)
}

// onePrincipal reads the principal that a statement selects.
func (t *tx) onePrincipal(sql string, args ...any) (store.Principal, error) {
	page, err := t.principals(sql, args...)
	switch {
	case err != nil:
		return store.Principal{}, err
	case len(page) == 0:
		return store.Principal{}, &store.Error{Kind: store.ErrNotFound, Record: store.RecordPrincipal}
	}
	return page[0], nil
}

func (t *tx) PrincipalPage(accountID string, kind store.IAMKind, pathPrefix, after string, limit int) ([]store.Principal, error) {
	return t.principals(selectPrincipal+`
		WHERE p.account_id = $1 AND p.kind = $2 AND p.name_key > $3 AND substr(p.path, 1, length($4)) = $4
		ORDER BY p.name_key LIMIT $5`, accountID, string(kind), nameKey(after), pathPrefix, limit)
}

// principals reads the principals that a statement selects, which are of one
// account and kind and in the order of their names.
func (t *tx) principals(sql string, args ...any) (page []store.Principal, err error) {
	err = t.query(store.RecordPrincipal, sql, func(s *stmt) error {
		p, err := principal(s)
		page = append(page, p)
		return err
	}, args...)
	if err == nil && len(page) > 0 {
		err = t.readAttachments(page)
	}
	return page, err
}

func principal(s *stmt) (p store.Principal, err error) {
	p = store.Principal{
		IAMIdentity: iamIdentity(s),
		Path:        s.ColumnText(5),
		Description: s.ColumnText(6),
		MaxSession:  time.Duration(s.ColumnInt64(7)) * time.Second,
		Trust:       s.ColumnText(8),
		CreatedAt:   s.time(11),
	}
	if p.Inline, err = inlinePolicies(s, 9); err != nil {
		return p, err
	}
	p.Tags, err = s.object(10)
	return p, err
}

// CreatePrincipal takes up the identity of its name where there is one. If
// that has a principal already, the second one is refused.
func (t *tx) CreatePrincipal(p store.Principal) (store.Principal, error) {
	identity, err := t.EnsureIAMIdentity(p.IAMIdentity)
	if err != nil {
		return p, err
	}
	p.IAMIdentity = identity
	err = t.writeOne(store.ErrExists, store.RecordPrincipal, `
		INSERT INTO iam_principals (identity_id, account_id, kind, name_key, path, description, max_session,
			trust, inline, tags, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		p.ID, p.AccountID, string(p.Kind), nameKey(p.Name), p.Path, p.Description, int64(p.MaxSession/time.Second),
		p.Trust, inlineColumn(p.Inline), tagsColumn(p.Tags), p.CreatedAt)
	if err != nil {
		return p, err
	}
	if err := t.attach(p); err != nil {
		return p, err
	}
	return t.Principal(p.AccountID, p.Kind, p.Name)
}

func (t *tx) UpdatePrincipal(p store.Principal) error {
	err := t.writeOne(store.ErrNotFound, store.RecordPrincipal, `
		UPDATE iam_principals SET name_key = $1, path = $2, description = $3, max_session = $4, trust = $5,
			inline = $6, tags = $7
		WHERE identity_id = $8`,
		nameKey(p.Name), p.Path, p.Description, int64(p.MaxSession/time.Second), p.Trust,
		inlineColumn(p.Inline), tagsColumn(p.Tags), p.ID)
	if err != nil {
		return err
	}
	err = t.writeOne(store.ErrNotFound, store.RecordPrincipal,
		"UPDATE iam_identities SET name = $1 WHERE id = $2", p.Name, p.ID)
	if err != nil {
		return err
	}
	_, err = t.write(store.RecordPrincipal, "DELETE FROM iam_attachments WHERE identity_id = $1", p.ID)
	if err != nil {
		return err
	}
	return t.attach(p)
}

func (t *tx) DeletePrincipal(id int64) error {
	err := t.writeOne(store.ErrNotFound, store.RecordPrincipal, "DELETE FROM iam_principals WHERE identity_id = $1", id)
	if err != nil {
		return err
	}
	return t.forgetIAMIdentity(id)
}

// nameKey is what names of principals and policies are unique and ordered by.
// They are of ASCII, so every database would agree, but not on how to ask it.
func nameKey(name string) string { return strings.ToLower(name) }
