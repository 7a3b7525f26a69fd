-- How far each webhook has been told of the feed of changes, and how it goes.

CREATE TABLE webhook_states (
    name          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- The last change that was dealt with: told, or of no interest.
    delivered     BIGINT NOT NULL,
    -- The newest change there was when this was written.
    newest        BIGINT NOT NULL,
    told_at       BIGINT,
    failing_since BIGINT,
    attempts      BIGINT NOT NULL,
    error         TEXT COLLATE "C",
    -- How many changes were not kept long enough to be told.
    lost          BIGINT NOT NULL
);
