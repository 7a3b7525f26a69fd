-- Attempts to sign in that failed, one after the other, by the folded name that was typed, whether
-- somebody has it or not. A sign-in that goes all the way forgets them.
CREATE TABLE sign_in_failures (
    name     TEXT   NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at  BIGINT NOT NULL
);

-- Browsers that somebody has signed in with. Of a browser's token there is the digest alone; it opens
-- nothing, and failures with it are counted by themselves.
CREATE TABLE known_devices (
    digest   TEXT   NOT NULL,
    uid      TEXT   NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    used_at  BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    PRIMARY KEY (digest, uid)
);
CREATE INDEX known_devices_by_person ON known_devices (uid);

-- Which administrator made a link to a new password: it ends when they are none any more. Nobody, when
-- an operator did, or the person by their old password.
ALTER TABLE password_links ADD COLUMN created_by TEXT;

-- A program that knows nothing of it would let guesses go on, short passwords in, and links stand.
UPDATE schema_floor SET oldest = 53;
