-- Every record of the audit trail and every outcome is a link of a chain: its hash is over what it
-- says and the hash before it. Refusals that are forgotten have chains of their own, whose beginning
-- moves on. What an older version writes has no link until it is given one.

ALTER TABLE audit ADD COLUMN chain TEXT COLLATE "C";
ALTER TABLE audit ADD COLUMN link BIGINT;
ALTER TABLE audit ADD COLUMN hash TEXT COLLATE "C";
ALTER TABLE audit_outcomes ADD COLUMN link BIGINT;
ALTER TABLE audit_outcomes ADD COLUMN hash TEXT COLLATE "C";
ALTER TABLE audit_outcomes ADD COLUMN detail TEXT COLLATE "C";

CREATE INDEX audit_links ON audit (chain, link);
CREATE INDEX audit_unlinked ON audit (seq) WHERE chain IS NULL;
CREATE INDEX audit_outcomes_unlinked ON audit_outcomes (seq) WHERE link IS NULL;
CREATE INDEX audit_outcomes_links ON audit_outcomes (link);

CREATE TABLE audit_chains (
    chain     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tail_link BIGINT NOT NULL,
    tail_hash TEXT COLLATE "C" NOT NULL,
    head_link BIGINT NOT NULL,
    head_hash TEXT COLLATE "C" NOT NULL
);

INSERT INTO audit_chains (chain, tail_link, tail_hash, head_link, head_hash) VALUES
    ('trail', 0, '0000000000000000000000000000000000000000000000000000000000000000',
              0, '0000000000000000000000000000000000000000000000000000000000000000'),
    ('strangers', 0, '0000000000000000000000000000000000000000000000000000000000000000',
                  0, '0000000000000000000000000000000000000000000000000000000000000000'),
    ('machines', 0, '0000000000000000000000000000000000000000000000000000000000000000',
                 0, '0000000000000000000000000000000000000000000000000000000000000000');

DROP INDEX audit_strangers;
DROP INDEX audit_machines;

-- A program that gives no links would take lines from the middle of a chain, and put others outside.
UPDATE schema_floor SET oldest = 40;
