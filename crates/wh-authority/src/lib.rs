//! IAM and STS for a store that has none: roles, policies, trust, keys, AssumeRole.
