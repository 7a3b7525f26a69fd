-- Persons who were deleted: nothing that was issued to them counts, and nobody is ever them again.

CREATE TABLE deleted_persons (
    uid        TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    deleted_at BIGINT NOT NULL
);

-- A program that knows nothing of it would let what was issued to them count.
UPDATE schema_floor SET oldest = 48;
