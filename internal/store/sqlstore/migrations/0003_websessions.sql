-- Browsers in which users are signed in.

ALTER TABLE users ADD COLUMN signed_in_at INTEGER; -- the last time; NULL: never

CREATE TABLE web_sessions (
    token_hash   BLOB    NOT NULL PRIMARY KEY,
    namespace_id INTEGER NOT NULL,
    user_id      BLOB    NOT NULL,
    created_at   INTEGER NOT NULL,
    seen_at      INTEGER NOT NULL, -- when it was last used
    expires_at   INTEGER NOT NULL,
    FOREIGN KEY (namespace_id, user_id) REFERENCES users (namespace_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Finds what ends with a user.
CREATE INDEX web_sessions_by_user ON web_sessions (namespace_id, user_id);

-- Finds what has expired.
CREATE INDEX web_sessions_by_end ON web_sessions (expires_at);
