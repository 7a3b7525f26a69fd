-- How often anything was changed that a weighing reads: grants, groups and who is in them, saved permissions, and
-- active persons, with whether they can sign in. A change that was weighed is made at the revision that it was
-- weighed at, or not. Triggers raise it, so that no statement can forget to; also those of older programs. Who
-- registers and is not let in yet, and what is swept, raises nothing.

CREATE TABLE access_revision (
    slot     BIGINT NOT NULL PRIMARY KEY CHECK (slot = 1),
    revision BIGINT NOT NULL
);
INSERT INTO access_revision (slot, revision) VALUES (1, 1);

CREATE TRIGGER access_by_groups_insert AFTER INSERT ON person_groups
    BEGIN UPDATE access_revision SET revision = revision + 1; END;
CREATE TRIGGER access_by_groups_update AFTER UPDATE ON person_groups
    BEGIN UPDATE access_revision SET revision = revision + 1; END;
CREATE TRIGGER access_by_groups_delete AFTER DELETE ON person_groups
    BEGIN UPDATE access_revision SET revision = revision + 1; END;
CREATE TRIGGER access_by_members_insert AFTER INSERT ON person_group_members
    BEGIN UPDATE access_revision SET revision = revision + 1; END;
CREATE TRIGGER access_by_members_update AFTER UPDATE ON person_group_members
    BEGIN UPDATE access_revision SET revision = revision + 1; END;
CREATE TRIGGER access_by_members_delete AFTER DELETE ON person_group_members
    BEGIN UPDATE access_revision SET revision = revision + 1; END;
CREATE TRIGGER access_by_policies_insert AFTER INSERT ON policy_versions
    BEGIN UPDATE access_revision SET revision = revision + 1; END;
CREATE TRIGGER access_by_policies_update AFTER UPDATE ON policy_versions
    BEGIN UPDATE access_revision SET revision = revision + 1; END;
CREATE TRIGGER access_by_policies_delete AFTER DELETE ON policy_versions
    BEGIN UPDATE access_revision SET revision = revision + 1; END;
-- Grants of somebody who is not active count once they are.
CREATE TRIGGER access_by_grants_insert AFTER INSERT ON grants
    WHEN NEW.uid IS NULL OR EXISTS (SELECT 1 FROM persons WHERE uid = NEW.uid AND status = 'active')
    BEGIN UPDATE access_revision SET revision = revision + 1; END;
CREATE TRIGGER access_by_grants_update AFTER UPDATE ON grants
    WHEN NEW.uid IS NULL OR EXISTS (SELECT 1 FROM persons WHERE uid = NEW.uid AND status = 'active')
    BEGIN UPDATE access_revision SET revision = revision + 1; END;
CREATE TRIGGER access_by_grants_delete AFTER DELETE ON grants
    WHEN OLD.uid IS NULL OR EXISTS (SELECT 1 FROM persons WHERE uid = OLD.uid AND status = 'active')
    BEGIN UPDATE access_revision SET revision = revision + 1; END;
CREATE TRIGGER access_by_persons_insert AFTER INSERT ON persons WHEN NEW.status = 'active'
    BEGIN UPDATE access_revision SET revision = revision + 1; END;
CREATE TRIGGER access_by_persons_delete AFTER DELETE ON persons WHEN OLD.status = 'active'
    BEGIN UPDATE access_revision SET revision = revision + 1; END;
-- What changes with every sign-in and every request is no change of access.
CREATE TRIGGER access_by_persons_update AFTER UPDATE ON persons
    WHEN ((OLD.status = 'active') <> (NEW.status = 'active') OR (NEW.status = 'active'
    AND (OLD.name <> NEW.name OR (OLD.password_phc = 'none') <> (NEW.password_phc = 'none')
    OR (OLD.provider_factor_at IS NULL) <> (NEW.provider_factor_at IS NULL))))
    BEGIN UPDATE access_revision SET revision = revision + 1; END;
-- Whoever has a password can sign in without them.
CREATE TRIGGER access_by_passkeys_insert AFTER INSERT ON passkeys
    WHEN EXISTS (SELECT 1 FROM persons WHERE uid = NEW.uid AND status = 'active' AND password_phc = 'none')
    BEGIN UPDATE access_revision SET revision = revision + 1; END;
CREATE TRIGGER access_by_passkeys_delete AFTER DELETE ON passkeys
    WHEN EXISTS (SELECT 1 FROM persons WHERE uid = OLD.uid AND status = 'active' AND password_phc = 'none')
    BEGIN UPDATE access_revision SET revision = revision + 1; END;
CREATE TRIGGER access_by_identities_insert AFTER INSERT ON identities
    WHEN EXISTS (SELECT 1 FROM persons WHERE uid = NEW.uid AND status = 'active' AND password_phc = 'none')
    BEGIN UPDATE access_revision SET revision = revision + 1; END;
CREATE TRIGGER access_by_identities_delete AFTER DELETE ON identities
    WHEN EXISTS (SELECT 1 FROM persons WHERE uid = OLD.uid AND status = 'active' AND password_phc = 'none')
    BEGIN UPDATE access_revision SET revision = revision + 1; END;

-- A program that knows nothing of saved permissions (61) takes them back, and one that knows nothing of seeing as
-- (64) takes an administrator who looks for somebody who acts.
UPDATE schema_floor SET oldest = 64;
