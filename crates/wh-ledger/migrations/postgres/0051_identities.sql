-- Single sign-on: whom a provider names by its issuer and a subject, and in which groups it put them.

CREATE TABLE identities (
    issuer    TEXT COLLATE "C" NOT NULL,
    -- What the issuer calls somebody, for ever. Never a mail address.
    subject   TEXT COLLATE "C" NOT NULL,
    id        TEXT COLLATE "C" NOT NULL UNIQUE,
    uid       TEXT COLLATE "C" NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    -- By which name of the configuration it was linked.
    provider  TEXT COLLATE "C" NOT NULL,
    -- What the provider called them last, to be shown.
    label     TEXT COLLATE "C",
    linked_at BIGINT NOT NULL,
    used_at   BIGINT,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_by_person ON identities (uid);

-- The issuer that put the person into the group; nothing where a person, an invitation or an operator did.
ALTER TABLE person_group_members ADD COLUMN issuer TEXT COLLATE "C";

-- A program that knows nothing of providers cannot read a session that one began.
UPDATE schema_floor SET oldest = 51;
