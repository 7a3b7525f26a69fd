-- Uploads that were begun in the portal. The row is written before the store is asked for anything.

CREATE TABLE uploads (
    id               TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    uid              TEXT COLLATE "C" NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    grant_id         TEXT COLLATE "C" NOT NULL,
    bucket           TEXT COLLATE "C" NOT NULL,
    object_key       TEXT COLLATE "C" NOT NULL,
    size             BIGINT NOT NULL,
    part_size        BIGINT NOT NULL,
    content_type     TEXT COLLATE "C" NOT NULL,
    upload_id        TEXT COLLATE "C",
    condition_kind   TEXT COLLATE "C" NOT NULL CHECK (condition_kind IN ('always', 'create', 'replace')),
    condition_etag   TEXT COLLATE "C",
    status           TEXT COLLATE "C" NOT NULL CHECK (status IN ('begun', 'transferring', 'completed', 'aborted')),
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL,
    last_modified_ms BIGINT
);
CREATE INDEX uploads_by_person ON uploads (uid, status);
CREATE INDEX uploads_by_status ON uploads (status, updated_at);
