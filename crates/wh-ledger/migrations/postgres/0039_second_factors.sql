-- Second factors: what makes one-time codes, codes for who has lost it, and sign-ins that wait for one.
-- A seed is sealed by the authority, in base64; the ledger cannot read it. Of codes and tokens there
-- are the digests alone.

CREATE TABLE second_factors (
    uid         TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES persons (uid) ON DELETE CASCADE,
    sealed_seed TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    -- The newest step of 30 seconds whose code was taken; no code of it or of an earlier one counts.
    last_step   BIGINT NOT NULL
);

-- Shown to the person, and not confirmed by a code yet.
CREATE TABLE second_factor_offers (
    uid         TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES persons (uid) ON DELETE CASCADE,
    sealed_seed TEXT COLLATE "C" NOT NULL,
    expires_at  BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    uid    TEXT COLLATE "C" NOT NULL REFERENCES second_factors (uid) ON DELETE CASCADE
);
CREATE INDEX recovery_codes_by_person ON recovery_codes (uid);

-- The password was right; the second factor is awaited from whoever holds the token.
CREATE TABLE pending_sign_ins (
    digest     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    uid        TEXT COLLATE "C" NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL,
    attempts   BIGINT NOT NULL
);
CREATE INDEX pending_sign_ins_by_person ON pending_sign_ins (uid);

-- When the person last proved who they are in this session, and by what. A session from before this
-- was written down has proved nothing lately.
ALTER TABLE sessions ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN proved_by TEXT COLLATE "C" NOT NULL DEFAULT 'password';

-- A program that knows nothing of second factors would let people in without theirs.
UPDATE schema_floor SET oldest = 39;
