-- The tags of managed policies and instance profiles.

CREATE TABLE iam_policy_tags (
    policy_key TEXT NOT NULL REFERENCES iam_policies (policy_key) ON DELETE CASCADE,
    tag_key    TEXT NOT NULL,
    tag_value  TEXT NOT NULL,
    PRIMARY KEY (policy_key, tag_key)
);

CREATE TABLE iam_instance_profile_tags (
    profile_key TEXT NOT NULL REFERENCES iam_instance_profiles (profile_key) ON DELETE CASCADE,
    tag_key     TEXT NOT NULL,
    tag_value   TEXT NOT NULL,
    PRIMARY KEY (profile_key, tag_key)
);
