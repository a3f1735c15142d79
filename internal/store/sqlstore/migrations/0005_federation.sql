-- Providers of identities that are not rollcall's own.

CREATE TABLE oidc_providers (
    account_id           TEXT    NOT NULL REFERENCES accounts (id),
    url                  TEXT    NOT NULL, -- of the issuer, without https://
    client_ids           TEXT,             -- JSON array; NULL: none
    thumbprints          TEXT,             -- JSON array; NULL: none
    tags                 TEXT,             -- JSON object; NULL: none
    created_at           INTEGER NOT NULL,
    client_id            TEXT    NOT NULL, -- rollcall's own
    sealed_client_secret BLOB,
    label                TEXT    NOT NULL,
    jwks                 TEXT    NOT NULL, -- URL of the keys
    keys                 BLOB,             -- JWKS document
    issuer               TEXT    NOT NULL, -- of its tokens; '': https:// and the url
    PRIMARY KEY (account_id, url)
) STRICT, WITHOUT ROWID;

-- Finds who has an identity at a provider.
CREATE INDEX users_by_login ON users (login_url, login_id) WHERE login_url IS NOT NULL;

-- Where a sign-in goes on that is at a provider's.
ALTER TABLE sign_ins ADD COLUMN provider_account TEXT NOT NULL DEFAULT ''; -- '': at no provider's
ALTER TABLE sign_ins ADD COLUMN provider_url TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ins ADD COLUMN sealed BLOB; -- what only its end is to know

-- Tokens of the federation endpoint, good for one sign-in.
CREATE TABLE signin_tokens (
    token_hash BLOB    NOT NULL PRIMARY KEY,
    sealed     BLOB    NOT NULL, -- what it stands for
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Finds what has expired.
CREATE INDEX signin_tokens_by_expiry ON signin_tokens (expires_at);

-- Whether a session was begun with credentials that may not manage IAM.
ALTER TABLE web_sessions ADD COLUMN narrow INTEGER NOT NULL DEFAULT 0;
