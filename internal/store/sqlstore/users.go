package sqlstore

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"

	"rollcall/internal/store"
)

// userColumns are what user reads.
const userColumns = `
	u.id, u.name, u.email, u.role, u.identity, u.active, u.principal, u.created_at,
	u.iam_identity_id, i.deleted_at, u.custom_permissions_id, p.name,
	u.login_provider, u.login_url, u.login_id, u.tags, u.last_active_at, u.disabled, u.manages_iam`

// userWidth is how many columns that are.
const userWidth = 19

const fromUsers = `
	FROM users u
	LEFT JOIN iam_identities i ON i.id = u.iam_identity_id
	LEFT JOIN custom_permissions p ON p.id = u.custom_permissions_id `

// user reads a user. Each column costs a call into SQLite and a page has a
// hundred users, so what hangs on another column is read only if that is set.
func user(s *stmt, namespaceID int64) (u store.User, err error) {
	u = store.User{
		NamespaceID:         namespaceID,
		ID:                  s.uuid(0),
		Name:                s.ColumnText(1),
		Email:               s.ColumnText(2),
		Role:                s.ColumnText(3),
		Identity:            s.ColumnText(4),
		Active:              s.ColumnBool(5),
		Principal:           s.ColumnText(6),
		CreatedAt:           s.time(7),
		IAMIdentityID:       s.ColumnInt64(8),
		CustomPermissionsID: s.ColumnInt64(10),
		LastActiveAt:        s.time(16),
		Disabled:            s.ColumnBool(17),
		ManagesIAM:          s.ColumnBool(18),
	}
	if u.IAMIdentityID != 0 && s.ColumnType(9) != sqlite3.NULL {
		u.Orphan, u.Name = true, ""
	}
	if u.CustomPermissionsID != 0 {
		u.CustomPermissionsName = s.ColumnText(11)
	}
	if provider := s.ColumnText(12); provider != "" {
		u.ExternalLogin = store.ExternalLogin{Provider: provider, URL: s.ColumnText(13), ID: s.ColumnText(14)}
	}
	u.Tags, err = s.object(15)
	return u, err
}

func (t *tx) User(accountID, namespace, name string) (n store.Namespace, u store.User, err error) {
	if n, err = t.Namespace(accountID, namespace); err != nil {
		return n, u, err
	}
	err = t.one(store.RecordUser, "SELECT "+userColumns+fromUsers+`
		WHERE u.namespace_id = $1 AND u.name = $2 AND i.deleted_at IS NULL`,
		func(s *stmt) (err error) {
			u, err = user(s, n.ID)
			return err
		}, n.ID, name)
	return n, u, err
}

func (t *tx) UserByPrincipal(namespaceID int64, principal string) (u store.User, err error) {
	err = t.one(store.RecordUser, "SELECT "+userColumns+fromUsers+"WHERE u.namespace_id = $1 AND u.principal = $2",
		func(s *stmt) (err error) {
			u, err = user(s, namespaceID)
			return err
		}, namespaceID, principal)
	return u, err
}

func (t *tx) UserPage(namespaceID int64, after uuid.UUID, limit int) ([]store.User, error) {
	page := make([]store.User, 0, min(limit, 128))
	err := t.query(store.RecordUser,
		"SELECT "+userColumns+fromUsers+"WHERE u.namespace_id = $1 AND u.id > $2 ORDER BY u.id LIMIT $3",
		func(s *stmt) error {
			u, err := user(s, namespaceID)
			page = append(page, u)
			return err
		}, namespaceID, after[:], limit)
	return page, err
}

func (t *tx) UserByID(namespaceID int64, id uuid.UUID) (p store.Person, err error) {
	err = t.one(store.RecordUser, "SELECT "+userColumns+", "+namespaceColumns+", "+accountColumns+fromUsers+`
		JOIN namespaces n ON n.id = u.namespace_id
		JOIN accounts a ON a.id = n.account_id
		WHERE u.namespace_id = $1 AND u.id = $2`,
		func(s *stmt) (err error) {
			p, err = person(s, namespaceID)
			return err
		}, namespaceID, id[:])
	return p, err
}

// person reads the columns of a user, its namespace and its account.
func person(s *stmt, namespaceID int64) (p store.Person, err error) {
	p.User, err = user(s, namespaceID)
	p.Namespace = namespace(s, userWidth)
	p.Account = account(s, userWidth+namespaceWidth)
	return p, err
}

