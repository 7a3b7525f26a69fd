-- The descriptions of the estate, each as it was taken in; none is ever changed.

CREATE TABLE estates (
    number      BIGINT NOT NULL PRIMARY KEY,
    taken_at    BIGINT NOT NULL,
    -- estate.toml, with everything written out.
    description TEXT COLLATE "C" NOT NULL,
    note        TEXT COLLATE "C" NOT NULL
);
