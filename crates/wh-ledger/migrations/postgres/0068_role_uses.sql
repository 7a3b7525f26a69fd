-- What sessions of roles were allowed and did, as far as policies may be narrowed by it: one row for each
-- action, place and person, however often it was asked for.
CREATE TABLE role_uses (
    role     TEXT COLLATE "C" NOT NULL,
    action   TEXT COLLATE "C" NOT NULL,
    -- `*`: no bucket in particular.
    bucket   TEXT COLLATE "C" NOT NULL,
    -- Empty: the bucket itself; `/…/`: objects in that folder; `?…/`: its listing.
    place    TEXT COLLATE "C" NOT NULL,
    -- A source identity, which of a person is their uid; `machine/i-…`; `other`.
    who      TEXT COLLATE "C" NOT NULL,
    first_at BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    PRIMARY KEY (role, action, bucket, place, who)
);
CREATE INDEX role_uses_by_who ON role_uses (role, who, bucket, place, last_at);
CREATE INDEX role_uses_by_age ON role_uses (last_at);
