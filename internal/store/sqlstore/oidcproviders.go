package sqlstore

import "rollcall/internal/store"

const selectOIDCProvider = `
	SELECT url, client_ids, thumbprints, tags, created_at, client_id, sealed_client_secret, label, jwks, keys, issuer
	FROM oidc_providers `

func (t *tx) OIDCProvider(accountID, url string) (p store.OIDCProvider, err error) {
	err = t.one(store.RecordOIDCProvider, selectOIDCProvider+"WHERE account_id = $1 AND url = $2",
		func(s *stmt) (err error) {
			p, err = oidcProvider(s, accountID)
			return err
		}, accountID, url)
	return p, err
}

func (t *tx) OIDCProviders(accountID string) (all []store.OIDCProvider, err error) {
	err = t.query(store.RecordOIDCProvider, selectOIDCProvider+"WHERE account_id = $1 ORDER BY url",
		func(s *stmt) error {
			p, err := oidcProvider(s, accountID)
			all = append(all, p)
			return err
		}, accountID)
	return all, err
}

func oidcProvider(s *stmt, accountID string) (p store.OIDCProvider, err error) {
	p = store.OIDCProvider{
		AccountID:          accountID,
		URL:                s.ColumnText(0),
		CreatedAt:          s.time(4),
		ClientID:           s.ColumnText(5),
		SealedClientSecret: s.ColumnBlob(6, nil),
		Label:              s.ColumnText(7),
		JWKS:               s.ColumnText(8),
		Keys:               s.ColumnBlob(9, nil),
		Issuer:             s.ColumnText(10),
	}
	if p.ClientIDs, err = readList[string](s, 1); err != nil {
		return p, err
	}
	if p.Thumbprints, err = readList[string](s, 2); err != nil {
		return p, err
	}
	p.Tags, err = s.object(3)
	return p, err
}

func (t *tx) CreateOIDCProvider(p store.OIDCProvider) error {
	return t.writeOne(store.ErrExists, store.RecordOIDCProvider, `
		INSERT INTO oidc_providers (account_id, url, client_ids, thumbprints, tags, created_at,
			client_id, sealed_client_secret, label, jwks, keys, issuer)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		p.AccountID, p.URL, list(p.ClientIDs), list(p.Thumbprints), tagsColumn(p.Tags), p.CreatedAt,
		p.ClientID, p.SealedClientSecret, p.Label, p.JWKS, p.Keys, p.Issuer)
}

func (t *tx) UpdateOIDCProvider(p store.OIDCProvider) error {
	return t.writeOne(store.ErrNotFound, store.RecordOIDCProvider, `
		UPDATE oidc_providers SET client_ids = $1, thumbprints = $2, tags = $3,
			client_id = $4, sealed_client_secret = $5, label = $6, jwks = $7, keys = $8, issuer = $9
		WHERE account_id = $10 AND url = $11`,
		list(p.ClientIDs), list(p.Thumbprints), tagsColumn(p.Tags),
		p.ClientID, p.SealedClientSecret, p.Label, p.JWKS, p.Keys, p.Issuer, p.AccountID, p.URL)
}

func (t *tx) DeleteOIDCProvider(accountID, url string) error {
	return t.writeOne(store.ErrNotFound, store.RecordOIDCProvider,
		"DELETE FROM oidc_providers WHERE account_id = $1 AND url = $2", accountID, url)
}
