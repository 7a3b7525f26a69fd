-- What somebody marked and where they were lately: a location and a path in it, and nothing of what is there.
CREATE TABLE places (
    uid      TEXT COLLATE "C" NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    kind     TEXT COLLATE "C" NOT NULL CHECK (kind IN ('favourite', 'recent')),
    grant_id TEXT COLLATE "C" NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    path     TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (uid, kind, grant_id, path)
);
CREATE INDEX places_by_grant ON places (grant_id);

-- Who does not want it to be kept where they were.
CREATE TABLE recent_off (
    uid TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES persons (uid) ON DELETE CASCADE
);
