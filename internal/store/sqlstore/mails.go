package sqlstore

import (
	"time"

	"github.com/google/uuid"

	"rollcall/internal/store"
)

const selectMails = `
	SELECT namespace_id, user_id, kind, id, sealed, state, tries, problem, created_at, due_at, expires_at, ended_at
	FROM mails `

func mail(s *stmt) store.Mail {
	return store.Mail{
		NamespaceID: s.ColumnInt64(0),
		UserID:      s.uuid(1),
		Kind:        s.ColumnText(2),
		ID:          s.uuid(3),
		Sealed:      s.ColumnBlob(4, nil),
		State:       store.MailState(s.ColumnText(5)),
		Tries:       s.ColumnInt(6),
		Problem:     s.ColumnText(7),
		CreatedAt:   s.time(8),
		DueAt:       s.time(9),
		ExpiresAt:   s.time(10),
		EndedAt:     s.time(11),
	}
}

func (t *tx) Mail(namespaceID int64, userID uuid.UUID, kind string) (m store.Mail, err error) {
	err = t.one(store.RecordMail, selectMails+"WHERE namespace_id = $1 AND user_id = $2 AND kind = $3",
		func(s *stmt) error {
			m = mail(s)
			return nil
		}, namespaceID, userID[:], kind)
	return m, err
}

func (t *tx) DueMails(at time.Time, limit int) (due []store.Mail, err error) {
	err = t.query(store.RecordMail, selectMails+"WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at LIMIT $2",
		func(s *stmt) error {
			due = append(due, mail(s))
			return nil
		}, at, limit)
	return due, err
}

func (t *tx) PutMail(m store.Mail) error {
	return t.writeOne(store.ErrNotFound, store.RecordMail, `
		INSERT INTO mails (namespace_id, user_id, kind, id, sealed, state, tries, problem, created_at, due_at, expires_at, ended_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (namespace_id, user_id, kind) DO UPDATE SET id = excluded.id, sealed = excluded.sealed,
			state = excluded.state, tries = excluded.tries, problem = excluded.problem, created_at = excluded.created_at,
			due_at = excluded.due_at, expires_at = excluded.expires_at, ended_at = excluded.ended_at`,
		m.NamespaceID, m.UserID[:], m.Kind, m.ID[:], m.Sealed, string(m.State), m.Tries, m.Problem, m.CreatedAt, m.DueAt,
		m.ExpiresAt, orNull(m.EndedAt))
}

func (t *tx) UpdateMail(m store.Mail) error {
	return t.writeOne(store.ErrNotFound, store.RecordMail, `
		UPDATE mails SET sealed = $1, state = $2, tries = $3, problem = $4, due_at = $5, expires_at = $6, ended_at = $7
		WHERE id = $8`,
		m.Sealed, string(m.State), m.Tries, m.Problem, m.DueAt, m.ExpiresAt, orNull(m.EndedAt), m.ID[:])
}

func (t *tx) DeleteMail(namespaceID int64, userID uuid.UUID, kind string) error {
	_, err := t.write(store.RecordMail, "DELETE FROM mails WHERE namespace_id = $1 AND user_id = $2 AND kind = $3",
		namespaceID, userID[:], kind)
	return err
}
