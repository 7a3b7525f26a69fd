-- The scan for malware: what is to be scanned, what was found, and how far it has come.

-- Versions that wait, those that were found infected or could not be scanned, and for two days those with
-- which there is nothing more to do.
CREATE TABLE scans (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    bucket     TEXT COLLATE "C" NOT NULL,
    key        TEXT COLLATE "C" NOT NULL,
    version    TEXT COLLATE "C" NOT NULL,
    -- Who wrote it, where that is known.
    uid        TEXT COLLATE "C",
    -- 1: it was there before the scan, and no tag of it is believed.
    from_before BIGINT NOT NULL,
    state      TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'infected', 'unscanned', 'releasing', 'done')),
    -- By which name the scanner knows it, or why it could not be scanned.
    finding    TEXT COLLATE "C",
    -- When the version was written.
    modified_at BIGINT NOT NULL,
    found_at   BIGINT NOT NULL,
    -- When it may be taken; whoever takes it puts this off.
    next_at    BIGINT NOT NULL,
    attempts   BIGINT NOT NULL,
    settled_at BIGINT,
    UNIQUE (bucket, key, version)
);
CREATE INDEX scans_by_time ON scans (state, next_at);

-- How far the feed of changes was read, and how far each bucket was listed.
CREATE TABLE scan_marks (
    name    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    mark    TEXT COLLATE "C" NOT NULL,
    next_at BIGINT NOT NULL
);
