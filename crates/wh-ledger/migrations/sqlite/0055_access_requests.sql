-- What persons asked to be let do, until an administrator decides, and what was decided.

CREATE TABLE access_requests (
    id         TEXT   NOT NULL PRIMARY KEY,
    uid        TEXT   NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    bucket     TEXT   NOT NULL,
    prefix     TEXT   NOT NULL,
    -- What was refused, and the role that would allow it.
    action     TEXT   NOT NULL,
    role       TEXT   NOT NULL,
    note       TEXT,
    created_at BIGINT NOT NULL,
    status     TEXT   NOT NULL CHECK (status IN ('open', 'given', 'declined')),
    decided_at BIGINT,
    decided_by TEXT,
    answer     TEXT,
    grant_id   TEXT
);
CREATE INDEX access_requests_by_status ON access_requests (status, created_at);
CREATE INDEX access_requests_by_person ON access_requests (uid, created_at);
