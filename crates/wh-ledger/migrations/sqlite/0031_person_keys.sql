-- Access keys that persons made for tools which cannot refresh temporary credentials. A key stands
-- for its person under one grant; the grant may go while the key stays, so that a refusal can say
-- why. The secret is sealed by the authority, in base64; the ledger cannot read it.

CREATE TABLE person_keys (
    access_key_id TEXT   NOT NULL PRIMARY KEY,
    uid           TEXT   NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    grant_id      TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    -- The only actions that the key is for, with spaces between; NULL for all that the grant allows.
    actions       TEXT,
    sealed_secret TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    -- Nobody, when it was made by an operator on the machine.
    created_by    TEXT,
    expires_at    BIGINT NOT NULL,
    revoked_at    BIGINT
);
CREATE INDEX person_keys_by_person ON person_keys (uid);
