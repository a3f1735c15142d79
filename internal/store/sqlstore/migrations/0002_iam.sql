-- Principals, their policies and keys, and what is kept of calls.

-- A principal that is deleted leaves its identity behind while users are
-- registered for it, under a name that no other principal can have.
ALTER TABLE iam_identities ADD COLUMN deleted_at INTEGER; -- NULL: not deleted

CREATE TABLE iam_principals (
    identity_id INTEGER PRIMARY KEY REFERENCES iam_identities (id),
    account_id  TEXT    NOT NULL,
    kind        TEXT    NOT NULL, -- user or role
    name_key    TEXT    NOT NULL, -- the identity's name in lower case
    path        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    max_session INTEGER NOT NULL, -- seconds
    trust       TEXT    NOT NULL,
    inline      TEXT,             -- JSON array in the order of names; NULL: none
    tags        TEXT,             -- JSON object; NULL: none
    created_at  INTEGER NOT NULL,
    UNIQUE (account_id, kind, name_key)
) STRICT;

CREATE TABLE iam_attachments (
    identity_id INTEGER NOT NULL REFERENCES iam_principals (identity_id) ON DELETE CASCADE,
    boundary    INTEGER NOT NULL, -- 1: as permissions boundary
    policy_arn  TEXT    NOT NULL,
    account_id  TEXT    NOT NULL,
    PRIMARY KEY (identity_id, boundary, policy_arn)
) STRICT, WITHOUT ROWID;

CREATE INDEX iam_attachments_by_policy ON iam_attachments (account_id, policy_arn);

CREATE TABLE iam_policies (
    account_id      TEXT    NOT NULL REFERENCES accounts (id),
    name_key        TEXT    NOT NULL, -- name in lower case
    name            TEXT    NOT NULL,
    path            TEXT    NOT NULL,
    unique_id       TEXT    NOT NULL,
    description     TEXT    NOT NULL,
    versions        TEXT,             -- JSON array, the oldest first; NULL: none
    default_version INTEGER NOT NULL,
    made            INTEGER NOT NULL, -- number of the last version made
    tags            TEXT,             -- JSON object; NULL: none
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    PRIMARY KEY (account_id, name_key)
) STRICT, WITHOUT ROWID;

ALTER TABLE access_keys ADD COLUMN identity_id INTEGER REFERENCES iam_principals (identity_id); -- NULL: root
ALTER TABLE access_keys ADD COLUMN inactive INTEGER NOT NULL DEFAULT 0;

-- The first walks a principal's keys in the order of their making, the second
-- says whether a principal has any.
DROP INDEX access_keys_by_account;
CREATE INDEX access_keys_by_owner ON access_keys (account_id, identity_id, created_at, id);
CREATE INDEX access_keys_by_identity ON access_keys (identity_id)
    WHERE identity_id IS NOT NULL;

-- The first 48 bits of an id are its time. Nearly every call that changes
-- something adds a row, so there is one tree and nothing to look up.
CREATE TABLE audit_records (
    account_id TEXT NOT NULL,
    id         BLOB NOT NULL, -- UUIDv7 of the call's time
    caller     TEXT NOT NULL, -- name
    subject    TEXT,          -- name of the user it is about; NULL: of none
    record     BLOB NOT NULL, -- all the rest, packed
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE leases (
    name  TEXT    NOT NULL PRIMARY KEY,
    owner TEXT    NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
