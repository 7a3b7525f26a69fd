//! The audit trail: what was intended, by whom, and what came of it.
