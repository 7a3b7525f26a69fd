-- The tags of managed policies and instance profiles.

CREATE TABLE iam_policy_tags (
    policy_key TEXT COLLATE "C" NOT NULL REFERENCES iam_policies (policy_key) ON DELETE CASCADE,
    tag_key    TEXT COLLATE "C" NOT NULL,
    tag_value  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (policy_key, tag_key)
);

CREATE TABLE iam_instance_profile_tags (
    profile_key TEXT COLLATE "C" NOT NULL REFERENCES iam_instance_profiles (profile_key) ON DELETE CASCADE,
    tag_key     TEXT COLLATE "C" NOT NULL,
    tag_value   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (profile_key, tag_key)
);
