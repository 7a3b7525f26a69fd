-- A restore of what a folder was at a moment: jobs of a further kind, that moment, and what was there when an object
-- of it was planned.

ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_kind_check
    CHECK (kind IN ('copy', 'move', 'delete', 'restore', 'purge', 'restore-past'));
-- The moment that is restored.
ALTER TABLE jobs ADD COLUMN past_at BIGINT;
-- Whether what was made since goes to the trash.
ALTER TABLE jobs ADD COLUMN delete_newer BIGINT NOT NULL DEFAULT 0;
-- How many objects are as they were then.
ALTER TABLE jobs ADD COLUMN unchanged BIGINT NOT NULL DEFAULT 0;
-- The ETag of what was there when it was planned.
ALTER TABLE job_items ADD COLUMN over_etag TEXT COLLATE "C";

-- A program that knows nothing of such jobs would stumble over each, and do none of those that wait behind it.
UPDATE schema_floor SET oldest = 72;
