-- Access keys that persons made for tools which cannot refresh temporary credentials. A key stands
-- for its person under one grant; the grant may go while the key stays, so that a refusal can say
-- why. The secret is sealed by the authority, in base64; the ledger cannot read it.

CREATE TABLE person_keys (
    access_key_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    uid           TEXT COLLATE "C" NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    grant_id      TEXT COLLATE "C" NOT NULL,
    name          TEXT COLLATE "C" NOT NULL,
    -- The only actions that the key is for, with spaces between; NULL for all that the grant allows.
    actions       TEXT COLLATE "C",
    sealed_secret TEXT COLLATE "C" NOT NULL,
    created_at    BIGINT NOT NULL,
    -- Nobody, when it was made by an operator on the machine.
    created_by    TEXT COLLATE "C",
    expires_at    BIGINT NOT NULL,
    revoked_at    BIGINT
);
CREATE INDEX person_keys_by_person ON person_keys (uid);
