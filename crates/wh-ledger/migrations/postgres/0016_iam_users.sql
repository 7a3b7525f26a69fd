-- Users, their access keys, and groups of the embedded authority. As in 0002, keys are names in lower
-- case, and documents are the text that was put. Membership goes by the group's unique id, which no
-- change of names touches. A secret access key is sealed by the authority, in base64; the ledger
-- cannot read it.

CREATE TABLE iam_users (
    user_key     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name         TEXT COLLATE "C" NOT NULL,
    path         TEXT COLLATE "C" NOT NULL,
    user_id      TEXT COLLATE "C" NOT NULL UNIQUE,
    boundary_arn TEXT COLLATE "C",
    created_at   BIGINT NOT NULL
);

CREATE TABLE iam_user_tags (
    user_key  TEXT COLLATE "C" NOT NULL REFERENCES iam_users (user_key) ON DELETE CASCADE,
    tag_key   TEXT COLLATE "C" NOT NULL,
    tag_value TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_key, tag_key)
);

CREATE TABLE iam_user_policies (
    user_key TEXT COLLATE "C" NOT NULL REFERENCES iam_users (user_key) ON DELETE CASCADE,
    name     TEXT COLLATE "C" NOT NULL,
    document TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_key, name)
);

CREATE TABLE iam_user_attachments (
    user_key   TEXT COLLATE "C" NOT NULL REFERENCES iam_users (user_key) ON DELETE CASCADE,
    policy_arn TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_key, policy_arn)
);

CREATE TABLE iam_user_groups (
    user_key TEXT COLLATE "C" NOT NULL REFERENCES iam_users (user_key) ON DELETE CASCADE,
    group_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_key, group_id)
);

CREATE TABLE iam_access_keys (
    access_key_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_key      TEXT COLLATE "C" NOT NULL REFERENCES iam_users (user_key) ON DELETE CASCADE,
    sealed_secret TEXT COLLATE "C" NOT NULL,
    status        TEXT COLLATE "C" NOT NULL CHECK (status IN ('active', 'inactive')),
    created_at    BIGINT NOT NULL
);

-- Not a part of the key: it is written while others change the user.
CREATE TABLE iam_access_key_uses (
    access_key_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    used_at       BIGINT NOT NULL,
    service       TEXT COLLATE "C" NOT NULL,
    region        TEXT COLLATE "C" NOT NULL
);

CREATE TABLE iam_groups (
    group_key  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    path       TEXT COLLATE "C" NOT NULL,
    group_id   TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE iam_group_policies (
    group_key TEXT COLLATE "C" NOT NULL REFERENCES iam_groups (group_key) ON DELETE CASCADE,
    name      TEXT COLLATE "C" NOT NULL,
    document  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (group_key, name)
);

CREATE TABLE iam_group_attachments (
    group_key  TEXT COLLATE "C" NOT NULL REFERENCES iam_groups (group_key) ON DELETE CASCADE,
    policy_arn TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (group_key, policy_arn)
);
