-- Persons, their sessions and grants, and what set-up leaves behind.
-- Times are milliseconds since 1970-01-01T00:00:00Z; digests are 64 lower-case hexadecimal digits.

CREATE TABLE persons (
    uid          TEXT   NOT NULL PRIMARY KEY,
    name         TEXT   NOT NULL,
    name_key     TEXT   NOT NULL UNIQUE,
    -- What the name looks like: no two persons may look alike.
    name_look    TEXT   NOT NULL UNIQUE,
    email        TEXT,
    password_phc TEXT   NOT NULL,
    status       TEXT   NOT NULL CHECK (status IN ('pending', 'active', 'disabled')),
    created_at   BIGINT NOT NULL,
    -- When the person was let in for the first time; NULL while nobody has.
    approved_at  BIGINT
);

CREATE TABLE sessions (
    digest     TEXT   NOT NULL PRIMARY KEY,
    sid        TEXT   NOT NULL UNIQUE,
    uid        TEXT   NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    user_agent TEXT,
    ip         TEXT
);
CREATE INDEX sessions_by_person ON sessions (uid);

-- A grant to everyone has no uid.
CREATE TABLE grants (
    id         TEXT   NOT NULL PRIMARY KEY,
    uid        TEXT            REFERENCES persons (uid) ON DELETE CASCADE,
    role       TEXT   NOT NULL,
    bucket     TEXT   NOT NULL,
    prefix     TEXT   NOT NULL,
    title      TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT
);
CREATE INDEX grants_by_person ON grants (uid);

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- At most one set-up token lives at a time.
CREATE TABLE setup_tokens (
    slot       INTEGER NOT NULL PRIMARY KEY CHECK (slot = 1),
    digest     TEXT    NOT NULL,
    expires_at BIGINT  NOT NULL
);

-- subject is `person:<uid>`, `session:<sid>` or `everyone`.
CREATE TABLE revocations (
    subject    TEXT   NOT NULL PRIMARY KEY,
    revoked_at BIGINT NOT NULL
);
