-- Links by which a person sets their own password: one at a time for each, of whose token there is the
-- digest alone.

CREATE TABLE password_links (
    uid        TEXT   NOT NULL PRIMARY KEY REFERENCES persons (uid) ON DELETE CASCADE,
    digest     TEXT   NOT NULL UNIQUE,
    expires_at BIGINT NOT NULL
);
