-- What persons want to be told of by mail, and what is still to be told of it.

CREATE TABLE watches (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    uid        TEXT COLLATE "C" NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    grant_id   TEXT COLLATE "C" NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    -- In the grant's location: a folder's ends in a slash; empty for all of it.
    path       TEXT COLLATE "C" NOT NULL,
    -- The same in the bucket.
    bucket     TEXT COLLATE "C" NOT NULL,
    key        TEXT COLLATE "C" NOT NULL,
    -- How often: soon, daily.
    rhythm     TEXT COLLATE "C" NOT NULL CHECK (rhythm IN ('soon', 'daily')),
    -- In which language.
    language   TEXT COLLATE "C" NOT NULL CHECK (language IN ('en', 'de')),
    created_at BIGINT NOT NULL,
    -- Nothing is told before.
    next_at    BIGINT NOT NULL,
    UNIQUE (uid, grant_id, path)
);
CREATE INDEX watches_by_key ON watches (bucket, key);
CREATE INDEX watches_by_grant ON watches (grant_id);

-- Written with what happened, and deleted with the mail that tells of it.
CREATE TABLE watch_news (
    watch_id    TEXT COLLATE "C" NOT NULL REFERENCES watches (id) ON DELETE CASCADE,
    activity_id TEXT COLLATE "C" NOT NULL REFERENCES activity (id) ON DELETE CASCADE,
    PRIMARY KEY (watch_id, activity_id)
);
CREATE INDEX watch_news_by_activity ON watch_news (activity_id);

-- A program that knows nothing of watches would write down what happens, and nobody would be told.
UPDATE schema_floor SET oldest = 76;
