-- Uploads that were begun in the portal. The row is written before the store is asked for anything.

CREATE TABLE uploads (
    id               TEXT   NOT NULL PRIMARY KEY,
    uid              TEXT   NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    grant_id         TEXT   NOT NULL,
    bucket           TEXT   NOT NULL,
    object_key       TEXT   NOT NULL,
    size             BIGINT NOT NULL,
    part_size        BIGINT NOT NULL,
    content_type     TEXT   NOT NULL,
    upload_id        TEXT,
    condition_kind   TEXT   NOT NULL CHECK (condition_kind IN ('always', 'create', 'replace')),
    condition_etag   TEXT,
    status           TEXT   NOT NULL CHECK (status IN ('begun', 'transferring', 'completed', 'aborted')),
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL,
    last_modified_ms BIGINT
);
CREATE INDEX uploads_by_person ON uploads (uid, status);
CREATE INDEX uploads_by_status ON uploads (status, updated_at);
