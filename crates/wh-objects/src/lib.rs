//! The object store port, its conformance suite, and two stores: memory and disk.
