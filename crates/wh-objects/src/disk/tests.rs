//! Tests of what only the disk does.
