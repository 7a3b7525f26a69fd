-- What the store said of the object that an upload became, so that completing it again gets the same
-- answer. Both are NULL until then, and for uploads that completed before these columns were there.

ALTER TABLE uploads ADD COLUMN object_etag TEXT;
ALTER TABLE uploads ADD COLUMN object_crc64nvme TEXT;
