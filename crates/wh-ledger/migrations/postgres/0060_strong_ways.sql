-- Sign-ins by providers: whose second factor is their provider's, and which links were added to an account.

-- When they last came by a second factor of a provider; NULL: never, or it was taken back.
ALTER TABLE persons ADD COLUMN provider_factor_at BIGINT;
UPDATE persons SET provider_factor_at =
    (SELECT max(s.proved_at) FROM sessions s WHERE s.uid = persons.uid AND s.proved_by = 'provider-factor');

-- 0: they came into being by it; 1: it was linked to an account that was there.
ALTER TABLE identities ADD COLUMN added BIGINT NOT NULL DEFAULT 1;
UPDATE identities SET added = 0 WHERE linked_at < 60000 +
    (SELECT p.created_at FROM persons p WHERE p.uid = identities.uid);

-- 1: following it ends the links that were added.
ALTER TABLE password_links ADD COLUMN ends_links BIGINT NOT NULL DEFAULT 0;

-- A program that knows nothing of it would let a password stand for the provider's second factor.
UPDATE schema_floor SET oldest = 60;
