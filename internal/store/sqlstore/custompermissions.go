package sqlstore

import "rollcall/internal/store"

const selectCustomPermissions = `
	SELECT id, name, capabilities, governance, tags, created_at FROM custom_permissions `

func (t *tx) CustomPermissions(accountID, name string) (p store.CustomPermissions, err error) {
	err = t.one(store.RecordCustomPermissions, selectCustomPermissions+"WHERE account_id = $1 AND name = $2",
		func(s *stmt) (err error) {
			p, err = customPermissions(s, accountID)
			return err
		}, accountID, name)
	return p, err
}

func (t *tx) CustomPermissionsPage(accountID string, after int64, limit int) (page []store.CustomPermissions, err error) {
	err = t.query(store.RecordCustomPermissions,
		selectCustomPermissions+"WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3",
		func(s *stmt) error {
			p, err := customPermissions(s, accountID)
			page = append(page, p)
			return err
		}, accountID, after, limit)
	return page, err
}

func customPermissions(s *stmt, accountID string) (p store.CustomPermissions, err error) {
	p = store.CustomPermissions{
		ID:        s.ColumnInt64(0),
		AccountID: accountID,
		Name:      s.ColumnText(1),
		CreatedAt: s.time(5),
	}
	if p.Capabilities, err = s.object(2); err != nil {
		return p, err
	}
	if p.Governance, err = s.object(3); err != nil {
		return p, err
	}
	p.Tags, err = s.object(4)
	return p, err
}

func (t *tx) CreateCustomPermissions(p store.CustomPermissions) error {
	return t.writeOne(store.ErrExists, store.RecordCustomPermissions, `
		INSERT INTO custom_permissions (account_id, name, capabilities, governance, tags, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		p.AccountID, p.Name, capabilities(p), object(p.Governance), object(p.Tags), p.CreatedAt)
}

func (t *tx) UpdateCustomPermissions(p store.CustomPermissions) error {
	return t.writeOne(store.ErrNotFound, store.RecordCustomPermissions,
		"UPDATE custom_permissions SET capabilities = $1, governance = $2 WHERE id = $3",
		capabilities(p), object(p.Governance), p.ID)
}

// capabilities are never NULL: a profile without any is an ordinary one.
func capabilities(p store.CustomPermissions) any {
	if p.Capabilities == nil {
		return "{}"
	}
	return object(p.Capabilities)
}

func (t *tx) DeleteCustomPermissions(id int64) error {
	return t.writeOne(store.ErrNotFound, store.RecordCustomPermissions,
		"DELETE FROM custom_permissions WHERE id = $1", id)
}
