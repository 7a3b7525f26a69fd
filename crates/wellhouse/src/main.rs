//! The Wellhouse binary.
fn main() {}
