-- Passkeys, and the ceremonies by which they are made and used.
-- Of a passkey there is the public key alone; whoever reads this can prove nothing by it.

CREATE TABLE passkeys (
    -- What the authenticator calls it, in base64url.
    id         TEXT   NOT NULL PRIMARY KEY,
    uid        TEXT   NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    name       TEXT   NOT NULL,
    credential TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX passkeys_by_person ON passkeys (uid);

-- A challenge that waits for its answer, from whoever holds the token of this digest. Each is answered
-- once. Where somebody signs in by a passkey alone, nobody knows yet who it is.
CREATE TABLE ceremonies (
    holder     TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    uid        TEXT   REFERENCES persons (uid) ON DELETE CASCADE,
    ip         TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (holder, kind)
);
CREATE INDEX ceremonies_by_address ON ceremonies (ip, expires_at);
CREATE INDEX ceremonies_by_person ON ceremonies (uid);

-- Recovery codes stand in for a passkey as well, not for one-time codes alone.
CREATE TABLE recovery_codes_of_persons (
    digest TEXT NOT NULL PRIMARY KEY,
    uid    TEXT NOT NULL REFERENCES persons (uid) ON DELETE CASCADE
);
INSERT INTO recovery_codes_of_persons SELECT digest, uid FROM recovery_codes;
DROP TABLE recovery_codes;
ALTER TABLE recovery_codes_of_persons RENAME TO recovery_codes;
CREATE INDEX recovery_codes_by_person ON recovery_codes (uid);

-- A program that knows nothing of passkeys would let people in without theirs.
UPDATE schema_floor SET oldest = 50;