// UsersByEmail asks the index for no more than it has: asked for all columns,
// SQLite takes a walk of the whole namespace for cheaper.
func (t *tx) UsersByEmail(namespaceID int64, email string, limit int) ([]store.User, error) {
	return t.users(namespaceID, "SELECT "+userColumns+fromUsers+`
		WHERE u.namespace_id = $1 AND u.id IN (
			SELECT id FROM users WHERE namespace_id = $1 AND lower(email) = lower($2) ORDER BY id LIMIT $3)
		ORDER BY u.id`, namespaceID, email, limit)
}

func (t *tx) UsersByLogin(accountID, url, id string, limit int) (found []store.Person, err error) {
	err = t.query(store.RecordUser, "SELECT "+userColumns+", "+namespaceColumns+", "+accountColumns+fromUsers+`
		JOIN namespaces n ON n.id = u.namespace_id
		JOIN accounts a ON a.id = n.account_id
		WHERE u.login_url = $1 AND u.login_id = $2 AND u.login_provider = 'CUSTOM_OIDC' AND a.id = $3
			AND i.deleted_at IS NULL
		ORDER BY u.namespace_id, u.id LIMIT $4`,
		func(s *stmt) error {
			p, err := person(s, s.ColumnInt64(userWidth))
			found = append(found, p)
			return err
		}, url, id, accountID, limit)
	return found, err
}

// stateConditions select the users of a state.
var stateConditions = map[store.UserState]string{
	"":                 "",
	store.UserInvited:  " AND u.active = FALSE AND u.disabled = FALSE",
	store.UserActive:   " AND u.active = TRUE AND u.disabled = FALSE",
	store.UserDisabled: " AND u.disabled = TRUE",
}

// FindUsers walks the users of the namespace: whoever searches wants the newest,
// and among them soon finds a page, or wants very few and waits for the walk.
func (t *tx) FindUsers(q store.UserQuery) ([]store.User, error) {
	args := []any{q.NamespaceID, q.Limit}
	where, ok := stateConditions[q.State]
	if !ok {
		return nil, nil // nobody is in a state that there is not
	}
	add := func(condition string, value any) {
		args = append(args, value)
		where += " AND " + strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args)))
	}
	if q.Before != uuid.Nil {
		add("u.id < ?", q.Before[:])
	}
	if q.Role != "" {
		add("u.role = ?", q.Role)
	}
	if q.Identity != "" {
		add("u.identity = ?", q.Identity)
	}
	if q.Prefix != "" { // an orphan has no name
		add(`(lower(substr(u.email, 1, length(?))) = lower(?)
			OR i.deleted_at IS NULL AND lower(substr(u.name, 1, length(?))) = lower(?))`, q.Prefix)
	}
	return t.users(q.NamespaceID,
		"SELECT "+userColumns+fromUsers+"WHERE u.namespace_id = $1"+where+" ORDER BY u.id DESC LIMIT $2", args...)
}

func (t *tx) users(namespaceID int64, sql string, args ...any) (found []store.User, err error) {
	err = t.query(store.RecordUser, sql, func(s *stmt) error {
		u, err := user(s, namespaceID)
		found = append(found, u)
		return err
	}, args...)
	return found, err
}

func (t *tx) Password(namespaceID int64, id uuid.UUID) (hash string, err error) {
	err = t.query(store.RecordUser, "SELECT hash FROM passwords WHERE namespace_id = $1 AND user_id = $2",
		func(s *stmt) error {
			hash = s.ColumnText(0)
			return nil
		}, namespaceID, id[:])
	return hash, err
}

func (t *tx) CreateUser(accountID string, n store.NewUser) error {
	if err := t.roomForUser(accountID, n); err != nil {
		return err
	}
	added, err := t.insertUser(n)
	if err == nil && added == 0 {
		added, err = t.insertUserForOrphan(n)
	}
	if err == nil && added == 0 {
		err = t.fail(&store.Error{Kind: store.ErrExists, Record: store.RecordUser})
	}
	if err != nil {
		return err
	}
	return t.writeOne(store.ErrNotFound, store.RecordAccount,
		"UPDATE accounts SET users = users + 1 WHERE id = $1", accountID)
}

