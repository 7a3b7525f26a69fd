-- When a session of a person's last began; nothing where that is not known.
ALTER TABLE persons ADD COLUMN last_sign_in_at BIGINT;
UPDATE persons SET last_sign_in_at =
    (SELECT MAX(created_at) FROM sessions WHERE sessions.uid = persons.uid);
UPDATE persons SET last_sign_in_at =
    (SELECT MAX(used_at) FROM known_devices WHERE known_devices.uid = persons.uid)
WHERE last_sign_in_at IS NULL;
