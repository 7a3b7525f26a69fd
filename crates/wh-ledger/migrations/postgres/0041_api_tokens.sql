-- Tokens by which a person's scripts use the portal's API: for some of the person's locations and some
-- actions, until a day. Of a token there is the digest alone.

CREATE TABLE api_tokens (
    -- Also the session's name in the names of its role sessions: u-<uid>-<id>.
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    uid        TEXT COLLATE "C" NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    digest     TEXT COLLATE "C" NOT NULL UNIQUE,
    name       TEXT COLLATE "C" NOT NULL,
    -- The grants that it is for, with spaces between. A grant may go while the token stays.
    grants     TEXT COLLATE "C" NOT NULL,
    -- What it may do there at most: list, read, write, delete, with spaces between.
    actions    TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- To the minute or so; none before the first time.
    used_at    BIGINT,
    used_from  TEXT COLLATE "C",
    revoked_at BIGINT
);
CREATE INDEX api_tokens_by_person ON api_tokens (uid);

-- A program that knows nothing of API tokens would not end them with their person.
UPDATE schema_floor SET oldest = 41;
