-- Finds the refusals of anonymous callers, of which only so many are kept.

CREATE INDEX audit_strangers ON audit (seq) WHERE kind = 'refusal' AND principal = 'anonymous';
