-- What people need to get in, and administrators to let them.

ALTER TABLE users RENAME COLUMN signed_in_at TO last_active_at; -- NULL: never
ALTER TABLE users ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN manages_iam INTEGER NOT NULL DEFAULT 0; -- in the console

-- Finds who has forgotten a password.
CREATE INDEX users_by_email ON users (namespace_id, lower(email));

ALTER TABLE accounts ADD COLUMN notification_email TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN termination_protection INTEGER NOT NULL DEFAULT 1;
ALTER TABLE accounts ADD COLUMN public_sharing INTEGER NOT NULL DEFAULT 0;

-- Sign-ins that have begun. The ids say which are the oldest.
CREATE TABLE sign_ins (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB    NOT NULL UNIQUE,
    return_to  TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE password_resets (
    namespace_id INTEGER NOT NULL,
    user_id      BLOB    NOT NULL,
    secret_hash  BLOB    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    PRIMARY KEY (namespace_id, user_id),
    FOREIGN KEY (namespace_id, user_id) REFERENCES users (namespace_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE mails (
    namespace_id INTEGER NOT NULL,
    user_id      BLOB    NOT NULL,
    kind         TEXT    NOT NULL,
    id           BLOB    NOT NULL UNIQUE,
    sealed       BLOB,             -- what is to be sent; NULL: it has ended
    state        TEXT    NOT NULL, -- waiting, sent or failed
    tries        INTEGER NOT NULL,
    problem      TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    ended_at     INTEGER,          -- NULL: not yet
    PRIMARY KEY (namespace_id, user_id, kind),
    FOREIGN KEY (namespace_id, user_id) REFERENCES users (namespace_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Finds what is to be sent.
CREATE INDEX mails_by_due ON mails (due_at) WHERE state = 'waiting';
