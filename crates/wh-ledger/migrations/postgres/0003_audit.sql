-- The audit trail. Rows are added and never changed: an intent is written before the effect, and
-- its outcome, when it is known, beside it. An intent without an outcome was cut short.

CREATE TABLE audit (
    seq             BIGINT NOT NULL PRIMARY KEY,
    at              BIGINT NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL CHECK (kind IN ('intent', 'refusal')),
    request_id      TEXT COLLATE "C" NOT NULL,
    operation       TEXT COLLATE "C" NOT NULL,
    action          TEXT COLLATE "C" NOT NULL,
    resource        TEXT COLLATE "C" NOT NULL,
    principal       TEXT COLLATE "C" NOT NULL,
    source_identity TEXT COLLATE "C",
    source_ip       TEXT COLLATE "C",
    detail          TEXT COLLATE "C"
);

CREATE TABLE audit_outcomes (
    seq     BIGINT NOT NULL PRIMARY KEY REFERENCES audit (seq) ON DELETE CASCADE,
    at      BIGINT NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL
);
