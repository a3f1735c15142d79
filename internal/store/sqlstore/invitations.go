package sqlstore

import (
	"github.com/google/uuid"

	"rollcall/internal/store"
)

func (t *tx) Invitation(namespaceID int64, userID uuid.UUID) (inv store.Invited, err error) {
	err = t.one(store.RecordInvitation, `
		SELECT i.secret_hash, i.created_at, i.expires_at, i.used_at, u.name, u.email, a.name, n.name
		FROM invitations i
		JOIN users u ON u.namespace_id = i.namespace_id AND u.id = i.user_id
		JOIN namespaces n ON n.id = i.namespace_id
		JOIN accounts a ON a.id = n.account_id
		WHERE i.namespace_id = $1 AND i.user_id = $2`,
		func(s *stmt) error {
			inv = store.Invited{
				Invitation: store.Invitation{
					NamespaceID: namespaceID,
					UserID:      userID,
					SecretHash:  s.ColumnBlob(0, nil),
					CreatedAt:   s.time(1),
					ExpiresAt:   s.time(2),
					UsedAt:      s.time(3),
				},
				UserName:    s.ColumnText(4),
				Email:       s.ColumnText(5),
				AccountName: s.ColumnText(6),
				Namespace:   s.ColumnText(7),
			}
			return nil
		}, namespaceID, userID[:])
	return inv, err
}

func (t *tx) createInvitation(inv store.Invitation) error {
	return t.writeOne(store.ErrExists, store.RecordInvitation, `
		INSERT INTO invitations (namespace_id, user_id, secret_hash, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5)`,
		inv.NamespaceID, inv.UserID[:], inv.SecretHash, inv.CreatedAt, inv.ExpiresAt)
}

func (t *tx) UseInvitation(namespaceID int64, userID uuid.UUID) error {
	return t.writeOne(store.ErrNotFound, store.RecordInvitation, `
		UPDATE invitations SET used_at = $1
		WHERE namespace_id = $2 AND user_id = $3 AND used_at IS NULL`,
		t.now, namespaceID, userID[:])
}
