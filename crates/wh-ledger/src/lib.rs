//! Keeps rows and decides nothing: persons, sessions, roles, grants, uploads, audit.
