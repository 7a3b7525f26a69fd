-- Machines that get credentials as EC2 instances do. A machine is invited by a one-time token and
-- enrolled with a public key; its private key never leaves it. Of the token there is the digest alone.
-- A machine that was revoked stays, so that its name and its end can be told.

CREATE TABLE machines (
    instance_id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name             TEXT COLLATE "C" NOT NULL,
    -- The instance profile whose role it gets.
    profile          TEXT COLLATE "C" NOT NULL,
    token_digest     TEXT COLLATE "C" NOT NULL UNIQUE,
    token_expires_at BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    -- Ed25519, in hexadecimal; none until it is enrolled.
    public_key       TEXT COLLATE "C",
    enrolled_at      BIGINT,
    -- The machine's time of its last request, which each must be later than; 0 before the first.
    asked_at         BIGINT NOT NULL,
    asked_from       TEXT COLLATE "C",
    revoked_at       BIGINT
);
CREATE UNIQUE INDEX machines_by_name ON machines (name) WHERE revoked_at IS NULL;
