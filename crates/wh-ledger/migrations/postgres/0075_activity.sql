-- What happened to files: the newest first, for whoever may list the folder that it happened in.

CREATE TABLE activity (
    -- By time: a ULID of the moment at which it happened.
    id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    at      BIGINT NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    bucket  TEXT COLLATE "C" NOT NULL,
    key     TEXT COLLATE "C" NOT NULL,
    -- Who did it: the person where it was one, else a word, and what it is called.
    uid     TEXT COLLATE "C",
    by_kind TEXT COLLATE "C" NOT NULL,
    by_name TEXT COLLATE "C"
);
CREATE INDEX activity_by_key ON activity (bucket, key, id);

-- How far a source was read, and since when nothing of it is missing.
CREATE TABLE activity_marks (
    name     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    since    BIGINT NOT NULL
);
