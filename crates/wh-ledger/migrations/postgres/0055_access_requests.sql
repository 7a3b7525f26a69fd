-- What persons asked to be let do, until an administrator decides, and what was decided.

CREATE TABLE access_requests (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    uid        TEXT COLLATE "C" NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    bucket     TEXT COLLATE "C" NOT NULL,
    prefix     TEXT COLLATE "C" NOT NULL,
    -- What was refused, and the role that would allow it.
    action     TEXT COLLATE "C" NOT NULL,
    role       TEXT COLLATE "C" NOT NULL,
    note       TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    status     TEXT COLLATE "C" NOT NULL CHECK (status IN ('open', 'given', 'declined')),
    decided_at BIGINT,
    decided_by TEXT COLLATE "C",
    answer     TEXT COLLATE "C",
    grant_id   TEXT COLLATE "C"
);
CREATE INDEX access_requests_by_status ON access_requests (status, created_at);
CREATE INDEX access_requests_by_person ON access_requests (uid, created_at);
