-- Copies, moves and deletions of many objects that go on in the background, and their journal.

CREATE TABLE jobs (
    id          TEXT   NOT NULL PRIMARY KEY,
    uid         TEXT   NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    -- The API token by which it was asked for: the job ends with it.
    token_id    TEXT,
    kind        TEXT   NOT NULL CHECK (kind IN ('copy', 'move', 'delete', 'restore', 'purge')),
    from_grant  TEXT   NOT NULL,
    to_grant    TEXT,
    -- A path on each line, as it was asked for.
    paths       TEXT   NOT NULL,
    to_folder   TEXT,
    to_name     TEXT,
    -- The deletion that is undone.
    undoes      TEXT,
    conflict    TEXT   NOT NULL CHECK (conflict IN ('fail', 'skip', 'keep-both', 'replace')),
    status      TEXT   NOT NULL
                CHECK (status IN ('planning', 'running', 'done', 'cancelled', 'stopped')),
    cancel      BIGINT NOT NULL,
    reason_code TEXT,
    reason      TEXT,
    total       BIGINT NOT NULL,
    -- The last item that has ended.
    position    BIGINT NOT NULL,
    done        BIGINT NOT NULL,
    skipped     BIGINT NOT NULL,
    failed      BIGINT NOT NULL,
    -- The portal that works on it, and until when no other may.
    lease_by    TEXT,
    lease_until BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE INDEX jobs_by_person ON jobs (uid, id);
CREATE INDEX jobs_by_lease ON jobs (status, lease_until);

CREATE TABLE job_items (
    job_id   TEXT   NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    n        BIGINT NOT NULL,
    from_key TEXT   NOT NULL,
    -- The version to be restored; the newest where none is said.
    version  TEXT,
    to_key   TEXT,
    size     BIGINT NOT NULL,
    status   TEXT   NOT NULL CHECK (status IN ('waiting', 'begun', 'done', 'skipped', 'failed')),
    code     TEXT,
    told     TEXT,
    -- The refusal's explanation, as JSON.
    why      TEXT,
    PRIMARY KEY (job_id, n),
    UNIQUE (job_id, from_key)
);
-- Whether another object of a job is brought to a name.
CREATE INDEX job_items_by_end ON job_items (job_id, to_key);
