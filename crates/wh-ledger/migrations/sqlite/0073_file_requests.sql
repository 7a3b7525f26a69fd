-- File requests: a folder into which people without an account send files, by the rights that the person who asked
-- for them has at that moment. Of what stands in the address there is the digest alone.

CREATE TABLE file_requests (
    -- Also the session's name in the names of its role sessions: u-<uid>-<id>.
    id               TEXT NOT NULL PRIMARY KEY,
    uid              TEXT NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    digest           TEXT NOT NULL UNIQUE,
    -- The grant may go while the request stays: then nothing is taken.
    grant_id         TEXT NOT NULL,
    -- The folder in the grant's location; it ends in a slash.
    path             TEXT NOT NULL,
    title            TEXT NOT NULL,
    -- What senders read.
    message          TEXT NOT NULL,
    -- Argon2id; none where no password is asked for.
    password_phc     TEXT,
    -- Passwords that were wrong, one after another. An attempt is counted before it is judged.
    wrong_tries      BIGINT NOT NULL DEFAULT 0,
    -- Whether senders must give a mail address.
    asks_email       BIGINT NOT NULL,
    -- Extensions in lower case, joined by commas; empty where all are taken.
    kinds            TEXT NOT NULL,
    file_bytes_max   BIGINT NOT NULL,
    bytes_max        BIGINT NOT NULL,
    files_max        BIGINT NOT NULL,
    sender_files_max BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT,
    -- What is promised or has arrived: a condition of the statement that promises more.
    bytes            BIGINT NOT NULL DEFAULT 0,
    files            BIGINT NOT NULL DEFAULT 0,
    -- What has arrived, and when that was last.
    arrived          BIGINT NOT NULL DEFAULT 0,
    arrived_at       BIGINT,
    -- How many of those its person was told of by mail, and when.
    told             BIGINT NOT NULL DEFAULT 0,
    told_at          BIGINT,
    -- The API token that it was made by, and ends with.
    token_id         TEXT,
    revoked_at       BIGINT
);
CREATE INDEX file_requests_by_person ON file_requests (uid, id);
CREATE INDEX file_requests_by_token ON file_requests (token_id);

-- Who sends. Of what their browser holds there is the digest alone.
CREATE TABLE file_request_senders (
    id         TEXT NOT NULL PRIMARY KEY,
    request_id TEXT NOT NULL REFERENCES file_requests (id) ON DELETE CASCADE,
    digest     TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    email      TEXT,
    -- The name of their folder, without a slash: nobody else's of this request.
    folder     TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Promised or arrived.
    files      BIGINT NOT NULL DEFAULT 0,
    arrived    BIGINT NOT NULL DEFAULT 0,
    UNIQUE (request_id, folder)
);

-- What each sends. A row goes with an upload that is given up, and with it what was promised.
CREATE TABLE file_request_files (
    upload_id  TEXT NOT NULL PRIMARY KEY REFERENCES uploads (id) ON DELETE CASCADE,
    request_id TEXT NOT NULL REFERENCES file_requests (id) ON DELETE CASCADE,
    sender_id  TEXT NOT NULL REFERENCES file_request_senders (id) ON DELETE CASCADE,
    -- The name in the sender's folder, and the same folded: no two of a sender are alike.
    name       TEXT NOT NULL,
    name_key   TEXT NOT NULL,
    bytes      BIGINT NOT NULL,
    arrived_at BIGINT,
    -- How many times the store was asked to make it an object, and nobody knows what came of it. Then nothing is
    -- given back.
    completing BIGINT NOT NULL DEFAULT 0,
    UNIQUE (sender_id, name_key)
);
CREATE INDEX file_request_files_by_request ON file_request_files (request_id);

-- A program that knows nothing of requests would not end them with their person.
UPDATE schema_floor SET oldest = 73;
