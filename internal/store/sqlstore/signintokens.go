package sqlstore

import "rollcall/internal/store"

func (t *tx) CreateSigninToken(k store.SigninToken) error {
	if _, err := t.write(store.RecordSigninToken, "DELETE FROM signin_tokens WHERE expires_at <= $1", t.now); err != nil {
		return err
	}
	return t.writeOne(store.ErrExists, store.RecordSigninToken,
		"INSERT INTO signin_tokens (token_hash, sealed, expires_at) VALUES ($1, $2, $3)",
		k.TokenHash, k.Sealed, k.ExpiresAt)
}

func (t *tx) UseSigninToken(tokenHash []byte) (k store.SigninToken, err error) {
	err = t.one(store.RecordSigninToken, "SELECT sealed, expires_at FROM signin_tokens WHERE token_hash = $1",
		func(s *stmt) error {
			k = store.SigninToken{TokenHash: tokenHash, Sealed: s.ColumnBlob(0, nil), ExpiresAt: s.time(1)}
			return nil
		}, tokenHash)
	if err != nil {
		return k, err
	}
	return k, t.writeOne(store.ErrNotFound, store.RecordSigninToken,
		"DELETE FROM signin_tokens WHERE token_hash = $1", tokenHash)
}
