//! Rows of the embedded authority: roles, policies, instance profiles.
