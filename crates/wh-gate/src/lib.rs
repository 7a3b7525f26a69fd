//! Says yes: admits, records intent, then acts.
