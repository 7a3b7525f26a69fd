-- Archives of files and folders that a person asked for, until they are fetched or their time is over.

CREATE TABLE archives (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    uid        TEXT COLLATE "C" NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    grant_id   TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    -- A path on each line, as it was asked for.
    paths      TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX archives_by_end ON archives (expires_at);
