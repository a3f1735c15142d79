package sqlstore

import "rollcall/internal/store"

func (t *tx) EnsureIAMIdentity(want store.IAMIdentity) (got store.IAMIdentity, err error) {
	_, err = t.write(store.RecordIAMIdentity, `
		INSERT INTO iam_identities (account_id, kind, name, unique_id) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account_id, kind, name) DO NOTHING`,
		want.AccountID, string(want.Kind), want.Name, want.UniqueID)
	if err != nil {
		return got, err
	}
	err = t.one(store.RecordIAMIdentity, `
		SELECT id, unique_id FROM iam_identities WHERE account_id = $1 AND kind = $2 AND name = $3`,
		func(s *stmt) error {
			got = want
			got.ID, got.UniqueID = s.ColumnInt64(0), s.ColumnText(1)
			return nil
		}, want.AccountID, string(want.Kind), want.Name)
	return got, err
}

// forgetIAMIdentity removes the identity of a principal that is gone. While
// users are registered for it, it stays to say so, but gives its name back:
// no IAM name has a colon.
func (t *tx) forgetIAMIdentity(id int64) error {
	n, err := t.write(store.RecordIAMIdentity, `
		DELETE FROM iam_identities
		WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM users WHERE iam_identity_id = $1)`, id)
	if err != nil || n > 0 {
		return err
	}
	return t.writeOne(store.ErrNotFound, store.RecordIAMIdentity,
		"UPDATE iam_identities SET name = 'deleted:' || unique_id, deleted_at = $1 WHERE id = $2", t.now, id)
}

// iamIdentity reads an identity from the first five columns.
func iamIdentity(s *stmt) store.IAMIdentity {
	return store.IAMIdentity{
		ID:        s.ColumnInt64(0),
		AccountID: s.ColumnText(1),
		Kind:      store.IAMKind(s.ColumnText(2)),
		Name:      s.ColumnText(3),
		UniqueID:  s.ColumnText(4),
	}
}
