-- How often anything was changed that access follows from: grants, groups and who is in them, persons and
-- whether they can sign in, saved permissions, machines. A change that was weighed is made at the revision that it
-- was weighed at, or not. Triggers raise it, so that no statement can forget to; also those of older programs.

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
CREATE TRIGGER access_by_grants AFTER INSERT OR UPDATE OR DELETE ON grants
    FOR EACH STATEMENT EXECUTE FUNCTION access_changes();
CREATE TRIGGER access_by_groups AFTER INSERT OR UPDATE OR DELETE ON person_groups
    FOR EACH STATEMENT EXECUTE FUNCTION access_changes();
CREATE TRIGGER access_by_members AFTER INSERT OR UPDATE OR DELETE ON person_group_members
    FOR EACH STATEMENT EXECUTE FUNCTION access_changes();
CREATE TRIGGER access_by_policies AFTER INSERT OR UPDATE OR DELETE ON policy_versions
    FOR EACH STATEMENT EXECUTE FUNCTION access_changes();
CREATE TRIGGER access_by_persons AFTER INSERT OR DELETE ON persons
    FOR EACH STATEMENT EXECUTE FUNCTION access_changes();
CREATE TRIGGER access_by_machines AFTER INSERT OR DELETE ON machines
    FOR EACH STATEMENT EXECUTE FUNCTION access_changes();
CREATE TRIGGER access_by_passkeys AFTER INSERT OR DELETE ON passkeys
    FOR EACH STATEMENT EXECUTE FUNCTION access_changes();
CREATE TRIGGER access_by_identities AFTER INSERT OR DELETE ON identities
    FOR EACH STATEMENT EXECUTE FUNCTION access_changes();
-- What changes with every sign-in and every request is no change of access.
CREATE TRIGGER access_by_persons_update AFTER UPDATE ON persons FOR EACH ROW
    WHEN (OLD.name <> NEW.name OR OLD.status <> NEW.status
    OR (OLD.password_phc = 'none') <> (NEW.password_phc = 'none')
    OR (OLD.provider_factor_at IS NULL) <> (NEW.provider_factor_at IS NULL))
    EXECUTE FUNCTION access_changes();
CREATE TRIGGER access_by_machines_update AFTER UPDATE ON machines FOR EACH ROW
    WHEN (OLD.name <> NEW.name OR OLD.profile <> NEW.profile
    OR (OLD.revoked_at IS NULL) <> (NEW.revoked_at IS NULL)
    OR (OLD.public_key IS NULL) <> (NEW.public_key IS NULL))
    EXECUTE FUNCTION access_changes();

-- A program that knows nothing of saved permissions (61) takes them back, and one that knows nothing of seeing as
-- (64) takes an administrator who looks for somebody who acts.
UPDATE schema_floor SET oldest = 64;
