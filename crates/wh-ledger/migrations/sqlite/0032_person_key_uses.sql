-- When persons' access keys were last used, and from where. Not a part of the key: it is written
-- while requests are served.

CREATE TABLE person_key_uses (
    access_key_id TEXT   NOT NULL PRIMARY KEY,
    used_at       BIGINT NOT NULL,
    ip            TEXT
);
