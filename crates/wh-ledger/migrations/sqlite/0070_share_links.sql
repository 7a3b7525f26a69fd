-- Links by which somebody without an account fetches one file, or what is in one folder, by the rights that the
-- person who made the link has at that moment. Of a link there is the digest alone.

CREATE TABLE share_links (
    -- Also the session's name in the names of its role sessions: u-<uid>-<id>.
    id            TEXT NOT NULL PRIMARY KEY,
    uid           TEXT NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    digest        TEXT NOT NULL UNIQUE,
    -- The grant may go while the link stays: then it opens nothing.
    grant_id      TEXT NOT NULL,
    -- In the grant's location; a folder's ends in a slash.
    path          TEXT NOT NULL,
    -- What may be done with a file: download, view.
    showing       TEXT NOT NULL,
    -- What its person wrote to themselves.
    note          TEXT NOT NULL,
    -- Argon2id; none where no password is asked for.
    password_phc  TEXT,
    -- Passwords that were wrong, one after another. An attempt is counted before it is judged.
    wrong_tries   BIGINT NOT NULL DEFAULT 0,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT,
    downloads_max BIGINT,
    downloads     BIGINT NOT NULL DEFAULT 0,
    -- When something was fetched last.
    used_at       BIGINT,
    -- The API token that it was made by, and ends with.
    token_id      TEXT,
    revoked_at    BIGINT
);
CREATE INDEX share_links_by_person ON share_links (uid, id);
CREATE INDEX share_links_by_path ON share_links (grant_id, path);
CREATE INDEX share_links_by_token ON share_links (token_id);

-- Browsers in which the password of a link was given. Of what they hold there is the digest alone.
CREATE TABLE share_visits (
    digest     TEXT NOT NULL PRIMARY KEY,
    link_id    TEXT NOT NULL REFERENCES share_links (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);
CREATE INDEX share_visits_by_link ON share_visits (link_id);
CREATE INDEX share_visits_by_end ON share_visits (expires_at);

-- A program that knows nothing of links would not end them with their person.
UPDATE schema_floor SET oldest = 70;
