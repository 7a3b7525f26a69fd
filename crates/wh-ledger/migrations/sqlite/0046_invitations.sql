-- Invitations: each lets one person in, once. Of its token there is the digest alone.

CREATE TABLE invitations (
    id         TEXT   NOT NULL PRIMARY KEY,
    digest     TEXT   NOT NULL UNIQUE,
    -- What the person will be called and their mail address, where the invitation says so.
    name       TEXT,
    email      TEXT,
    created_at BIGINT NOT NULL,
    -- Nobody, when an operator on the machine made it.
    created_by TEXT,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    spent_at   BIGINT,
    spent_by   TEXT
);

CREATE TABLE invitation_groups (
    invitation_id TEXT NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
    group_id      TEXT NOT NULL REFERENCES person_groups (id) ON DELETE CASCADE,
    PRIMARY KEY (invitation_id, group_id)
);

-- What the person is granted by name, besides what every new person is.
CREATE TABLE invitation_grants (
    invitation_id TEXT   NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
    position      BIGINT NOT NULL,
    role          TEXT   NOT NULL,
    bucket        TEXT   NOT NULL,
    prefix        TEXT   NOT NULL,
    title         TEXT   NOT NULL,
    ends_at       BIGINT,
    PRIMARY KEY (invitation_id, position)
);
