-- Administrators who browse as somebody else, or as a role: one at most for each session of theirs.
CREATE TABLE viewings (
    -- What the administrator's session is called.
    sid      TEXT   NOT NULL PRIMARY KEY,
    by_uid   TEXT   NOT NULL,
    -- Either a person, or a role at a place.
    as_uid   TEXT,
    role     TEXT,
    bucket   TEXT,
    prefix   TEXT,
    began_at BIGINT NOT NULL,
    ends_at  BIGINT NOT NULL,
    -- When it ended by itself; until the administrator takes note of that, nothing else is open to them.
    over_at  BIGINT
);
