package sqlstore

import "rollcall/internal/store"

const selectAccessKey = `
	SELECT id, account_id, identity_id, inactive, sealed_secret, created_at FROM access_keys `

func (t *tx) AccessKey(id string) (key store.AccessKey, err error) {
	err = t.one(store.RecordAccessKey, selectAccessKey+"WHERE id = $1", func(s *stmt) error {
		key = accessKey(s)
		return nil
	}, id)
	return key, err
}

func (t *tx) AccessKeys(accountID string, identityID int64) (keys []store.AccessKey, err error) {
	err = t.query(store.RecordAccessKey, selectAccessKey+`
		WHERE account_id = $1 AND identity_id IS NOT DISTINCT FROM $2 ORDER BY created_at, id`,
		func(s *stmt) error {
			keys = append(keys, accessKey(s))
			return nil
		}, accountID, orNull(identityID))
	return keys, err
}

func accessKey(s *stmt) store.AccessKey {
	return store.AccessKey{
		ID:           s.ColumnText(0),
		AccountID:    s.ColumnText(1),
		IdentityID:   s.ColumnInt64(2),
		Inactive:     s.ColumnBool(3),
		SealedSecret: s.ColumnBlob(4, nil),
		CreatedAt:    s.time(5),
	}
}

func (t *tx) CreateAccessKey(k store.AccessKey) error {
	return t.writeOne(store.ErrExists, store.RecordAccessKey, `
		INSERT INTO access_keys (id, account_id, identity_id, inactive, sealed_secret, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		k.ID, k.AccountID, orNull(k.IdentityID), k.Inactive, k.SealedSecret, k.CreatedAt)
}

func (t *tx) UpdateAccessKey(k store.AccessKey) error {
	return t.writeOne(store.ErrNotFound, store.RecordAccessKey,
		"UPDATE access_keys SET inactive = $1 WHERE id = $2", k.Inactive, k.ID)
}

func (t *tx) DeleteAccessKey(id string) error {
	return t.writeOne(store.ErrNotFound, store.RecordAccessKey, "DELETE FROM access_keys WHERE id = $1", id)
}