// insertUser adds a user unless name or principal are taken.
func (t *tx) insertUser(n store.NewUser) (added int, err error) {
	u := n.User
	var hash, expires any
	if n.Invitation != nil {
		hash, expires = n.Invitation.SecretHash, n.Invitation.ExpiresAt
	}
	return t.write(store.RecordUser, `
		INSERT INTO users (namespace_id, id, name, email, role, identity, active, principal, iam_identity_id,
			custom_permissions_id, login_provider, login_url, login_id, tags, created_at,
			invitation_hash, invitation_expires_at, disabled, manages_iam)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
		ON CONFLICT DO NOTHING`,
		u.NamespaceID, u.ID[:], u.Name, u.Email, u.Role, u.Identity, u.Active, u.Principal, orNull(u.IAMIdentityID),
		orNull(u.CustomPermissionsID), orNull(u.ExternalLogin.Provider), orNull(u.ExternalLogin.URL),
		orNull(u.ExternalLogin.ID), object(u.Tags), u.CreatedAt, hash, expires, u.Disabled, u.ManagesIAM)
}

// insertUserForOrphan adds a user whose name is held by an orphan alone. The
// orphan gets a name that no user can have, since those are of printable
// characters: orphans are few, so that is left until somebody wants the name.
func (t *tx) insertUserForOrphan(n store.NewUser) (added int, err error) {
	var orphan uuid.UUID
	err = t.query(store.RecordUser, `
		SELECT u.id FROM users u JOIN iam_identities i ON i.id = u.iam_identity_id
		WHERE u.namespace_id = $1 AND u.name = $2 AND i.deleted_at IS NOT NULL`,
		func(s *stmt) error {
			orphan = s.uuid(0)
			return nil
		}, n.User.NamespaceID, n.User.Name)
	if err != nil || orphan == uuid.Nil {
		return 0, err
	}
	_, err = t.write(store.RecordUser, "UPDATE users SET name = $1 WHERE namespace_id = $2 AND id = $3",
		"\x01"+hex.EncodeToString(orphan[:]), n.User.NamespaceID, orphan[:])
	if err != nil {
		return 0, err
	}
	return t.insertUser(n)
}

// roomForUser refuses a user beyond the limit, unless the name is taken: then
// that is what is wrong, and CreateUser says so.
func (t *tx) roomForUser(accountID string, n store.NewUser) error {
	if n.MaxUsers == 0 {
		return nil
	}
	full := false
	err := t.query(store.RecordUser, `
		SELECT 1 FROM accounts a WHERE a.id = $1 AND a.users >= $2
			AND NOT EXISTS (
				SELECT 1 FROM users u LEFT JOIN iam_identities i ON i.id = u.iam_identity_id
				WHERE u.namespace_id = $3 AND u.name = $4 AND i.deleted_at IS NULL)`,
		func(*stmt) error {
			full = true
			return nil
		}, accountID, n.MaxUsers, n.User.NamespaceID, n.User.Name)
	if err == nil && full {
		err = t.fail(&store.Error{Kind: store.ErrLimit, Record: store.RecordUser})
	}
	return err
}

func (t *tx) UpdateUser(u store.User) error {
	return t.writeOne(store.ErrNotFound, store.RecordUser, `
		UPDATE users SET email = $1, role = $2, custom_permissions_id = $3,
			login_provider = $4, login_url = $5, login_id = $6, disabled = $7, manages_iam = $8
		WHERE namespace_id = $9 AND id = $10`,
		u.Email, u.Role, orNull(u.CustomPermissionsID), orNull(u.ExternalLogin.Provider),
		orNull(u.ExternalLogin.URL), orNull(u.ExternalLogin.ID), u.Disabled, u.ManagesIAM, u.NamespaceID, u.ID[:])
}

func (t *tx) ActivateUser(namespaceID int64, id uuid.UUID) error {
	return t.writeOne(store.ErrNotFound, store.RecordUser,
		"UPDATE users SET active = TRUE, last_active_at = $1 WHERE namespace_id = $2 AND id = $3", t.now, namespaceID, id[:])
}

func (t *tx) DeleteUser(namespaceID int64, id uuid.UUID) error {
	err := t.writeOne(store.ErrNotFound, store.RecordUser,
		"DELETE FROM users WHERE namespace_id = $1 AND id = $2", namespaceID, id[:])
	if err != nil {
		return err
	}
	return t.writeOne(store.ErrNotFound, store.RecordAccount, `
		UPDATE accounts SET users = users - 1
		WHERE id = (SELECT account_id FROM namespaces WHERE id = $1)`, namespaceID)
}

func (t *tx) SetPassword(namespaceID int64, id uuid.UUID, hash string) error {
	return t.writeOne(store.ErrNotFound, store.RecordUser, `
		INSERT INTO passwords (namespace_id, user_id, hash, changed_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (namespace_id, user_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at`,
		namespaceID, id[:], hash, t.now)
}
