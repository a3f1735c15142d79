package sqlstore

import (
	"github.com/google/uuid"

	"rollcall/internal/store"
)

func (t *tx) SignIn(tokenHash []byte) (in store.SignIn, err error) {
	err = t.one(store.RecordSignIn, `
		SELECT return_to, expires_at, provider_account, provider_url, sealed FROM sign_ins WHERE token_hash = $1`,
		func(s *stmt) error {
			in = store.SignIn{TokenHash: tokenHash, ReturnTo: s.ColumnText(0), ExpiresAt: s.time(1),
				ProviderAccount: s.ColumnText(2), ProviderURL: s.ColumnText(3), Sealed: s.ColumnBlob(4, nil)}
			return nil
		}, tokenHash)
	return in, err
}

func (t *tx) CreateSignIn(in store.SignIn, keep int) error {
	err := t.writeOne(store.ErrExists, store.RecordSignIn, `
		INSERT INTO sign_ins (token_hash, return_to, expires_at, provider_account, provider_url, sealed)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		in.TokenHash, in.ReturnTo, in.ExpiresAt, in.ProviderAccount, in.ProviderURL, in.Sealed)
	if err != nil {
		return err
	}
	// Those that have ended leave gaps between the ids, so there is no way round
	// the counting. It looks at the pages of an index and not at each row.
	_, err = t.write(store.RecordSignIn, `
		DELETE FROM sign_ins WHERE id IN (
			SELECT id FROM sign_ins ORDER BY id LIMIT max(0, (SELECT count(*) FROM sign_ins) - $1))`, keep)
	return err
}

func (t *tx) DeleteSignIn(tokenHash []byte) error {
	return t.writeOne(store.ErrNotFound, store.RecordSignIn, "DELETE FROM sign_ins WHERE token_hash = $1", tokenHash)
}

func (t *tx) PasswordReset(namespaceID int64, userID uuid.UUID) (r store.PasswordReset, err error) {
	err = t.one(store.RecordPasswordReset, `
		SELECT secret_hash, created_at, expires_at FROM password_resets WHERE namespace_id = $1 AND user_id = $2`,
		func(s *stmt) error {
			r = store.PasswordReset{NamespaceID: namespaceID, UserID: userID,
				SecretHash: s.ColumnBlob(0, nil), CreatedAt: s.time(1), ExpiresAt: s.time(2)}
			return nil
		}, namespaceID, userID[:])
	return r, err
}

func (t *tx) PutPasswordReset(r store.PasswordReset) error {
	return t.writeOne(store.ErrNotFound, store.RecordPasswordReset, `
		INSERT INTO password_resets (namespace_id, user_id, secret_hash, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (namespace_id, user_id) DO UPDATE SET
			secret_hash = excluded.secret_hash, created_at = excluded.created_at, expires_at = excluded.expires_at`,
		r.NamespaceID, r.UserID[:], r.SecretHash, r.CreatedAt, r.ExpiresAt)
}

func (t *tx) DeletePasswordReset(namespaceID int64, userID uuid.UUID) (bool, error) {
	n, err := t.write(store.RecordPasswordReset,
		"DELETE FROM password_resets WHERE namespace_id = $1 AND user_id = $2", namespaceID, userID[:])
	return n > 0, err
}
