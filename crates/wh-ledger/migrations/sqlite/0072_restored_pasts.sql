-- A restore of what a folder was at a moment: jobs of a further kind, that moment, and what was there when an object
-- of it was planned. SQLite changes a CHECK only with its table.

CREATE TABLE jobs_of_all_kinds (
    id          TEXT   NOT NULL PRIMARY KEY,
    uid         TEXT   NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    -- The API token by which it was asked for: the job ends with it.
    token_id    TEXT,
    kind        TEXT   NOT NULL CHECK (kind IN ('copy', 'move', 'delete', 'restore', 'purge', 'restore-past')),
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
    updated_at  BIGINT NOT NULL,
    -- The moment that is restored.
    past_at     BIGINT,
    -- Whether what was made since goes to the trash.
    delete_newer BIGINT NOT NULL DEFAULT 0,
    -- How many objects are as they were then.
    unchanged   BIGINT NOT NULL DEFAULT 0
);
INSERT INTO jobs_of_all_kinds (
    id, uid, token_id, kind, from_grant, to_grant, paths, to_folder, to_name, undoes, conflict,
    status, cancel, reason_code, reason, total, position, done, skipped, failed, lease_by,
    lease_until, created_at, updated_at
)
SELECT
    id, uid, token_id, kind, from_grant, to_grant, paths, to_folder, to_name, undoes, conflict,
    status, cancel, reason_code, reason, total, position, done, skipped, failed, lease_by,
    lease_until, created_at, updated_at
FROM jobs;

CREATE TABLE job_items_of_all_kinds (
    job_id   TEXT   NOT NULL REFERENCES jobs_of_all_kinds (id) ON DELETE CASCADE,
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
    -- The ETag of what was there when it was planned.
    over_etag TEXT,
    PRIMARY KEY (job_id, n),
    UNIQUE (job_id, from_key)
);
INSERT INTO job_items_of_all_kinds (
    job_id, n, from_key, version, to_key, size, status, code, told, why
)
SELECT
    job_id, n, from_key, version, to_key, size, status, code, told, why
FROM job_items;

DROP TABLE job_items;
DROP TABLE jobs;
ALTER TABLE jobs_of_all_kinds RENAME TO jobs;
ALTER TABLE job_items_of_all_kinds RENAME TO job_items;
CREATE INDEX jobs_by_person ON jobs (uid, id);
CREATE INDEX jobs_by_lease ON jobs (status, lease_until);
CREATE INDEX job_items_by_end ON job_items (job_id, to_key);

-- A program that knows nothing of such jobs would stumble over each, and do none of those that wait behind it.
UPDATE schema_floor SET oldest = 72;
