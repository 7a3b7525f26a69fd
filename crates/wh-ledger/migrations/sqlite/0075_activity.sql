-- What happened to files: the newest first, for whoever may list the folder that it happened in.

CREATE TABLE activity (
    -- By time: a ULID of the moment at which it happened.
    id      TEXT   NOT NULL PRIMARY KEY,
    at      BIGINT NOT NULL,
    kind    TEXT   NOT NULL,
    bucket  TEXT   NOT NULL,
    key     TEXT   NOT NULL,
    -- Who did it: the person where it was one, else a word, and what it is called.
    uid     TEXT,
    by_kind TEXT   NOT NULL,
    by_name TEXT
);
CREATE INDEX activity_by_key ON activity (bucket, key, id);

-- How far a source was read, and since when nothing of it is missing.
CREATE TABLE activity_marks (
    name     TEXT   NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    since    BIGINT NOT NULL
);
