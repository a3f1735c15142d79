package sqlstore

import (
	"time"

	"github.com/google/uuid"

	"rollcall/internal/store"
)

// WebSession is asked for with every request of a browser, so all that hangs on
// it is read at once.
func (t *tx) WebSession(tokenHash []byte) (in store.SignedIn, err error) {
	err = t.one(store.RecordWebSession, "SELECT "+userColumns+", "+namespaceColumns+", "+accountColumns+`,
			w.token_hash, w.created_at, w.seen_at, w.expires_at, w.namespace_id, w.narrow`+fromUsers+`
		JOIN web_sessions w ON w.namespace_id = u.namespace_id AND w.user_id = u.id
		JOIN namespaces n ON n.id = w.namespace_id
		JOIN accounts a ON a.id = n.account_id
		WHERE w.token_hash = $1 AND i.deleted_at IS NULL`,
		func(s *stmt) (err error) {
			const col = userWidth + namespaceWidth + accountWidth
			namespaceID := s.ColumnInt64(col + 4)
			in.Person, err = person(s, namespaceID)
			in.Session = store.WebSession{
				TokenHash:   s.ColumnBlob(col, nil),
				NamespaceID: namespaceID,
				UserID:      in.User.ID,
				CreatedAt:   s.time(col + 1),
				SeenAt:      s.time(col + 2),
				ExpiresAt:   s.time(col + 3),
				Narrow:      s.ColumnBool(col + 5),
			}
			return err
		}, tokenHash)
	return in, err
}

func (t *tx) CreateWebSession(w store.WebSession) error {
	return t.writeOne(store.ErrExists, store.RecordWebSession, `
		INSERT INTO web_sessions (token_hash, namespace_id, user_id, created_at, seen_at, expires_at, narrow)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		w.TokenHash, w.NamespaceID, w.UserID[:], w.CreatedAt, w.SeenAt, w.ExpiresAt, w.Narrow)
}

func (t *tx) TouchWebSession(tokenHash []byte, at time.Time) error {
	err := t.writeOne(store.ErrNotFound, store.RecordWebSession,
		"UPDATE web_sessions SET seen_at = $1 WHERE token_hash = $2", at, tokenHash)
	if err != nil {
		return err
	}
	_, err = t.write(store.RecordWebSession, `
		UPDATE users SET last_active_at = $1 WHERE (namespace_id, id) IN (
			SELECT namespace_id, user_id FROM web_sessions WHERE token_hash = $2)`, at, tokenHash)
	return err
}

func (t *tx) DeleteWebSession(tokenHash []byte) error {
	return t.writeOne(store.ErrNotFound, store.RecordWebSession,
		"DELETE FROM web_sessions WHERE token_hash = $1", tokenHash)
}

func (t *tx) DeleteWebSessions(namespaceID int64, userID uuid.UUID, except []byte) (int, error) {
	return t.write(store.RecordWebSession, `
		DELETE FROM web_sessions
		WHERE namespace_id = $1 AND user_id = $2 AND token_hash IS DISTINCT FROM $3`,
		namespaceID, userID[:], except)
}

func (t *tx) PruneWebSessions(expired time.Time, limit int) (int, error) {
	return t.write(store.RecordWebSession, `
		DELETE FROM web_sessions WHERE token_hash IN (
			SELECT token_hash FROM web_sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
		expired, limit)
}
