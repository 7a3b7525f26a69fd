-- The audit trail. Rows are added and never changed: an intent is written before the effect, and
-- its outcome, when it is known, beside it. An intent without an outcome was cut short.

CREATE TABLE audit (
    seq             BIGINT NOT NULL PRIMARY KEY,
    at              BIGINT NOT NULL,
    kind            TEXT   NOT NULL CHECK (kind IN ('intent', 'refusal')),
    request_id      TEXT   NOT NULL,
    operation       TEXT   NOT NULL,
    action          TEXT   NOT NULL,
    resource        TEXT   NOT NULL,
    principal       TEXT   NOT NULL,
    source_identity TEXT,
    source_ip       TEXT,
    detail          TEXT
);

CREATE TABLE audit_outcomes (
    seq     BIGINT NOT NULL PRIMARY KEY REFERENCES audit (seq) ON DELETE CASCADE,
    at      BIGINT NOT NULL,
    outcome TEXT   NOT NULL
);
