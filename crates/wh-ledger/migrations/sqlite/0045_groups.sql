-- Groups of persons, and grants that are given to a group or end by themselves.

CREATE TABLE person_groups (
    id         TEXT   NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    name_key   TEXT   NOT NULL UNIQUE,
    -- What the name looks like: no two groups may look alike.
    name_look  TEXT   NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    -- Nobody, when it was made by an operator on the machine.
    created_by TEXT
);

CREATE TABLE person_group_members (
    group_id TEXT   NOT NULL REFERENCES person_groups (id) ON DELETE CASCADE,
    uid      TEXT   NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    added_at BIGINT NOT NULL,
    added_by TEXT,
    PRIMARY KEY (group_id, uid)
);
CREATE INDEX person_group_members_by_person ON person_group_members (uid);

-- A grant has a uid, or a group, or is everyone's. One without an end has no ends_at.
ALTER TABLE grants ADD COLUMN group_id TEXT REFERENCES person_groups (id) ON DELETE CASCADE
    CHECK (group_id IS NULL OR uid IS NULL);
ALTER TABLE grants ADD COLUMN ends_at BIGINT;
CREATE INDEX grants_by_group ON grants (group_id);

-- A program that knows nothing of groups would take a group's grants for everyone's, and of ends for ever.
UPDATE schema_floor SET oldest = 45;
