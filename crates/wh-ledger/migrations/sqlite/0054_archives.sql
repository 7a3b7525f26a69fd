-- Archives of files and folders that a person asked for, until they are fetched or their time is over.

CREATE TABLE archives (
    id         TEXT   NOT NULL PRIMARY KEY,
    uid        TEXT   NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    grant_id   TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    -- A path on each line, as it was asked for.
    paths      TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX archives_by_end ON archives (expires_at);
