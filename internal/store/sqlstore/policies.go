package sqlstore

import (
	"time"

	"rollcall/internal/store"
)

const selectManagedPolicy = `
	SELECT name, path, unique_id, description, versions, default_version, made, tags, created_at, updated_at
	FROM iam_policies `

func (t *tx) ManagedPolicy(accountID, name string) (p store.ManagedPolicy, err error) {
	err = t.one(store.RecordManagedPolicy, selectManagedPolicy+"WHERE account_id = $1 AND name_key = $2 AND name = $3",
		func(s *stmt) (err error) {
			p, err = managedPolicy(s, accountID)
			return err
		}, accountID, nameKey(name), name)
	return p, err
}

func (t *tx) ManagedPolicyPage(accountID, pathPrefix, after string, limit int) (page []store.ManagedPolicy, err error) {
	err = t.query(store.RecordManagedPolicy, selectManagedPolicy+`
		WHERE account_id = $1 AND name_key > $2 AND substr(path, 1, length($3)) = $3
		ORDER BY name_key LIMIT $4`,
		func(s *stmt) error {
			p, err := managedPolicy(s, accountID)
			page = append(page, p)
			return err
		}, accountID, nameKey(after), pathPrefix, limit)
	return page, err
}

func managedPolicy(s *stmt, accountID string) (p store.ManagedPolicy, err error) {
	p = store.ManagedPolicy{
		AccountID:   accountID,
		Name:        s.ColumnText(0),
		Path:        s.ColumnText(1),
		UniqueID:    s.ColumnText(2),
		Description: s.ColumnText(3),
		Default:     s.ColumnInt(5),
		Made:        s.ColumnInt(6),
		CreatedAt:   s.time(8),
		UpdatedAt:   s.time(9),
	}
	if p.Versions, err = policyVersions(s, 4); err != nil {
		return p, err
	}
	p.Tags, err = s.object(7)
	return p, err
}

func (t *tx) CreateManagedPolicy(p store.ManagedPolicy) error {
	return t.writeOne(store.ErrExists, store.RecordManagedPolicy, `
		INSERT INTO iam_policies (account_id, name_key, name, path, unique_id, description, versions,
			default_version, made, tags, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		p.AccountID, nameKey(p.Name), p.Name, p.Path, p.UniqueID, p.Description, versionsColumn(p.Versions),
		p.Default, p.Made, tagsColumn(p.Tags), p.CreatedAt, p.UpdatedAt)
}

func (t *tx) UpdateManagedPolicy(p store.ManagedPolicy) error {
	return t.writeOne(store.ErrNotFound, store.RecordManagedPolicy, `
		UPDATE iam_policies SET versions = $1, default_version = $2, made = $3, tags = $4, updated_at = $5
		WHERE account_id = $6 AND name_key = $7 AND name = $8`,
		versionsColumn(p.Versions), p.Default, p.Made, tagsColumn(p.Tags), p.UpdatedAt,
		p.AccountID, nameKey(p.Name), p.Name)
}

func (t *tx) DeleteManagedPolicy(accountID, name string) error {
	return t.writeOne(store.ErrNotFound, store.RecordManagedPolicy,
		"DELETE FROM iam_policies WHERE account_id = $1 AND name_key = $2 AND name = $3",
		accountID, nameKey(name), name)
}

// versionJSON is a version of a policy as it is kept.
type versionJSON struct {
	Number    int    `json:"number"`
	Document  string `json:"document"`
	CreatedAt int64  `json:"createdAt"` // milliseconds
}

func versionsColumn(versions []store.PolicyVersion) any {
	kept := make([]versionJSON, 0, len(versions))
	for _, v := range versions {
		kept = append(kept, versionJSON{Number: v.Number, Document: v.Document, CreatedAt: v.CreatedAt.UnixMilli()})
	}
	return list(kept)
}

func policyVersions(s *stmt, col int) (versions []store.PolicyVersion, err error) {
	kept, err := readList[versionJSON](s, col)
	for _, v := range kept {
		versions = append(versions, store.PolicyVersion{
			Number:    v.Number,
			Document:  v.Document,
			CreatedAt: time.UnixMilli(v.CreatedAt).UTC(),
		})
	}
	return versions, err
}
