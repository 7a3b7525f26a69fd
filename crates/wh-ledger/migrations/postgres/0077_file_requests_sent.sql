-- What a sender began: whether any of it came, and by which key the sender finds it whose answer was lost.

-- When a part of it was passed on last. Without any its room is soon others' again.
ALTER TABLE file_request_files ADD COLUMN passed_at BIGINT;
ALTER TABLE file_request_files ADD COLUMN client_key TEXT COLLATE "C";
CREATE UNIQUE INDEX file_request_files_by_key ON file_request_files (sender_id, client_key);

-- Of what was under way nobody knows whether any of it came.
UPDATE file_request_files SET passed_at =
    (SELECT updated_at FROM uploads WHERE uploads.id = file_request_files.upload_id);
