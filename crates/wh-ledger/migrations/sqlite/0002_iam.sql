-- Roles, policies and instance profiles of the embedded authority.
-- Keys are names in lower case, because IAM's names are unique ignoring case. Documents are the
-- text that was put, kept character for character.

CREATE TABLE iam_roles (
    role_key      TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    path          TEXT   NOT NULL,
    role_id       TEXT   NOT NULL UNIQUE,
    description   TEXT   NOT NULL,
    max_session_s BIGINT NOT NULL,
    trust         TEXT   NOT NULL,
    boundary_arn  TEXT,
    created_at    BIGINT NOT NULL
);

CREATE TABLE iam_role_tags (
    role_key  TEXT NOT NULL REFERENCES iam_roles (role_key) ON DELETE CASCADE,
    tag_key   TEXT NOT NULL,
    tag_value TEXT NOT NULL,
    PRIMARY KEY (role_key, tag_key)
);

CREATE TABLE iam_role_policies (
    role_key TEXT NOT NULL REFERENCES iam_roles (role_key) ON DELETE CASCADE,
    name     TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (role_key, name)
);

CREATE TABLE iam_role_attachments (
    role_key   TEXT NOT NULL REFERENCES iam_roles (role_key) ON DELETE CASCADE,
    policy_arn TEXT NOT NULL,
    PRIMARY KEY (role_key, policy_arn)
);

CREATE TABLE iam_policies (
    policy_key      TEXT   NOT NULL PRIMARY KEY,
    name            TEXT   NOT NULL,
    path            TEXT   NOT NULL,
    policy_id       TEXT   NOT NULL UNIQUE,
    description     TEXT   NOT NULL,
    default_version BIGINT NOT NULL,
    next_version    BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);

CREATE TABLE iam_policy_versions (
    policy_key TEXT   NOT NULL REFERENCES iam_policies (policy_key) ON DELETE CASCADE,
    version    BIGINT NOT NULL,
    document   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (policy_key, version)
);

CREATE TABLE iam_instance_profiles (
    profile_key TEXT   NOT NULL PRIMARY KEY,
    name        TEXT   NOT NULL,
    path        TEXT   NOT NULL,
    profile_id  TEXT   NOT NULL UNIQUE,
    role        TEXT,
    created_at  BIGINT NOT NULL
);
