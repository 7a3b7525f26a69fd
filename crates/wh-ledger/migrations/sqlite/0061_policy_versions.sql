-- Permissions of roles as administrators saved them, one version after the other; none is ever changed.
-- The newest of a role counts.

CREATE TABLE policy_versions (
    role     TEXT   NOT NULL,
    -- From 1.
    number   BIGINT NOT NULL,
    -- JSON; without it, the permissions are again as the estate describes them.
    document TEXT,
    note     TEXT   NOT NULL,
    -- The uid of whoever saved it.
    author   TEXT   NOT NULL,
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (role, number)
);
