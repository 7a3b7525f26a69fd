-- What nodes keep in memory, and how often it was changed: a node that finds a larger number than it
-- has read reads again. Raised in the transaction of each change.

CREATE TABLE versions (
    name    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO versions (name, version) VALUES ('iam', 1), ('standing', 1);

-- Nodes that listen hear of a change when it is committed.
CREATE FUNCTION versions_tell() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('wellhouse', TG_TABLE_SCHEMA);
    RETURN NULL;
END
$$;
CREATE TRIGGER versions_tell AFTER UPDATE ON versions
    FOR EACH STATEMENT EXECUTE FUNCTION versions_tell();
