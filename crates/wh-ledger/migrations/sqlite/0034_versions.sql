-- What nodes keep in memory, and how often it was changed: a node that finds a larger number than it
-- has read reads again. Raised in the transaction of each change.

CREATE TABLE versions (
    name    TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO versions (name, version) VALUES ('iam', 1), ('standing', 1);
