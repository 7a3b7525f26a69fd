-- How often anything was changed that a weighing reads: grants, groups and who is in them, saved permissions, and
-- active persons, with whether they can sign in. A change that was weighed is made at the revision that it was
-- weighed at, or not. Triggers raise it, so that no statement can forget to; also those of older programs. Who
-- registers and is not let in yet, and what is swept, raises nothing.

CREATE TABLE access_revision (
    slot     BIGINT NOT NULL PRIMARY KEY CHECK (slot = 1),
    revision BIGINT NOT NULL
);
INSERT INTO access_revision (slot, revision) VALUES (1, 1);

CREATE FUNCTION access_changes() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    UPDATE access_revision SET revision = revision + 1;
    RETURN NULL;
END
$$;
-- Grants of somebody who is not active count once they are.
CREATE FUNCTION access_changes_of_active() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
    whose TEXT;
BEGIN
    IF TG_OP = 'DELETE' THEN
        whose := OLD.uid;
    ELSE
        whose := NEW.uid;
    END IF;
    IF whose IS NULL OR EXISTS (SELECT 1 FROM persons WHERE uid = whose AND status = 'active') THEN
        UPDATE access_revision SET revision = revision + 1;
    END IF;
    RETURN NULL;
END
$$;
-- Whoever has a password can sign in without passkeys and linked identities.
CREATE FUNCTION access_changes_by_ways_in() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
    whose TEXT;
BEGIN
    IF TG_OP = 'DELETE' THEN
        whose := OLD.uid;
    ELSE
        whose := NEW.uid;
    END IF;
    IF EXISTS (
        SELECT 1 FROM persons WHERE uid = whose AND status = 'active' AND password_phc = 'none'
    ) THEN
        UPDATE access_revision SET revision = revision + 1;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER access_by_groups AFTER INSERT OR UPDATE OR DELETE ON person_groups
    FOR EACH ROW EXECUTE FUNCTION access_changes();
CREATE TRIGGER access_by_members AFTER INSERT OR UPDATE OR DELETE ON person_group_members
    FOR EACH ROW EXECUTE FUNCTION access_changes();
CREATE TRIGGER access_by_policies AFTER INSERT OR UPDATE OR DELETE ON policy_versions
    FOR EACH ROW EXECUTE FUNCTION access_changes();
CREATE TRIGGER access_by_grants AFTER INSERT OR UPDATE OR DELETE ON grants
    FOR EACH ROW EXECUTE FUNCTION access_changes_of_active();
CREATE TRIGGER access_by_persons_insert AFTER INSERT ON persons FOR EACH ROW
    WHEN (NEW.status = 'active') EXECUTE FUNCTION access_changes();
CREATE TRIGGER access_by_persons_delete AFTER DELETE ON persons FOR EACH ROW
    WHEN (OLD.status = 'active') EXECUTE FUNCTION access_changes();
-- What changes with every sign-in and every request is no change of access.
CREATE TRIGGER access_by_persons_update AFTER UPDATE ON persons FOR EACH ROW
    WHEN ((OLD.status = 'active') <> (NEW.status = 'active') OR (NEW.status = 'active'
    AND (OLD.name <> NEW.name OR (OLD.password_phc = 'none') <> (NEW.password_phc = 'none')
    OR (OLD.provider_factor_at IS NULL) <> (NEW.provider_factor_at IS NULL))))
    EXECUTE FUNCTION access_changes();
CREATE TRIGGER access_by_passkeys AFTER INSERT OR DELETE ON passkeys
    FOR EACH ROW EXECUTE FUNCTION access_changes_by_ways_in();
CREATE TRIGGER access_by_identities AFTER INSERT OR DELETE ON identities
    FOR EACH ROW EXECUTE FUNCTION access_changes_by_ways_in();

-- A program that knows nothing of saved permissions (61) takes them back, and one that knows nothing of seeing as
-- (64) takes an administrator who looks for somebody who acts.
UPDATE schema_floor SET oldest = 64;
