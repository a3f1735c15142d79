-- Times are milliseconds since 1970 in UTC. Tables whose rows are read by
-- their primary key alone are WITHOUT ROWID: one tree each instead of two.
-- AUTOINCREMENT keeps ids from being used again: page tokens hold them.

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    region     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    users      INTEGER NOT NULL DEFAULT 0 -- how many it has
) STRICT, WITHOUT ROWID;

CREATE TABLE access_keys (
    id            TEXT    NOT NULL PRIMARY KEY,
    account_id    TEXT    NOT NULL REFERENCES accounts (id),
    sealed_secret BLOB    NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX access_keys_by_account ON access_keys (account_id);

CREATE TABLE namespaces (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id   TEXT    NOT NULL REFERENCES accounts (id),
    name         TEXT    NOT NULL,
    directory_id TEXT    NOT NULL UNIQUE,
    created_at   INTEGER NOT NULL,
    UNIQUE (account_id, name)
) STRICT;

CREATE TABLE custom_permissions (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id   TEXT    NOT NULL REFERENCES accounts (id),
    name         TEXT    NOT NULL,
    capabilities TEXT    NOT NULL, -- JSON object: capability → ALLOW or DENY
    governance   TEXT,             -- JSON object: category → effect; NULL: never set
    tags         TEXT,             -- JSON object; NULL: none
    created_at   INTEGER NOT NULL,
    UNIQUE (account_id, name)
) STRICT;

-- Pages of an account's profiles are walked in the order of their making.
CREATE INDEX custom_permissions_by_account ON custom_permissions (account_id, id);

CREATE TABLE iam_identities (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    kind       TEXT NOT NULL, -- user, role or root
    name       TEXT NOT NULL,
    unique_id  TEXT NOT NULL UNIQUE,
    UNIQUE (account_id, kind, name)
) STRICT;

CREATE TABLE users (
    namespace_id          INTEGER NOT NULL REFERENCES namespaces (id),
    id                    BLOB    NOT NULL, -- UUIDv7
    name                  TEXT    NOT NULL,
    email                 TEXT    NOT NULL,
    role                  TEXT    NOT NULL,
    identity              TEXT    NOT NULL, -- QUICKSIGHT or IAM
    active                INTEGER NOT NULL,
    principal             TEXT    NOT NULL,
    iam_identity_id       INTEGER REFERENCES iam_identities (id),
    custom_permissions_id INTEGER REFERENCES custom_permissions (id),
    login_provider        TEXT,
    login_url             TEXT,
    login_id              TEXT,
    tags                  TEXT,             -- JSON object; NULL: none
    created_at            INTEGER NOT NULL,
    invitation_hash       BLOB,             -- of the secret in the link; NULL: never invited
    invitation_expires_at INTEGER,
    invitation_used_at    INTEGER,
    PRIMARY KEY (namespace_id, id),
    UNIQUE (namespace_id, name),
    UNIQUE (namespace_id, principal)
) STRICT, WITHOUT ROWID;

-- Says whether a profile or an IAM identity is in use.
CREATE INDEX users_by_custom_permissions ON users (custom_permissions_id)
    WHERE custom_permissions_id IS NOT NULL;
CREATE INDEX users_by_iam_identity ON users (iam_identity_id)
    WHERE iam_identity_id IS NOT NULL;

CREATE TABLE passwords (
    namespace_id INTEGER NOT NULL,
    user_id      BLOB    NOT NULL,
    hash         TEXT    NOT NULL, -- argon2id in PHC string format
    changed_at   INTEGER NOT NULL,
    PRIMARY KEY (namespace_id, user_id),
    FOREIGN KEY (namespace_id, user_id) REFERENCES users (namespace_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
