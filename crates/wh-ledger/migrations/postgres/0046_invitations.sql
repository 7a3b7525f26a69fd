-- Invitations: each lets one person in, once. Of its token there is the digest alone.

CREATE TABLE invitations (
    id         TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    digest     TEXT COLLATE "C"   NOT NULL UNIQUE,
    -- What the person will be called and their mail address, where the invitation says so.
    name       TEXT COLLATE "C",
    email      TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    -- Nobody, when an operator on the machine made it.
    created_by TEXT COLLATE "C",
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    spent_at   BIGINT,
    spent_by   TEXT COLLATE "C"
);

CREATE TABLE invitation_groups (
    invitation_id TEXT COLLATE "C" NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
    group_id      TEXT COLLATE "C" NOT NULL REFERENCES person_groups (id) ON DELETE CASCADE,
    PRIMARY KEY (invitation_id, group_id)
);

-- What the person is granted by name, besides what every new person is.
CREATE TABLE invitation_grants (
    invitation_id TEXT COLLATE "C"   NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
    position      BIGINT NOT NULL,
    role          TEXT COLLATE "C"   NOT NULL,
    bucket        TEXT COLLATE "C"   NOT NULL,
    prefix        TEXT COLLATE "C"   NOT NULL,
    title         TEXT COLLATE "C"   NOT NULL,
    ends_at       BIGINT,
    PRIMARY KEY (invitation_id, position)
);
