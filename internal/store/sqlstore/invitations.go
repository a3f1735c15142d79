package sqlstore

import (
	"github.com/google/uuid"

	"rollcall/internal/store"
)

func (t *tx) Invitation(namespaceID int64, userID uuid.UUID) (inv store.Invited, err error) {
	err = t.one(store.RecordInvitation, `
		SELECT u.invitation_hash, u.invitation_expires_at, u.invitation_used_at, u.name, u.principal, `+
		namespaceColumns+", "+accountColumns+`
		FROM users u
		JOIN namespaces n ON n.id = u.namespace_id
		JOIN accounts a ON a.id = n.account_id
		WHERE u.namespace_id = $1 AND u.id = $2 AND u.invitation_hash IS NOT NULL`,
		func(s *stmt) error {
			inv = store.Invited{
				Invitation: store.Invitation{
					SecretHash: s.ColumnBlob(0, nil),
					ExpiresAt:  s.time(1),
					UsedAt:     s.time(2),
				},
				UserName:  s.ColumnText(3),
				Principal: s.ColumnText(4),
				Namespace: namespace(s, 5),
				Account:   account(s, 5+namespaceWidth),
			}
			return nil
		}, namespaceID, userID[:])
	return inv, err
}

func (t *tx) UseInvitation(namespaceID int64, userID uuid.UUID) error {
	return t.writeOne(store.ErrNotFound, store.RecordInvitation, `
		UPDATE users SET invitation_used_at = $1
		WHERE namespace_id = $2 AND id = $3 AND invitation_hash IS NOT NULL AND invitation_used_at IS NULL`,
		t.now, namespaceID, userID[:])
}

func (t *tx) PutInvitation(namespaceID int64, userID uuid.UUID, inv store.Invitation) error {
	return t.writeOne(store.ErrNotFound, store.RecordUser, `
		UPDATE users SET invitation_hash = $1, invitation_expires_at = $2, invitation_used_at = $3
		WHERE namespace_id = $4 AND id = $5`,
		inv.SecretHash, inv.ExpiresAt, orNull(inv.UsedAt), namespaceID, userID[:])
}
