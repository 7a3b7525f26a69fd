-- Mail: which addresses were checked, the links that check them, and what is to be sent.

-- The address folded: two with one key are one mailbox. NULL where it was never read as an address.
ALTER TABLE persons ADD COLUMN email_key TEXT COLLATE "C";
-- When somebody followed a link that was sent there; NULL: the address is what somebody said.
ALTER TABLE persons ADD COLUMN email_checked_at BIGINT;
CREATE UNIQUE INDEX persons_by_checked_email ON persons (email_key) WHERE email_checked_at IS NOT NULL;

-- A link of an administrator, and some that the person asked for by mail, side by side: a stranger who
-- asks voids nothing.
CREATE TABLE password_links_of_persons (
    digest     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    uid        TEXT COLLATE "C" NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    by_mail    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- Which administrator made it, and ends with whom.
    created_by TEXT COLLATE "C"
);
INSERT INTO password_links_of_persons (digest, uid, by_mail, expires_at, created_by)
SELECT digest, uid, 0, expires_at, created_by FROM password_links;
DROP TABLE password_links;
ALTER TABLE password_links_of_persons RENAME TO password_links;
CREATE INDEX password_links_by_person ON password_links (uid);

-- Links that check an address: one at a time for each person, of whose token there is the digest alone.
CREATE TABLE email_checks (
    uid        TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES persons (uid) ON DELETE CASCADE,
    digest     TEXT COLLATE "C" NOT NULL UNIQUE,
    email      TEXT COLLATE "C" NOT NULL,
    email_key  TEXT COLLATE "C" NOT NULL,
    -- What following it is worth to somebody who registered.
    admits     TEXT COLLATE "C" NOT NULL CHECK (admits IN ('nothing', 'approval', 'entry')),
    expires_at BIGINT NOT NULL
);

-- What is to be sent, and what became of it. The body is empty once it was sent or given up.
CREATE TABLE mails (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind          TEXT COLLATE "C" NOT NULL,
    uid           TEXT COLLATE "C" REFERENCES persons (uid) ON DELETE CASCADE,
    recipient     TEXT COLLATE "C" NOT NULL,
    recipient_key TEXT COLLATE "C" NOT NULL,
    subject       TEXT COLLATE "C" NOT NULL,
    body          TEXT COLLATE "C" NOT NULL,
    state         TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    created_at    BIGINT NOT NULL,
    -- From then on it is not sent any more.
    ends_at       BIGINT NOT NULL,
    -- When it may be taken to be sent; whoever takes it puts this off.
    next_at       BIGINT NOT NULL,
    attempts      BIGINT NOT NULL,
    error TEXT COLLATE "C",
    settled_at    BIGINT
);
CREATE INDEX mails_by_time ON mails (state, next_at);
CREATE INDEX mails_by_recipient ON mails (recipient_key, kind, created_at);
CREATE INDEX mails_by_person ON mails (uid);

-- The browsers and systems by which a person has signed in.
CREATE TABLE seen_devices (
    uid     TEXT COLLATE "C" NOT NULL REFERENCES persons (uid) ON DELETE CASCADE,
    device  TEXT COLLATE "C" NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (uid, device)
);

-- A program that knows nothing of checked addresses would let people in without theirs.
UPDATE schema_floor SET oldest = 56;
