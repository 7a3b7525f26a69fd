-- Roles, policies and instance profiles of the embedded authority.
-- Keys are names in lower case, because IAM's names are unique ignoring case. Documents are the
-- text that was put, kept character for character.

CREATE TABLE iam_roles (
    role_key      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name          TEXT COLLATE "C" NOT NULL,
    path          TEXT COLLATE "C" NOT NULL,
    role_id       TEXT COLLATE "C" NOT NULL UNIQUE,
    description   TEXT COLLATE "C" NOT NULL,
    max_session_s BIGINT NOT NULL,
    trust         TEXT COLLATE "C" NOT NULL,
    boundary_arn  TEXT COLLATE "C",
    created_at    BIGINT NOT NULL
);

CREATE TABLE iam_role_tags (
    role_key  TEXT COLLATE "C" NOT NULL REFERENCES iam_roles (role_key) ON DELETE CASCADE,
    tag_key   TEXT COLLATE "C" NOT NULL,
    tag_value TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (role_key, tag_key)
);

CREATE TABLE iam_role_policies (
    role_key TEXT COLLATE "C" NOT NULL REFERENCES iam_roles (role_key) ON DELETE CASCADE,
    name     TEXT COLLATE "C" NOT NULL,
    document TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (role_key, name)
);

CREATE TABLE iam_role_attachments (
    role_key   TEXT COLLATE "C" NOT NULL REFERENCES iam_roles (role_key) ON DELETE CASCADE,
    policy_arn TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (role_key, policy_arn)
);

CREATE TABLE iam_policies (
    policy_key      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name            TEXT COLLATE "C" NOT NULL,
    path            TEXT COLLATE "C" NOT NULL,
    policy_id       TEXT COLLATE "C" NOT NULL UNIQUE,
    description     TEXT COLLATE "C" NOT NULL,
    default_version BIGINT NOT NULL,
    next_version    BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);

CREATE TABLE iam_policy_versions (
    policy_key TEXT COLLATE "C" NOT NULL REFERENCES iam_policies (policy_key) ON DELETE CASCADE,
    version    BIGINT NOT NULL,
    document   TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (policy_key, version)
);

CREATE TABLE iam_instance_profiles (
    profile_key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name        TEXT COLLATE "C" NOT NULL,
    path        TEXT COLLATE "C" NOT NULL,
    profile_id  TEXT COLLATE "C" NOT NULL UNIQUE,
    role        TEXT COLLATE "C",
    created_at  BIGINT NOT NULL
);
