-- A machine that was revoked goes on asking; the oldest of its refusals are found without reading the
-- whole trail.
CREATE INDEX audit_machines ON audit (seq)
    WHERE kind = 'refusal' AND substr(principal, 1, 8) = 'machine/';
