-- Quotas: how much may lie in the places of a person, of a group, or in one place; and how much does.

CREATE TABLE quotas (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind          TEXT COLLATE "C" NOT NULL CHECK (kind IN ('person', 'group', 'location', 'every-person')),
    -- A uid, a group's id, `bucket/prefix`; empty for every person.
    subject       TEXT COLLATE "C" NOT NULL,
    limit_bytes   BIGINT,
    limit_objects BIGINT,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    -- Who set it last; nobody, where the operator did.
    updated_by    TEXT COLLATE "C",
    UNIQUE (kind, subject)
);

-- What a quota counts: one for each person that it is for. Never less than what is there, once it was counted.
CREATE TABLE quota_counters (
    -- `kind:subject`.
    id               TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    quota_id         TEXT COLLATE "C" NOT NULL REFERENCES quotas (id) ON DELETE CASCADE,
    kind             TEXT COLLATE "C" NOT NULL,
    subject          TEXT COLLATE "C" NOT NULL,
    limit_bytes      BIGINT,
    limit_objects    BIGINT,
    used_bytes       BIGINT NOT NULL DEFAULT 0,
    used_objects     BIGINT NOT NULL DEFAULT 0,
    reserved_bytes   BIGINT NOT NULL DEFAULT 0,
    reserved_objects BIGINT NOT NULL DEFAULT 0,
    -- How often it was counted: what was known of an object before is not known after.
    round            BIGINT NOT NULL DEFAULT 0,
    -- Which count goes on, and what was written meanwhile; 0: none does.
    counting         BIGINT NOT NULL DEFAULT 0,
    -- Until when no other node begins one.
    counting_until   BIGINT NOT NULL DEFAULT 0,
    added_bytes      BIGINT NOT NULL DEFAULT 0,
    added_objects    BIGINT NOT NULL DEFAULT 0,
    counted_at       BIGINT,
    -- Since when it may be more than what is there.
    stale_at         BIGINT
);
CREATE INDEX quota_counters_by_quota ON quota_counters (quota_id);

-- Where a counter counts: no place of one counter lies in another of it.
CREATE TABLE quota_places (
    counter_id TEXT COLLATE "C" NOT NULL REFERENCES quota_counters (id) ON DELETE CASCADE,
    bucket     TEXT COLLATE "C" NOT NULL,
    prefix     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (counter_id, bucket, prefix)
);
CREATE INDEX quota_places_by_bucket ON quota_places (bucket, prefix);

-- Room that is taken for what is on its way.
CREATE TABLE quota_reservations (
    id         TEXT COLLATE "C" NOT NULL,
    counter_id TEXT COLLATE "C" NOT NULL REFERENCES quota_counters (id) ON DELETE CASCADE,
    bytes      BIGINT NOT NULL,
    objects    BIGINT NOT NULL,
    -- What was announced before any part came.
    announced  BIGINT NOT NULL,
    -- The counter's round when it was taken.
    round      BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (id, counter_id)
);
CREATE INDEX quota_reservations_by_end ON quota_reservations (expires_at);

-- The parts of unfinished uploads under a quota.
CREATE TABLE quota_parts (
    reservation TEXT COLLATE "C" NOT NULL,
    part        BIGINT NOT NULL,
    bytes       BIGINT NOT NULL,
    PRIMARY KEY (reservation, part)
);

INSERT INTO versions (name, version) VALUES ('quotas', 1);

-- A program that knows nothing of quotas would write past them.
UPDATE schema_floor SET oldest = 74;
