-- How much a program must know to work on this schema: the number of the newest migration that it may
-- not lack. A migration that only adds what older programs leave alone does not touch it; one that
-- takes away or changes the meaning of what they use raises it to its own number.

CREATE TABLE schema_floor (
    slot   INTEGER NOT NULL PRIMARY KEY CHECK (slot = 1),
    oldest BIGINT NOT NULL
);
INSERT INTO schema_floor (slot, oldest) VALUES (1, 30);
