-- Passkeys, and the ceremonies by which they are made and used.
-- Of a passkey there is the public key alone; whoever reads this can prove nothing by it.

CREATE TABLE passkeys (
    -- What the authenticator calls it, in base64url.
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    uid        TEXT COLLATE "C" NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    name       TEXT COLLATE "C" NOT NULL,
    credential TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX passkeys_by_person ON passkeys (uid);

-- A challenge that waits for its answer, from whoever holds the token of this digest. Each is answered
-- once. Where somebody signs in by a passkey alone, nobody knows yet who it is.
CREATE TABLE ceremonies (
    holder     TEXT COLLATE "C" NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    uid        TEXT COLLATE "C" REFERENCES persons (uid) ON DELETE CASCADE,
    ip         TEXT COLLATE "C" NOT NULL,
    state      TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (holder, kind)
);
CREATE INDEX ceremonies_by_address ON ceremonies (ip, expires_at);
CREATE INDEX ceremonies_by_person ON ceremonies (uid);

-- Recovery codes stand in for a passkey as well, not for one-time codes alone.
ALTER TABLE recovery_codes DROP CONSTRAINT recovery_codes_uid_fkey;
ALTER TABLE recovery_codes
    ADD CONSTRAINT recovery_codes_uid_fkey FOREIGN KEY (uid) REFERENCES persons (uid) ON DELETE CASCADE;

-- A program that knows nothing of passkeys would let people in without theirs.
UPDATE schema_floor SET oldest = 50;
